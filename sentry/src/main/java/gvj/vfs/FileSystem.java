package gvj.vfs;

import gvj.abi.Errno;
import gvj.kernel.ErrnoException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/** A mounted file system instance: Linux's superblock. */
public abstract class FileSystem {
    private static final AtomicInteger NEXT_MINOR = new AtomicInteger(20);

    /** Nobody but this Sentry changes names. */
    public static final long FOREVER = Long.MAX_VALUE;

    /** Dentries kept per file system. */
    private static final int DENTRIES = 1 << 15;

    private final int deviceMinor = NEXT_MINOR.getAndIncrement();
    private final DentryCache dentryCache = new DentryCache(DENTRIES);
    private final ReentrantLock renameLock = new ReentrantLock();
    private final AtomicInteger mountCount = new AtomicInteger();
    /** Mounts, also such that were taken off, of which somebody has a file open or works there. */
    private final AtomicInteger busyMounts = new AtomicInteger();

    private volatile boolean unmounted;
    private volatile boolean readOnly;
    private Dentry rootDentry;

    /** The type as mount(2) and /proc/filesystems name it. */
    public abstract String type();

    /** f_type of statfs(2), see {@link gvj.abi.Mount}. */
    public abstract long magic();

    /** The root directory. */
    public abstract Inode root();

    /** The one dentry of the root directory, shared by all mounts of it. */
    public final Dentry rootDentry() {
        synchronized (dentryCache) {
            if (rootDentry == null) {
                rootDentry = new Dentry(null, "/", root());
            }
            return rootDentry;
        }
    }

    final DentryCache dentryCache() {
        return dentryCache;
    }

    /** One rename between two directories at a time: Linux's s_vfs_rename_mutex. Before any directory's lock. */
    final ReentrantLock renameLock() {
        return renameLock;
    }

    /** Whether the whole file system, not only a mount of it, is read-only. */
    public final boolean isReadOnly() {
        return readOnly;
    }

    public final void setReadOnly(boolean value) {
        readOnly = value;
    }

    /** Major 0, as every file system without a block device. */
    public int deviceMajor() {
        return 0;
    }

    /** Distinct for every instance. */
    public int deviceMinor() {
        return deviceMinor;
    }

    /** Fills in what statfs(2) answers. */
    public void statfs(StatFs out) {
        out.type = magic();
        out.blockSize = 4096;
        out.nameLength = 255;
    }

    /** Options as /proc/mounts shows them behind rw or ro, for instance {@code ,size=1024k}. */
    public String options() {
        return "";
    }

    /** remount with new data; EINVAL for an option it does not know. */
    public void remount(String data) {
        if (!data.isEmpty()) {
            throw ErrnoException.of(Errno.EINVAL);
        }
    }

    /**
     * What making a name answers before anything else is looked at, where the file system has no names of users: 0 where
     * it may.
     *
     * @param entry mkdir, link and the like; false for open(2) with O_CREAT
     */
    public int createErrno(boolean entry) {
        return 0;
    }

    /**
     * How long a name found once may be trusted unless this Sentry changes it: {@link #FOREVER}, or nanoseconds, or 0 where it
     * has to be asked for each time.
     */
    public long trustNanos() {
        return FOREVER;
    }

    /** sync(2), syncfs(2): writes everything back. */
    public void sync() {}

    /** The last mount of it went away, and nobody has a file of it open or works in it. */
    protected void release() {}

    /** Somebody has a file of it open or works in it, for the first time or again. */
    protected void busy() {}

    /** Nobody has just now, mounted or not. */
    protected void idle() {}

    /** Whether somebody has a file of it open or works in it. */
    public final boolean isBusy() {
        return busyMounts.get() > 0;
    }

    /** One more mount shows it. */
    final void mounted() {
        mountCount.incrementAndGet();
        unmounted = false;
    }

    /** A mount of it went away; the last one releases it, unless it is in use still. */
    final void unmounted() {
        if (mountCount.decrementAndGet() == 0) {
            unmounted = true;
            releaseIfUnused();
        }
    }

    /** The first use of a mount. */
    final void becameBusy() {
        if (busyMounts.getAndIncrement() == 0) {
            busy();
        }
    }

    /** The last use of a mount ended. */
    final void becameIdle() {
        if (busyMounts.decrementAndGet() == 0) {
            idle();
            releaseIfUnused();
        }
    }

    private void releaseIfUnused() {
        if (unmounted && !isBusy()) {
            dentryCache.clear();
            release();
        }
    }
}
