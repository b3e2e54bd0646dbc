package gvj.vfs;

import static gvj.vfs.Sandbox.CWD;
import static gvj.vfs.Sandbox.fails;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.MiscFlags;
import gvj.abi.Stat;
import gvj.fs.tmpfs.TmpFs;
import gvj.mm.ArrayIoBuffer;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TmpFsTest {
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;

    private Sandbox box;
    private TmpFs fs;

    @BeforeEach
    void make() {
        fs = Sandbox.tmpfs("size=1m,nr_inodes=200,mode=755");
        box = new Sandbox(fs);
    }

    @Test
    void holes() {
        FileDescription file = box.open("/f", Fcntl.O_RDWR | Fcntl.O_CREAT);
        file.pwrite(null, bytes("data"), 100_000);
        assertEquals(100_004, box.stat("/f").size);
        assertEquals(8, box.stat("/f").blocks);
        assertEquals(98_304, file.seek(null, 0, SEEK_DATA));
        assertEquals(0, file.seek(null, 0, SEEK_HOLE));
        assertEquals(100_004, file.seek(null, 98_304, SEEK_HOLE));
        assertEquals(-Errno.ENXIO, file.seek(null, 100_004, SEEK_DATA));
        int punch = Fcntl.FALLOC_FL_PUNCH_HOLE | Fcntl.FALLOC_FL_KEEP_SIZE;
        assertEquals(0, file.fallocate(null, punch, 0, 200_000));
        assertEquals(100_004, box.stat("/f").size);
        assertEquals(0, box.stat("/f").blocks);
        file.decRef();
    }

    @Test
    void truncationZeroes() {
        box.write("/f", "x".repeat(6000));
        Path path = box.find("/f");
        Attributes.truncate(box.root.creds(), path, path.inode(), 5);
        Attributes.truncate(box.root.creds(), path, path.inode(), 10);
        assertEquals("xxxxx\0\0\0\0\0", box.read("/f"));
    }

    @Test
    void limits() {
        FileDescription file = box.open("/f", Fcntl.O_RDWR | Fcntl.O_CREAT);
        byte[] big = new byte[2 << 20];
        assertEquals(1 << 20, file.pwrite(null, new ArrayIoBuffer(big, 0, big.length), 0));
        fails(Errno.ENOSPC, () -> file.pwrite(null, bytes("x"), 2 << 20));
        Names.unlink(box.root, CWD, "/f");
        StatFs stat = new StatFs();
        fs.statfs(stat);
        assertEquals(0, stat.blocksFree);
        file.decRef();
        fs.statfs(stat);
        assertEquals(256, stat.blocksFree);
        for (int i = 0; i < 199; i++) {
            box.mkdir("/" + i);
        }
        fails(Errno.ENOSPC, () -> box.mkdir("/more"));
        Names.rmdir(box.root, CWD, "/0");
        box.mkdir("/more");
        fails(Errno.EINVAL, () -> Sandbox.tmpfs("what=1"));
    }

    @Test
    void links() {
        box.write("/f", "1");
        box.mkdir("/d");
        Names.link(box.root, box.find("/f"), CWD, "/d/g");
        assertEquals(2, box.stat("/f").nlink);
        assertEquals(box.stat("/f").ino, box.stat("/d/g").ino);
        assertEquals(3, box.stat("/").nlink);
        fails(Errno.EPERM, () -> Names.link(box.root, box.find("/d"), CWD, "/e"));
        Renames.rename(box.root, CWD, "/f", CWD, "/d/g", 0);
        assertEquals(2, box.stat("/f").nlink);
        Names.unlink(box.root, CWD, "/d/g");
        assertEquals(1, box.stat("/f").nlink);
    }

    @Test
    void temporaryFilesGetNames() {
        FileDescription file = Opener.open(box.root, CWD, "/", Fcntl.O_TMPFILE | Fcntl.O_RDWR, 0600, 0);
        Sandbox.write(file, "content");
        Names.link(box.root, file.path(), CWD, "/named");
        file.decRef();
        assertEquals("content", box.read("/named"));
        assertEquals(1, box.stat("/named").nlink);
    }

    @Test
    void whiteoutsAndExchange() {
        box.write("/a", "1");
        Renames.rename(box.root, CWD, "/a", CWD, "/b", MiscFlags.RENAME_WHITEOUT);
        assertEquals(Stat.S_IFCHR, box.stat("/a").mode & Stat.S_IFMT);
        box.mkdir("/d");
        Renames.rename(box.root, CWD, "/b", CWD, "/d", MiscFlags.RENAME_EXCHANGE);
        assertEquals("1", box.read("/d"));
        assertTrue(box.find("/b").inode().isDirectory());
    }

    @Test
    void readingWhileRemoving() {
        for (int i = 0; i < 150; i++) {
            box.write("/" + i, "");
        }
        FileDescription directory = box.open("/", Fcntl.O_RDONLY);
        Set<String> seen = new HashSet<>();
        int[] room = new int[1];
        for (int before = -1; before != seen.size(); ) {
            before = seen.size();
            room[0] = 7;
            directory.readdir(null, (name, ino, type, next) -> {
                if (room[0]-- == 0) {
                    return false;
                }
                assertTrue(seen.add(name), name);
                return true;
            });
            for (String name : seen) {
                if (!name.startsWith(".") && box.exists("/" + name)) {
                    Names.unlink(box.root, CWD, "/" + name);
                }
            }
        }
        assertEquals(152, seen.size());
        directory.decRef();
        assertTrue(box.list("/").isEmpty());
    }

    @Test
    void extendedAttributes() {
        box.write("/f", "");
        Path path = box.find("/f");
        Xattrs.set(box.root.creds(), path, "user.a", new byte[] {1, 2}, Stat.XATTR_CREATE);
        fails(Errno.EEXIST, () -> Xattrs.set(box.root.creds(), path, "user.a", new byte[0], Stat.XATTR_CREATE));
        fails(Errno.ENODATA, () -> Xattrs.set(box.root.creds(), path, "user.b", new byte[0], Stat.XATTR_REPLACE));
        fails(Errno.EOPNOTSUPP, () -> Xattrs.get(box.root.creds(), path, "system.posix_acl_access"));
        assertArrayEquals(new byte[] {1, 2}, Xattrs.get(box.root.creds(), path, "user.a"));
        fails(Errno.EPERM, () -> Xattrs.set(box.user(1, 1).creds(), path, "trusted.x", new byte[0], 0));
        Xattrs.remove(box.root.creds(), path, "user.a");
        fails(Errno.ENODATA, () -> Xattrs.get(box.root.creds(), path, "user.a"));
    }

    @Test
    void seals() {
        Path path = fs.anonymous("/memfd:x", 0777, 0, 0);
        FileDescription file = path.inode().open(null, path, Fcntl.O_RDWR);
        Sealable sealable = (Sealable) path.inode();
        assertEquals(-Errno.EPERM, sealable.addSeals(Fcntl.F_SEAL_GROW));
        sealable.allowSealing();
        Sandbox.write(file, "0123456789");
        assertEquals(0, sealable.addSeals(Fcntl.F_SEAL_GROW | Fcntl.F_SEAL_SHRINK));
        fails(Errno.EPERM, () -> Attributes.truncate(box.root.creds(), path, path.inode(), 3));
        assertEquals(-Errno.EPERM, file.pwrite(null, bytes("xx"), 9));
        assertEquals(2, file.pwrite(null, bytes("xx"), 0));
        assertEquals(0, sealable.addSeals(Fcntl.F_SEAL_WRITE | Fcntl.F_SEAL_SEAL));
        assertEquals(-Errno.EPERM, file.pwrite(null, bytes("xx"), 0));
        assertEquals(-Errno.EPERM, sealable.addSeals(Fcntl.F_SEAL_GROW));
        assertEquals("/memfd:x (deleted)", PathNames.of(path));
        file.decRef();
    }

    @Test
    void attributes() {
        box.write("/f", "x");
        Path path = box.find("/f");
        Caller user = box.user(1000, 1000);
        fails(Errno.EPERM, () -> Attributes.chmod(user.creds(), path, 0777));
        fails(Errno.EPERM, () -> Attributes.chown(user.creds(), path, 1000, -1));
        Attributes.chmod(box.root.creds(), path, 06755);
        Attributes.chown(box.root.creds(), path, 1000, 1000);
        assertEquals(0755, box.stat("/f").mode & 07777);
        Attributes.chmod(user.creds(), path, 06755);
        Attributes.wrote(user.creds(), path.inode());
        assertEquals(0755, box.stat("/f").mode & 07777);
        Attributes.utimes(user.creds(), path, 1_000_000_001L, 2_000_000_002L, false);
        assertEquals(1_000_000_001L, box.stat("/f").atime);
        assertEquals(2_000_000_002L, box.stat("/f").mtime);
    }

    @Test
    void fileLocks() {
        FileLocks locks = new FileLocks();
        Object a = new Object();
        Object b = new Object();
        assertEquals(0, locks.set(a, 1, Fcntl.F_WRLCK, 0, 99));
        assertEquals(-Errno.EAGAIN, locks.set(b, 2, Fcntl.F_RDLCK, 50, 60));
        assertEquals(0, locks.set(a, 1, Fcntl.F_UNLCK, 40, 59));
        assertEquals(0, locks.set(b, 2, Fcntl.F_RDLCK, 50, 59));
        assertEquals(3, locks.ranges().size());
        FileLocks.Range held = locks.conflict(a, Fcntl.F_WRLCK, 0, Long.MAX_VALUE);
        assertEquals(b, held.owner());
        assertEquals(0, locks.block(a, held));
        assertEquals(-Errno.EDEADLK, locks.block(b, locks.conflict(b, Fcntl.F_WRLCK, 0, 10)));
        FileLocks.unblock(a);
        locks.releaseProcess(a);
        assertNull(locks.conflict(b, Fcntl.F_WRLCK, 0, Long.MAX_VALUE));
    }

    private static ArrayIoBuffer bytes(String text) {
        return new ArrayIoBuffer(text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1), 0, text.length());
    }
}
