package gvj.boot;

/** Reads what comes with {@link Control#UPDATE}. */
@FunctionalInterface
public interface LimitsParser {
    /**
     * The limits after {@code json}, the {@code resources} object of a config.json; what it does not name stays as it is.
     *
     * @throws BootException with a sentence that names what is wrong
     */
    BootSpec.Limits parse(byte[] json, BootSpec.Limits current) throws BootException;
}
