package gvj.runtime;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code gvj features}: what of the specification there is, in the form of its features.md. */
final class FeaturesCommand {
    /** The version of the specification that states are written by. */
    static final String OCI_VERSION = "1.2.0";

    private static final List<String> HOOKS =
            List.of("prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop");
    private static final List<String> NAMESPACES = List.of("cgroup", "ipc", "mount", "network", "pid", "user", "uts");

    private FeaturesCommand() {}

    static String print() {
        Map<String, Object> features = new LinkedHashMap<>();
        features.put("ociVersionMin", "1.0.0");
        features.put("ociVersionMax", OCI_VERSION);
        features.put("hooks", HOOKS);
        features.put("mountOptions", MountOptions.KNOWN);
        features.put("linux", linux());
        features.put("annotations", Map.of("io.gvisor-java.version", Main.VERSION));
        features.put("potentiallyUnsafeConfigAnnotations", AnnotationFlags.names());
        return JsonWriter.pretty(features, "    ") + "\n";
    }

    private static Map<String, Object> linux() {
        Map<String, Object> linux = new LinkedHashMap<>();
        linux.put("namespaces", NAMESPACES);
        linux.put("capabilities", List.of(Names.capabilities()));
        linux.put("cgroup", cgroup());
        linux.put("seccomp", seccomp());
        linux.put("apparmor", Map.of("enabled", false));
        linux.put("selinux", Map.of("enabled", false));
        linux.put("intelRdt", Map.of("enabled", false));
        linux.put("mountExtensions", Map.of("idmap", Map.of("enabled", false)));
        return linux;
    }

    private static Map<String, Object> cgroup() {
        Map<String, Object> cgroup = new LinkedHashMap<>();
        cgroup.put("v1", true);
        cgroup.put("v2", true);
        cgroup.put("systemd", false);
        cgroup.put("systemdUser", false);
        cgroup.put("rdma", false);
        return cgroup;
    }

    private static Map<String, Object> seccomp() {
        Map<String, Object> seccomp = new LinkedHashMap<>();
        seccomp.put("enabled", true);
        seccomp.put("actions", SeccompJson.ACTIONS);
        seccomp.put("operators", SeccompCompiler.operators());
        seccomp.put("archs", List.of("SCMP_ARCH_X86_64"));
        seccomp.put("knownFlags", SeccompJson.FLAGS);
        seccomp.put("supportedFlags", SeccompJson.FLAGS);
        return seccomp;
    }
}
