package gvj.agent.install;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.Stream;

/** The host's files, below the directory where its root is mounted. Paths are the host's own, absolute. */
final class HostFiles {
    private final Path root;

    HostFiles(Path root) {
        this.root = root;
    }

    /** Where the host's {@code path} is for us. Links of the host with absolute targets are followed inside of its root. */
    Path at(String path) throws IOException {
        Path here = root;
        int links = 0;
        Deque<Path> left = new ArrayDeque<>();
        Path.of(path).forEach(left::add);
        while (!left.isEmpty()) {
            Path component = left.pop();
            if (component.toString().equals("..")) {
                here = here.equals(root) ? root : here.getParent();
                continue;
            }
            Path next = here.resolve(component);
            if (!left.isEmpty() && Files.isSymbolicLink(next)) {
                if (++links > 40) {
                    throw new IOException(path + " has too many links");
                }
                Path target = Files.readSymbolicLink(next);
                if (target.isAbsolute()) {
                    here = root;
                }
                for (int i = target.getNameCount() - 1; i >= 0; i--) {
                    left.push(target.getName(i));
                }
                continue;
            }
            here = next;
        }
        return here;
    }

    boolean exists(String path) throws IOException {
        return Files.exists(at(path), LinkOption.NOFOLLOW_LINKS);
    }

    /** The text of {@code path}; empty if there is no such file. */
    String read(String path) throws IOException {
        try {
            return Files.readString(at(path));
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    /** Replaces {@code path} at once: whoever reads it sees the old text or the new one. Its mode stays. */
    void write(String path, String text) throws IOException {
        Path file = at(path);
        if (Files.isSymbolicLink(file)) {
            file = at(resolved(path));
        }
        Files.createDirectories(file.getParent());
        Path fresh = file.resolveSibling(file.getFileName() + ".gvj-agent");
        try (FileChannel channel = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.setPosixFilePermissions(
                fresh,
                Files.exists(file)
                        ? Files.getPosixFilePermissions(file)
                        : PosixFilePermissions.fromString("rw-r--r--"));
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Where the link {@code path} of the host leads, one step. */
    private String resolved(String path) throws IOException {
        Path target = Files.readSymbolicLink(at(path));
        return Path.of(path).resolveSibling(target).normalize().toString();
    }

    void delete(String path) throws IOException {
        Files.deleteIfExists(at(path));
    }

    /** Makes {@code path} a link to {@code target}, at once, also if it is one already. */
    void link(String path, String target) throws IOException {
        Path link = at(path);
        Files.createDirectories(link.getParent());
        Path fresh = link.resolveSibling(link.getFileName() + ".gvj-agent");
        Files.deleteIfExists(fresh);
        Files.createSymbolicLink(fresh, Path.of(target));
        Files.move(fresh, link, StandardCopyOption.ATOMIC_MOVE);
    }

    /** What the link {@code path} says; empty if it is none. */
    String linkTarget(String path) throws IOException {
        Path link = at(path);
        return Files.isSymbolicLink(link) ? Files.readSymbolicLink(link).toString() : "";
    }

    /** Removes a directory with all that is in it; nothing if there is none. */
    void deleteTree(String path) throws IOException {
        Path top = at(path);
        if (!Files.exists(top, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> all = Files.walk(top)) {
            for (Path each : all.sorted((one, other) -> other.compareTo(one)).toList()) {
                Files.delete(each);
            }
        }
    }
}
