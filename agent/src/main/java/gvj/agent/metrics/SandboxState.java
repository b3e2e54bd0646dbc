package gvj.agent.metrics;

import java.nio.file.Path;
import java.util.Map;

/**
 * A sandbox as its state directory describes it.
 *
 * @param identity of its first container
 * @param directory where {@code control.sock} is
 * @param incarnation differs if a sandbox of that name was made anew
 * @param containers all of its containers by id, the first one too
 */
record SandboxState(Identity identity, Path directory, String incarnation, Map<String, ContainerState> containers) {
    String id() {
        return identity.id();
    }

    /**
     * One container of it.
     *
     * @param incarnation differs if a container of that name was made anew
     */
    record ContainerState(Identity identity, String incarnation) {}
}
