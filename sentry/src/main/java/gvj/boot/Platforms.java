package gvj.boot;

import gvj.mm.MemoryFile;
import gvj.platform.Platform;
import gvj.platform.PlatformException;
import gvj.platform.PlatformProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/** Finds and makes the platform that {@code --platform} names. */
final class Platforms {
    /** System property: provider classes, separated by commas. */
    private static final String PROVIDERS = "gvj.platforms";

    private Platforms() {}

    /**
     * What there is, the first choice first: the classes that the launcher names, or else whatever is found. Finding them
     * opens jars and reads text with half of the JDK's classes, which is felt at every start.
     */
    private static Iterable<PlatformProvider> providers() throws BootException {
        String names = System.getProperty(PROVIDERS);
        if (names == null) {
            return ServiceLoader.load(PlatformProvider.class);
        }
        List<PlatformProvider> providers = new ArrayList<>();
        int from = 0;
        while (from < names.length()) {
            int comma = names.indexOf(',', from);
            int to = comma < 0 ? names.length() : comma;
            providers.add(make(names.substring(from, to)));
            from = to + 1;
        }
        return providers;
    }

    private static PlatformProvider make(String className) throws BootException {
        try {
            Object provider = Class.forName(className).getDeclaredConstructor().newInstance();
            return (PlatformProvider) provider;
        } catch (ReflectiveOperationException | ClassCastException e) {
            throw new BootException("the platform provider " + className + " cannot be made: " + e);
        }
    }

    /** Makes the platform {@code name}; {@code auto} takes the first that works. */
    static Platform create(String name, MemoryFile memory) throws BootException {
        StringBuilder failures = new StringBuilder();
        StringBuilder known = new StringBuilder();
        for (PlatformProvider provider : providers()) {
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
