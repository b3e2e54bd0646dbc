package gvj.agent.install;

import java.util.List;

/**
 * containerd's {@code config.toml} with our runtime in it: one marked block at its end, which is valid wherever a document
 * ends. (Files that {@code imports} names replace a plugin's whole section in containerd 1.6 and 1.7, so a drop-in would
 * lose the user's own settings.) Everything outside of the block stays byte for byte.
 */
public final class ContainerdConfig {
    static final String BEGIN = "# ---- gvisor-java: begin (written by gvj-agent; do not edit) ----";
    static final String END = "# ---- gvisor-java: end ----";

    private static final String CRI_2 = "io.containerd.grpc.v1.cri";
    private static final String CRI_3 = "io.containerd.cri.v1.runtime";

    private ContainerdConfig() {}

    /**
     * What the runtime is to be called and where it is.
     *
     * @param handler its name in RuntimeClasses
     * @param runtimePath the shim's path; empty to have containerd look in its PATH
     * @param optionsPath the shim's own configuration
     */
    public record Runtime(String handler, String runtimePath, String optionsPath) {}

    /**
     * {@code text} with the runtime in it.
     *
     * @param text the file as it is; empty if there is none
     * @param major containerd's major version, which decides if the file does not say
     * @throws InstallException if the file says something that the block does not fit to
     */
    public static String add(String text, Runtime runtime, int major) throws InstallException {
        String without = remove(text);
        TomlScan scan = TomlScan.of(without);
        int version = version(scan, without, major);
        String plugin = version == 3 ? CRI_3 : CRI_2;
        refuseWhatDoesNotFit(scan, plugin, runtime.handler());
        StringBuilder result = new StringBuilder(without);
        if (!without.isEmpty() && !without.endsWith("\n")) {
            result.append('\n');
        }
        if (scan.value("version") == null) {
            if (!scan.keys.isEmpty() || !scan.tables.isEmpty()) {
                throw new InstallException("it has no version: add \"version = " + version + "\" at its top, if it is"
                        + " written for that version");
            }
            result.append(BEGIN).append("\nversion = ").append(version).append('\n');
        } else {
            result.append(BEGIN).append('\n');
        }
        return result.append(block(plugin, version, runtime))
                .append(END)
                .append('\n')
                .toString();
    }

    /** {@code text} without our block, if it has one. */
    public static String remove(String text) throws InstallException {
        int begin = lineStart(text, BEGIN);
        int end = lineStart(text, END);
        if (begin < 0 && end < 0) {
            return text;
        }
        if (begin < 0 || end < begin || lineStart(text.substring(begin + BEGIN.length()), BEGIN) >= 0) {
            throw new InstallException("the lines that mark gvisor-java's block are out of order: remove it by hand");
        }
        int after = end + END.length();
        if (after < text.length() && text.charAt(after) == '\n') {
            after++;
        }
        return text.substring(0, begin) + text.substring(after);
    }

    private static int lineStart(String text, String line) {
        if (text.startsWith(line)) {
            return 0;
        }
        int at = text.indexOf("\n" + line);
        return at < 0 ? -1 : at + 1;
    }

    private static int version(TomlScan scan, String text, int major) throws InstallException {
        String version = scan.value("version");
        if (version == null) {
            return major >= 2 ? 3 : 2;
        }
        return switch (version) {
            case "2" -> 2;
            case "3" -> {
                if (major < 2) {
                    throw new InstallException("it has version 3, which containerd " + major + " does not read");
                }
                yield 3;
            }
            default ->
                throw new InstallException(
                        "it has version " + version + ": convert it with \"containerd config migrate\" first");
        };
    }

    private static void refuseWhatDoesNotFit(TomlScan scan, String plugin, String handler) throws InstallException {
        String disabled = scan.value("disabled_plugins");
        if (disabled != null
                && (disabled.contains("\"cri\"") || disabled.contains("'cri'") || disabled.contains(plugin))) {
            throw new InstallException("disabled_plugins turns CRI off: take it out of that list first");
        }
        List<String> runtimes = List.of("plugins", plugin, "containerd", "runtimes");
        for (TomlScan.Table table : scan.tables) {
            if (startsWith(table.path(), runtimes)
                    && table.path().size() > runtimes.size()
                    && table.path().get(runtimes.size()).equals(handler)) {
                throw new InstallException("it has a runtime \"" + handler
                        + "\" already, which gvj-agent did not write:" + " remove it, or choose another handler");
            }
            if (table.array() && startsWith(runtimes, table.path())) {
                throw new InstallException("[[" + String.join(".", table.path()) + "]] should not be an array");
            }
        }
        for (TomlScan.Key key : scan.keys) {
            List<String> path = key.path();
            boolean inline = startsWith(runtimes, path); // a value where the block needs a table
            boolean dotted = path.size() > runtimes.size()
                    && startsWith(path, runtimes)
                    && !hasTable(scan, path.subList(0, runtimes.size()))
                    && !hasTable(scan, path.subList(0, runtimes.size() + 1));
            if (inline || dotted) {
                throw new InstallException("it sets " + String.join(".", path)
                        + " in a way that no table can be added to: write it as [tables] first");
            }
        }
    }

    private static boolean hasTable(TomlScan scan, List<String> path) {
        for (TomlScan.Table table : scan.tables) {
            if (startsWith(table.path(), path)) {
                return true;
            }
        }
        return false;
    }

    private static boolean startsWith(List<String> path, List<String> beginning) {
        return path.size() >= beginning.size()
                && path.subList(0, beginning.size()).equals(beginning);
    }

    private static String block(String plugin, int version, Runtime runtime) {
        String table = "plugins.\"" + plugin + "\".containerd.runtimes." + runtime.handler();
        String path = runtime.runtimePath().isEmpty() ? "" : "  runtime_path = \"" + runtime.runtimePath() + "\"\n";
        String sandboxer = version == 3 ? "  sandboxer = \"podsandbox\"\n" : "";
        return "[" + table + "]\n"
                + "  runtime_type = \"io.containerd.gvisor-java.v1\"\n"
                + path
                + sandboxer
                + "  pod_annotations = [\"dev.gvisor.*\", \"io.gvisor-java.*\"]\n"
                + "  container_annotations = [\"dev.gvisor.*\", \"io.gvisor-java.*\"]\n"
                + "  privileged_without_host_devices = true\n"
                + "  [" + table + ".options]\n"
                + "    TypeUrl = \"io.containerd.gvisor-java.v1.options\"\n"
                + "    ConfigPath = \"" + runtime.optionsPath() + "\"\n";
    }
}
