package gvj.boot;

import gvj.kernel.IdMap;
import java.util.List;

/** Reads what comes with {@link Control#CREATE}: the Sentry itself knows no OCI. */
public interface ContainerParser {
    /**
     * A bundle for this sandbox.
     *
     * @param spec the container; its mounts name trees by their place in {@code trees}
     * @param trees the host trees that it needs, as {@link Control#START_GOFER} writes them, without the NUL
     * @param uids the user ids that it expects, null for those of the sandbox
     * @param gids the group ids, null for those of the sandbox
     */
    record Parsed(ContainerSpec spec, List<String> trees, IdMap uids, IdMap gids) {}

    /**
     * The container that a config.json describes.
     *
     * @param bundle the directory that relative paths of the host begin at
     * @param terminal whether there is a terminal for it
     * @param memory the most that it can have, in bytes
     * @throws BootException with a sentence that names what is wrong
     */
    Parsed parse(String id, String bundle, byte[] config, boolean terminal, long memory) throws BootException;
}
