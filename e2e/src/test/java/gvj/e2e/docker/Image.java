package gvj.e2e.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import gvj.e2e.Result;
import gvj.e2e.Rootfs;
import gvj.e2e.Run;
import gvj.e2e.oci.Work;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Images of one layer made from directories, as archives that {@code docker load} takes. No registry is asked. */
final class Image {
    /** A shell and its tools. */
    static final String BUSYBOX = "gvj-busybox:test";
    /** Redis, and the same tools. */
    static final String REDIS = "gvj-redis:test";

    private static final Path DIRECTORY = Work.ROOT.resolve("images");

    private Image() {}

    /** Loads them all into the daemon that runs; they are made once. */
    static void load() {
        Path busybox = DIRECTORY.resolve("busybox.tar");
        if (Files.notExists(busybox)) {
            Path root = Rootfs.busybox(Work.directory(DIRECTORY.resolve("busybox")));
            make(busybox, BUSYBOX, root, "/bin/sh");
            // the program is the server when its name says so; the package of the client has it
            Rootfs.add(root, Path.of("/usr/bin/redis-check-rdb"), "usr/bin/redis-server");
            Rootfs.add(root, Path.of("/usr/bin/redis-cli"), "usr/bin/redis-cli");
            make(DIRECTORY.resolve("redis.tar"), REDIS, root, "/usr/bin/redis-server", "--protected-mode", "no");
        }
        for (String name : new String[] {"busybox.tar", "redis.tar"}) {
            Result result = DockerDaemon.docker(
                            "load", "--input", DIRECTORY.resolve(name).toString())
                    .run();
            assertThat(result.status()).as(result.err()).isZero();
        }
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
