package gvj.runtime;

import gvj.boot.BootException;
import gvj.boot.BootSpec;
import gvj.boot.MountSpec;
import gvj.boot.ProcessSpec;
import gvj.vfs.Mount;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * An OCI bundle as a sandbox: the parts of config.json that a Sentry by itself can honour. (Namespaces, cgroups, hooks and
 * devices of the host are not among them.)
 */
final class Bundle {
    private static final long MAX_ID = 0xffff_fffeL;

    private final String directory;
    private final Json config;
    private final List<MountSpec> mounts = new ArrayList<>();
    private final List<String> trees = new ArrayList<>();

    private Bundle(String directory, Json config) {
        this.directory = directory;
        this.config = config;
    }

    /** Reads config.json; complaints name the JSON path. */
    static Bundle parse(String directory, byte[] config) throws BootException {
        Bundle bundle = new Bundle(directory, Json.parse(directory + "/config.json", config));
        bundle.addRoot();
        for (Json mount : bundle.config.get("mounts").elements()) {
            bundle.addMount(mount);
        }
        return bundle;
    }

    /** The host trees that the gofer is to serve, by gofer index: {@code rw} or {@code ro}, a space, the path. */
    List<String> trees() {
        return trees;
    }

    BootSpec spec(Options options, BootMessage message) throws BootException, UsageException {
        Json process = config.get("process");
        if (!process.present()) {
            throw process.wrong("is missing");
        }
        List<String> args = process.get("args").strings();
        if (args.isEmpty()) {
            throw process.get("args").wrong("must name a program");
        }
        List<String> env = process.get("env").strings();
        String cwd = process.get("cwd").required();
        if (!cwd.startsWith("/")) {
            throw process.get("cwd").wrong("must be an absolute path");
        }
        ProcessSpec first = ProcessSpec.plain(
                args,
                env,
                cwd,
                user(process.get("user")),
                process.get("terminal").bool() ? Common.terminal(message) : ProcessSpec.Terminal.NONE);
        return new BootSpec(
                message.id(),
                first,
                true,
                BootSpec.SeccompProfile.NONE,
                config.get("hostname").bytes("gvj"),
                config.get("domainname").bytes("(none)"),
                BootSpec.Limits.memory(Common.memory(options, message)),
                mounts,
                List.of(),
                List.of(),
                Map.of(),
                Common.platform(options),
                options.has("--keep-code"),
                message.gated(),
                Common.tracing(options),
                options.has("--stats"),
                message.descriptors(),
                Common.pluginPath(options, message));
    }

    private static ProcessSpec.User user(Json user) throws BootException {
        List<Integer> groups = new ArrayList<>();
        for (Json group : user.get("additionalGids").elements()) {
            groups.add((int) group.integer(0, 0, MAX_ID));
        }
        return new ProcessSpec.User(
                "",
                (int) user.get("uid").integer(0, 0, MAX_ID),
                (int) user.get("gid").integer(0, 0, MAX_ID),
                groups,
                (int) user.get("umask").integer(ProcessSpec.User.UMASK, 0, 0777));
    }

    private void addRoot() throws BootException {
        Json root = config.get("root");
        if (!root.present()) {
            throw root.wrong("is missing");
        }
        addTree("/", root.get("path").required(), root.get("readonly").bool());
    }

    private void addTree(String destination, String source, boolean readOnly) {
        mounts.add(MountSpec.gofer(destination, trees.size(), readOnly, false));
        trees.add((readOnly ? "ro " : "rw ") + (source.startsWith("/") ? source : directory + "/" + source));
    }

    private void addMount(Json mount) throws BootException {
        String destination = mount.get("destination").required();
        if (!destination.startsWith("/")) {
            throw mount.get("destination").wrong("must be an absolute path");
        }
        List<String> options = mount.get("options").strings();
        boolean readOnly = options.contains("ro");
        String type = mount.get("type").bytes("bind");
        if (type.equals("bind") || options.contains("bind") || options.contains("rbind")) {
            addTree(destination, mount.get("source").required(), readOnly);
            return;
        }
        String own = switch (type) {
            case "proc", "sysfs", "devpts", "mqueue" -> type;
            case "tmpfs" -> destination.equals("/dev") ? "devtmpfs" : type;
            case "cgroup", "cgroup2" -> "cgroup2";
            default -> throw mount.get("type").wrong("is \"" + type + "\", which is no file system of the Sentry");
        };
        mounts.add(new MountSpec(
                destination, own, -1, Mount.RELATIME | (readOnly ? Mount.RDONLY : 0), false, data(options)));
    }

    /** The options that are the file system's own, not flags of the mount. */
    private static String data(List<String> options) {
        StringBuilder data = new StringBuilder();
        for (String option : options) {
            if (option.indexOf('=') > 0) {
                data.append(data.isEmpty() ? "" : ",").append(option);
            }
        }
        return data.toString();
    }
}
