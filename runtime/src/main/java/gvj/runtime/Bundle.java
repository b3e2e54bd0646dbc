package gvj.runtime;

import gvj.boot.BootException;
import gvj.boot.BootSpec;
import gvj.boot.ContainerParser;
import gvj.boot.ContainerSpec;
import gvj.boot.MountSpec;
import gvj.boot.ProcessSpec;
import gvj.syscalls.Syscall;
import gvj.syscalls.SyscallTable;
import gvj.vfs.Mount;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An OCI bundle as a sandbox: what config.json says about the inside. Host cgroups, network namespaces and hooks are the
 * launcher's. {@code docs/oci.md} has the whole list.
 */
final class Bundle {
    private static final int PATH_MAX = 4096;
    private static final int NAME_MAX = 64;

    /** Masks count and are empty: as with runc, a process without capabilities has none. */
    private static final ProcessSpec.Privileges NO_PRIVILEGES = new ProcessSpec.Privileges(true, 0, 0, 0, 0, 0, false);

    private final String directory;
    private final Json config;
    private final Notes notes = new Notes();
    private final List<MountSpec> mounts = new ArrayList<>();
    private final List<String> trees = new ArrayList<>();
    /** The indices of all but the root's: one tree may be mounted at several places. */
    private final Map<String, Integer> volumes = new HashMap<>();

    private Bundle(String directory, Json config) {
        this.directory = directory;
        this.config = config;
    }

    /** Reads config.json; complaints name the JSON path. */
    static Bundle parse(String directory, byte[] config) throws BootException {
        Bundle bundle = new Bundle(directory, Json.parse(directory + "/config.json", config));
        String version = bundle.config.get("ociVersion").bytes("1.");
        if (!version.startsWith("1.")) {
            throw bundle.config
                    .get("ociVersion")
                    .wrong("is \"" + version + "\"; bundles of version 1 of the specification can be run");
        }
        return bundle;
    }

    /** The container's annotations, by name. */
    Map<String, String> annotations() throws BootException {
        Map<String, String> values = new LinkedHashMap<>();
        Json annotations = config.get("annotations");
        for (String name : annotations.names()) {
            values.put(name, annotations.get(name).bytes(""));
        }
        return values;
    }

    /**
     * The host trees that the gofer is to serve, by gofer index: {@code rw}, {@code ro}, {@code up} or {@code uk}, a space, the
     * path. {@code up} is a directory that is made empty and removed with the sandbox, {@code uk} one that stays.
     */
    List<String> trees() {
        return trees;
    }

    /** What of the bundle has no effect: for the debug log. */
    List<String> notes() {
        return notes.lines();
    }

    /** A sandbox of its own; {@link #trees} and {@link #notes} are complete afterwards. */
    BootSpec spec(Options options, BootMessage message) throws BootException, UsageException {
        Json linux = config.get("linux");
        LinuxJson.check(linux, notes);
        ContainerSpec.Namespaces namespaces =
                ContainerSpec.Namespaces.own(name("hostname", message.hostname()), name("domainname", "(none)"));
        BootSpec.Limits outer = new BootSpec.Limits(Common.memory(options, message), message.cpus(), 0);
        return new BootSpec(
                container(options, message.id(), Common.terminal(message), namespaces, outer),
                PodRole.isSandbox(config.get("annotations")),
                LinuxJson.ids(linux, "uidMappings"),
                LinuxJson.ids(linux, "gidMappings"),
                Common.platform(options),
                options.has("--keep-code"),
                message.gated(),
                Common.tracing(options),
                options.has("--stats"),
                message.descriptors(),
                Common.pluginPath(options, message));
    }

    /** One more container of a sandbox that runs. */
    ContainerParser.Parsed further(Options options, String id, ProcessSpec.Terminal terminal, BootSpec.Limits outer)
            throws BootException {
        Json linux = config.get("linux");
        LinuxJson.checkFurther(linux, notes);
        ContainerSpec.Namespaces namespaces = new ContainerSpec.Namespaces(
                LinuxJson.hasOwn(linux, "uts"),
                LinuxJson.hasOwn(linux, "ipc"),
                name("hostname", ""),
                name("domainname", "(none)"));
        boolean mapped = LinuxJson.hasUserNamespace(linux);
        return new ContainerParser.Parsed(
                container(options, id, terminal, namespaces, outer),
                trees,
                mapped ? LinuxJson.ids(linux, "uidMappings") : null,
                mapped ? LinuxJson.ids(linux, "gidMappings") : null);
    }

    private ContainerSpec container(
            Options options,
            String id,
            ProcessSpec.Terminal terminal,
            ContainerSpec.Namespaces namespaces,
            BootSpec.Limits outer)
            throws BootException {
        ProcessSpec first = process(terminal);
        Overlay overlay = Overlay.of(options);
        addRoot(options, overlay, id);
        for (Json mount : config.get("mounts").elements()) {
            addMount(mount, overlay);
        }
        Json linux = config.get("linux");
        return new ContainerSpec(
                id,
                first,
                true,
                seccomp(options, linux.get("seccomp")),
                namespaces,
                limits(linux.get("resources"), outer),
                mounts,
                LinuxJson.devices(linux.get("devices")),
                LinuxJson.paths(linux.get("maskedPaths")),
                LinuxJson.paths(linux.get("readonlyPaths")),
                LinuxJson.sysctls(linux.get("sysctl")));
    }

    private ProcessSpec process(ProcessSpec.Terminal actual) throws BootException {
        Json process = config.get("process");
        if (!process.present()) {
            throw process.wrong("is missing");
        }
        ProcessSpec.Terminal terminal = process.get("terminal").bool() && actual.present()
                ? ProcessJson.terminal(process, actual)
                : ProcessSpec.Terminal.NONE;
        return ProcessJson.parse(process, NO_PRIVILEGES, terminal, notes);
    }

    private String name(String member, String otherwise) throws BootException {
        String name = config.get(member).bytes("");
        if (name.length() > NAME_MAX) {
            throw config.get(member).wrong("is longer than " + NAME_MAX + " bytes");
        }
        return name.isEmpty() ? otherwise : name;
    }

    /** What all of the sandbox may use, and less if the bundle says so; a pod's first container speaks for itself alone. */
    private BootSpec.Limits limits(Json resources, BootSpec.Limits outer) throws BootException {
        if (PodRole.isSandbox(config.get("annotations"))) {
            return outer;
        }
        BootSpec.Limits own = ResourcesJson.limits(resources, outer);
        return new BootSpec.Limits(
                Math.min(own.memory(), outer.memory()),
                outer.cpus() > 0 && own.cpus() > 0 ? Math.min(own.cpus(), outer.cpus()) : own.cpus(),
                own.pids(),
                own.cpuQuota(),
                own.cpuPeriod());
    }

    private static BootSpec.SeccompProfile seccomp(Options options, Json seccomp) throws BootException {
        if (!options.has("--oci-seccomp") || !seccomp.present()) {
            return BootSpec.SeccompProfile.NONE;
        }
        Map<String, Integer> numbers = new HashMap<>();
        for (Syscall row : SyscallTable.standard().rows()) {
            numbers.put(row.name(), row.number());
        }
        return SeccompJson.compile(seccomp, numbers);
    }

    /** The tree can be written to even if the root is read-only: until all is mounted there may be places to be made. */
    private void addRoot(Options options, Overlay overlay, String id) throws BootException {
        Json root = config.get("root");
        if (!root.present()) {
            throw root.wrong("is missing");
        }
        int flags = Mount.RELATIME | (root.get("readonly").bool() ? Mount.RDONLY : 0);
        String path = absolute(root.get("path"));
        String upper = overlay.root() ? overlay.upperTree(path, id) : "";
        trees.add((overlay.root() ? "ro " : "rw ") + path);
        if (!upper.isEmpty()) {
            trees.add(upper);
        }
        boolean shared = options.value("--file-access", "exclusive").equals("shared");
        mounts.add(new MountSpec("/", "gofer", 0, flags, overlay.root(), upper.isEmpty() ? -1 : 1, shared, ""));
    }

    private String absolute(Json source) throws BootException {
        String path = source.required();
        String absolute = path.startsWith("/") ? path : directory + "/" + path;
        if (absolute.length() >= PATH_MAX) {
            throw source.wrong("is longer than " + PATH_MAX + " bytes");
        }
        return absolute;
    }

    /** With an overlay the host's tree is only read. */
    private void addTree(String destination, Json source, int flags, boolean overlay) throws BootException {
        boolean write = (flags & Mount.RDONLY) == 0 && !overlay;
        String tree = (write ? "rw " : "ro ") + absolute(source);
        Integer known = volumes.putIfAbsent(tree, trees.size());
        if (known == null) {
            trees.add(tree);
        }
        int index = known == null ? trees.size() - 1 : known;
        mounts.add(new MountSpec(destination, "gofer", index, flags, overlay, ""));
    }

    private void addMount(Json mount, Overlay overlay) throws BootException {
        String destination = mount.get("destination").required();
        destination = destination.startsWith("/") ? destination : "/" + destination;
        if (destination.length() >= PATH_MAX) {
            throw mount.get("destination").wrong("is longer than " + PATH_MAX + " bytes");
        }
        MountOptions options = MountOptions.of(mount.get("options"), notes);
        String type = mount.get("type").bytes("");
        if (options.bind() || type.equals("bind")) {
            boolean above = overlay.others() && !options.readOnly();
            addTree(destination, mount.get("source"), options.flags(), above);
        } else {
            mounts.add(new MountSpec(
                    destination, own(mount, type, destination), -1, options.flags(), false, options.data()));
        }
    }

    /** The Sentry's file system for a type of mount(8). */
    private static String own(Json mount, String type, String destination) throws BootException {
        return switch (type) {
            case "proc", "sysfs", "devpts", "mqueue", "devtmpfs" -> type;
            case "tmpfs" -> destination.equals("/dev") ? "devtmpfs" : type;
            case "cgroup", "cgroup2" -> "cgroup2";
            case "" -> throw mount.get("type").wrong("is missing, and the mount is no bind mount");
            default -> throw mount.get("type").wrong("is \"" + type + "\", which is no file system of the Sentry");
        };
    }
}
