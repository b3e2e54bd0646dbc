package gvj.platform.jni;

import gvj.abi.Errno;
import gvj.platform.AddressSpace;

/** A view of the native {@code struct aspace}. */
final class NativeAddressSpace implements AddressSpace {
    private final NativeHalf half;
    private long space;

    NativeAddressSpace(NativeHalf half, long space) {
        this.half = half;
        this.space = space;
    }

    long pointer() {
        return space;
    }

    @Override
    public void map(long address, long length, long fileOffset, int protection) {
        check(half.map(space, address, length, fileOffset, protection), address, length);
    }

    @Override
    public void unmap(long address, long length) {
        check(half.unmap(space, address, length), address, length);
    }

    @Override
    public void writeProtect(long address, long length) {
        check(half.writeProtect(space, address, length), address, length);
    }

    @Override
    public void keepCode() {
        half.keepCode(space);
    }

    private static void check(int result, long address, long length) {
        if (result < 0) {
            String range = Long.toHexString(address) + "+" + Long.toHexString(length);
            if (result == -Errno.EINVAL) {
                throw new IllegalArgumentException("not a range of pages: " + range);
            }
            throw new IllegalStateException("the platform cannot map " + range + ": errno " + -result);
        }
    }

    @Override
    public void close() {
        if (space != 0) {
            half.closeSpace(space);
            space = 0;
        }
    }
}
