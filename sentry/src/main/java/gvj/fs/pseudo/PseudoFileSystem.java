package gvj.fs.pseudo;

import gvj.abi.Errno;
import gvj.vfs.FileSystem;
import gvj.vfs.Inode;
import java.util.concurrent.atomic.AtomicLong;

/** A file system of generated files. */
public class PseudoFileSystem extends FileSystem {
    private final String type;
    private final long magic;
    private final AtomicLong nextIno = new AtomicLong(1);
    private volatile Inode root;

    public PseudoFileSystem(String type, long magic) {
        this.type = type;
        this.magic = magic;
    }

    /** Sets the root once it is made. */
    public final void setRoot(Inode directory) {
        root = directory;
    }

    /** A fresh inode number. */
    public final long newIno() {
        return nextIno.getAndIncrement();
    }

    /** A name that /proc does not have cannot be looked up even to be made; other file systems refuse to make it. */
    @Override
    public int createErrno(boolean entry) {
        return type.equals("proc") ? Errno.ENOENT : entry ? Errno.EPERM : Errno.EACCES;
    }

    @Override
    public String type() {
        return type;
    }

    @Override
    public long magic() {
        return magic;
    }

    @Override
    public Inode root() {
        return root;
    }
}
