package gvj.runtime;

import gvj.boot.BootException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Flags in a container's annotations: {@code dev.gvisor.flag.NAME} or {@code io.gvisor-java.flag.NAME}. Who writes a
 * container's annotations is often not who set up the host, so only flags that are marked for it can be set.
 */
final class AnnotationFlags {
    private static final String[] PREFIXES = {"dev.gvisor.flag.", "io.gvisor-java.flag."};

    private AnnotationFlags() {}

    /** Sets the flags that {@code annotations} name. */
    static void apply(Map<String, String> annotations, Options options) throws BootException {
        for (Map.Entry<String, String> annotation : annotations.entrySet()) {
            for (String prefix : PREFIXES) {
                if (annotation.getKey().startsWith(prefix)) {
                    apply(annotation.getKey(), annotation.getKey().substring(prefix.length()), annotation, options);
                }
            }
        }
    }

    /** Every annotation that sets a flag. */
    static List<String> names() {
        List<String> names = new ArrayList<>();
        for (Option option : Flags.ALL) {
            for (String prefix : PREFIXES) {
                if (option.annotation()) {
                    names.add(prefix + option.name().substring(2));
                }
            }
        }
        return names;
    }

    private static void apply(String key, String name, Map.Entry<String, String> annotation, Options options)
            throws BootException {
        Option option = flag("--" + name);
        if (option == null) {
            throw new BootException("config.json: annotations." + key + ": gvj has no flag --" + name);
        }
        if (!option.annotation()) {
            throw new BootException("config.json: annotations." + key + ": a container may not set --" + name
                    + "; it belongs on the command line");
        }
        if (annotation.getValue().indexOf('/') >= 0) {
            throw new BootException(
                    "config.json: annotations." + key + ": a container may not name a path of the host");
        }
        try {
            options.set(option, annotation.getValue());
        } catch (UsageException e) {
            throw new BootException("config.json: annotations." + key + ": " + e.getMessage());
        }
    }

    private static Option flag(String name) {
        for (Option option : Flags.ALL) {
            if (option.name().equals(name)) {
                return option;
            }
        }
        return null;
    }
}
