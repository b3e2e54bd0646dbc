package gvj.agent.metrics;

import gvj.agent.metrics.SandboxState.ContainerState;
import gvj.boot.BootException;
import gvj.runtime.Json;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds sandboxes: directories {@code ROOT/ID} with a {@code control.sock} and a {@code state.json}. Roots are patterns,
 * {@code /run/containerd/gvisor-java/*} for instance; a {@code *} stands in one component only.
 */
final class StateRoots {
    /** Of the shim; of {@code gvj} by itself; of containerd's runc shim with {@code BinaryName}; of Docker. */
    static final String USUAL = "/run/containerd/gvisor-java/*,/run/gvj,/run/containerd/runc/*,/run/docker/runtime-*/*";

    private static final long MAX_STATE = 32 << 20;

    private final List<String> patterns;
    private final ScrapeErrors errors;

    /** Roots from a list with commas between. */
    StateRoots(String patterns, ScrapeErrors errors) {
        this.patterns = List.of(patterns.split(","));
        this.errors = errors;
    }

    /** All sandboxes there are now, by id. One that cannot be read is left out and counted. */
    List<SandboxState> sandboxes() {
        Map<String, SandboxState> found = new LinkedHashMap<>();
        for (String pattern : patterns) {
            for (Path root : expand(pattern.strip())) {
                addAll(root, found);
            }
        }
        return List.copyOf(found.values());
    }

    private void addAll(Path root, Map<String, SandboxState> found) {
        Map<String, SandboxState> here = new LinkedHashMap<>();
        Map<String, List<ContainerState>> others = new LinkedHashMap<>();
        for (Path directory : list(root, "*")) {
            try {
                add(directory, here, others);
            } catch (IOException | BootException e) {
                errors.count(ScrapeErrors.STATE);
            }
        }
        for (Map.Entry<String, List<ContainerState>> entry : others.entrySet()) {
            SandboxState sandbox = here.get(entry.getKey());
            if (sandbox != null) {
                for (ContainerState container : entry.getValue()) {
                    sandbox.containers().put(container.identity().id(), container);
                }
            }
        }
        for (SandboxState sandbox : here.values()) {
            if (found.putIfAbsent(sandbox.id(), sandbox) != null) {
                errors.count(ScrapeErrors.DUPLICATE);
            }
        }
    }

    private static void add(Path directory, Map<String, SandboxState> here, Map<String, List<ContainerState>> others)
            throws IOException, BootException {
        Path file = directory.resolve("state.json");
        if (!Files.exists(directory.resolve("control.sock"))
                || Files.exists(directory.resolve("exit.json"))
                || !Files.isRegularFile(file)) {
            return; // being made, at its end, or another runtime's
        }
        if (Files.size(file) > MAX_STATE) {
            throw new IOException(file + " is too large");
        }
        Json state;
        try {
            state = Json.parse(file.toString(), Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            return; // deleted meanwhile
        }
        String id = directory.getFileName().toString();
        String incarnation = state.get("init_process_start").integer(0, 0, Long.MAX_VALUE) + " "
                + state.get("created").chars("");
        ContainerState container = new ContainerState(Identity.of(id, state.get("annotations")), incarnation);
        String sandbox = state.get("sandbox").chars("");
        if (!sandbox.isEmpty() && !sandbox.equals(id)) {
            others.computeIfAbsent(sandbox, key -> new ArrayList<>()).add(container);
            return;
        }
        Map<String, ContainerState> containers = new LinkedHashMap<>();
        containers.put(id, container);
        here.put(id, new SandboxState(container.identity(), directory, incarnation, containers));
    }

    private static List<Path> expand(String pattern) {
        List<Path> paths = List.of(Path.of("/"));
        for (Path component : Path.of(pattern)) {
            String name = component.toString();
            List<Path> next = new ArrayList<>();
            for (Path path : paths) {
                if (name.contains("*")) {
                    next.addAll(list(path, name));
                } else {
                    next.add(path.resolve(name));
                }
            }
            paths = next;
        }
        return paths;
    }

    /** Directories below {@code directory} whose names match; none if it is not there. */
    private static List<Path> list(Path directory, String glob) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, glob)) {
            for (Path entry : entries) {
                if (Files.isDirectory(entry)) {
                    found.add(entry);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return found;
        } catch (IOException | DirectoryIteratorException e) {
            System.err.println("gvj-agent: cannot read " + directory + ": " + e.getMessage());
        }
        found.sort(null);
        return found;
    }
}
