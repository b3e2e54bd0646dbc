package gvj.runtime;

import gvj.abi.Stat;
import gvj.boot.BootException;
import gvj.boot.DeviceSpec;
import gvj.kernel.IdMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The {@code linux} object of config.json as far as it is about the inside. A sandbox always has namespaces of its own of
 * every kind, whether the bundle lists them or not; only a network can be another's, which the launcher enters.
 */
final class LinuxJson {
    private static final List<String> PROPAGATIONS =
            List.of("", "private", "rprivate", "slave", "rslave", "shared", "rshared", "unbindable", "runbindable");
    private static final long MAX_ID = 0xffff_fffeL;

    private LinuxJson() {}

    /** Checks what has no other effect than that it may be wrong. */
    static void check(Json linux, Notes notes) throws BootException {
        for (Json namespace : linux.get("namespaces").elements()) {
            checkNamespace(namespace);
        }
        checkRest(linux, notes);
    }

    private static void checkRest(Json linux, Notes notes) throws BootException {
        Json propagation = linux.get("rootfsPropagation");
        if (!PROPAGATIONS.contains(propagation.bytes(""))) {
            throw propagation.wrong("is \"" + propagation.bytes("") + "\", which is no propagation of mounts");
        }
        notes.ignored(linux.get("mountLabel"), "there is no SELinux inside a sandbox");
        notes.ignored(linux.get("intelRdt"), "a sandbox does not set it");
        notes.ignored(linux.get("personality"), "programs begin with personality(2) 0");
        notes.ignored(linux.get("timeOffsets"), "a sandbox has the host's clocks");
    }

    /** As {@link #check}, of a container that is made in a sandbox, some of whose namespaces it may share. */
    static void checkFurther(Json linux, Notes notes) throws BootException {
        for (Json namespace : linux.get("namespaces").elements()) {
            Json path = namespace.get("path");
            switch (namespace.get("type").required()) {
                case "network", "uts", "ipc", "pid", "user" -> {
                    if (!path.bytes("").isEmpty() && !path.bytes("").startsWith("/")) {
                        throw path.wrong("must be an absolute path");
                    }
                }
                case "cgroup" -> notes.ignored(path, "the sandbox's cgroups are not those of the host");
                default -> checkNamespace(namespace);
            }
        }
        checkRest(linux, notes);
    }

    /** Whether a container has a namespace of that type to itself: one that is listed, but without a path. */
    static boolean hasOwn(Json linux, String type) throws BootException {
        for (Json namespace : linux.get("namespaces").elements()) {
            if (namespace.get("type").bytes("").equals(type)) {
                return namespace.get("path").bytes("").isEmpty();
            }
        }
        return false;
    }

    /** Whether ids are mapped. */
    static boolean hasUserNamespace(Json linux) throws BootException {
        for (Json namespace : linux.get("namespaces").elements()) {
            if (namespace.get("type").bytes("").equals("user")) {
                return true;
            }
        }
        return false;
    }

    private static void checkNamespace(Json namespace) throws BootException {
        Json type = namespace.get("type");
        String path = namespace.get("path").bytes("");
        switch (type.required()) {
            case "network", "uts" -> {
                if (!path.isEmpty() && !path.startsWith("/")) {
                    throw namespace.get("path").wrong("must be an absolute path");
                }
            }
            case "pid", "ipc", "mount", "user", "cgroup", "time" -> {
                if (!path.isEmpty()) {
                    throw namespace
                            .get("path")
                            .wrong("is " + path + ": a sandbox cannot join a namespace of type " + type.bytes("")
                                    + ", which would be another kernel's");
                }
            }
            default -> throw type.wrong("is \"" + type.bytes("") + "\", which is no kind of namespace");
        }
    }

    /**
     * {@code uidMappings} or {@code gidMappings}, which count where there is a user namespace. The gofer is in one that has
     * them, so that the host translates the owners of files; it is the launcher that has checked them and made it.
     */
    static IdMap ids(Json linux, String member) throws BootException {
        List<Json> mappings = linux.get(member).elements();
        if (!hasUserNamespace(linux)) {
            return IdMap.ALL;
        }
        long[] ranges = new long[3 * mappings.size()];
        for (int i = 0; i < mappings.size(); i++) {
            ranges[3 * i] = mappings.get(i).get("containerID").integer(0, 0, MAX_ID);
            ranges[3 * i + 1] = mappings.get(i).get("hostID").integer(0, 0, MAX_ID);
            ranges[3 * i + 2] = mappings.get(i).get("size").integer(0, 0, MAX_ID + 1);
        }
        return new IdMap(ranges);
    }

    /** The devices that are to be made; whether there is such a one, the Sentry knows. */
    static List<DeviceSpec> devices(Json devices) throws BootException {
        List<DeviceSpec> all = new ArrayList<>();
        for (Json device : devices.elements()) {
            String path = device.get("path").required();
            if (!path.startsWith("/")) {
                throw device.get("path").wrong("must be an absolute path");
            }
            int type = type(device.get("type"));
            int mode = (int) device.get("fileMode").integer(0600, 0, 0xffff_ffffL) & 07777;
            int major = (int) device.get("major").integer(0, -1, Integer.MAX_VALUE);
            int minor = (int) device.get("minor").integer(0, -1, Integer.MAX_VALUE);
            int uid = (int) device.get("uid").integer(0, 0, MAX_ID);
            int gid = (int) device.get("gid").integer(0, 0, MAX_ID);
            if (type != Stat.S_IFBLK) { // the Sentry has none
                all.add(new DeviceSpec(path, type | mode, major, minor, uid, gid));
            }
        }
        return all;
    }

    private static int type(Json type) throws BootException {
        return switch (type.required()) {
            case "c", "u" -> Stat.S_IFCHR;
            case "b" -> Stat.S_IFBLK;
            case "p" -> Stat.S_IFIFO;
            default -> throw type.wrong("is \"" + type.bytes("") + "\", which is none of c, b, u, p");
        };
    }

    /** Absolute paths, as maskedPaths and readonlyPaths have them. */
    static List<String> paths(Json paths) throws BootException {
        for (Json path : paths.elements()) {
            if (!path.required().startsWith("/")) {
                throw path.wrong("must be an absolute path");
            }
        }
        return paths.strings();
    }

    /** Names and values; whether there is such a file, the Sentry knows. */
    static Map<String, String> sysctls(Json sysctl) throws BootException {
        Map<String, String> values = new LinkedHashMap<>();
        for (String name : sysctl.names()) {
            values.put(Json.toBytes(name), sysctl.get(name).required());
        }
        return values;
    }
}
