package gvj.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Files of the host in a sandbox: what is cached of them, and what must not be. */
@ExtendWith(PlatformCondition.class)
class HostFilesTest {
    /** Asks for much in one directory, so that it is known as a whole, and then changes it. */
    private static final String CHANGES = """
            for f in 1 2 3 4 5 6; do cat file$f; done
            test -e absent || echo no absent
            echo new >absent; cat absent; ls | wc -l
            rm file3; test -e file3 || echo no 3
            mv file4 moved4; cat moved4; test -e file4 || echo no 4
            mkdir sub; echo in >sub/in; cat sub/in; ls sub
            ln -s file5 link5; cat link5; ln file6 hard6; cat hard6
            for f in a/b/c/d a/b/x/y a/b/c/none; do test -e $f && cat $f || echo none $f; done
            mv a/b a/e; cat a/e/c/d; test -e a/b/c/d || echo no b
            mkdir -p a/b/c; echo again >a/b/c/d; cat a/b/c/d a/e/c/d
            ls many | wc -l; rm -r many; test -e many || echo no many
            echo more >>file1; cat file1; ls | sort
            """;

    @TempDir
    private Path dir;

    /** Some files, and a shell with the programs that {@link #CHANGES} needs. */
    private Path tree(String name) throws IOException {
        Path top = dir.resolve(name);
        Path bin = Files.createDirectories(top.resolve("bin"));
        Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
        for (String program : "sh cat ls wc rm mv mkdir ln sort test grep chmod sleep".split(" ")) {
            Files.createSymbolicLink(bin.resolve(program), Path.of("busybox"));
        }
        Path work = Files.createDirectories(top.resolve("work"));
        for (int i = 1; i < 50; i++) {
            Files.writeString(work.resolve("file" + i), "file " + i + "\n");
        }
        Files.createDirectories(work.resolve("a/b/c"));
        Files.writeString(work.resolve("a/b/c/d"), "deep\n");
        Files.createDirectories(work.resolve("many"));
        for (int i = 0; i < 3000; i++) {
            Files.writeString(work.resolve("many/a-rather-long-name-" + i), "");
        }
        try (Stream<Path> all = Files.walk(work)) {
            for (Path path : (Iterable<Path>) all::iterator) {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
            }
        }
        return top;
    }

    private static Result natively(Path top) {
        return Run.command(top.resolve("bin/sh").toString(), "-c", CHANGES)
                .with("PATH", top.resolve("bin").toString())
                .in(top.resolve("work"))
                .run();
    }

    @Test
    void changesOverTheHostsTree() throws IOException {
        Path top = tree("tree");
        Result sandboxed = Run.sandboxed("--", top.resolve("bin/sh").toString(), "-c", CHANGES)
                .with("PATH", top.resolve("bin").toString())
                .in(top.resolve("work"))
                .run();
        assertThat(sandboxed).isEqualTo(natively(top));
    }

    @Test
    void changesInABundlesTree() throws IOException {
        Path top = tree("rootfs");
        Files.writeString(dir.resolve("config.json"), """
                {"ociVersion": "1.2.0", "root": {"path": "rootfs"},
                 "process": {"args": ["/bin/sh", "/changes"], "cwd": "/work", "env": ["PATH=/bin"],
                             "user": {"uid": 0, "gid": 0}}}
                """);
        Files.writeString(top.resolve("changes"), CHANGES);
        Result sandboxed = Run.gvj("run", "--platform=" + Run.PLATFORM, "--bundle=" + dir, "one")
                .run();
        assertThat(sandboxed).isEqualTo(natively(tree("copy")));
        assertThat(top.resolve("work/a/e/c/d")).hasContent("deep\n");
        assertThat(top.resolve("work/many")).doesNotExist();
    }

    @Test
    void pagesOfAVolume() {
        Result made = Run.command(
                        "make",
                        "-s",
                        "-C",
                        Run.ROOT.resolve("e2e/guest").toString(),
                        "OUT=" + dir,
                        dir.resolve("file_pages").toString())
                .timeout(120)
                .run();
        assertThat(made.status()).as(made.err()).isZero();
        String program = dir.resolve("file_pages").toString();
        assertThat(Run.sandboxed("--volume=" + dir + ":/mnt", "--env=TMPDIR=/mnt", "--", program)
                        .timeout(120)
                        .run())
                .isEqualTo(Run.command(program).timeout(120).run());
    }

    @Test
    void whatOthersChangeInAVolumeIsSeen() throws Exception {
        Path big = dir.resolve("big");
        byte[] bytes = new byte[3_000_001];
        new Random(1).nextBytes(bytes);
        Files.write(big, bytes);
        Files.createDirectories(dir.resolve("a/b/c"));
        Files.writeString(dir.resolve("a/b/c/f"), "one\n");
        Process process = Run.sandboxed("--volume=" + dir + ":/mnt", "--", "sh").start();
        try (Shell shell = new Shell(process)) {
            assertThat(shell.answer("cat /mnt/a/b/c/f")).isEqualTo("one");
            Files.writeString(dir.resolve("a/b/c/f"), "two\n");
            assertThat(shell.answer("cat /mnt/a/b/c/f")).isEqualTo("two");
            Files.move(dir.resolve("a/b"), dir.resolve("a/old"));
            assertThat(shell.answer("cat /mnt/a/b/c/f 2>/dev/null || echo gone"))
                    .isEqualTo("gone");
            assertThat(shell.answer("cat /mnt/a/old/c/f")).isEqualTo("two");
            Files.createDirectories(dir.resolve("a/b/c"));
            Files.writeString(dir.resolve("a/b/c/f"), "three\n");
            assertThat(shell.answer("cat /mnt/a/b/c/f")).isEqualTo("three");
            assertThat(shell.answer("echo $(ls /mnt/a)")).isEqualTo("b old");

            assertThat(shell.answer("cksum </mnt/big")).isEqualTo(cksum(big));
            bytes[2_000_000]++;
            Files.write(big, bytes, StandardOpenOption.WRITE);
            assertThat(shell.answer("cksum </mnt/big")).isEqualTo(cksum(big));
            Files.write(big, new byte[100_000], StandardOpenOption.APPEND);
            assertThat(shell.answer("cksum </mnt/big")).isEqualTo(cksum(big));
            Files.write(big, new byte[70_000]);
            assertThat(shell.answer("cksum </mnt/big")).isEqualTo(cksum(big));
        }
    }

    /** As {@code docker cp} does it: the files of a container's root change under it. */
    @Test
    void whatOthersChangeInARootIsSeenWithinASecond() throws Exception {
        Path top = tree("rootfs");
        Path work = top.resolve("work");
        Files.writeString(dir.resolve("config.json"), """
                {"ociVersion": "1.2.0", "root": {"path": "rootfs"},
                 "process": {"args": ["/bin/sh"], "cwd": "/work", "env": ["PATH=/bin"],
                             "user": {"uid": 0, "gid": 0}}}
                """);
        Process process = Run.gvj("run", "--platform=" + Run.PLATFORM, "--bundle=" + dir, "shared")
                .start();
        try (Shell shell = new Shell(process)) {
            assertThat(shell.answer("cat file1; test -e new || echo none; ls a/b >/dev/null"))
                    .isEqualTo("file 1");
            assertThat(shell.answer("")).isEqualTo("none");
            Files.writeString(work.resolve("new"), "copied in\n");
            Files.writeString(work.resolve("file1"), "in place\n", StandardOpenOption.WRITE);
            Files.delete(work.resolve("file2"));
            Files.writeString(work.resolve("file2"), "another file\n");
            Files.writeString(work.resolve("a/b/extra"), "");
            Thread.sleep(1100);
            assertThat(shell.answer("cat new")).isEqualTo("copied in");
            assertThat(shell.answer("cat file1")).isEqualTo("in place");
            assertThat(shell.answer("cat file2")).isEqualTo("another file");
            assertThat(shell.answer("echo $(ls a/b)")).isEqualTo("c extra");
            assertThat(shell.answer("echo out >made; echo more >>new; cat made"))
                    .isEqualTo("out");
            assertThat(work.resolve("made")).hasContent("out\n");
            assertThat(work.resolve("new")).hasContent("copied in\nmore\n");
            // also where the host gives the new file the old one's inode number
            shell.answer("cat file3");
            Files.delete(work.resolve("file3"));
            Files.writeString(work.resolve("file3"), "replaced\n");
            Thread.sleep(1100);
            assertThat(shell.answer("cat file3")).isEqualTo("replaced");
        }
    }

    /** The host's side of a volume swaps directories for links to the outside, and moves them, while the sandbox walks. */
    @Test
    void noSwapOnTheHostLeadsOut() throws Exception {
        Path secret = Files.createDirectories(dir.resolve("outside/deep"));
        Files.writeString(secret.resolve("f"), "SECRET\n");
        Path volume = Files.createDirectories(dir.resolve("volume"));
        Files.createDirectories(volume.resolve("d/deep"));
        Files.writeString(volume.resolve("d/deep/f"), "inside\n");
        String root = "--root=" + tree("rootfs"); // the machine's root would show the outside through its overlay
        String path = "--env=PATH=/bin";
        Process process = Run.sandboxed(root, path, "--cwd=/", "--volume=" + volume + ":/mnt", "--", "sh", "-c", """
                cd /mnt; while test ! -e stop; do
                  cat d/deep/f; echo owned >d/deep/made; echo owned >>d/deep/f; mkdir d/deep/dir; ln d/deep/f d/deep/hard
                  mv d/deep/made d/deep/moved; rm -f d/deep/moved d/deep/hard; ls d/deep d/..; chmod 777 d/deep/f
                done 2>/dev/null | grep -c -e SECRET -e outside""")
                .start();
        Path d = volume.resolve("d");
        long end = System.nanoTime() + 4_000_000_000L;
        while (System.nanoTime() < end) {
            Files.move(d, volume.resolve("kept"));
            Files.createSymbolicLink(d, Path.of("../outside"));
            Files.delete(d);
            Files.createSymbolicLink(d, dir.resolve("outside"));
            Files.delete(d);
            Files.move(volume.resolve("kept"), dir.resolve("elsewhere"));
            Files.move(dir.resolve("elsewhere"), d);
        }
        Files.writeString(volume.resolve("stop"), "");
        assertThat(process.inputReader().readLine()).isEqualTo("0");
        process.waitFor();
        assertThat(secret.resolve("f")).hasContent("SECRET\n");
        assertThat(Files.getPosixFilePermissions(secret.resolve("f")))
                .isNotEqualTo(PosixFilePermissions.fromString("rwxrwxrwx"));
        try (Stream<Path> names = Files.list(secret)) {
            assertThat(names).containsExactly(secret.resolve("f"));
        }
    }

    private static String cksum(Path file) {
        return Run.command("sh", "-c", "cksum <" + file).run().out().strip();
    }

    /** A shell that is told one command at a time and answers each with one line. */
    private record Shell(Process process) implements AutoCloseable {
        String answer(String command) throws IOException {
            Writer to = process.outputWriter(StandardCharsets.ISO_8859_1);
            to.write(command + "\n");
            to.flush();
            BufferedReader from = process.inputReader(StandardCharsets.ISO_8859_1);
            return from.readLine();
        }

        @Override
        public void close() throws IOException {
            process.outputWriter(StandardCharsets.ISO_8859_1).close();
            process.onExit().join();
        }
    }
}
