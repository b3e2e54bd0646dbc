package gvj.fs.gofer;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Stat;
import gvj.host.Host;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.mm.IoBuffer;
import gvj.mm.Mappable;
import gvj.vfs.FileContent;
import gvj.vfs.FileDescription;
import gvj.vfs.Path;
import gvj.vfs.RegularFile;
import gvj.vfs.SetAttr;
import gvj.wire.Attr;

/**
 * A regular file of the host. In an exclusive tree reads come from the page cache; in a shared one they go to the host
 * every time, so that what others write is seen. Writes always go to the host at once.
 *
 * <p>Locks: the monitor serialises writes and sizes (Linux's i_rwsem), the handle's guards the descriptors.
 */
final class GoferFile extends GoferInode implements FileContent {
    /** Made when it is first opened; until then the size is the attributes'. */
    private volatile GoferPages pages;

    GoferFile(GoferFs fs, Attr attr) {
        super(fs, attr);
    }

    @Override
    GoferPages pages() {
        return pages;
    }

    /** Makes the page cache; the monitor is held. */
    private void makePages() {
        if (pages == null) {
            GoferPages made = new GoferPages(fs().cache(), knownSize());
            handle().pages = made;
            pages = made;
        }
    }

    /** Not while a write is under way: a size from before it would cut off what it wrote. */
    @Override
    synchronized void refresh() {
        super.refresh();
    }

    /** Of an open file the descriptor knows more; who may do what is believed at once. */
    @Override
    void told(Attr now, long asked) {
        super.told(now, asked);
        if (pages != null) {
            expired();
        }
    }

    @Override
    void refreshed(Attr now) {
        super.refreshed(now);
        GoferPages cached = pages;
        if (cached != null && cached.size() != now.size && handle().opens == 0) {
            cached.reload(now.size);
        }
    }

    @Override
    boolean refreshHere() {
        return pages != null && look();
    }

    /**
     * Takes the attributes from the file's descriptor, if it has one, and forgets pages that others made old. The monitor is
     * held, so that no write is under way.
     */
    private boolean look() {
        GoferFs.Handle handle = handle();
        Attr now = new Attr();
        synchronized (handle) {
            if (handle.readFd < 0 || fs().fstat(handle.readFd, now) < 0) {
                return false;
            }
        }
        now.uid = uid(); // this process may be in a user namespace that does not know the host's users
        now.gid = gid();
        super.refreshed(now);
        if (!fs().sharing().forever()) {
            pages.compare(now.size, now.mtime, now.mtimeNanos);
        } else if (pages.size() != now.size) {
            pages.reload(now.size);
        }
        return true;
    }

    /** Looks at the file if what is known of it has grown old. */
    private void watch() {
        if (!isFresh()) {
            refresh();
        }
    }

    /** The descriptor of a file that was just made. */
    synchronized void adopt(int fd) {
        makePages();
        GoferFs.Handle handle = handle();
        synchronized (handle) {
            if (handle.writeFd >= 0) {
                Host.close(fd);
                return;
            }
            handle.writeFd = fd;
            if (handle.readFd < 0) {
                handle.readFd = fd;
            }
            pages.setDescriptors(handle.readFd, handle.writeFd);
        }
        fs().becameIdle(handle);
    }

    /** Makes sure there is a descriptor to read from, and one to write to if asked for, and counts one more user. */
    private synchronized void acquire(boolean writable) {
        makePages();
        GoferFs.Handle handle = handle();
        fs().inUse(handle);
        synchronized (handle) {
            if (handle.readFd < 0 || writable && handle.writeFd < 0) {
                Attr now = new Attr();
                int fd = GoferFs.check(fs().client().open(node(), writable ? Fcntl.O_RDWR : Fcntl.O_RDONLY, now));
                if (writable) {
                    handle.writeFd = fd;
                }
                if (handle.readFd < 0) {
                    handle.readFd = fd;
                }
            }
            pages.setDescriptors(handle.readFd, handle.writeFd);
            handle.opens++;
        }
        if (!fs().sharing().forever()) {
            look();
        }
    }

    private void released() {
        GoferFs.Handle handle = handle();
        boolean last;
        synchronized (handle) {
            last = --handle.opens == 0;
        }
        if (last) {
            pages.keepError(pages.writeBack());
            fs().becameIdle(handle);
        }
    }

    @Override
    public FileDescription open(Task task, Path path, int flags) {
        int access = flags & Fcntl.O_ACCMODE;
        acquire(access == Fcntl.O_WRONLY || access == Fcntl.O_RDWR);
        return new Description(path, flags);
    }

    private final class Description extends RegularFile {
        Description(Path path, int flags) {
            super(path, flags, GoferFile.this);
        }

        @Override
        protected void release() {
            released();
        }
    }

    @Override
    public long size() {
        if (!fs().sharing().caches() || pages == null) {
            return hostSize();
        }
        watch();
        return pages.size();
    }

    @Override
    public long read(IoBuffer to, long offset) {
        if (!fs().sharing().caches()) {
            return readHost(to, offset);
        }
        if (!fs().sharing().forever()) {
            watch();
        }
        return pages.read(to, offset);
    }

    private long readHost(IoBuffer to, long offset) {
        pages.keepError(pages.writeBack());
        long direct = to.readCached(handle().readFd, offset, to.remaining());
        if (to.remaining() == 0) {
            return direct;
        }
        long buffer = fs().takeBuffer();
        try {
            long total = direct;
            while (to.remaining() > 0) {
                long n = Host.pread(handle().readFd, buffer, Math.min(to.remaining(), GoferFs.BUFFER), offset + total);
                if (n <= 0) {
                    return total > 0 || n == 0 ? total : n;
                }
                long moved = to.copyOut(buffer, n);
                total += moved;
                if (moved < n || n < GoferFs.BUFFER && to.remaining() > 0 && n < 4096) {
                    break;
                }
            }
            return total;
        } finally {
            fs().giveBuffer(buffer);
        }
    }

    @Override
    public long write(IoBuffer from, long offset) {
        int before = mode();
        long buffer = fs().takeBuffer();
        try {
            long total = 0;
            while (from.remaining() > 0) {
                long wanted = Math.min(from.remaining(), GoferFs.BUFFER);
                long n = writeSome(from, buffer, wanted, offset + total, total == 0);
                if (n < 0) {
                    return total > 0 ? total : n;
                }
                total += n;
                if (n < wanted) {
                    break;
                }
            }
            return total;
        } finally {
            outdated();
            fs().giveBuffer(buffer);
            if ((before & (Stat.S_ISUID | Stat.S_ISGID)) != 0) {
                keepMode(before);
            }
        }
    }

    /** The host takes set-user-ID bits off what this process writes; whether the writer keeps them was decided before. */
    private void keepMode(int mode) {
        SetAttr change = new SetAttr();
        change.mask = SetAttr.MODE;
        change.mode = mode & 07777;
        change(change, change.mask);
    }

    private long writeSome(IoBuffer from, long buffer, long wanted, long offset, boolean first) {
        long copied;
        try {
            copied = from.copyIn(buffer, wanted);
        } catch (ErrnoException e) {
            if (first) {
                throw e;
            }
            return 0;
        }
        long done = 0;
        while (done < copied) {
            long n = Host.pwrite(handle().writeFd, buffer + done, copied - done, offset + done);
            if (n <= 0) {
                if (done == 0) {
                    return n == 0 ? -Errno.EIO : n;
                }
                break;
            }
            done += n;
        }
        pages.written(buffer, done, offset);
        return done;
    }

    @Override
    public synchronized void setAttr(SetAttr change) {
        int others = change.mask;
        if ((others & SetAttr.SIZE) != 0 && truncate(change.size)) {
            others &= ~SetAttr.SIZE;
        }
        if (others == 0) {
            outdated();
        } else {
            change(change, others);
        }
        if ((change.mask & SetAttr.SIZE) != 0 && pages != null) {
            pages.truncated(change.size);
        }
    }

    /** Through the descriptor, if there is one to write with: the file may have no name any more. */
    private boolean truncate(long size) {
        GoferFs.Handle handle = handle();
        synchronized (handle) {
            if (handle.writeFd < 0) {
                return false;
            }
            GoferFs.check(Host.ftruncate(handle.writeFd, size));
            return true;
        }
    }

    @Override
    public long seekData(long offset, boolean hole) {
        return Host.lseek(handle().readFd, offset, hole ? Host.SEEK_HOLE : Host.SEEK_DATA);
    }

    @Override
    public Mappable mappable() {
        return pages;
    }

    @Override
    public int fsync(boolean dataOnly) {
        int error = pages.flush();
        GoferFs.Handle handle = handle();
        int fd = handle.writeFd >= 0 ? handle.writeFd : handle.readFd;
        int result = dataOnly ? Host.fdatasync(fd) : Host.fsync(fd);
        return error < 0 ? error : result;
    }

    @Override
    public int fallocate(int mode, long offset, long length) {
        int result = Host.fallocate(handle().writeFd, mode, offset, length);
        if (result == 0) {
            outdated();
            if ((mode & (Fcntl.FALLOC_FL_PUNCH_HOLE | Fcntl.FALLOC_FL_ZERO_RANGE)) != 0) {
                pages.punched(offset, length);
            } else if ((mode & (Fcntl.FALLOC_FL_COLLAPSE_RANGE | Fcntl.FALLOC_FL_INSERT_RANGE)) != 0) {
                pages.forget();
            }
            hostSize();
        }
        return result;
    }
}
