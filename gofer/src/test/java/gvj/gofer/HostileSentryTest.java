package gvj.gofer;

import static gvj.gofer.GoferFixture.b;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gvj.host.Host;
import gvj.host.HostErrno;
import gvj.host.Mem;
import gvj.wire.Attr;
import gvj.wire.GoferClient;
import gvj.wire.Mounted;
import gvj.wire.Wire;
import gvj.wire.WireBuffer;
import java.nio.file.Files;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a Sentry taken over by its application may send. */
class HostileSentryTest {
    private final WireBuffer message = new WireBuffer();

    private long exchange(int socket, int length) {
        long sent = Host.sendmsg(socket, message.address(), length, 0, 0);
        return sent < 0 ? sent : Host.recvmsg(socket, message.address(), Wire.MAX_MESSAGE, 0, 0, 0);
    }

    private int walk(int socket, int node, String name) {
        message.begin(Wire.WALK, 1);
        message.putInt(node);
        message.putInt(1);
        message.putName(b(name));
        long got = exchange(socket, message.end(0));
        assertTrue(message.received(got), "got " + got);
        return message.result();
    }

    @Test
    void namesThatAreNone() throws Exception {
        try (GoferFixture g = new GoferFixture()) {
            int s = g.connect();
            for (String name : new String[] {"", ".", "..", "/", "a/b", "../etc", "single/.."}) {
                assertEquals(-HostErrno.EINVAL, walk(s, g.root, name), name);
            }
            assertEquals(-HostErrno.ENAMETOOLONG, walk(s, g.root, "x".repeat(256)));
            assertEquals(0, walk(s, g.root, "x".repeat(255)));
            Host.close(s);
        }
    }

    @Test
    void malformedMessagesCloseOnlyTheirChannel() throws Exception {
        try (GoferFixture g = new GoferFixture()) {
            int complaints = 0;
            for (int kind = 0; kind < 9; kind++) {
                int s = g.connect();
                message.begin(Wire.WALK, 1);
                message.putInt(g.root);
                message.putInt(kind == 0 ? 65 : kind == 1 ? 0 : kind == 2 ? -1 : 1);
                message.putName(kind == 3 ? b("a\0b") : b("abc"));
                if (kind == 4) {
                    message.putInt(0); // more than the request has
                }
                int length = message.end(0);
                if (kind == 5) {
                    length -= 1;
                } else if (kind == 6) {
                    Mem.putShort(message.address() + 4, (short) 99);
                } else if (kind == 7) {
                    length = 3;
                } else if (kind == 8) {
                    Mem.putShort(message.address() + 24, (short) 0xffff); // a name longer than the message
                }
                assertEquals(0, exchange(s, length), "kind " + kind);
                Host.close(s);
                assertEquals(++complaints, g.complaints.size());
            }
            assertTrue(g.client.lookup(g.root, b("single"), new Attr()) > 0, "the others go on");
        }
    }

    @Test
    void noiseDoesNoHarm() throws Exception {
        try (GoferFixture g = new GoferFixture(200, 16, 1)) {
            Random random = new Random(42);
            Files.createDirectories(g.directory.resolve("a/b"));
            int s = g.connect();
            for (int i = 0; i < 20_000; i++) {
                int op = 1 + random.nextInt(22);
                if (op == Wire.NEWCHANNEL || op == Wire.CLOSE) {
                    continue;
                }
                message.begin(op, i);
                int fields = random.nextInt(8);
                for (int f = 0; f < fields; f++) {
                    switch (random.nextInt(4)) {
                        case 0 -> message.putInt(random.nextInt(12));
                        case 1 -> message.putInt(random.nextInt());
                        case 2 -> message.putName(b(random.nextBoolean() ? "a" : "single"));
                        default -> message.putLong(random.nextInt(3));
                    }
                }
                if (exchange(s, message.end(0)) <= 0) {
                    Host.close(s);
                    s = g.connect();
                }
            }
            Host.close(s);
            Mounted m = new Mounted();
            assertEquals(0, g.client.attach(0, m));
            assertEquals(0, g.client.getattr(m.node, new Attr()));
            assertTrue(g.server.nodes() <= 210);
        }
    }

    @Test
    void nodesAreLimited() throws Exception {
        try (GoferFixture g = new GoferFixture(20, 16, 1)) {
            Attr attr = new Attr();
            int result = 0;
            for (int i = 0; i < 30 && result >= 0; i++) {
                Files.writeString(g.directory.resolve("f" + i), "");
                result = g.client.lookup(g.root, b("f" + i), attr);
            }
            assertEquals(-HostErrno.ENOMEM, result);
        }
    }

    private static int lowestFree() {
        int fd = Host.dup(0);
        Host.close(fd);
        return fd;
    }

    @Test
    void nothingIsLeftOpen() throws Exception {
        new GoferFixture().close(); // whatever the JDK opens on the way
        Thread.sleep(100);
        int before = lowestFree();
        for (int i = 0; i < 20; i++) {
            GoferFixture g = new GoferFixture();
            Thread[] threads = new Thread[6];
            for (int t = 0; t < threads.length; t++) {
                threads[t] = new Thread(() -> {
                    Attr attr = new Attr();
                    for (int k = 0; k < 200; k++) {
                        g.client.getattr(g.root, attr);
                        if (k == 150) {
                            g.client.shutdown();
                        }
                    }
                });
                threads[t].start();
            }
            for (Thread t : threads) {
                t.join();
            }
            g.server.await();
            assertTrue(g.losses.isEmpty());
            g.close();
        }
        assertTrue(
                lowestFree() <= before + 84,
                "a server keeps the four descriptors of its mounts, nothing else: " + lowestFree());
    }

    @Test
    void aGoferThatDiesIsReportedOnce() throws Exception {
        GoferFixture g = new GoferFixture();
        long pair = Host.malloc(8);
        Host.socketpair(Host.AF_UNIX, Host.SOCK_SEQPACKET, 0, pair);
        GoferClient client = new GoferClient(new int[] {Mem.getInt(pair)}, 4, g.losses::add);
        Host.close(Mem.getInt(pair + 4));
        assertEquals(-HostErrno.EIO, client.attach(0, new Mounted()));
        assertEquals(-HostErrno.EIO, client.getattr(1, new Attr()));
        client.forget(1);
        client.flushForgotten();
        assertEquals(1, g.losses.size(), g.losses.toString());
        Host.free(pair);
        g.close();
    }
}
