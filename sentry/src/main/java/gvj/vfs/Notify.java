package gvj.vfs;

import gvj.abi.Poll;
import java.util.concurrent.atomic.AtomicInteger;

/** Tells watches ({@link FsEvents}) what happened: to the file itself and to the directory it is in. */
public final class Notify {
    private static final AtomicInteger COOKIES = new AtomicInteger();

    private Notify() {}

    /** IN_ACCESS, IN_MODIFY, IN_ATTRIB, IN_OPEN, IN_CLOSE_* of what {@code dentry} names. */
    public static void file(Dentry dentry, int mask) {
        Inode inode = dentry.inode();
        if (inode == null) {
            return;
        }
        Dentry parent = dentry.parent();
        Inode directory = parent == dentry ? null : parent.inode();
        FsEvents above = directory == null ? null : directory.watches();
        FsEvents own = inode.watches();
        if (above == null && own == null) {
            return;
        }
        int bits = mask | (inode.isDirectory() ? Poll.IN_ISDIR : 0);
        if (above != null) {
            above.event(dentry.isDead() ? bits | Poll.IN_EXCL_UNLINK : bits, 0, dentry.name());
        }
        if (own != null) {
            own.event(bits, 0, "");
        }
    }

    /** IN_CREATE or IN_DELETE in a directory. */
    static void entry(Dentry directory, int mask, String name, boolean isDirectory) {
        FsEvents watches = directory.inode().watches();
        if (watches != null) {
            watches.event(mask | (isDirectory ? Poll.IN_ISDIR : 0), 0, name);
        }
    }

    /** The count of names changed; or, with {@code last}, there is none any more. */
    static void removed(Inode inode, boolean last) {
        FsEvents watches = inode.watches();
        if (watches != null) {
            watches.event(last ? Poll.IN_DELETE_SELF : Poll.IN_ATTRIB, 0, "");
        }
    }

    /** IN_MOVED_FROM, IN_MOVED_TO and IN_MOVE_SELF. */
    static void moved(Dentry from, String oldName, Dentry to, String newName, Inode inode) {
        FsEvents left = from.inode().watches();
        FsEvents entered = to.inode().watches();
        FsEvents self = inode.watches();
        if (left == null && entered == null && self == null) {
            return;
        }
        int isDirectory = inode.isDirectory() ? Poll.IN_ISDIR : 0;
        int cookie = COOKIES.incrementAndGet();
        if (left != null) {
            left.event(Poll.IN_MOVED_FROM | isDirectory, cookie, oldName);
        }
        if (entered != null) {
            entered.event(Poll.IN_MOVED_TO | isDirectory, cookie, newName);
        }
        if (self != null) {
            self.event(Poll.IN_MOVE_SELF, 0, "");
        }
    }
}
