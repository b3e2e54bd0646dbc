package gvj.kvm;

import gvj.platform.AddressSpace;
import gvj.platform.ExecutionContext;
import gvj.platform.Platform;

/** One virtual machine. The handles of its address spaces and contexts must be closed before it. */
final class KvmPlatform implements Platform {
    private static final long USER_LIMIT = 0x7ffffffff000L;

    private final long vm;
    private final String description;
    private final long xcr0;
    private final int fpuBytes;

    KvmPlatform(long vm) {
        this.vm = vm;
        this.description = KvmNative.description(vm);
        this.xcr0 = KvmNative.xcr0(vm);
        this.fpuBytes = KvmNative.fpuBytes(vm);
    }

    @Override
    public String name() {
        return "kvm";
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public long userAddressLimit() {
        return USER_LIMIT;
    }

    @Override
    public AddressSpace newAddressSpace() {
        long space = KvmNative.newSpace(vm);
        if (space == 0) {
            throw new IllegalStateException("no memory for another guest page table");
        }
        return new KvmAddressSpace(space);
    }

    @Override
    public ExecutionContext newContext() {
        long context = KvmNative.newContext(vm);
        if (context == 0) {
            throw new IllegalStateException("no memory for another context");
        }
        return new KvmContext(context);
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
        return KvmNative.hostTsc(vm);
    }

    @Override
    public long entries() {
        return KvmNative.entries(vm);
    }

    @Override
    public void close() {
        KvmNative.close(vm);
    }
}
