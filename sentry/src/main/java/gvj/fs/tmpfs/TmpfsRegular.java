package gvj.fs.tmpfs;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.mm.IoBuffer;
import gvj.mm.Mappable;
import gvj.mm.MemoryFile;
import gvj.vfs.FileContent;
import gvj.vfs.FileDescription;
import gvj.vfs.Path;
import gvj.vfs.RegularFile;
import gvj.vfs.Sealable;

/**
 * A regular file, and what memfd_create(2) makes.
 *
 * <p>Locks: the monitor serialises writes, sizes and seals (Linux's i_rwsem); {@link #life}'s guards who keeps the pages
 * alive. {@link TmpfsPages} has its own below both.
 */
final class TmpfsRegular extends TmpfsInode implements FileContent, Sealable {
    private static final int ALL_SEALS = Fcntl.F_SEAL_SEAL
            | Fcntl.F_SEAL_SHRINK
            | Fcntl.F_SEAL_GROW
            | Fcntl.F_SEAL_WRITE
            | Fcntl.F_SEAL_FUTURE_WRITE
            | F_SEAL_EXEC;
    private static final int NO_WRITE = Fcntl.F_SEAL_WRITE | Fcntl.F_SEAL_FUTURE_WRITE;

    private final TmpfsPages pages;
    private final Object life = new Object();
    private volatile int seals = Fcntl.F_SEAL_SEAL;
    private int opens;
    private boolean nameless;
    private boolean linkable;
    private boolean neverNamed;
    private boolean freed;

    TmpfsRegular(TmpFs fs, int mode, int uid, int gid) {
        super(fs, mode, uid, gid);
        pages = new TmpfsPages(fs.memory(), fs);
    }

    /** Made without a name (O_TMPFILE, memfd); link(2) may give it one if {@code mayLink}. */
    void unlinked(boolean mayLink) {
        addLinks(-1);
        synchronized (life) {
            nameless = true;
            neverNamed = true;
            linkable = mayLink;
        }
    }

    /** link(2) on a file without a name: false if it was removed rather than made so. */
    boolean relink() {
        synchronized (life) {
            if (!linkable || freed) {
                return false;
            }
            nameless = false;
            linkable = false;
            neverNamed = false;
            return true;
        }
    }

    @Override
    long bytes() {
        return pages.size();
    }

    @Override
    long blocks() {
        return pages.pages() * (MemoryFile.PAGE / 512);
    }

    @Override
    public FileDescription open(Task task, Path path, int flags) {
        synchronized (life) {
            opens++;
        }
        return new Description(path, flags);
    }

    private final class Description extends RegularFile {
        Description(Path path, int flags) {
            super(path, flags, TmpfsRegular.this);
        }

        @Override
        protected void release() {
            synchronized (life) {
                opens--;
                freeIfUnused();
            }
        }
    }

    @Override
    void nameGone(int names) {
        super.nameGone(names);
        synchronized (life) {
            if (links() == 0) {
                nameless = true;
                linkable = false;
                freeIfUnused();
            }
        }
    }

    @Override
    void freeTree() {
        synchronized (life) {
            nameless = true;
            freeIfUnused();
        }
    }

    private void freeIfUnused() {
        if (nameless && opens == 0 && !freed) {
            freed = true;
            pages.free();
            if (neverNamed) {
                fs().inodeGone();
            }
        }
    }

    @Override
    public long size() {
        return pages.size();
    }

    @Override
    public long read(IoBuffer to, long offset) {
        return pages.read(to, offset);
    }

    @Override
    public long write(IoBuffer from, long offset) {
        int s = seals;
        if ((s & NO_WRITE) != 0) {
            return -Errno.EPERM;
        }
        if ((s & Fcntl.F_SEAL_GROW) != 0 && offset + from.remaining() > size()) {
            return -Errno.EPERM;
        }
        long n = pages.write(from, offset);
        if (n > 0) {
            modified();
        }
        return n;
    }

    @Override
    synchronized void resize(long size) {
        long now = size();
        if (size < now && (seals & Fcntl.F_SEAL_SHRINK) != 0 || size > now && (seals & Fcntl.F_SEAL_GROW) != 0) {
            throw ErrnoException.of(Errno.EPERM);
        }
        pages.truncate(size);
    }

    @Override
    public long seekData(long offset, boolean hole) {
        return pages.seek(offset, hole);
    }

    @Override
    public Mappable mappable() {
        return pages;
    }

    @Override
    public int fallocate(int mode, long offset, long length) {
        boolean punch = (mode & Fcntl.FALLOC_FL_PUNCH_HOLE) != 0;
        if ((mode & ~(Fcntl.FALLOC_FL_PUNCH_HOLE | Fcntl.FALLOC_FL_KEEP_SIZE)) != 0) {
            return -Errno.EOPNOTSUPP;
        }
        if (punch) {
            if ((seals & NO_WRITE) != 0) {
                return -Errno.EPERM;
            }
            pages.punchHole(offset, length);
            modified();
            return 0;
        }
        long end = offset + length;
        if ((seals & Fcntl.F_SEAL_GROW) != 0 && end > size()) {
            return -Errno.EPERM;
        }
        pages.allocate(offset, length);
        if ((mode & Fcntl.FALLOC_FL_KEEP_SIZE) == 0 && end > size()) {
            pages.truncate(end);
        }
        modified();
        return 0;
    }

    @Override
    public int seals() {
        return seals;
    }

    @Override
    public void allowSealing() {
        seals = 0;
    }

    @Override
    public synchronized int addSeals(int more) {
        if ((more & ~ALL_SEALS) != 0) {
            return -Errno.EINVAL;
        }
        int now = seals;
        if ((now & Fcntl.F_SEAL_SEAL) != 0) {
            return -Errno.EPERM;
        }
        if ((more & Fcntl.F_SEAL_WRITE) != 0 && (now & Fcntl.F_SEAL_WRITE) == 0 && pages.writableMappings() > 0) {
            return -Errno.EBUSY;
        }
        int added = more;
        if ((more & F_SEAL_EXEC) != 0 && (mode() & 0111) != 0) {
            added |= Fcntl.F_SEAL_SHRINK | Fcntl.F_SEAL_GROW | Fcntl.F_SEAL_WRITE | Fcntl.F_SEAL_FUTURE_WRITE;
        }
        seals = now | added;
        return 0;
    }
}
