package gvj.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import gvj.e2e.oci.Work;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Images of one layer made from directories, as archives that {@code docker load} and {@code ctr image import} take. */
public final class Image {
    /** A shell and its tools. */
    public static final String BUSYBOX = "gvj-busybox:test";
    /** Redis, and the same tools. */
    public static final String REDIS = "gvj-redis:test";
    /** nginx, which serves one page, and the same tools. */
    public static final String NGINX = "gvj-nginx:test";
    /** What a pod's first container runs: it waits for its end. */
    public static final String PAUSE = "gvj-pause:test";

    private static final Path DIRECTORY = Work.ROOT.resolve("images");

    private Image() {}

    /** The archive of {@link #BUSYBOX}. No registry is asked for any of them; each is made once. */
    public static Path busybox() {
        Path archive = DIRECTORY.resolve("busybox.tar");
        if (Files.notExists(archive)) {
            make(archive, BUSYBOX, Rootfs.busybox(Work.directory(DIRECTORY.resolve("busybox"))), "/bin/sh");
        }
        return archive;
    }

    /** The archive of {@link #REDIS}. */
    public static Path redis() {
        Path archive = DIRECTORY.resolve("redis.tar");
        if (Files.notExists(archive)) {
            Path root = Rootfs.busybox(Work.directory(DIRECTORY.resolve("redis")));
            // the program is the server when its name says so; the package of the client has it
            Rootfs.add(root, Path.of("/usr/bin/redis-check-rdb"), "usr/bin/redis-server");
            Rootfs.add(root, Path.of("/usr/bin/redis-cli"), "usr/bin/redis-cli");
            make(archive, REDIS, root, "/usr/bin/redis-server", "--protected-mode", "no");
        }
        return archive;
    }

    /** The archive of {@link #NGINX}. */
    public static Path nginx() {
        Path archive = DIRECTORY.resolve("nginx.tar");
        if (Files.notExists(archive)) {
            Path unpacked = Run.ROOT.resolve("build/nginx");
            Result fetched = Run.command(
                            Run.ROOT.resolve("e2e/debian-unpacked").toString(),
                            "bookworm",
                            unpacked.toString(),
                            "nginx")
                    .timeout(300)
                    .run();
            assertThat(fetched.status()).as(fetched.err()).isZero();
            Path root = Rootfs.busybox(Work.directory(DIRECTORY.resolve("nginx")));
            Rootfs.add(root, unpacked.resolve("usr/sbin/nginx"), "usr/sbin/nginx");
            for (String directory : new String[] {"var/lib/nginx", "var/log/nginx", "run", "www"}) {
                Work.directory(root.resolve(directory));
            }
            Work.write(root.resolve("www/index.html"), "Welcome to nginx!\n");
            Work.write(root.resolve("etc/nginx.conf"), """
                    user root;
                    worker_processes 2;
                    error_log stderr;
                    events { worker_connections 64; }
                    http { access_log off; server { listen 80; root /www; } }
                    """);
            make(archive, NGINX, root, "/usr/sbin/nginx", "-c", "/etc/nginx.conf", "-g", "daemon off;");
        }
        return archive;
    }

    /** The archive of {@link #PAUSE}. */
    public static Path pause() {
        Path archive = DIRECTORY.resolve("pause.tar");
        if (Files.notExists(archive)) {
            Path root = Work.directory(DIRECTORY.resolve("pause"));
            Result result = Run.command("gcc", "-Os", "-static", "-s", "-x", "c", "-o", root + "/pause", "-")
                    .input("""
                            #include <signal.h>
                            #include <sys/wait.h>
                            #include <unistd.h>
                            static void end(int signal) { _exit(0); }
                            static void reap(int signal) { while (waitpid(-1, 0, WNOHANG) > 0); }
                            int main(void) {
                                signal(SIGINT, end);
                                signal(SIGTERM, end);
                                signal(SIGCHLD, reap);
                                for (;;) pause();
                            }
                            """)
                    .run();
            assertThat(result.status()).as(result.err()).isZero();
            make(archive, PAUSE, root, "/pause");
        }
        return archive;
    }

    /** The archive of the agent's image, {@code gvisor-java/agent}, made from the distribution under test as users make it. */
    public static Path agent() {
        Path archive = DIRECTORY.resolve("agent.tar");
        if (Files.notExists(archive)) {
            Result result = Run.command(Run.ROOT.resolve("deploy/image/build").toString(), archive.toString())
                    .timeout(180)
                    .run();
            assertThat(result.status()).as(result.err()).isZero();
        }
        return archive;
    }

    private static void make(Path archive, String name, Path root, String... command) {
        Path parts = Work.directory(DIRECTORY.resolve(name.replace(':', '-')));
        Path layer = parts.resolve("layer.tar");
        tar("--create", "--file=" + layer, "--directory=" + root, "--owner=0", "--group=0", "--numeric-owner", ".");
        ObjectNode config =
                Work.JSON.createObjectNode().put("architecture", "amd64").put("os", "linux");
        ObjectNode program = config.putObject("config");
        program.putArray("Env").add("PATH=/bin:/usr/bin");
        for (String word : command) {
            program.withArray("Cmd").add(word);
        }
        config.putObject("rootfs").put("type", "layers").putArray("diff_ids").add("sha256:" + sha256(layer));
        Work.write(parts.resolve("config.json"), config.toString());
        ObjectNode entry = Work.JSON.createObjectNode().put("Config", "config.json");
        entry.putArray("RepoTags").add(name);
        entry.putArray("Layers").add("layer.tar");
        Work.write(parts.resolve("manifest.json"), "[" + entry + "]");
        tar("--create", "--file=" + archive, "--directory=" + parts, "manifest.json", "config.json", "layer.tar");
    }

    private static void tar(String... words) {
        String[] command = new String[words.length + 1];
        command[0] = "tar";
        System.arraycopy(words, 0, command, 1, words.length);
        Result result = Run.command(command).run();
        assertThat(result.status()).as(result.err()).isZero();
    }

    private static String sha256(Path file) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
