package gvj.kvm;

import gvj.abi.Errno;
import gvj.platform.AddressSpace;

/** A guest page table: {@code tables.c}. */
final class KvmAddressSpace implements AddressSpace {
    private long space;

    KvmAddressSpace(long space) {
        this.space = space;
    }

    long pointer() {
        return space;
    }

    @Override
    public void map(long address, long length, long fileOffset, int protection) {
        check(KvmNative.map(space, address, length, fileOffset, protection), address, length);
    }

    @Override
    public void unmap(long address, long length) {
        check(KvmNative.unmap(space, address, length), address, length);
    }

    @Override
    public void writeProtect(long address, long length) {
        check(KvmNative.writeProtect(space, address, length), address, length);
    }

    private static void check(int result, long address, long length) {
        if (result < 0) {
            String range = Long.toHexString(address) + "+" + Long.toHexString(length);
            if (result == -Errno.EINVAL) {
                throw new IllegalArgumentException("not a range of pages: " + range);
            }
            throw new IllegalStateException("KVM cannot map " + range + ": errno " + -result);
        }
    }

    @Override
    public void close() {
        if (space != 0) {
            KvmNative.closeSpace(space);
            space = 0;
        }
    }
}
