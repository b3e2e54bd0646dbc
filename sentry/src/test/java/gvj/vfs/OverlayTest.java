package gvj.vfs;

import static gvj.vfs.Sandbox.CWD;
import static gvj.vfs.Sandbox.fails;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.MiscFlags;
import gvj.fs.overlay.OverlayFs;
import gvj.fs.tmpfs.TmpFs;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OverlayTest {
    private Sandbox lower;
    private Sandbox box;

    @BeforeEach
    void layers() {
        TmpFs below = Sandbox.tmpfs("mode=755");
        lower = new Sandbox(below);
        lower.mkdir("/d");
        lower.mkdir("/d/e");
        lower.write("/d/f", "lower");
        lower.write("/d/e/deep", "deep");
        Names.symlink(lower.root, "f", CWD, "/d/link");
        lower.write("/h1", "hard");
        Names.link(lower.root, lower.find("/h1"), CWD, "/h2");
        box = new Sandbox(new OverlayFs(Vfs.rootCredentials(lower.user), below, Sandbox.tmpfs("")));
    }

    @Test
    void writesGoUp() {
        long ino = box.stat("/d/f").ino;
        FileDescription reader = box.open("/d/f", Fcntl.O_RDONLY);
        box.write("/d/f", "changed");
        assertEquals("changed", box.read("/d/link"));
        assertEquals("changed", Sandbox.read(reader));
        assertEquals("lower", lower.read("/d/f"));
        assertEquals(ino, box.stat("/d/f").ino);
        assertEquals(List.of("e", "f", "link"), box.list("/d"));
        reader.decRef();
        FileDescription append = box.open("/d/e/deep", Fcntl.O_WRONLY | Fcntl.O_APPEND);
        Sandbox.write(append, "er");
        append.decRef();
        assertEquals("deeper", box.read("/d/e/deep"));
    }

    @Test
    void removedNamesStayRemoved() {
        Names.unlink(box.root, CWD, "/d/f");
        assertFalse(box.exists("/d/f"));
        assertEquals(List.of("e", "link"), box.list("/d"));
        assertTrue(lower.exists("/d/f"));
        box.write("/d/f", "new");
        assertEquals("new", box.read("/d/f"));
        fails(Errno.ENOTEMPTY, () -> Names.rmdir(box.root, CWD, "/d/e"));
        Names.unlink(box.root, CWD, "/d/e/deep");
        Names.rmdir(box.root, CWD, "/d/e");
        assertFalse(box.exists("/d/e"));
        box.mkdir("/d/e");
        assertTrue(box.list("/d/e").isEmpty());
    }

    @Test
    void directoriesMove() {
        box.write("/d/e/own", "own");
        Renames.rename(box.root, CWD, "/d/e", CWD, "/moved", 0);
        assertEquals(List.of("deep", "own"), box.list("/moved"));
        assertEquals("deep", box.read("/moved/deep"));
        assertFalse(box.exists("/d/e"));
        Renames.rename(box.root, CWD, "/moved/deep", CWD, "/d/f", 0);
        assertEquals("deep", box.read("/d/f"));
        assertEquals(List.of("own"), box.list("/moved"));
        Renames.rename(box.root, CWD, "/d", CWD, "/moved", MiscFlags.RENAME_EXCHANGE);
        assertEquals(List.of("f", "link"), box.list("/moved"));
        assertEquals(List.of("own"), box.list("/d"));
    }

    @Test
    void hardLinksStayLinks() {
        assertEquals(2, box.stat("/h1").nlink);
        box.write("/h1", "both");
        assertEquals("both", box.read("/h2"));
        assertEquals(2, box.stat("/h2").nlink);
        Names.link(box.root, box.find("/h2"), CWD, "/h3");
        assertEquals(3, box.stat("/h1").nlink);
        Names.unlink(box.root, CWD, "/h1");
        Names.unlink(box.root, CWD, "/h2");
        assertEquals(1, box.stat("/h3").nlink);
        assertEquals("both", box.read("/h3"));
        assertEquals("hard", lower.read("/h1"));
    }

    @Test
    void openFilesOutliveTheirNames() {
        FileDescription file = box.open("/d/f", Fcntl.O_RDONLY);
        Names.unlink(box.root, CWD, "/d/f");
        Kstat stat = new Kstat();
        Attributes.stat(file.path(), stat);
        assertEquals(0, stat.nlink);
        assertEquals("lower", Sandbox.read(file));
        Attributes.chmod(box.root.creds(), file.path(), 0600);
        Attributes.stat(file.path(), stat);
        assertEquals(0, stat.nlink);
        assertEquals(0600, stat.mode & 0777);
        file.decRef();
        assertFalse(box.exists("/d/f"));
    }

    @Test
    void attributesGoUp() {
        Attributes.chmod(box.root.creds(), box.find("/d"), 0700);
        assertEquals(0700, box.stat("/d").mode & 0777);
        assertEquals(0755, lower.stat("/d").mode & 0777);
        Xattrs.set(box.root.creds(), box.find("/d/f"), "user.x", new byte[] {1}, 0);
        assertEquals("lower", box.read("/d/f"));
        assertEquals(1, Xattrs.list(box.root.creds(), box.find("/d/f")).size());
    }

    @Test
    void replacingADirectory() {
        box.mkdir("/empty");
        fails(Errno.ENOTEMPTY, () -> Renames.rename(box.root, CWD, "/empty", CWD, "/d", 0));
        Names.unlink(box.root, CWD, "/d/e/deep");
        Renames.rename(box.root, CWD, "/empty", CWD, "/d/e", 0);
        assertTrue(box.list("/d/e").isEmpty());
    }
}
