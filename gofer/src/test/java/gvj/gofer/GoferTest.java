package gvj.gofer;

import static gvj.gofer.GoferFixture.b;
import static gvj.gofer.GoferFixture.path;
import static gvj.gofer.GoferFixture.read;
import static gvj.gofer.GoferFixture.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gvj.host.Host;
import gvj.host.HostErrno;
import gvj.host.HostFiles;
import gvj.host.HostProcess;
import gvj.wire.Attr;
import gvj.wire.Created;
import gvj.wire.FsStat;
import gvj.wire.GoferClient;
import gvj.wire.Mounted;
import gvj.wire.SetAttr;
import gvj.wire.WalkResult;
import gvj.wire.Wire;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Client and server together over a directory of the host. */
class GoferTest {
    private GoferFixture gofer;
    private GoferClient client;
    private Path dir;
    private int root;
    private final Attr attr = new Attr();

    @BeforeEach
    void start() throws IOException {
        gofer = new GoferFixture();
        client = gofer.client;
        dir = gofer.directory;
        root = gofer.root;
    }

    @AfterEach
    void stop() throws IOException {
        assertTrue(gofer.complaints.isEmpty(), gofer.complaints.toString());
        assertTrue(gofer.losses.isEmpty(), gofer.losses.toString());
        gofer.close();
    }

    @Test
    void walkStopsWhereItMust() throws IOException {
        Files.createDirectories(dir.resolve("a/b/c"));
        Files.writeString(dir.resolve("a/b/file"), "x");
        Files.createSymbolicLink(dir.resolve("a/link"), Path.of("b/c"));
        WalkResult r = new WalkResult();
        assertEquals(0, client.walk(root, path("a/b/c"), 0, 3, r));
        assertEquals(3, r.count);
        assertEquals(0, r.status);
        assertEquals(0, client.walk(root, path("a/b/none/x"), 0, 4, r));
        assertEquals(2, r.count);
        assertEquals(-HostErrno.ENOENT, r.status);
        assertEquals(0, client.walk(root, path("a/link/x"), 0, 3, r));
        assertEquals(2, r.count);
        assertEquals(0, r.status);
        assertArrayEquals(b("b/c"), r.attr(1).target);
        assertEquals(0, client.walk(root, path("a/b/file/x"), 0, 4, r));
        assertEquals(3, r.count);
        assertEquals(0100000, r.attr(2).mode & 0170000);
        int file = r.nodes[2];
        assertEquals(0, client.walk(file, path("x"), 0, 1, r));
        assertEquals(0, r.count);
        assertEquals(-HostErrno.ENOTDIR, r.status);
        assertEquals(-HostErrno.ENOTDIR, client.lookup(file, b("x"), attr));
        assertEquals(file, client.lookup(r.count == 0 ? lookup("a/b") : 0, b("file"), attr));
        assertEquals(-HostErrno.EINVAL, client.lookup(root, b(".."), attr));
        assertEquals(-HostErrno.EINVAL, client.lookup(root, b("a/b"), attr));
        assertEquals(-HostErrno.EBADF, client.lookup(999, b("a"), attr));
    }

    private int lookup(String text) {
        WalkResult r = new WalkResult();
        byte[][] names = path(text);
        assertEquals(0, client.walk(root, names, 0, names.length, r));
        assertEquals(names.length, r.count, text);
        return r.nodes[names.length - 1];
    }

    @Test
    void attributesAreTheHosts() throws IOException {
        Files.writeString(dir.resolve("f"), "hello");
        int f = lookup("f");
        assertEquals(0, client.getattr(f, attr));
        Map<String, Object> host = Files.readAttributes(dir.resolve("f"), "unix:*");
        assertEquals(5, attr.size);
        assertEquals(host.get("ino"), attr.ino);
        assertEquals(host.get("mode"), attr.mode);
        assertEquals(host.get("nlink"), attr.nlink);
        assertEquals(Files.getLastModifiedTime(dir.resolve("f")).toInstant().getNano(), attr.mtimeNanos);
    }

    @Test
    void setattr() throws IOException {
        Files.writeString(dir.resolve("f"), "hello");
        int f = lookup("f");
        SetAttr s = new SetAttr();
        s.valid = SetAttr.MODE | SetAttr.SIZE | SetAttr.ATIME | SetAttr.MTIME | SetAttr.UID | SetAttr.GID;
        s.mode = 06751;
        s.size = 3;
        s.uid = privileged() ? 1234 : HostProcess.geteuid();
        s.gid = privileged() ? 4321 : HostProcess.getegid();
        s.atime = 10_000_000_000L;
        s.atimeNanos = 7;
        s.mtime = -5;
        s.mtimeNanos = 999_999_999;
        assertEquals(0, client.setattr(f, s, attr));
        assertEquals(0106751, attr.mode);
        assertEquals(3, attr.size);
        assertEquals(s.uid, attr.uid);
        assertEquals(s.gid, attr.gid);
        assertEquals(10_000_000_000L, attr.atime);
        assertEquals(7, attr.atimeNanos);
        assertEquals(-5, attr.mtime);
        s.valid = SetAttr.MTIME_NOW;
        assertEquals(0, client.setattr(f, s, attr));
        assertTrue(attr.mtime > 1_700_000_000L);
        assertEquals(10_000_000_000L, attr.atime);
        s.valid = SetAttr.MTIME_NOW | SetAttr.MTIME;
        assertEquals(-HostErrno.EINVAL, client.setattr(f, s, attr));
        s.valid = SetAttr.SIZE;
        assertEquals(-HostErrno.EISDIR, client.setattr(root, s, attr));
        s.size = -1;
        assertEquals(-HostErrno.EINVAL, client.setattr(f, s, attr));
    }

    private static boolean privileged() {
        return HostProcess.geteuid() == 0;
    }

    @Test
    void chmodOfWhatCannotBeOpened() {
        int fifo = client.mknod(root, b("fifo"), 0010600, HostProcess.geteuid(), HostProcess.getegid(), 0, 0, attr);
        assertTrue(fifo > 0);
        SetAttr s = new SetAttr();
        s.valid = SetAttr.MODE;
        s.mode = 0644;
        int result = client.setattr(fifo, s, attr);
        assertTrue(result == 0 && attr.mode == 0010644 || result == -HostErrno.EOPNOTSUPP, "errno " + -result);
        assertEquals(-HostErrno.ENXIO, client.open(fifo, HostFiles.O_RDONLY, attr));
        int link = client.symlink(root, b("l"), b("/etc/passwd"), 0, 0, attr);
        assertEquals(-HostErrno.EOPNOTSUPP, client.setattr(link, s, attr));
        assertEquals(-HostErrno.ENXIO, client.open(link, HostFiles.O_RDONLY, attr));
    }

    @Test
    void openDonatesADescriptor() throws IOException {
        Files.writeString(dir.resolve("f"), "hello");
        int f = lookup("f");
        int fd = client.open(f, HostFiles.O_RDONLY, attr);
        assertTrue(fd >= 0);
        assertEquals("hello", read(fd));
        assertEquals(-HostErrno.EBADF, write(fd, "x"));
        Host.close(fd);
        fd = client.open(f, HostFiles.O_RDWR | HostFiles.O_TRUNC, attr);
        assertEquals(0, attr.size);
        assertEquals(3, write(fd, "new"));
        assertEquals("new", Files.readString(dir.resolve("f")));
        Host.close(fd);
        fd = client.open(f, HostFiles.O_RDONLY | HostFiles.O_TRUNC, attr);
        assertTrue(fd >= 0);
        assertEquals(0, attr.size);
        Host.close(fd);
        assertEquals(-HostErrno.EISDIR, client.open(root, HostFiles.O_RDONLY, attr));
        assertEquals(-HostErrno.EINVAL, client.open(f, HostFiles.O_ACCMODE, attr));
    }

    @Test
    void creations() throws IOException {
        Created c = new Created();
        int uid = privileged() ? 1000 : HostProcess.geteuid();
        int gid = privileged() ? 1001 : HostProcess.getegid();
        assertEquals(0, client.create(root, b("f"), 04755, uid, gid, HostFiles.O_RDWR, c));
        assertEquals(0104755, c.attr.mode);
        assertEquals(uid, c.attr.uid);
        assertEquals(gid, c.attr.gid);
        assertEquals(2, write(c.fd, "ab"));
        assertEquals("ab", read(c.fd));
        Host.close(c.fd);
        assertEquals(-HostErrno.EEXIST, client.create(root, b("f"), 0644, uid, gid, HostFiles.O_RDWR, c));
        int d = client.mkdir(root, b("d"), 03775, uid, gid, attr);
        assertTrue(d > 0);
        assertEquals(0043775, attr.mode);
        assertEquals(uid, attr.uid);
        assertEquals(-HostErrno.EEXIST, client.mkdir(root, b("d"), 0755, uid, gid, attr));
        int s = client.symlink(d, b("s"), b("../f"), uid, gid, attr);
        assertTrue(s > 0);
        assertArrayEquals(b("../f"), attr.target);
        assertEquals(uid, attr.uid);
        assertEquals(0, client.readlink(s, attr));
        assertArrayEquals(b("../f"), attr.target);
        assertEquals(-HostErrno.EINVAL, client.readlink(d, attr));
        int sock = client.mknod(d, b("sock"), 0140600, uid, gid, 0, 0, attr);
        assertTrue(sock > 0);
        assertEquals(0140600, attr.mode);
        assertEquals(-HostErrno.EPERM, client.mknod(d, b("null"), 0020666, 0, 0, 1, 3, attr));
        assertEquals(-HostErrno.EPERM, client.mknod(d, b("sda"), 0060666, 0, 0, 8, 0, attr));
        int l = client.link(c.node, d, b("hard"), attr);
        assertTrue(l > 0);
        assertEquals(2, attr.nlink);
        assertEquals("ab", Files.readString(dir.resolve("d/hard")));
        assertEquals(-HostErrno.EPERM, client.link(d, root, b("dd"), attr));
    }

    @Test
    void unlinkKeepsTheNode() throws IOException {
        Files.writeString(dir.resolve("f"), "x");
        int f = lookup("f");
        assertEquals(0, client.unlink(root, b("f"), 0));
        assertEquals(0, client.getattr(f, attr));
        assertEquals(0, attr.nlink);
        assertEquals(-HostErrno.ESTALE, client.open(f, 0, attr));
        assertEquals(-HostErrno.ENOENT, client.unlink(root, b("f"), 0));
        assertEquals(-HostErrno.ENOENT, client.lookup(root, b("f"), attr));
        Files.createDirectories(dir.resolve("d/e"));
        int d = lookup("d");
        assertEquals(-HostErrno.EISDIR, client.unlink(root, b("d"), 0));
        assertEquals(-39, client.unlink(root, b("d"), HostFiles.AT_REMOVEDIR));
        assertEquals(0, client.unlink(d, b("e"), HostFiles.AT_REMOVEDIR));
        assertEquals(0, client.unlink(root, b("d"), HostFiles.AT_REMOVEDIR));
        assertEquals(-HostErrno.ENOENT, client.mkdir(d, b("x"), 0755, 0, 0, attr));
    }

    @Test
    void renameMovesNodes() throws IOException {
        Files.createDirectories(dir.resolve("a/sub"));
        Files.createDirectories(dir.resolve("b"));
        Files.writeString(dir.resolve("a/sub/f"), "f");
        Files.writeString(dir.resolve("b/old"), "old");
        int a = lookup("a");
        int bb = lookup("b");
        int f = lookup("a/sub/f");
        int old = lookup("b/old");
        assertEquals(0, client.rename(a, b("sub"), bb, b("moved"), 0));
        int fd = client.open(f, 0, attr);
        assertTrue(fd >= 0);
        assertEquals("f", read(fd));
        Host.close(fd);
        int moved = lookup("b/moved");
        assertEquals(0, client.rename(moved, b("f"), bb, b("old"), 0));
        assertEquals(0, client.getattr(old, attr));
        assertEquals(0, attr.nlink);
        fd = client.open(f, 0, attr);
        assertEquals("f", read(fd));
        Host.close(fd);
        assertEquals(-HostErrno.EINVAL, client.rename(root, b("b"), moved, b("x"), 0));
        Files.writeString(dir.resolve("other"), "other");
        assertEquals(-HostErrno.EEXIST, client.rename(root, b("other"), bb, b("old"), HostFiles.RENAME_NOREPLACE));
        int other = lookup("other");
        assertEquals(0, client.rename(root, b("other"), bb, b("old"), HostFiles.RENAME_EXCHANGE));
        fd = client.open(other, 0, attr);
        assertEquals("other", read(fd));
        Host.close(fd);
        fd = client.open(f, 0, attr);
        assertEquals("f", read(fd));
        Host.close(fd);
        assertEquals("other", Files.readString(dir.resolve("b/old")));
        assertEquals(-HostErrno.EXDEV, client.rename(root, b("other"), gofer.readOnlyRoot(), b("x"), 0));
    }

    @Test
    void renameOfTwoNamesOfOneFileDoesNothing() throws IOException {
        Files.writeString(dir.resolve("x"), "x");
        Files.createLink(dir.resolve("y"), dir.resolve("x"));
        int x = lookup("x");
        int y = lookup("y");
        assertEquals(2, client.rename(root, b("x"), root, b("y"), 0));
        for (int n : new int[] {x, y}) {
            int fd = client.open(n, 0, attr);
            assertTrue(fd >= 0);
            Host.close(fd);
        }
    }

    @Test
    void replacedFilesAreStale() throws IOException {
        Files.writeString(dir.resolve("f"), "1");
        int f = lookup("f");
        Files.writeString(dir.resolve("g"), "2");
        Files.move(dir.resolve("g"), dir.resolve("f"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertEquals(-HostErrno.ESTALE, client.open(f, 0, attr));
        int again = client.lookup(root, b("f"), attr);
        assertTrue(again > 0);
        assertNotEquals(f, again);
        int fd = client.open(again, 0, attr);
        assertEquals("2", read(fd));
        Host.close(fd);
        client.forget(f);
        client.forget(again);
        client.flushForgotten();
    }

    /** The blocks of a file that the application has deleted and closed are free at once. */
    @Test
    void unlinkedFilesAreLetGo() throws IOException {
        Files.writeString(dir.resolve("f"), "x");
        int open = gofer.server.openFds();
        int f = lookup("f");
        assertEquals(0, client.unlink(root, b("f"), 0));
        assertEquals(open + 1, gofer.server.openFds());
        client.forget(f);
        client.getattr(root, attr);
        assertEquals(open, gofer.server.openFds());
    }

    /** A directory tree that others change on the host must not become a ring. */
    @Test
    void noRingAfterChangesOnTheHost() throws IOException {
        Files.createDirectories(dir.resolve("a/b"));
        int b = lookup("a/b");
        assertTrue(client.list(b, 0, 0, (name, ino, type, cookie, node, at) -> {}) == Wire.LIST_END);
        Files.move(dir.resolve("a/b"), dir.resolve("b"));
        assertEquals(0, client.rename(root, b("a"), b, b("a"), 0));
        assertTrue(Files.isDirectory(dir.resolve("b/a")));
        int again = lookup("b/a");
        assertEquals(0, client.getattr(again, attr));
        client.getattr(b, attr);
        client.lookup(b, b("nothing"), attr);
    }

    @Test
    void directoriesComeWithNodes() throws IOException {
        Files.createDirectories(dir.resolve("d/inner"));
        Files.writeString(dir.resolve("d/file"), "x");
        Files.createSymbolicLink(dir.resolve("d/link"), Path.of("inner"));
        int d = lookup("d");
        Map<String, Integer> nodes = new HashMap<>();
        int flags = Wire.LIST_ATTR | Wire.LIST_NODE | Wire.LIST_DIRECTORIES;
        long end = client.list(d, 0, flags, (name, ino, type, next, node, at) -> {
            nodes.put(new String(name, StandardCharsets.UTF_8), node);
            assertEquals(node != 0 ? 0040000 : 0, at.mode & 0170000);
        });
        assertEquals(Wire.LIST_END, end);
        assertEquals(Set.of("inner", "file", "link"), nodes.keySet());
        assertEquals(0, nodes.get("file"));
        assertEquals(0, nodes.get("link"));
        assertEquals(nodes.get("inner"), client.lookup(d, b("inner"), attr));
        for (int wrong : new int[] {Wire.LIST_NODE, Wire.LIST_DIRECTORIES, Wire.LIST_DIRECTORIES | Wire.LIST_ATTR, 8}) {
            assertEquals(-HostErrno.EINVAL, client.list(d, 0, wrong, (name, ino, type, next, node, at) -> {}));
        }
    }

    @Test
    void listPages() throws IOException {
        Set<String> expected = new HashSet<>();
        for (int i = 0; i < 3000; i++) {
            String name = "file-with-a-rather-long-name-" + i;
            Files.writeString(dir.resolve(name), "x".repeat(i % 7));
            expected.add(name);
        }
        Files.createSymbolicLink(dir.resolve("s"), Path.of("x".repeat(4000)));
        expected.add("s");
        expected.add("single");
        for (int flags : new int[] {0, Wire.LIST_ATTR, Wire.LIST_ATTR | Wire.LIST_NODE}) {
            Map<String, Integer> seen = new HashMap<>();
            long cookie = 0;
            int pages = 0;
            while (cookie != Wire.LIST_END) {
                cookie = client.list(root, cookie, flags, (name, ino, type, next, node, at) -> {
                    String text = new String(name, StandardCharsets.UTF_8);
                    assertEquals(null, seen.put(text, node), text);
                    if (flags != 0) {
                        assertEquals(text.equals("s") ? 4000 : 0, at.target.length);
                        assertEquals(ino, at.ino);
                    }
                    assertEquals((flags & Wire.LIST_NODE) != 0, node > 0);
                });
                assertTrue(cookie >= 0, "errno " + -cookie);
                pages++;
            }
            assertEquals(expected, seen.keySet());
            assertTrue(pages > 2 == true, "pages " + pages);
            for (int node : seen.values()) {
                if (node != 0) {
                    client.forget(node);
                }
            }
        }
        client.flushForgotten();
        client.getattr(root, attr); // on the same channel, so behind it
        assertTrue(gofer.server.nodes() < 10, "all nodes are given back: " + gofer.server.nodes());
    }

    @Test
    void readOnlyMountRefusesEveryChange() throws IOException {
        Files.writeString(dir.resolve("f"), "x");
        int ro = gofer.readOnlyRoot();
        assertTrue(ro > 0);
        int f = client.lookup(ro, b("f"), attr);
        int e = -HostErrno.EROFS;
        SetAttr s = new SetAttr();
        s.valid = SetAttr.MODE;
        assertEquals(e, client.setattr(f, s, attr));
        assertEquals(e, client.open(f, HostFiles.O_RDWR, attr));
        assertEquals(e, client.open(f, HostFiles.O_RDONLY | HostFiles.O_TRUNC, attr));
        assertEquals(e, client.create(ro, b("n"), 0644, 0, 0, 0, new Created()));
        assertEquals(e, client.mkdir(ro, b("n"), 0755, 0, 0, attr));
        assertEquals(e, client.mknod(ro, b("n"), 0100644, 0, 0, 0, 0, attr));
        assertEquals(e, client.symlink(ro, b("n"), b("t"), 0, 0, attr));
        assertEquals(e, client.link(f, ro, b("n"), attr));
        assertEquals(e, client.unlink(ro, b("f"), 0));
        assertEquals(e, client.rename(ro, b("f"), ro, b("n"), 0));
        assertEquals(e, client.setxattr(f, b("user.a"), b("v"), 0));
        assertEquals(e, client.removexattr(f, b("user.a")));
        int fd = client.open(f, HostFiles.O_RDONLY, attr);
        assertEquals("x", read(fd));
        Host.close(fd);
    }

    @Test
    void aFileWithoutANameGetsOne() throws IOException {
        Created made = new Created();
        assertEquals(0, client.tmpfile(root, 06755, HostProcess.geteuid(), 0, true, made));
        assertEquals(0, made.attr.nlink);
        assertEquals(0106755, made.attr.mode);
        assertEquals(3, write(made.fd, "abc"));
        assertEquals(0, client.setxattr(made.node, b("user.a"), b("1"), 0));
        try (var names = Files.list(dir)) {
            assertEquals(1, names.count()); // "single", which the fixture made
        }
        int named = client.link(made.node, root, b("named"), attr);
        assertTrue(named > 0);
        assertEquals(1, attr.nlink);
        assertEquals(made.attr.ino, attr.ino);
        assertEquals("abc", Files.readString(dir.resolve("named")));
        assertEquals(1, client.getxattr(named, b("user.a"), new byte[8]));
        Host.close(made.fd);

        assertEquals(0, client.tmpfile(root, 0600, HostProcess.geteuid(), 0, false, made));
        assertEquals(-HostErrno.ENOENT, client.link(made.node, root, b("other"), attr));
        Host.close(made.fd);
    }

    @Test
    void removingTellsHowManyNamesAreLeft() throws IOException {
        Files.writeString(dir.resolve("one"), "");
        Files.createLink(dir.resolve("two"), dir.resolve("one"));
        Files.createLink(dir.resolve("three"), dir.resolve("one"));
        Files.writeString(dir.resolve("new"), "");
        for (String name : new String[] {"one", "two", "three"}) {
            assertTrue(client.lookup(root, b(name), attr) > 0);
        }
        assertEquals(2, client.unlink(root, b("one"), 0));
        assertEquals(1, client.rename(root, b("new"), root, b("two"), 0));
        assertEquals(0, client.unlink(root, b("three"), 0));
    }

    @Test
    void aSealedMountStaysAsItIs() {
        assertEquals(0, client.mkdir(root, b("before"), 0755, HostProcess.geteuid(), 0, attr) < 0 ? 1 : 0);
        assertEquals(0, client.seal(0));
        assertEquals(-HostErrno.EROFS, client.mkdir(root, b("after"), 0755, 0, 0, attr));
        assertEquals(-HostErrno.EROFS, client.tmpfile(root, 0600, 0, 0, true, new Created()));
        assertEquals(-HostErrno.EROFS, client.unlink(root, b("before"), HostFiles.AT_REMOVEDIR));
        assertEquals(-HostErrno.ENOENT, client.seal(3));
        assertEquals(-HostErrno.ENOENT, client.seal(-1));
    }

    @Test
    void specialFilesOfTheHostAreSeenAndNotOpened() throws IOException {
        long name = Host.malloc(8);
        gvj.host.Mem.copy(b("fifo\0"), 0, name, 5);
        int top = Host.open(b(dir + "\0"), HostFiles.O_PATH, 0);
        assertEquals(0, HostFiles.mknodat(top, name, 0010666, 0));
        int fifo = client.lookup(root, b("fifo"), attr);
        assertEquals(0010666, attr.mode);
        for (int flags : new int[] {HostFiles.O_RDONLY, HostFiles.O_WRONLY, HostFiles.O_RDWR | HostFiles.O_TRUNC}) {
            assertEquals(-HostErrno.ENXIO, client.open(fifo, flags, attr)); // at once: nobody has the other end
        }
        assertEquals(-HostErrno.EINVAL, client.fsync(fifo, false));
        for (int device : new int[] {0020666, 0060666}) {
            assertEquals(-HostErrno.EPERM, client.mknod(root, b("null"), device, 0, 0, 1, 3, attr));
        }
        Host.close(top);
        Host.free(name);
    }

    @Test
    void extendedAttributes() throws IOException {
        Files.writeString(dir.resolve("f"), "x");
        int f = lookup("f");
        byte[] value = new byte[100];
        int set = client.setxattr(f, b("user.color"), b("blue"), 0);
        if (set == -HostErrno.EOPNOTSUPP) {
            return; // the host's /tmp has none
        }
        assertEquals(0, set);
        assertEquals(-HostErrno.EEXIST, client.setxattr(f, b("user.color"), b("red"), 1));
        assertEquals(4, client.getxattr(f, b("user.color"), value));
        assertEquals('b', value[0]);
        assertEquals(4, client.getxattr(f, b("user.color"), new byte[0]));
        assertEquals(-HostErrno.ERANGE, client.getxattr(f, b("user.color"), new byte[3]));
        assertEquals(-HostErrno.ENODATA, client.getxattr(f, b("user.none"), value));
        assertEquals(-HostErrno.EPERM, client.setxattr(f, b("trusted.overlay.opaque"), b("y"), 0));
        assertEquals(-HostErrno.EPERM, client.setxattr(f, b("security.selinux"), b("y"), 0));
        assertEquals(-HostErrno.EPERM, client.setxattr(f, b("security.capability2"), b("y"), 0));
        assertEquals(0, client.setxattr(root, b("user.d"), new byte[0], 0));
        assertEquals(0, client.getxattr(root, b("user.d"), value));
        int size = client.listxattr(f, value);
        assertEquals("user.color\0", new String(value, 0, size, StandardCharsets.US_ASCII));
        assertEquals(size, client.listxattr(f, new byte[0]));
        assertEquals(0, client.removexattr(f, b("user.color")));
        assertEquals(-HostErrno.ENODATA, client.removexattr(f, b("user.color")));
        assertEquals(-HostErrno.ENOENT, client.getxattr(f, b("user.color"), value)); // it has none at all now
        int fifo = client.mknod(root, b("fifo"), 0010600, 0, 0, 0, 0, attr);
        assertEquals(0, client.listxattr(fifo, value));
        assertEquals(-HostErrno.ENODATA, client.getxattr(fifo, b("user.x"), value));
        assertEquals(-HostErrno.E2BIG, client.setxattr(f, b("user.big"), new byte[65000], 0));
    }

    @Test
    void statfsAndFsync() throws IOException {
        FsStat s = new FsStat();
        assertEquals(0, client.statfs(root, s));
        assertTrue(s.bsize > 0 && s.blocks > 0);
        assertEquals(255, s.namelen);
        assertEquals(0, client.fsync(root, false));
        Files.writeString(dir.resolve("f"), "x");
        assertEquals(0, client.fsync(lookup("f"), true));
    }

    @Test
    void aSingleFileCanBeAMount() {
        Mounted m = new Mounted();
        assertEquals(0, client.attach(2, m));
        assertEquals(0100000, m.attr.mode & 0170000);
        int fd = client.open(m.node, HostFiles.O_RDWR, attr);
        assertTrue(fd >= 0, "errno " + -fd);
        assertEquals("one file", read(fd));
        Host.close(fd);
        assertEquals(-HostErrno.ENOTDIR, client.lookup(m.node, b("x"), attr));
        for (int hidden = 1; hidden < 20; hidden++) {
            assertTrue(
                    client.lookup(hidden, b("single"), attr) < 0 || hidden == root || hidden == gofer.readOnlyRoot());
        }
        assertEquals(-HostErrno.ENOENT, client.attach(3, m));
    }

    /** Kernel interfaces that are mounted inside a tree can be seen but not entered. */
    @Test
    void procCannotBeReachedThroughAMount() throws IOException {
        GoferServer server = new GoferServer(1000, 32, gofer.complaints::add);
        assertEquals(0, server.addMount(b("/"), true));
        long pair = Host.malloc(8);
        Host.socketpair(Host.AF_UNIX, Host.SOCK_SEQPACKET | Host.SOCK_CLOEXEC, 0, pair);
        server.addChannel(gvj.host.Mem.getInt(pair));
        GoferClient c = new GoferClient(new int[] {gvj.host.Mem.getInt(pair + 4)}, 1, gofer.losses::add);
        Mounted m = new Mounted();
        assertEquals(0, c.attach(0, m));
        int proc = c.lookup(m.node, b("proc"), attr);
        assertTrue(proc > 0);
        assertEquals(-HostErrno.EACCES, c.lookup(proc, b("self"), attr));
        assertEquals(-HostErrno.EACCES, c.list(proc, 0, 0, (name, ino, type, cookie, node, at) -> {}));
        WalkResult r = new WalkResult();
        assertEquals(0, c.walk(m.node, path("proc/sys/kernel"), 0, 3, r));
        assertEquals(1, r.count);
        assertEquals(-HostErrno.EACCES, r.status);
        c.shutdown();
        Host.free(pair);
    }

    /** Far more directories than descriptors, deeper than PATH_MAX, and all nodes stay good. */
    @Test
    void fewDescriptorsServeManyNodes() {
        int[] nodes = new int[500];
        int parent = root;
        byte[] name = b("d".repeat(100));
        for (int i = 0; i < nodes.length; i++) {
            parent = client.mkdir(parent, name, 0755, HostProcess.geteuid(), HostProcess.getegid(), attr);
            assertTrue(parent > 0, i + ": errno " + -parent);
            nodes[i] = parent;
        }
        for (int i = 0; i < 300; i++) {
            int d = client.mkdir(root, b("wide" + i), 0755, HostProcess.geteuid(), HostProcess.getegid(), attr);
            assertTrue(client.list(d, 0, 0, (n, ino, type, cookie, node, at) -> {}) == Wire.LIST_END);
            assertTrue(gofer.server.openFds() <= 64 + 4);
        }
        for (int i = nodes.length - 1; i >= 0; i -= 7) {
            assertEquals(-HostErrno.ENOENT, client.lookup(nodes[i], b("none"), attr), "depth " + i);
        }
        for (int i = nodes.length - 1; i > 0; i--) {
            assertEquals(0, client.unlink(nodes[i - 1], name, HostFiles.AT_REMOVEDIR));
        }
        assertTrue(gofer.server.openFds() <= 64 + 32 + 4, "open " + gofer.server.openFds());
        for (int node : nodes) {
            client.forget(node);
        }
        client.flushForgotten();
    }

    @Test
    void manyThreadsShareFewChannels() throws Exception {
        stop();
        gofer = new GoferFixture(100_000, 2000, 4); // so that no unlinked file has to be given up
        client = gofer.client;
        root = gofer.root;
        Thread[] threads = new Thread[8];
        int[] failures = new int[threads.length];
        for (int t = 0; t < threads.length; t++) {
            int me = t;
            threads[t] = new Thread(() -> failures[me] = hammer(me));
            threads[t].start();
        }
        for (Thread t : threads) {
            t.join(60_000);
        }
        assertArrayEquals(new int[threads.length], failures);
    }

    private int hammer(int me) {
        Attr a = new Attr();
        Created c = new Created();
        int failed = 0;
        for (int i = 0; i < 300; i++) {
            byte[] name = b("t" + me + "-" + i);
            byte[] other = b("shared" + i % 5);
            failed += client.create(root, name, 0644, HostProcess.geteuid(), HostProcess.getegid(), HostFiles.O_RDWR, c)
                            == 0
                    ? 0
                    : 1;
            failed += write(c.fd, "content") == 7 ? 0 : 1;
            Host.close(c.fd);
            int moved = client.rename(root, name, root, other, 0); // all threads fight for the same five names
            int found = client.getattr(c.node, a);
            if (moved != 0 || found != 0) {
                System.err.println("rename " + moved + ", getattr " + found + ", node " + c.node + " round " + i);
                failed++;
            }
            client.forget(c.node);
            int n = client.lookup(root, other, a);
            if (n > 0) {
                client.forget(n);
            }
        }
        return failed;
    }
}
