package gvj.platform.jni;

import gvj.platform.PlatformException;
import java.nio.file.Path;

/**
 * The native half of a platform. Pointers are {@code long}s that the callers in this package answer for; {@code int} results
 * are 0 or {@code -errno} unless said otherwise.
 */
public abstract class NativeHalf {
    /** The system property that names the directory of native libraries. */
    private static final String DIRECTORY = "gvj.native";

    /** For implementations. */
    protected NativeHalf() {}

    /** A file that lies beside the native libraries. */
    protected static String path(String file) throws PlatformException {
        String directory = System.getProperty(DIRECTORY);
        if (directory == null) {
            throw new PlatformException("system property " + DIRECTORY + " is not set");
        }
        return Path.of(directory, file).toAbsolutePath().toString();
    }

    /** Loads a library; once is enough, more does no harm. */
    protected static void load(String library) throws PlatformException {
        String file = path(library);
        try {
            System.load(file);
        } catch (UnsatisfiedLinkError e) {
            throw new PlatformException("cannot load " + library + ": " + e.getMessage());
        }
    }

    /** The platform's name. */
    protected abstract String name();

    /** First address that an application may not use. */
    protected abstract long userAddressLimit();

    /** Returns the platform, or 0 with a sentence in {@code failure}. */
    protected abstract long open(int memoryFd, long memoryBytes, int flags, byte[] failure);

    protected abstract void close(long platform);

    protected abstract String description(long platform);

    protected abstract long xcr0(long platform);

    protected abstract int fpuBytes(long platform);

    protected abstract boolean hostTsc(long platform);

    protected abstract long roundTripNanos(long platform);

    protected abstract long entries(long platform);

    /** Returns an address space, or 0 if there is no room for it. */
    protected abstract long newSpace(long platform);

    protected abstract void closeSpace(long space);

    protected abstract int map(long space, long address, long length, long offset, int protection);

    protected abstract int unmap(long space, long address, long length);

    protected abstract int writeProtect(long space, long address, long length);

    protected abstract void keepCode(long space);

    /** Returns a context, which starts as {@link NativeContext} says, or 0 if there is no memory for it. */
    protected abstract long newContext(long platform);

    protected abstract void closeContext(long context);

    /** Returns the ordinal of an {@link gvj.platform.ExitReason}. */
    protected abstract int run(long context, long space);

    protected abstract void interrupt(long context);

    protected abstract long cpuNanos(long context);

    protected abstract int saveFpu(long context, long address);

    protected abstract int loadFpu(long context, long address);

    protected abstract void resetFpu(long context);
}
