package gvj.kvm;

import java.nio.file.Path;

/**
 * The native half: {@code jni.c}. Pointers are {@code long}s that the callers in this package answer for; {@code int}
 * results are 0 or {@code -errno} unless said otherwise.
 */
final class KvmNative {
    /** The system property that names the directory of {@code libgvjkvm.so}. */
    static final String DIRECTORY = "gvj.native";

    private static boolean loaded;

    private KvmNative() {}

    /**
     * Loads the library once.
     *
     * @throws UnsatisfiedLinkError if it is not there or not for this machine
     */
    static synchronized void load() {
        if (!loaded) {
            String directory = System.getProperty(DIRECTORY);
            if (directory == null) {
                throw new UnsatisfiedLinkError("system property " + DIRECTORY + " is not set");
            }
            System.load(Path.of(directory, "libgvjkvm.so").toAbsolutePath().toString());
            loaded = true;
        }
    }

    /** Returns a VM, or 0 with a sentence in {@code failure}. */
    static native long open(int memoryFd, long memoryBytes, byte[] failure);

    static native void close(long vm);

    static native String description(long vm);

    static native long xcr0(long vm);

    static native int fpuBytes(long vm);

    static native boolean hostTsc(long vm);

    static native long entries(long vm);

    /** Returns an address space, or 0 if there is no memory for it. */
    static native long newSpace(long vm);

    static native void closeSpace(long space);

    static native int map(long space, long address, long length, long offset, int protection);

    static native int unmap(long space, long address, long length);

    static native int writeProtect(long space, long address, long length);

    /** Returns a context, which starts with its registers, or 0 if there is no memory for it. */
    static native long newContext(long vm);

    static native void closeContext(long context);

    /** Returns the ordinal of an {@link gvj.platform.ExitReason}. */
    static native int run(long context, long space);

    static native void interrupt(long context);

    static native int saveFpu(long context, long address);

    static native int loadFpu(long context, long address);

    static native void resetFpu(long context);
}
