package gvj.boot;

/** Reads what comes with {@link Control#EXEC}: the Sentry itself knows no OCI. */
@FunctionalInterface
public interface ProcessParser {
    /**
     * The process that {@code json}, the {@code process} object of a config.json, describes.
     *
     * @throws BootException with a sentence that names what is wrong
     */
    ProcessSpec parse(byte[] json) throws BootException;
}
