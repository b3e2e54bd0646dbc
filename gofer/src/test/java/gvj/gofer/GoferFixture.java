package gvj.gofer;

import gvj.host.Host;
import gvj.host.HostProcess;
import gvj.host.Mem;
import gvj.wire.GoferClient;
import gvj.wire.Mounted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/** A server over a fresh directory, and a client of it, in this process. */
final class GoferFixture implements AutoCloseable {
    final Path directory;
    final GoferServer server;
    final List<String> complaints = new ArrayList<>();
    final List<String> losses = new ArrayList<>();
    final GoferClient client;
    final int root;

    GoferFixture(int maxNodes, int maxFds, int maxChannels) throws IOException {
        HostProcess.umask(0);
        directory = Files.createTempDirectory("gvj-gofer");
        Files.writeString(directory.resolve("single"), "one file");
        server = new GoferServer(maxNodes, maxFds, complaints::add);
        mount(directory, false);
        mount(directory, true);
        mount(directory.resolve("single"), false);
        client = new GoferClient(new int[] {connect()}, maxChannels, losses::add);
        Mounted m = new Mounted();
        if (client.attach(0, m) < 0) {
            throw new IOException("attach");
        }
        root = m.node;
    }

    GoferFixture() throws IOException {
        this(100_000, 64, 4);
    }

    private void mount(Path path, boolean readOnly) {
        if (server.addMount(path.toString().getBytes(StandardCharsets.UTF_8), readOnly) < 0) {
            throw new IllegalStateException("mount");
        }
    }

    /** A new channel to the server: the Sentry's end. */
    int connect() {
        long pair = Host.malloc(8);
        Host.socketpair(Host.AF_UNIX, Host.SOCK_SEQPACKET | Host.SOCK_CLOEXEC, 0, pair);
        server.addChannel(Mem.getInt(pair));
        int ours = Mem.getInt(pair + 4);
        Host.free(pair);
        return ours;
    }

    int readOnlyRoot() {
        Mounted m = new Mounted();
        return client.attach(1, m) < 0 || !m.readOnly ? -1 : m.node;
    }

    static byte[] b(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[][] path(String text) {
        String[] parts = text.split("/");
        byte[][] names = new byte[parts.length][];
        for (int i = 0; i < parts.length; i++) {
            names[i] = b(parts[i]);
        }
        return names;
    }

    static String read(int fd) {
        long at = Host.malloc(4096);
        long n = Host.pread(fd, at, 4096, 0);
        byte[] bytes = new byte[(int) Math.max(n, 0)];
        Mem.copy(at, bytes, 0, bytes.length);
        Host.free(at);
        return n < 0 ? "errno " + -n : new String(bytes, StandardCharsets.UTF_8);
    }

    static long write(int fd, String text) {
        byte[] bytes = b(text);
        long at = Host.malloc(bytes.length);
        Mem.copy(bytes, 0, at, bytes.length);
        long n = Host.pwrite(fd, at, bytes.length, 0);
        Host.free(at);
        return n;
    }

    @Override
    public void close() throws IOException {
        client.shutdown();
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attrs) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, IOException e) throws IOException {
                Files.delete(dir);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
