package gvj.runtime;

import gvj.boot.BootSpec;
import gvj.boot.ContainerSpec;
import gvj.boot.MountSpec;
import gvj.boot.ProcessSpec;
import gvj.kernel.IdMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The sandbox that {@code gvj do} asks for: the host's files below a throw-away overlay, and Linux's usual rest. */
final class DoSpec {
    private DoSpec() {}

    static BootSpec of(Options options, BootMessage message) throws UsageException {
        if (options.words().isEmpty()) {
            throw new UsageException("gvj do: no command given (see gvj do --help)");
        }
        ProcessSpec process = ProcessSpec.plain(
                options.words(),
                environment(options, message.environment()),
                absolute(options, "--cwd", message.cwd()),
                user(options, message),
                Common.terminal(message));
        ContainerSpec container = new ContainerSpec(
                message.id(),
                process,
                false,
                BootSpec.SeccompProfile.NONE,
                ContainerSpec.Namespaces.own(hostname(options, message.hostname()), "(none)"),
                BootSpec.Limits.memory(Common.memory(options, message)),
                mounts(options),
                List.of(),
                List.of(),
                List.of(),
                Map.of());
        return new BootSpec(
                container,
                false,
                IdMap.ALL,
                IdMap.ALL,
                Common.platform(options),
                options.has("--keep-code"),
                message.gated(),
                Common.tracing(options),
                options.has("--stats"),
                message.descriptors(),
                Common.pluginPath(options, message));
    }

    /** The caller's environment with the {@code --env} options applied. */
    private static List<String> environment(Options options, List<String> inherited) throws UsageException {
        List<String> result = new ArrayList<>(inherited);
        for (String setting : options.values("--env")) {
            int equals = setting.indexOf('=');
            if (equals <= 0) {
                throw options.wrong("--env", "\"" + setting + "\" is not NAME=VALUE");
            }
            String prefix = setting.substring(0, equals + 1);
            for (int i = result.size() - 1; i >= 0; i--) {
                if (result.get(i).startsWith(prefix)) {
                    result.remove(i);
                }
            }
            result.add(setting);
        }
        return result;
    }

    private static String absolute(Options options, String name, String otherwise) throws UsageException {
        String path = options.value(name, otherwise);
        if (!path.startsWith("/")) {
            throw options.wrong(name, "\"" + path + "\" is not an absolute path");
        }
        return path;
    }

    private static String hostname(Options options, String otherwise) throws UsageException {
        String name = options.value("--hostname", otherwise);
        if (name.isEmpty() || name.length() > 64) {
            throw options.wrong("--hostname", "a host name has 1 to 64 characters");
        }
        return name;
    }

    /** {@code UID}, {@code UID:GID} or a name for the Sentry to look up. */
    private static ProcessSpec.User user(Options options, BootMessage message) throws UsageException {
        if (!options.has("--user")) {
            return user(message.uid(), message.gid(), message.groups());
        }
        String text = options.value("--user", "");
        if (text.isEmpty()) {
            throw options.wrong("--user", "it is empty");
        }
        if (!Character.isDigit(text.charAt(0))) {
            return new ProcessSpec.User(text, 0, 0, List.of(), ProcessSpec.User.UMASK);
        }
        int colon = text.indexOf(':');
        int uid = id(options, colon < 0 ? text : text.substring(0, colon));
        int gid = colon < 0 ? uid : id(options, text.substring(colon + 1));
        return user(uid, gid, List.of());
    }

    private static ProcessSpec.User user(int uid, int gid, List<Integer> groups) {
        return new ProcessSpec.User("", uid, gid, groups, ProcessSpec.User.UMASK);
    }

    private static int id(Options options, String digits) throws UsageException {
        try {
            long id = Long.parseLong(digits);
            if (id >= 0 && id < 0xffff_ffffL) {
                return (int) id;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw options.wrong("--user", "\"" + digits + "\" is not a user or group number");
    }

    private static List<MountSpec> mounts(Options options) throws UsageException {
        List<MountSpec> mounts = new ArrayList<>();
        mounts.add(MountSpec.gofer("/", 0, false, true));
        mounts.addAll(Common.kernelMounts());
        int index = 1; // as the launcher counts
        for (String volume : options.values("--volume")) {
            int first = volume.indexOf(':');
            int second = first < 0 ? -1 : volume.indexOf(':', first + 1);
            String destination = first < 0 ? "" : volume.substring(first + 1, second < 0 ? volume.length() : second);
            String flags = second < 0 ? "" : volume.substring(second + 1);
            if (first <= 0 || !destination.startsWith("/") || !(second < 0 || flags.equals("ro"))) {
                throw options.wrong("--volume", "\"" + volume + "\" is not SRC:DST or SRC:DST:ro with an absolute DST");
            }
            mounts.add(MountSpec.gofer(destination, index++, second >= 0, false));
        }
        return mounts;
    }
}
