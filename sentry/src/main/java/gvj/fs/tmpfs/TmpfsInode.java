package gvj.fs.tmpfs;

import gvj.abi.Errno;
import gvj.abi.Stat;
import gvj.kernel.Clock;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.vfs.FileDescription;
import gvj.vfs.Inode;
import gvj.vfs.Kstat;
import gvj.vfs.Opener;
import gvj.vfs.Path;
import gvj.vfs.SetAttr;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What all types of files of tmpfs have: attributes and extended attributes.
 *
 * <p>Lock: {@link #attributes} guards times, links and extended attributes; it is innermost.
 */
abstract class TmpfsInode extends Inode {
    private static final long DAY = 24L * 3600 * 1_000_000_000;
    /** Bytes of extended attributes that one file may have. */
    private static final int XATTR_BYTES = 1 << 20;

    private final TmpFs fs;
    private final long ino;
    private final Object attributes = new Object();
    private volatile int mode;
    private volatile int uid;
    private volatile int gid;
    private volatile int nlink;
    private volatile long atime;
    private volatile long mtime;
    private volatile long ctime;
    private final long btime;
    private Map<String, byte[]> xattrs;
    private int xattrBytes;

    TmpfsInode(TmpFs fs, int mode, int uid, int gid) {
        super(fs);
        this.fs = fs;
        this.ino = fs.newIno();
        this.mode = mode;
        this.uid = uid;
        this.gid = gid;
        this.nlink = 1;
        long now = Clock.realtime();
        atime = now;
        mtime = now;
        ctime = now;
        btime = now;
    }

    final TmpFs fs() {
        return fs;
    }

    @Override
    public final long ino() {
        return ino;
    }

    @Override
    public final int mode() {
        return mode;
    }

    @Override
    public final int uid() {
        return uid;
    }

    @Override
    public final int gid() {
        return gid;
    }

    final int links() {
        return nlink;
    }

    /** st_size. */
    abstract long bytes();

    /** st_blocks. */
    long blocks() {
        return 0;
    }

    int rdevMajor() {
        return 0;
    }

    int rdevMinor() {
        return 0;
    }

    @Override
    public final void stat(Kstat out) {
        out.ino = ino;
        out.mode = mode;
        out.nlink = nlink;
        out.uid = uid;
        out.gid = gid;
        out.rdevMajor = rdevMajor();
        out.rdevMinor = rdevMinor();
        out.size = bytes();
        out.blockSize = 4096;
        out.blocks = blocks();
        out.atime = atime;
        out.mtime = mtime;
        out.ctime = ctime;
        out.btime = btime;
        out.attributes = 0;
    }

    /** Changes the size; only regular files have one to change. */
    void resize(long size) {
        throw ErrnoException.of(Errno.EINVAL);
    }

    @Override
    public final void setAttr(SetAttr change) {
        if ((change.mask & SetAttr.SIZE) != 0) {
            resize(change.size);
        }
        synchronized (attributes) {
            if ((change.mask & SetAttr.MODE) != 0) {
                mode = mode & Stat.S_IFMT | change.mode & 07777;
            }
            if ((change.mask & SetAttr.UID) != 0) {
                uid = change.uid;
            }
            if ((change.mask & SetAttr.GID) != 0) {
                gid = change.gid;
            }
            long now = Clock.realtime();
            if ((change.mask & SetAttr.SIZE) != 0) {
                mtime = now;
            }
            if ((change.mask & SetAttr.ATIME) != 0) {
                atime = change.atime;
            }
            if ((change.mask & SetAttr.MTIME) != 0) {
                mtime = change.mtime;
            }
            ctime = now;
        }
    }

    /** The content changed. */
    final void modified() {
        long now = Clock.realtime();
        synchronized (attributes) {
            mtime = now;
            ctime = now;
        }
    }

    /** Names or attributes changed. */
    final void changed() {
        ctime = Clock.realtime();
    }

    @Override
    public final void accessed(boolean relatime) {
        long old = atime;
        if (relatime && old > mtime && old > ctime && Clock.realtime() - old < DAY) {
            return;
        }
        atime = Clock.realtime();
    }

    final void addLinks(int change) {
        synchronized (attributes) {
            nlink += change;
        }
        changed();
    }

    /** A name went away; the last one may free the file. */
    void nameGone(int names) {
        addLinks(-names);
        if (nlink == 0) {
            fs.inodeGone();
        }
    }

    /** Frees what it holds because the file system went away. */
    void freeTree() {}

    @Override
    public FileDescription open(Task task, Path path, int flags) {
        return Opener.openSpecial(task, path, flags);
    }

    @Override
    public final byte[] getXattr(String name) {
        synchronized (attributes) {
            return xattrs == null ? null : xattrs.get(name);
        }
    }

    @Override
    public final byte[] getXattrIfAny(String name) {
        return xattrs == null ? null : getXattr(name);
    }

    @Override
    public final void setXattr(String name, byte[] value, int flags) {
        synchronized (attributes) {
            byte[] old = xattrs == null ? null : xattrs.get(name);
            if (old != null && (flags & Stat.XATTR_CREATE) != 0) {
                throw ErrnoException.of(Errno.EEXIST);
            }
            if (old == null && (flags & Stat.XATTR_REPLACE) != 0) {
                throw ErrnoException.of(Errno.ENODATA);
            }
            int bytes = xattrBytes + value.length + (old == null ? name.length() : -old.length);
            if (bytes > XATTR_BYTES) {
                throw ErrnoException.of(Errno.ENOSPC);
            }
            if (xattrs == null) {
                xattrs = new LinkedHashMap<>();
            }
            xattrs.put(name, value);
            xattrBytes = bytes;
        }
        changed();
    }

    @Override
    public final List<String> listXattr() {
        synchronized (attributes) {
            return xattrs == null ? List.of() : new ArrayList<>(xattrs.keySet());
        }
    }

    @Override
    public final void removeXattr(String name) {
        synchronized (attributes) {
            byte[] old = xattrs == null ? null : xattrs.remove(name);
            if (old == null) {
                throw ErrnoException.of(Errno.ENODATA);
            }
            xattrBytes -= old.length + name.length();
        }
        changed();
    }
}
