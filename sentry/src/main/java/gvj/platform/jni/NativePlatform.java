package gvj.platform.jni;

import gvj.platform.AddressSpace;
import gvj.platform.ExecutionContext;
import gvj.platform.Platform;
import gvj.platform.PlatformException;
import java.nio.charset.StandardCharsets;

/**
 * A platform whose work is done by a native half, with pointers for handles. The handles of its address spaces and contexts
 * must be closed before it.
 */
public final class NativePlatform implements Platform {
    private static final int FAILURE_BYTES = 256;

    private final NativeHalf half;
    private final long vm;
    private final String description;
    private final long xcr0;
    private final int fpuBytes;

    private NativePlatform(NativeHalf half, long vm) {
        this.half = half;
        this.vm = vm;
        this.description = half.description(vm);
        this.xcr0 = half.xcr0(vm);
        this.fpuBytes = half.fpuBytes(vm);
    }

    /**
     * Opens the native half over a memory file.
     *
     * @throws PlatformException with the sentence that it says
     */
    public static NativePlatform open(NativeHalf half, int memoryFd, long memoryBytes, int flags)
            throws PlatformException {
        if (memoryBytes <= 0 || memoryBytes % 4096 != 0) {
            throw new IllegalArgumentException("memory file of " + memoryBytes + " bytes");
        }
        byte[] failure = new byte[FAILURE_BYTES];
        long vm = half.open(memoryFd, memoryBytes, flags, failure);
        if (vm == 0) {
            throw new PlatformException(text(failure));
        }
        return new NativePlatform(half, vm);
    }

    /** The characters before the first zero byte. */
    static String text(byte[] bytes) {
        int length = 0;
        while (length < bytes.length && bytes[length] != 0) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    @Override
    public String name() {
        return half.name();
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public long userAddressLimit() {
        return half.userAddressLimit();
    }

    @Override
    public AddressSpace newAddressSpace() {
        long space = half.newSpace(vm);
        return space == 0 ? null : new NativeAddressSpace(half, space);
    }

    @Override
    public ExecutionContext newContext() {
        long context = half.newContext(vm);
        if (context == 0) {
            throw new IllegalStateException("no memory for another context");
        }
        return new NativeContext(half, context);
    }

    @Override
    public long xcr0() {
        return xcr0;
    }

    @Override
    public int fpuBytes() {
        return fpuBytes;
    }

    @Override
    public boolean hostTsc() {
        return half.hostTsc(vm);
    }

    @Override
    public long roundTripNanos() {
        return half.roundTripNanos(vm);
    }

    @Override
    public long entries() {
        return half.entries(vm);
    }

    @Override
    public void close() {
        half.close(vm);
    }
}
