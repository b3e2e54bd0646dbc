package gvj.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Root file systems made from what this machine has. */
public final class Rootfs {
    private static final List<String> DIRECTORIES =
            List.of("bin", "dev", "etc", "mnt", "proc", "root", "sys", "tmp", "usr", "var");

    private Rootfs() {}

    /** Makes a directory with a busybox and its applets, and the users root and user. */
    public static Path busybox(Path root) {
        try {
            for (String name : DIRECTORIES) {
                Files.createDirectories(root.resolve(name));
            }
            Path bin = root.resolve("bin");
            Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
            for (String applet :
                    Run.command("/bin/busybox", "--list").run().out().split("\n")) {
                if (!applet.equals("busybox")) {
                    Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
                }
            }
            Files.writeString(
                    root.resolve("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/tmp:/bin/sh\n");
            Files.writeString(root.resolve("etc/group"), "root:x:0:\nuser:x:1000:\n");
            return root;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Copies a program of this machine into a root file system, under the name given, with the libraries that it needs. */
    public static void add(Path root, Path program, String name) {
        try {
            copy(root, program, name);
            for (String line :
                    Run.command("ldd", program.toString()).run().out().split("\n")) {
                String[] words = line.strip().split("\\s+");
                String library = words.length > 2 && words[1].equals("=>") ? words[2] : words[0];
                if (library.startsWith("/")) {
                    copy(root, Path.of(library), library.substring(1));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copy(Path root, Path from, String name) throws IOException {
        Path to = root.resolve(name);
        Files.createDirectories(to.getParent());
        if (Files.notExists(to)) {
            Files.copy(from.toRealPath(), to);
        }
    }
}
