package gvj.fs.pseudo;

import gvj.abi.Errno;
import gvj.abi.Stat;
import gvj.kernel.Clock;
import gvj.kernel.ErrnoException;
import gvj.vfs.Inode;
import gvj.vfs.Kstat;
import gvj.vfs.SetAttr;

/** Attributes of a made-up file: settable mode and owner, times from its making. */
public abstract class PseudoInode extends Inode {
    private final long ino;
    private final long created = Clock.realtime();
    private volatile int mode;
    private volatile int uid;
    private volatile int gid;

    /**
     * Owned by root.
     *
     * @param mode type and permission bits
     */
    protected PseudoInode(PseudoFileSystem fs, int mode) {
        super(fs);
        this.ino = fs.newIno();
        this.mode = mode;
    }

    /** The same inode number every time, for inodes that are made anew at each lookup. */
    protected PseudoInode(PseudoFileSystem fs, long ino, int mode) {
        super(fs);
        this.ino = ino;
        this.mode = mode;
    }

    @Override
    public long ino() {
        return ino;
    }

    @Override
    public int mode() {
        return mode;
    }

    @Override
    public int uid() {
        return uid;
    }

    @Override
    public int gid() {
        return gid;
    }

    /** Sets the owner. */
    public final PseudoInode owner(int newUid, int newGid) {
        uid = newUid;
        gid = newGid;
        return this;
    }

    /** What st_size shows. */
    protected long size() {
        return 0;
    }

    /** What st_nlink shows. */
    protected int links() {
        return 1;
    }

    @Override
    public void stat(Kstat out) {
        out.ino = ino();
        out.mode = mode();
        out.nlink = links();
        out.uid = uid();
        out.gid = gid();
        out.rdevMajor = 0;
        out.rdevMinor = 0;
        out.size = size();
        out.blockSize = 4096;
        out.blocks = 0;
        out.atime = created;
        out.mtime = created;
        out.ctime = created;
        out.btime = 0;
        out.attributes = 0;
    }

    @Override
    public void setAttr(SetAttr change) {
        if (!mayChangeAttributes() && (change.mask & (SetAttr.MODE | SetAttr.UID | SetAttr.GID)) != 0) {
            throw ErrnoException.of(Errno.EPERM);
        }
        if ((change.mask & SetAttr.MODE) != 0) {
            mode = mode & Stat.S_IFMT | change.mode & 07777;
        }
        if ((change.mask & SetAttr.UID) != 0) {
            uid = change.uid;
        }
        if ((change.mask & SetAttr.GID) != 0) {
            gid = change.gid;
        }
    }

    /** Whether chmod and chown work; /proc says no. */
    protected boolean mayChangeAttributes() {
        return true;
    }
}
