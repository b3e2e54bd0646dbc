package gvj.vfs;

import gvj.kernel.ErrnoException;
import gvj.abi.Errno;
import java.util.concurrent.atomic.AtomicInteger;

/** A mounted file system instance: Linux's superblock. */
public abstract class FileSystem {
    private static final AtomicInteger NEXT_MINOR = new AtomicInteger(20);

    private final int deviceMinor = NEXT_MINOR.getAndIncrement();

    /** The type as mount(2) and /proc/filesystems name it. */
    public abstract String type();

    /** f_type of statfs(2), see {@link gvj.abi.Mount}. */
    public abstract long magic();

    /** The root directory. */
    public abstract Inode root();

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

    /** Whether names found once may be trusted until this Sentry changes them (no revalidation). */
    public boolean isExclusive() {
        return true;
    }

    /** sync(2), syncfs(2): writes everything back. */
    public void sync() {}

    /** The last mount of it went away. */
    public void release() {}
}
