package gvj.boot;

import gvj.mm.MemoryFile;
import gvj.platform.Platform;
import gvj.platform.PlatformException;
import gvj.platform.PlatformProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Consumer;

/** Finds and makes the platform that {@code --platform} names. */
final class Platforms {
    /** System property: provider classes, separated by commas. */
    private static final String PROVIDERS = "gvj.platforms";

    /** A round trip that systrap makes faster in any case. */
    private static final long SLOW_NANOS = 6000;

    private final MemoryFile memory;
    private final int device;
    private final boolean keepCode;
    private final Consumer<String> note;
    private final StringBuilder reasons = new StringBuilder();

    /**
     * For one sandbox.
     *
     * @param device {@code /dev/kvm}, as {@link PlatformProvider#device} takes it
     * @param keepCode application code must run as it is
     * @param note hears why {@code auto} did not take a platform
     */
    Platforms(MemoryFile memory, int device, boolean keepCode, Consumer<String> note) {
        this.memory = memory;
        this.device = device;
        this.keepCode = keepCode;
        this.note = note;
    }

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

    /**
     * Makes the platform {@code name}. {@code auto} takes the first that is fast here, or else the first that works, and
     * notes why others were passed over.
     */
    Platform create(String name) throws BootException {
        List<PlatformProvider> candidates = candidates(name);
        if (candidates.size() == 1) {
            return make(candidates.get(0));
        }
        for (PlatformProvider provider : candidates) {
            String objection = provider.objection();
            Platform platform = objection.isEmpty() ? tryOut(provider) : null;
            if (platform != null) {
                return platform;
            }
            if (!objection.isEmpty()) {
                passOver(provider, objection);
            }
        }
        for (PlatformProvider provider : candidates) {
            try {
                return make(provider);
            } catch (BootException e) {
                // its reason is among those that were noted
            }
        }
        throw new BootException("--platform=" + name + ": " + reasons);
    }

    private List<PlatformProvider> candidates(String name) throws BootException {
        List<PlatformProvider> candidates = new ArrayList<>();
        StringBuilder known = new StringBuilder();
        for (PlatformProvider provider : providers()) {
            known.append(known.length() > 0 ? ", " : "").append(provider.name());
            if (name.equals("auto") || name.equals(provider.name())) {
                provider.device(device);
                candidates.add(provider);
            }
        }
        if (candidates.isEmpty()) {
            throw new BootException("--platform=" + name + " does not exist: there is " + known);
        }
        return candidates;
    }

    private Platform make(PlatformProvider provider) throws BootException {
        try {
            return provider.create(memory.fd(), memory.bytes(), keepCode ? PlatformProvider.KEEP_CODE : 0);
        } catch (PlatformException e) {
            throw new BootException("--platform=" + provider.name() + ": " + e.getMessage());
        }
    }

    /** The provider's platform if it works and is fast, or null. */
    private Platform tryOut(PlatformProvider provider) {
        Platform platform;
        try {
            platform = make(provider);
        } catch (BootException e) {
            passOver(provider, e.getMessage());
            return null;
        }
        if (platform.roundTripNanos() <= SLOW_NANOS) {
            return platform;
        }
        passOver(provider, "a round trip takes " + platform.roundTripNanos() + " ns");
        platform.close();
        return null;
    }

    private void passOver(PlatformProvider provider, String why) {
        reasons.append(reasons.length() > 0 ? "; " : "").append(why);
        note.accept("platform " + provider.name() + " is passed over: " + why);
    }
}
