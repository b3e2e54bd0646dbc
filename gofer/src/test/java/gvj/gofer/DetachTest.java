package gvj.gofer;

import static gvj.gofer.GoferFixture.b;
import static gvj.gofer.GoferFixture.path;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gvj.host.Host;
import gvj.host.HostErrno;
import gvj.host.HostFiles;
import gvj.wire.Attr;
import gvj.wire.Mounted;
import gvj.wire.WalkResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trees that come and go while the gofer runs. */
class DetachTest {
    @TempDir
    private Path other;

    private GoferFixture gofer;
    private final Mounted mounted = new Mounted();
    private final Attr attr = new Attr();

    @BeforeEach
    void start() throws IOException {
        gofer = new GoferFixture();
        Files.createDirectories(other.resolve("a/b/c"));
        Files.writeString(other.resolve("a/b/file"), "text");
    }

    @AfterEach
    void stop() throws IOException {
        gofer.close();
    }

    private int add() {
        int fd = Host.open((other + "\0").getBytes(StandardCharsets.UTF_8), HostFiles.O_PATH, 0);
        return gofer.server.addMount(fd, false);
    }

    /** Descriptors of this process for what lies in the other tree. */
    private long descriptors() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.filter(this::isOfOther).count();
        }
    }

    private boolean isOfOther(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).startsWith(other);
        } catch (IOException e) {
            return false; // the listing's own
        }
    }

    @Test
    void nothingOfADetachedTreeIsLeft() throws IOException {
        int nodes = gofer.server.nodes();
        int index = add();
        assertEquals(0, gofer.client.attach(index, mounted));
        WalkResult walked = new WalkResult();
        assertEquals(0, gofer.client.walk(mounted.node, path("a/b/c"), 0, 3, walked));
        int dir = gofer.client.mkdir(walked.nodes[2], b("new"), 0755, 0, 0, attr);
        assertTrue(dir > 0);
        int file = gofer.client.lookup(walked.nodes[1], b("file"), attr);
        int open = gofer.client.open(file, HostFiles.O_RDONLY, attr);
        assertEquals(0, gofer.client.unlink(walked.nodes[2], b("new"), HostFiles.AT_REMOVEDIR));
        assertTrue(descriptors() > 1);

        assertEquals(0, gofer.client.detach(index));
        assertEquals(nodes, gofer.server.nodes());
        assertEquals("text", GoferFixture.read(open));
        Host.close(open);
        assertEquals(0, descriptors());
        assertEquals(-HostErrno.EBADF, gofer.client.lookup(mounted.node, b("a"), attr));
        assertEquals(-HostErrno.EBADF, gofer.client.getattr(file, attr));
        assertEquals(-HostErrno.ENOENT, gofer.client.attach(index, mounted));
        assertEquals(-HostErrno.ENOENT, gofer.client.detach(index));
        assertTrue(gofer.client.lookup(gofer.root, b("single"), attr) > 0);
    }

    @Test
    void numbersAreUsedAgain() {
        int first = add();
        int second = add();
        assertEquals(first + 1, second);
        assertEquals(0, gofer.client.detach(first));
        assertEquals(first, add());
        assertEquals(0, gofer.client.detach(first));
        assertEquals(0, gofer.client.detach(second));
        assertEquals(-HostErrno.ENOENT, gofer.client.detach(-1));
        assertEquals(-HostErrno.ENOENT, gofer.client.detach(1 << 30));
    }

    @Test
    void aTreeOfOneFileByItsPathGoesWithItsDirectory() throws IOException {
        int index = gofer.server.addMount(b(other.resolve("a/b/file").toString()), false);
        assertEquals(0, gofer.client.attach(index, mounted));
        assertEquals(0, gofer.client.detach(index));
        assertEquals(0, descriptors());
    }

    @Test
    void whoWaitsForMountsHearsOfOneMore() throws Exception {
        FutureTask<Boolean> waiter = new FutureTask<>(gofer.server::awaitMounts);
        Thread thread = new Thread(waiter, "waiter");
        thread.start();
        while (thread.getState() != Thread.State.WAITING) {
            Thread.sleep(1);
        }
        add();
        assertTrue(waiter.get(10, TimeUnit.SECONDS));
    }

    /** Whoever is at work in a tree that goes away is answered, and leaves nothing either. */
    @Test
    void atWorkWhileItGoes() throws Exception {
        int nodes = gofer.server.nodes();
        for (int round = 0; round < 50; round++) {
            int index = add();
            assertEquals(0, gofer.client.attach(index, mounted));
            int root = mounted.node;
            AtomicBoolean gone = new AtomicBoolean();
            Thread walker = new Thread(() -> {
                WalkResult walked = new WalkResult();
                while (!gone.get()) {
                    gofer.client.walk(root, path("a/b/c"), 0, 3, walked);
                }
            });
            walker.start();
            Thread.sleep(round % 3);
            assertEquals(0, gofer.client.detach(index));
            gone.set(true);
            walker.join();
            assertEquals(nodes, gofer.server.nodes());
            assertEquals(0, descriptors());
        }
    }
}
