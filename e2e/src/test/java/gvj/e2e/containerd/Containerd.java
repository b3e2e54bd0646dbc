package gvj.e2e.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import gvj.e2e.Image;
import gvj.e2e.Network;
import gvj.e2e.Result;
import gvj.e2e.Run;
import gvj.e2e.oci.Work;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A containerd with CRI and a bridge for its pods, in a directory and a network namespace of its own. Its images stay until
 * the tests end, so that the next one of the version finds them. Nothing of the machine's own containerd is touched.
 */
public final class Containerd implements AutoCloseable {
    /** containerd's name for the pods' containers. */
    static final String NAMESPACE = "k8s.io";

    private static final Set<Path> FILLED = new java.util.HashSet<>();

    private final Version version;
    private final List<String> around;
    private final Path programs;
    private final Path directory;
    private Process daemon;
    private Cri cri;

    /** Starts one. */
    public Containerd(Version version) {
        this(version, List.of());
    }

    /** Starts one by a command that runs another, which begins with these words. */
    public Containerd(Version version, List<String> around) {
        this.version = version;
        this.around = around;
        programs = version.programs();
        directory = Work.directory(Work.ROOT.resolve("containerd" + version.number));
        configure();
        Network.up();
        try {
            start();
            if (FILLED.add(directory)) {
                for (Path archive : List.of(Image.pause(), Image.busybox())) {
                    Result result = ctr("image", "import", archive.toString());
                    assertThat(result.status()).as(result.err()).isZero();
                }
            }
        } catch (AssertionError e) {
            close();
            throw new AssertionError(e.getMessage() + "\n" + log(), e);
        }
    }

    /** Where it keeps what lives as long as the machine. */
    Path state() {
        return directory.resolve("state");
    }

    /** Its config.toml. */
    public Path configuration() {
        return directory.resolve("config.toml");
    }

    /** Where it is reached. */
    public Path socket() {
        return directory.resolve("sock");
    }

    Cri cri() {
        return cri;
    }

    String log() {
        return Work.read(directory.resolve("log"));
    }

    /** {@code ctr} with these words, in the pods' namespace. */
    public Result ctr(String... words) {
        return Run.command(ctrCommand(words).toArray(String[]::new)).run();
    }

    /** Starts it again without warning; its pods do not notice. */
    public void restart() {
        kill();
        start();
    }

    /** {@code ctr run} without CRI: a task of the image with busybox, called {@code id}, by way of {@code handler}. */
    Result run(Handler handler, List<String> options, String id, String script) {
        List<String> words = new ArrayList<>(List.of("run", "--cgroup", "/" + Network.NAME + "/" + id));
        if (handler.sandboxed()) {
            words.addAll(List.of("--runtime", "io.containerd.gvisor-java.v1"));
            words.addAll(List.of("--runtime-config-path", directory + "/ttrpc.toml"));
        }
        words.addAll(options);
        words.addAll(List.of("docker.io/library/" + Image.BUSYBOX, id, "sh", "-c", script));
        return ctr(words.toArray(String[]::new));
    }

    /** {@code ctr} with these words, in the pods' namespace, as a command. */
    List<String> ctrCommand(String... words) {
        List<String> command =
                new ArrayList<>(List.of(programs + "/usr/bin/ctr", "-a", socket().toString(), "-n", NAMESPACE));
        command.addAll(List.of(words));
        return command;
    }

    /** Starts it, or starts it again after {@link #kill}. */
    void start() {
        List<String> command = new ArrayList<>(around);
        command.addAll(
                List.of(programs + "/usr/bin/containerd", "-c", configuration().toString()));
        ProcessBuilder builder = new ProcessBuilder(Network.inside(command.toArray(String[]::new)))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("log").toFile()));
        builder.environment()
                .put(
                        "PATH",
                        // where containerd 1.6 looks for the shim: it does not know of runtime_path
                        Run.DIST + "/bin:" + programs + "/runc/usr/sbin:" + programs
                                + "/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        try {
            daemon = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Work.until("containerd " + version.number + " makes its socket", () -> Files.exists(socket()));
        cri = new Cri(socket());
        Work.until("CRI is ready", this::isReady);
    }

    private boolean isReady() {
        try {
            for (var condition : cri.call("Status", Work.JSON.createObjectNode())
                    .path("status")
                    .path("conditions")) {
                if (!condition.path("status").asBoolean()) {
                    return false;
                }
            }
            return true;
        } catch (StatusRuntimeException e) {
            return false;
        }
    }

    /** Ends it without warning; its shims live on. */
    void kill() {
        stop(true);
        try {
            Files.deleteIfExists(socket());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void stop(boolean forcibly) {
        if (cri != null) {
            cri.close();
            cri = null;
        }
        // a command around it waits for it
        ProcessHandle process = around.isEmpty()
                ? daemon.toHandle()
                : daemon.children().findFirst().orElse(daemon.toHandle());
        if (forcibly) {
            process.destroyForcibly();
        } else {
            process.destroy();
        }
        try {
            daemon.waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Removes every pod. */
    public void removePods() {
        for (var pod : cri.call("ListPodSandbox", Work.JSON.createObjectNode()).path("items")) {
            String id = pod.path("id").asText();
            cri.call("StopPodSandbox", "pod_sandbox_id", id);
            cri.call("RemovePodSandbox", "pod_sandbox_id", id);
        }
    }

    /** Ends it with its pods. */
    @Override
    public void close() {
        if (cri != null) {
            removePods();
        }
        if (daemon != null) {
            stop(false);
        }
        Network.down();
        Network.removeGroups();
    }

    private void configure() {
        Work.write(Work.directory(directory.resolve("cni")).resolve("10-pods.conflist"), """
                {"cniVersion": "0.4.0", "name": "pods", "plugins": [
                  {"type": "bridge", "bridge": "pods", "isGateway": true, "hairpinMode": true, "ipam": {"type": "host-local",
                   "dataDir": "%s/addresses", "ranges": [[{"subnet": "10.79.0.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
                  {"type": "loopback"}]}
                """.formatted(directory));
        for (String protocol : List.of("ttrpc", "ttrpc-v3", "grpc")) {
            Work.write(directory.resolve(protocol + ".toml"), options() + "protocol = \"" + protocol + "\"\n");
        }
        Work.write(configuration(), version == Version.V2 ? version3() : version2());
    }

    private static String protocol(Handler handler) {
        return switch (handler) {
            case GRPC -> "grpc";
            case V3 -> "ttrpc-v3";
            default -> "ttrpc";
        };
    }

    /** The options of the shim under test. */
    private String options() {
        return "root = \"" + directory + "/gvj\"\n";
    }

    /** The settings of containerd 1. */
    private String version2() {
        return common(2) + """
                [plugins."io.containerd.grpc.v1.cri"]
                  sandbox_image = "docker.io/library/%s"
                  restrict_oom_score_adj = true
                  netns_mounts_under_state_dir = true
                  stream_server_address = "%s"
                  stream_server_port = "0"
                """.formatted(Image.PAUSE, Network.ADDRESS) + runtimes("io.containerd.grpc.v1.cri");
    }

    /** The same for containerd 2. */
    private String version3() {
        return common(3) + """
                [plugins."io.containerd.cri.v1.images".pinned_images]
                  sandbox = "docker.io/library/%s"
                [plugins."io.containerd.grpc.v1.cri"]
                  stream_server_address = "%s"
                  stream_server_port = "0"
                [plugins."io.containerd.cri.v1.runtime"]
                  restrict_oom_score_adj = true
                  netns_mounts_under_state_dir = true
                """.formatted(Image.PAUSE, Network.ADDRESS) + runtimes("io.containerd.cri.v1.runtime");
    }

    private String common(int number) {
        return """
                version = %d
                root = "%2$s/root"
                state = "%3$s"
                disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.nri.v1.nri",
                  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.btrfs",
                  "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs"]
                [grpc]
                  address = "%4$s"
                [ttrpc]
                  address = "%4$s.ttrpc"
                """.formatted(number, directory, state(), socket());
    }

    private String runtimes(String plugin) {
        String plugins = "\"" + programs + "/usr/lib/cni\"";
        StringBuilder text = new StringBuilder("""
                [plugins."%1$s".cni]
                  %4$s
                  conf_dir = "%3$s/cni"
                [plugins."%1$s".containerd.runtimes.runc]
                  runtime_type = "io.containerd.runc.v2"
                """.formatted(
                        plugin,
                        programs,
                        directory,
                        version == Version.V2 ? "bin_dirs = [" + plugins + "]" : "bin_dir = " + plugins));
        for (Handler handler : new Handler[] {Handler.GVISOR_JAVA, Handler.GRPC, Handler.V3}) {
            text.append("""
                    [plugins."%1$s".containerd.runtimes.%2$s]
                      runtime_type = "io.containerd.gvisor-java.v1"
                      runtime_path = "%3$s/bin/containerd-shim-gvisor-java-v1"
                      pod_annotations = ["dev.gvisor.*"]
                      container_annotations = ["dev.gvisor.*"]
                      [plugins."%1$s".containerd.runtimes.%2$s.options]
                        TypeUrl = "runtimeoptions.v1.Options"
                        ConfigPath = "%4$s/%5$s.toml"
                    """.formatted(plugin, handler, Run.DIST, directory, protocol(handler)));
        }
        if (version == Version.V2) { // without options: containerd 2 gives a shim's containers none but runc's
            text.append("""
                    [plugins."%1$s".containerd.runtimes.%2$s]
                      runtime_type = "io.containerd.gvisor-java.v1"
                      runtime_path = "%3$s/bin/containerd-shim-gvisor-java-v1"
                      sandboxer = "shim"
                      pod_annotations = ["dev.gvisor.*"]
                      container_annotations = ["dev.gvisor.*"]
                    """.formatted(plugin, Handler.SANDBOXER, Run.DIST));
        }
        return text.toString();
    }

    /** An empty JSON object. */
    static ObjectNode object() {
        return Work.JSON.createObjectNode();
    }
}
