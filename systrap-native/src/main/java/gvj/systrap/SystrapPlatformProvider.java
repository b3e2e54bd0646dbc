package gvj.systrap;

import gvj.platform.Platform;
import gvj.platform.PlatformException;
import gvj.platform.PlatformProvider;
import gvj.platform.jni.NativePlatform;

/** Makes the systrap platform; {@link #create} starts the first stub process, which shows whether it works here. */
public final class SystrapPlatformProvider implements PlatformProvider {
    @Override
    public String name() {
        return "systrap";
    }

    @Override
    public Platform create(int memoryFd, long memoryBytes, int flags) throws PlatformException {
        return NativePlatform.open(new SystrapNative(), memoryFd, memoryBytes, flags);
    }
}
