package gvj.boot;

import gvj.mm.MemoryFile;
import gvj.platform.Platform;
import gvj.platform.PlatformException;
import gvj.platform.PlatformProvider;
import java.util.ServiceLoader;

/** Finds and makes the platform that {@code --platform} names. */
final class Platforms {
    private Platforms() {}

    /** Makes the platform {@code name}; {@code auto} takes the first that works. */
    static Platform create(String name, MemoryFile memory) throws BootException {
        StringBuilder failures = new StringBuilder();
        StringBuilder known = new StringBuilder();
        for (PlatformProvider provider : ServiceLoader.load(PlatformProvider.class)) {
            known.append(known.length() > 0 ? ", " : "").append(provider.name());
            if (!name.equals("auto") && !name.equals(provider.name())) {
                continue;
            }
            try {
                return provider.create(memory.fd(), memory.bytes(), 0);
            } catch (PlatformException e) {
                failures.append(failures.length() > 0 ? "; " : "").append(e.getMessage());
            }
        }
        if (failures.length() == 0) {
            throw new BootException("--platform=" + name + " does not exist: there is " + known);
        }
        throw new BootException("--platform=" + name + ": " + failures);
    }
}
