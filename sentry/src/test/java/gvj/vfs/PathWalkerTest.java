package gvj.vfs;

import static gvj.vfs.Sandbox.CWD;
import static gvj.vfs.Sandbox.fails;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.MiscFlags;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PathWalkerTest {
    private Sandbox box;

    @BeforeEach
    void tree() {
        box = new Sandbox(Sandbox.tmpfs("mode=755"));
        box.mkdir("/a");
        box.mkdir("/a/b");
        box.write("/a/f", "text");
        Names.symlink(box.root, "b", CWD, "/a/l");
        Names.symlink(box.root, "/a/f", CWD, "/abs");
        Names.symlink(box.root, "loop", CWD, "/loop");
        Names.symlink(box.root, "nowhere", CWD, "/dangling");
    }

    @Test
    void walks() {
        assertSame(box.find("/a/b").dentry(), box.find("//a/./l/../b/").dentry());
        assertSame(box.find("/a/f").dentry(), box.find("/abs").dentry());
        assertSame(box.find("/").dentry(), box.find("/../../").dentry());
        fails(Errno.ENOENT, () -> box.find(""));
        fails(Errno.ENOENT, () -> box.find("/a/x/y"));
        fails(Errno.ENOTDIR, () -> box.find("/a/f/"));
        fails(Errno.ENOTDIR, () -> box.find("/a/f/."));
        fails(Errno.ENOTDIR, () -> box.find("/abs/x"));
        fails(Errno.ELOOP, () -> box.find("/loop"));
        fails(Errno.ENOENT, () -> box.find("/dangling"));
        fails(Errno.ENAMETOOLONG, () -> box.find("/" + "x".repeat(256)));
        assertTrue(box.root.lookup(CWD, "/loop", 0).inode().isSymlink());
        assertTrue(box.root.lookup(CWD, "/a/l/", 0).inode().isDirectory());
    }

    @Test
    void searchPermission() {
        Caller user = box.user(1000, 1000);
        Attributes.chmod(box.root.creds(), box.find("/a"), 0700);
        fails(Errno.EACCES, () -> user.lookup(CWD, "/a/f", 0));
        Attributes.chmod(box.root.creds(), box.find("/a"), 0711);
        user.lookup(CWD, "/a/f", 0);
        fails(Errno.EACCES, () -> Names.mkdir(user, CWD, "/a/new", 0755));
    }

    @Test
    void openat2Scopes() {
        Path a = box.find("/a");
        PathWalker beneath = new PathWalker(null, box.root.creds(), box.root.root(), Fcntl.RESOLVE_BENEATH);
        fails(Errno.EXDEV, () -> beneath.walk(a, "../a/f", 0));
        fails(Errno.EXDEV, () -> beneath.walk(a, "/a/f", 0));
        PathWalker inRoot = new PathWalker(null, box.root.creds(), box.root.root(), Fcntl.RESOLVE_IN_ROOT);
        assertSame(box.find("/a/f").dentry(), inRoot.walk(a, "/../../f", 0).dentry());
        PathWalker noLinks = new PathWalker(null, box.root.creds(), box.root.root(), Fcntl.RESOLVE_NO_SYMLINKS);
        fails(Errno.ELOOP, () -> noLinks.walk(box.root.root(), "/a/l", PathWalker.FOLLOW));
    }

    @Test
    void creates() {
        fails(Errno.EISDIR, () -> box.open("/new/", Fcntl.O_CREAT | Fcntl.O_WRONLY));
        fails(Errno.EISDIR, () -> box.open("/a", Fcntl.O_CREAT | Fcntl.O_RDONLY));
        fails(Errno.EEXIST, () -> box.open("/dangling", Fcntl.O_CREAT | Fcntl.O_EXCL | Fcntl.O_RDWR));
        box.open("/dangling", Fcntl.O_CREAT | Fcntl.O_RDWR).decRef();
        assertTrue(box.exists("/nowhere"));
        fails(Errno.ELOOP, () -> box.open("/abs", Fcntl.O_RDONLY | Fcntl.O_NOFOLLOW));
        fails(Errno.EISDIR, () -> box.open("/a", Fcntl.O_WRONLY));
        fails(Errno.ENOTDIR, () -> box.open("/a/f", Fcntl.O_RDONLY | Fcntl.O_DIRECTORY));
        fails(Errno.EINVAL, () -> box.open("/a", Fcntl.O_TMPFILE | Fcntl.O_RDONLY));
        fails(Errno.EEXIST, () -> box.mkdir("/a/."));
        fails(Errno.EEXIST, () -> box.mkdir("/"));
        fails(Errno.ENOENT, () -> Names.symlink(box.root, "x", CWD, "/slash/"));
    }

    @Test
    void removes() {
        fails(Errno.EISDIR, () -> Names.unlink(box.root, CWD, "/a/b"));
        fails(Errno.ENOTDIR, () -> Names.unlink(box.root, CWD, "/a/f/"));
        fails(Errno.ENOTDIR, () -> Names.rmdir(box.root, CWD, "/a/f"));
        fails(Errno.EINVAL, () -> Names.rmdir(box.root, CWD, "/a/b/."));
        fails(Errno.ENOTEMPTY, () -> Names.rmdir(box.root, CWD, "/a/b/.."));
        fails(Errno.ENOTEMPTY, () -> Names.rmdir(box.root, CWD, "/a"));
        fails(Errno.EBUSY, () -> Names.rmdir(box.root, CWD, "/"));
        Names.rmdir(box.root, CWD, "/a/b");
        assertFalse(box.exists("/a/b"));
        FileDescription open = box.open("/a/f", Fcntl.O_RDONLY);
        Names.unlink(box.root, CWD, "/a/f");
        assertEquals("/a/f (deleted)", PathNames.of(open.path()));
        assertEquals("text", Sandbox.read(open));
        open.decRef();
    }

    @Test
    void renames() {
        fails(Errno.EINVAL, () -> Renames.rename(box.root, CWD, "/a", CWD, "/a/b/c", 0));
        fails(Errno.ENOTEMPTY, () -> Renames.rename(box.root, CWD, "/a/f", CWD, "/a", 0));
        fails(Errno.EISDIR, () -> Renames.rename(box.root, CWD, "/a/f", CWD, "/a/b", 0));
        fails(Errno.ENOTDIR, () -> Renames.rename(box.root, CWD, "/a/b", CWD, "/a/f", 0));
        fails(Errno.ENOTDIR, () -> Renames.rename(box.root, CWD, "/a/f", CWD, "/new/", 0));
        int noReplace = MiscFlags.RENAME_NOREPLACE;
        fails(Errno.EEXIST, () -> Renames.rename(box.root, CWD, "/a/f", CWD, "/abs", noReplace));
        Dentry file = box.find("/a/f").dentry();
        Renames.rename(box.root, CWD, "/a/f", CWD, "/a/b/g", 0);
        assertSame(file, box.find("/a/b/g").dentry());
        assertEquals("/a/b/g", PathNames.of(box.find("/a/b/g")));
        Renames.rename(box.root, CWD, "/a/b", CWD, "/a/l", MiscFlags.RENAME_EXCHANGE);
        assertTrue(box.root.lookup(CWD, "/a/b", 0).inode().isSymlink());
        assertSame(file, box.find("/a/l/g").dentry());
    }

    @Test
    void stickyDirectories() {
        Caller owner = box.user(1, 1);
        Caller other = box.user(2, 2);
        Attributes.chmod(box.root.creds(), box.find("/a"), 01777);
        Names.mkdir(owner, CWD, "/a/mine", 0777);
        fails(Errno.EPERM, () -> Names.rmdir(other, CWD, "/a/mine"));
        Names.rmdir(owner, CWD, "/a/mine");
    }

    @Test
    void mounts() {
        FileSystem other = Sandbox.tmpfs("mode=755");
        box.namespace.attach(Mount.of(other, "other", Mount.RELATIME), box.find("/a/b"));
        box.write("/a/b/inside", "x");
        assertSame(box.find("/a").dentry(), box.find("/a/b/..").dentry());
        assertEquals("/a/b/inside", PathNames.of(box.find("/a/b/inside")));
        fails(Errno.EBUSY, () -> Names.rmdir(box.root, CWD, "/a/b"));
        fails(Errno.EXDEV, () -> Renames.rename(box.root, CWD, "/a/f", CWD, "/a/b/f", 0));
        box.mkdir("/bind");
        box.namespace.attach(box.namespace.copyForBind(box.find("/a"), true), box.find("/bind"));
        assertEquals("x", box.read("/bind/b/inside"));
        Mount inner = box.find("/a/b").mount();
        FileDescription busy = box.open("/a/b/inside", Fcntl.O_RDONLY);
        fails(Errno.EBUSY, () -> box.namespace.unmount(inner, false));
        busy.decRef();
        box.namespace.unmount(inner, false);
        assertFalse(box.exists("/a/b/inside"));
        assertEquals("x", box.read("/bind/b/inside"));
    }

    @Test
    void sharedMountsPropagate() {
        box.mkdir("/s");
        box.mkdir("/peer");
        box.namespace.attach(Mount.of(Sandbox.tmpfs(""), "s", 0), box.find("/s"));
        box.namespace.setPropagation(box.find("/s"), gvj.abi.Mount.MS_SHARED, false);
        box.namespace.attach(box.namespace.copyForBind(box.find("/s"), false), box.find("/peer"));
        box.mkdir("/s/sub");
        box.namespace.attach(Mount.of(Sandbox.tmpfs(""), "t", 0), box.find("/s/sub"));
        box.write("/peer/sub/seen", "yes");
        assertEquals("yes", box.read("/s/sub/seen"));
        box.namespace.unmount(box.find("/peer/sub").mount(), false);
        assertFalse(box.exists("/s/sub/seen"));
    }

    @Test
    void readOnlyMounts() {
        box.namespace.attach(Mount.of(Sandbox.tmpfs(""), "ro", Mount.RDONLY), box.find("/a/b"));
        fails(Errno.EROFS, () -> box.mkdir("/a/b/x"));
        fails(Errno.EROFS, () -> box.open("/a/b/x", Fcntl.O_CREAT | Fcntl.O_RDWR));
        fails(Errno.ENOENT, () -> box.open("/a/b/x", Fcntl.O_RDWR));
    }

    @Test
    void changedRoot() {
        Path a = box.find("/a");
        Caller jailed = new Caller(null, box.root.creds(), a, a, 0);
        assertSame(a.dentry(), jailed.lookup(CWD, "/../..", 0).dentry());
        assertEquals("/b", PathNames.workingDirectory(box.find("/a/b"), a));
        assertEquals("(unreachable)/abs", PathNames.workingDirectory(box.root.lookup(CWD, "/abs", 0), a));
    }

    @Test
    void manyDentriesAreFoundAgain() {
        for (int i = 0; i < 2000; i++) {
            box.mkdir("/a/b/" + i);
        }
        for (int i = 0; i < 2000; i += 2) {
            Names.rmdir(box.root, CWD, "/a/b/" + i);
        }
        for (int i = 0; i < 2000; i++) {
            assertEquals(i % 2 == 1, box.exists("/a/b/" + i));
        }
        assertEquals(1000, box.list("/a/b").size());
    }
}
