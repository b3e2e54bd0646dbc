package gvj.agent.install;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Installs and uninstalls. Either may be done again at any time, and changes only what is not as it should be. */
public final class Installer {
    private static final String OURS = "# Written by gvj-agent: what the pods of gvisor-java have in common.\n";
    private static final String BACKUP = ".before-gvisor-java";

    private final InstallPlan plan;
    private final Containerd containerd;
    private final NodeMark node;
    private final HostFiles host;
    private final Distribution distribution;
    private final Path proc;

    /**
     * Carries out {@code plan}.
     *
     * @param node null where there is no cluster
     * @param proc of the host's processes
     */
    Installer(InstallPlan plan, Containerd containerd, NodeMark node, Path proc) {
        this.plan = plan;
        this.containerd = containerd;
        this.node = node;
        this.proc = proc;
        host = new HostFiles(plan.hostRoot());
        distribution = new Distribution(host, plan.prefix(), plan.bin());
    }

    /** By commands of the host through {@code hostExec}, containerd listening at {@code socket}. */
    public static Installer of(InstallPlan plan, String hostExec, List<String> restart, String socket, NodeMark node) {
        HostFiles host = new HostFiles(plan.hostRoot());
        Containerd containerd = new Containerd(new Commands(hostExec), restart, host, socket);
        return new Installer(plan, containerd, node, Path.of("/proc"));
    }

    /** Makes the node able to run sandboxes. */
    public void install() throws IOException, InstallException {
        int major = containerd.major(node == null ? "" : node.runtimeVersion());
        String version = Distribution.version(plan.source(), plan.release());
        String before = host.read(plan.config());
        String after = configured(before, major);
        distribution.install(plan.source(), version);
        say(version + " is at " + plan.prefix() + "/" + version);
        writeOptions();
        if (after.equals(before)) {
            say(plan.config() + " has the runtime already; containerd goes on");
        } else {
            change(before, after);
            say(plan.config() + " has the runtime " + plan.handler() + started());
        }
        if (node != null) {
            node.set(version);
            say("the node has the label " + NodeMark.LABEL + "=true");
        }
        Set<String> old = distribution.prune(proc);
        if (!old.isEmpty()) {
            say("sandboxes still run from " + String.join(", ", old) + "; removed with a later install");
        }
    }

    /** Puts everything back; refuses while sandboxes run. */
    public void uninstall() throws IOException, InstallException {
        List<String> pods = node == null ? List.of() : node.users(plan.handler());
        if (!pods.isEmpty()) {
            throw new InstallException("pods of this node use " + plan.handler() + ": " + String.join(", ", pods)
                    + "; delete or move them first");
        }
        Set<String> used = distribution.used(proc);
        if (!used.isEmpty()) {
            throw new InstallException("sandboxes run from " + String.join(", ", used) + " of " + plan.prefix()
                    + "; end them first (gvj list)");
        }
        String before = host.read(plan.config());
        String after = named(() -> ContainerdConfig.remove(before));
        if (node != null) {
            node.clear();
        }
        if (!after.equals(before)) {
            change(before, after);
            say(plan.config() + " is without the runtime" + started());
        }
        if (host.read(plan.optionsFile()).startsWith(OURS)) {
            host.delete(plan.optionsFile());
        }
        host.delete(plan.config() + BACKUP);
        distribution.uninstall();
        say("nothing of gvisor-java is left on this node");
    }

    private String configured(String before, int major) throws IOException, InstallException {
        ContainerdConfig.Runtime runtime = new ContainerdConfig.Runtime(
                plan.handler(), plan.runtimePath() ? distribution.shim() : "", plan.optionsFile());
        return named(() -> ContainerdConfig.add(before, runtime, major));
    }

    /** An edit whose complaint says which file it is about. */
    private interface Edit {
        String apply() throws InstallException;
    }

    private String named(Edit edit) throws InstallException {
        try {
            return edit.apply();
        } catch (InstallException e) {
            throw new InstallException(plan.config() + ": " + e.getMessage());
        }
    }

    /** A configuration with which containerd does not come back is taken back, and what was before is started again. */
    private void change(String before, String after) throws IOException, InstallException {
        boolean none = !host.exists(plan.config());
        String trial = plan.config() + ".trial";
        host.write(trial, after);
        try {
            containerd.check(trial);
        } finally {
            host.delete(trial);
        }
        if (!none && !host.exists(plan.config() + BACKUP)) {
            host.write(plan.config() + BACKUP, before);
        }
        put(after);
        try {
            containerd.restart();
        } catch (InstallException e) {
            if (none) {
                host.delete(plan.config());
            } else {
                host.write(plan.config(), before);
            }
            try {
                containerd.restart();
            } catch (InstallException again) {
                throw new InstallException(
                        e.getMessage() + "; " + plan.config() + " is as before, but " + again.getMessage());
            }
            throw new InstallException(
                    e.getMessage() + "; " + plan.config() + " is as before, and containerd runs with it");
        }
    }

    /** A file that would be empty was made by us. */
    private void put(String text) throws IOException {
        if (text.isEmpty()) {
            host.delete(plan.config());
        } else {
            host.write(plan.config(), text);
        }
    }

    private void writeOptions() throws IOException {
        String before = host.read(plan.optionsFile());
        String after = options();
        if (!before.isEmpty() && !before.startsWith(OURS)) {
            say(plan.optionsFile() + " stays as it is: gvj-agent did not write it");
        } else if (!after.equals(before)) {
            host.write(plan.optionsFile(), after);
        }
    }

    private String options() {
        StringBuilder text = new StringBuilder(OURS).append("[flags]\n");
        for (Map.Entry<String, String> flag : new TreeMap<>(plan.flags()).entrySet()) {
            text.append(flag.getKey())
                    .append(" = ")
                    .append(quoted(flag.getValue()))
                    .append('\n');
        }
        return text.toString();
    }

    private static String quoted(String value) {
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private String started() {
        return containerd.restarts() ? ", and containerd was started again" : "; containerd must be started again";
    }

    private static void say(String line) {
        System.out.println("gvj-agent: " + line);
    }
}
