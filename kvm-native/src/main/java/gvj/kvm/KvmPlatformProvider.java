package gvj.kvm;

import gvj.platform.Platform;
import gvj.platform.PlatformException;
import gvj.platform.PlatformProvider;
import gvj.platform.jni.NativePlatform;

/** Makes the KVM platform; {@link #create} probes whether KVM runs application code on this machine. */
public final class KvmPlatformProvider implements PlatformProvider {
    private int device = OWN_DEVICE;

    @Override
    public String name() {
        return "kvm";
    }

    @Override
    public String objection() {
        try {
            new KvmNative(); // loads the library
            return KvmNative.isEmulated() ? "the CPU shows no virtualisation, so KVM is software" : "";
        } catch (PlatformException e) {
            return e.getMessage();
        }
    }

    @Override
    public void device(int fd) {
        device = fd;
    }

    @Override
    public Platform create(int memoryFd, long memoryBytes, int flags) throws PlatformException {
        KvmNative half = new KvmNative();
        KvmNative.useDevice(device);
        return NativePlatform.open(half, memoryFd, memoryBytes, flags);
    }
}
