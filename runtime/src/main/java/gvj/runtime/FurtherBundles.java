package gvj.runtime;

import gvj.boot.BootException;
import gvj.boot.BootSpec;
import gvj.boot.ContainerParser;
import gvj.boot.ProcessSpec;

/** Reads the bundles of containers that come into a sandbox later: with the sandbox's flags, and those of their annotations. */
final class FurtherBundles implements ContainerParser {
    private final BootMessage message;

    FurtherBundles(BootMessage message) {
        this.message = message;
    }

    @Override
    public Parsed parse(String id, String directory, byte[] config, boolean terminal, long memory)
            throws BootException {
        try {
            Options options = CommandLine.parse(message.arguments()).options();
            Bundle bundle = Bundle.parse(directory, config);
            AnnotationFlags.apply(bundle.annotations(), options);
            return bundle.further(
                    options,
                    id,
                    terminal ? new ProcessSpec.Terminal(true, 0, 0) : ProcessSpec.Terminal.NONE,
                    new BootSpec.Limits(memory, message.cpus(), 0));
        } catch (UsageException e) {
            throw new BootException(e.getMessage());
        }
    }
}
