package gvj.runtime;

import gvj.boot.BootException;
import gvj.boot.Control;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A container's directory, {@code ROOT/ID}: the launcher's {@code state.c} writes it and says what is in it. */
public final class Container {
    private final String id;
    private final Path directory;
    /** {@code state.json}; a missing value while the container is being created. */
    private final Json state;

    private Container(String id, Path directory, Json state) {
        this.id = id;
        this.directory = directory;
        this.state = state;
    }

    /** The directory of all containers: {@code --root}, or where the caller's are kept. */
    static Path root(Options flags) {
        String runtime = System.getenv("XDG_RUNTIME_DIR");
        String usual = !isRoot() && runtime != null && !runtime.isEmpty() ? runtime + "/gvj" : "/run/gvj";
        return Path.of(flags.value("--root", usual));
    }

    private static boolean isRoot() {
        try {
            return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException e) {
            return true;
        }
    }

    /** The container called {@code id}. */
    public static Container open(Path root, String id) throws ToolException {
        Path directory = root.resolve(checked(id));
        if (!Files.isDirectory(directory)) {
            throw new ToolException("container does not exist: " + id);
        }
        return new Container(id, directory, state(directory));
    }

    /** Every container, by name. */
    static List<Container> all(Path root) throws ToolException {
        List<Container> all = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
            for (Path entry : entries) {
                if (Files.isDirectory(entry)) {
                    all.add(new Container(entry.getFileName().toString(), entry, state(entry)));
                }
            }
        } catch (NoSuchFileException e) {
            return all; // nobody made one yet
        } catch (IOException e) {
            throw new ToolException("cannot read " + root + ": " + e);
        }
        all.sort((one, other) -> one.id.compareTo(other.id));
        return all;
    }

    private static String checked(String id) throws ToolException {
        boolean good = !id.isEmpty() && !id.equals(".") && !id.equals("..");
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            good &= c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "_+-.".indexOf(c) >= 0;
        }
        if (!good) {
            throw new ToolException("invalid container id \"" + id + "\"");
        }
        return id;
    }

    private static Json state(Path directory) throws ToolException {
        Path file = directory.resolve("state.json");
        try {
            return Json.parse(file.toString(), Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            return Json.missing(file.toString());
        } catch (IOException | BootException e) {
            throw new ToolException(e instanceof BootException ? e.getMessage() : "cannot read " + file + ": " + e);
        }
    }

    /** What it is called. */
    public String id() {
        return id;
    }

    /** Who made it. */
    String owner() {
        try {
            return Files.getOwner(directory).getName();
        } catch (IOException e) {
            return "";
        }
    }

    /** A member of its state, a JSON string; empty if it is missing. */
    String text(String member) throws ToolException {
        try {
            return state.get(member).chars("");
        } catch (BootException e) {
            throw new ToolException(e.getMessage());
        }
    }

    /** A member of its state. */
    public Json member(String name) throws ToolException {
        try {
            return state.get(name);
        } catch (BootException e) {
            throw new ToolException(e.getMessage());
        }
    }

    /** The number of its monitor, which is the container's on the host; 0 if there is none. */
    public int pid() throws ToolException {
        return (int) number("pid");
    }

    private long number(String member) throws ToolException {
        try {
            return state.get(member).integer(0, 0, Long.MAX_VALUE);
        } catch (BootException e) {
            throw new ToolException(e.getMessage());
        }
    }

    /** {@code creating}, {@code created}, {@code running}, {@code paused} or {@code stopped}. */
    public String status() throws ToolException {
        if (!state.present()) {
            return "creating";
        }
        if (!isAlive()) {
            return "stopped";
        }
        try (ControlClient client = ControlClient.connect(id, nameInRequests(), directory.toString())) {
            if (client == null) {
                return isAlive() ? "created" : "stopped";
            }
            client.ask(Control.STATE);
            return switch (client.a()) {
                case Control.STATE_CREATED -> "created";
                case Control.STATE_RUNNING -> "running";
                case Control.STATE_PAUSED -> "paused";
                default -> "stopped";
            };
        }
    }

    /** Whether its monitor runs: a process with that number that started at that time. */
    private boolean isAlive() throws ToolException {
        long start = number("init_process_start");
        try {
            String stat = Files.readString(Path.of("/proc/" + pid() + "/stat"), StandardCharsets.ISO_8859_1);
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return !fields[0].equals("Z") && !fields[0].equals("X") && Long.parseLong(fields[19]) == start;
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    /** The id of the container whose sandbox it is in; empty if that is its own. */
    public String sandbox() throws ToolException {
        return text("sandbox");
    }

    /**
     * What the host's cgroups count for it alone: nothing in a pod, where everything runs in those of the first container and
     * the others have only who waits for them.
     */
    public Cgroups cgroups() throws ToolException {
        try {
            boolean inPod = !sandbox().isEmpty() || PodRole.isSandbox(state.get("annotations"));
            return inPod ? Cgroups.NONE : hostCgroups();
        } catch (BootException e) {
            throw new ToolException(e.getMessage());
        }
    }

    /** Those of the host that it was made with: of a pod's first container they count the whole pod. */
    public Cgroups hostCgroups() throws ToolException {
        try {
            return new Cgroups(state.get("cgroup_paths"));
        } catch (BootException e) {
            throw new ToolException(e.getMessage());
        }
    }

    private String nameInRequests() throws ToolException {
        return sandbox().isEmpty() ? "" : id;
    }

    /** A connection to its Sentry. */
    public ControlClient connect() throws ToolException {
        ControlClient client =
                state.present() && isAlive() ? ControlClient.connect(id, nameInRequests(), directory.toString()) : null;
        if (client == null) {
            throw new ToolException("container not running: " + id);
        }
        return client;
    }
}
