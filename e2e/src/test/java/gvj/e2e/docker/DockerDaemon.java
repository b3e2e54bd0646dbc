package gvj.e2e.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import gvj.e2e.Image;
import gvj.e2e.Network;
import gvj.e2e.Result;
import gvj.e2e.Run;
import gvj.e2e.oci.Runtime;
import gvj.e2e.oci.Work;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A dockerd with its containerd, in a directory and a network namespace of their own, whose default runtime is the one under
 * test. A pair of virtual interfaces joins the namespace with the machine, so that published ports are reached at
 * {@link Network#ADDRESS}. Nothing of the machine's own Docker, if it has one, is touched.
 */
final class DockerDaemon implements AutoCloseable {
    /** gvj with raw sockets, which it has only where it is told so. */
    static final String RAW = "gvj-raw";

    private static final Path PROGRAMS = Run.ROOT.resolve("build/docker");
    private static final String PATH = PROGRAMS + "/usr/bin:" + PROGRAMS
            + "/usr/sbin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final Path DIRECTORY = Work.ROOT.resolve("docker");
    /** The daemon's socket. */
    static final Path SOCKET = DIRECTORY.resolve("docker.sock");

    private final Process daemon;

    /**
     * Starts one.
     *
     * @param runtime its default runtime
     * @param arguments what every call of gvj gets first, after {@code --platform}
     */
    DockerDaemon(Runtime runtime, String... arguments) {
        Result fetched = Run.command(Run.ROOT.resolve("e2e/docker-programs").toString(), PROGRAMS.toString())
                .timeout(300)
                .run();
        assertThat(fetched.status()).as("docker-programs: " + fetched.err()).isZero();
        Work.directory(DIRECTORY);
        Network.up();
        Work.write(
                DIRECTORY.resolve("daemon.json"),
                configuration(runtime, List.of(arguments)).toPrettyString());
        ProcessBuilder builder = new ProcessBuilder(
                        Network.inside("dockerd", "--config-file", DIRECTORY + "/daemon.json"))
                .redirectErrorStream(true)
                .redirectOutput(DIRECTORY.resolve("log").toFile());
        builder.environment().put("PATH", PATH);
        try {
            daemon = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            Work.until("dockerd answers", () -> docker("version").run().status() == 0);
        } catch (AssertionError e) {
            String log = Work.read(DIRECTORY.resolve("log"));
            close();
            throw new AssertionError(e.getMessage() + "\n" + log, e);
        }
    }

    private static ObjectNode configuration(Runtime runtime, List<String> arguments) {
        ObjectNode json = Work.JSON.createObjectNode();
        json.put("data-root", DIRECTORY + "/data")
                .put("exec-root", DIRECTORY + "/run")
                .put("pidfile", DIRECTORY + "/pid");
        json.putArray("hosts").add("unix://" + SOCKET);
        json.putArray("exec-opts").add("native.cgroupdriver=cgroupfs");
        json.put("cgroup-parent", "/" + Network.NAME)
                .put("shutdown-timeout", 5)
                .put("default-runtime", runtime.toString());
        ObjectNode runtimes = json.putObject("runtimes");
        runtime(runtimes.putObject("gvj"), arguments);
        runtime(runtimes.putObject(RAW), List.of("--net-raw"));
        return json;
    }

    private static void runtime(ObjectNode entry, List<String> arguments) {
        entry.put("path", Run.GVJ).putArray("runtimeArgs").add("--platform=" + Run.PLATFORM);
        arguments.forEach(argument -> entry.withArray("runtimeArgs").add(argument));
    }

    /** The words of a {@code docker} command for this daemon. */
    static List<String> command(String... words) {
        List<String> command = new ArrayList<>(List.of(PROGRAMS + "/usr/bin/docker", "--host=unix://" + SOCKET));
        command.add("--config=" + DIRECTORY + "/client");
        command.addAll(List.of(words));
        return command;
    }

    /** {@code docker} with these words. */
    static Run docker(String... words) {
        return Run.command(command(words).toArray(String[]::new)).with("DOCKER_BUILDKIT", "0");
    }

    /** Loads the images of the tests into the daemon that runs. */
    static void load() {
        for (Path archive : List.of(Image.busybox(), Image.redis())) {
            Result result = docker("load", "--input", archive.toString()).run();
            assertThat(result.status()).as(result.err()).isZero();
        }
    }

    /** Ends it with its containers, and takes down what was made for it. */
    @Override
    public void close() {
        docker("ps", "-aq")
                .run()
                .out()
                .lines()
                .forEach(id -> docker("rm", "-fv", id).run());
        daemon.destroy();
        try {
            if (!daemon.waitFor(20, TimeUnit.SECONDS)) {
                daemon.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        Path hosts = DIRECTORY.resolve("run/netns/default"); // dockerd keeps the namespace of --network=host
        if (Files.exists(hosts)) {
            Run.command("umount", hosts.toString()).run();
        }
        Network.down();
        Network.removeGroups();
        Work.remove(DIRECTORY);
    }
}
