package gvj.kvm;

import gvj.platform.PlatformException;
import gvj.platform.jni.NativeHalf;

/** The native half: {@code jni.c}. */
final class KvmNative extends NativeHalf {
    KvmNative() throws PlatformException {
        load("libgvjkvm.so");
    }

    /** Whether the CPU has no virtualisation of its own: then a KVM that is there is software. */
    static native boolean isEmulated();

    /** What {@link #open} takes for {@code /dev/kvm}: a descriptor, {@code -errno}, or OWN_DEVICE to open it. */
    static native void useDevice(int fd);

    @Override
    protected String name() {
        return "kvm";
    }

    @Override
    protected long userAddressLimit() {
        return 0x7ffffffff000L;
    }

    @Override
    protected native long open(int memoryFd, long memoryBytes, int flags, byte[] failure);

    @Override
    protected native void close(long platform);

    @Override
    protected native String description(long platform);

    @Override
    protected native long xcr0(long platform);

    @Override
    protected native int fpuBytes(long platform);

    @Override
    protected native boolean hostTsc(long platform);

    @Override
    protected native long roundTripNanos(long platform);

    @Override
    protected native long entries(long platform);

    @Override
    protected native long newSpace(long platform);

    @Override
    protected native void closeSpace(long space);

    @Override
    protected native int map(long space, long address, long length, long offset, int protection);

    @Override
    protected native int unmap(long space, long address, long length);

    @Override
    protected native int writeProtect(long space, long address, long length);

    @Override
    protected native void keepCode(long space);

    @Override
    protected native long newContext(long platform);

    @Override
    protected native void closeContext(long context);

    @Override
    protected native int run(long context, long space);

    @Override
    protected native void interrupt(long context);

    @Override
    protected native long cpuNanos(long context);

    @Override
    protected native int saveFpu(long context, long address);

    @Override
    protected native int loadFpu(long context, long address);

    @Override
    protected native void resetFpu(long context);
}
