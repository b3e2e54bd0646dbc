package gvj.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a class of tests that leaves something of ours on the machine: a process, a mount, a cgroup, a socket, a network
 * namespace or a file. Ours is what bears {@link #MARK} in its name, a process of the distribution under test, and one
 * whose file system is under a marked directory.
 */
public final class NothingLeft implements AfterAllCallback {
    /** Part of every name that tests give to something of the machine. */
    public static final String MARK = "gvje2e" + ProcessHandle.current().pid();

    private static final long PATIENCE_NANOS = 5_000_000_000L;
    private static final List<String> PLACES =
            List.of("/tmp", "/run", "/run/gvj", "/run/runc", "/run/netns", "/run/lock", "/dev/shm", "/var/lib");

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        long end = System.nanoTime() + PATIENCE_NANOS;
        Set<String> left = left();
        while (!left.isEmpty() && System.nanoTime() < end) { // what was killed needs a moment to be gone
            Thread.sleep(50);
            left = left();
        }
        if (!left.isEmpty()) {
            throw new AssertionError("left behind by " + context.getDisplayName() + ":\n" + String.join("\n", left));
        }
    }

    private static Set<String> left() throws IOException {
        Set<String> left = new TreeSet<>();
        left.addAll(files());
        left.addAll(processes());
        left.addAll(cgroups());
        left.addAll(lines("mount", Path.of("/proc/self/mountinfo")));
        left.addAll(lines("socket", Path.of("/proc/net/unix")));
        return left;
    }

    private static Set<String> processes() throws IOException {
        Set<String> found = new TreeSet<>();
        for (Path directory : list(Path.of("/proc"))) {
            String pid = directory.getFileName().toString();
            if (!Character.isDigit(pid.charAt(0)) || isOurs(Long.parseLong(pid))) {
                continue;
            }
            String words = read(directory.resolve("cmdline")).replace('\0', ' ');
            boolean ours = words.contains(Run.DIST + "/") || words.contains(MARK);
            if ((ours && !words.isBlank())
                    || read(directory.resolve("mountinfo")).contains(MARK) && !inOurNamespace(directory)) {
                found.add("process " + pid + ": " + words);
            }
        }
        return found;
    }

    /** Whether it is this process, or one that has started it. */
    private static boolean isOurs(long pid) {
        ProcessHandle one = ProcessHandle.current();
        while (one != null && one.pid() != pid) {
            one = one.parent().orElse(null);
        }
        return one != null;
    }

    /** Whether a process sees the mounts that we see. */
    private static boolean inOurNamespace(Path process) {
        try {
            return Files.readSymbolicLink(process.resolve("ns/mnt"))
                    .equals(Files.readSymbolicLink(Path.of("/proc/self/ns/mnt")));
        } catch (IOException e) {
            return true; // it has just ended
        }
    }

    private static Set<String> cgroups() throws IOException {
        Set<String> found = new TreeSet<>();
        Path root = Path.of("/sys/fs/cgroup");
        List<Path> hierarchies = new ArrayList<>(list(root));
        hierarchies.add(root);
        for (Path hierarchy : hierarchies) {
            for (Path group : list(hierarchy)) {
                if (group.getFileName().toString().contains(MARK)) {
                    found.add("cgroup " + group);
                }
            }
        }
        return found;
    }

    private static Set<String> files() throws IOException {
        Set<String> found = new TreeSet<>();
        for (String place : PLACES) {
            for (Path file : list(Path.of(place))) {
                // the directory of the tests' own is kept until the end, but nothing is mounted or runs there
                if (file.getFileName().toString().contains(MARK) && !file.equals(Path.of("/tmp", MARK))) {
                    found.add("file " + file);
                }
            }
        }
        return found;
    }

    private static Set<String> lines(String what, Path file) throws IOException {
        Set<String> found = new TreeSet<>();
        for (String line : read(file).split("\n")) {
            if (line.contains(MARK)) {
                found.add(what + " " + line);
            }
        }
        return found;
    }

    private static List<Path> list(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // the process has ended
        }
    }
}
