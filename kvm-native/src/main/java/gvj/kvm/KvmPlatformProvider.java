package gvj.kvm;

import gvj.platform.Platform;
import gvj.platform.PlatformException;
import gvj.platform.PlatformProvider;
import java.nio.charset.StandardCharsets;

/** Makes the KVM platform; {@link #create} probes whether KVM runs application code on this machine. */
public final class KvmPlatformProvider implements PlatformProvider {
    private static final int FAILURE_BYTES = 256;

    @Override
    public String name() {
        return "kvm";
    }

    @Override
    public Platform create(int memoryFd, long memoryBytes) throws PlatformException {
        if (memoryBytes <= 0 || memoryBytes % 4096 != 0) {
            throw new IllegalArgumentException("memory file of " + memoryBytes + " bytes");
        }
        try {
            KvmNative.load();
        } catch (UnsatisfiedLinkError e) {
            throw new PlatformException("cannot load libgvjkvm.so: " + e.getMessage());
        }
        byte[] failure = new byte[FAILURE_BYTES];
        long vm = KvmNative.open(memoryFd, memoryBytes, failure);
        if (vm == 0) {
            throw new PlatformException(text(failure));
        }
        return new KvmPlatform(vm);
    }

    /** The characters before the first zero byte. */
    static String text(byte[] bytes) {
        int length = 0;
        while (length < bytes.length && bytes[length] != 0) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
