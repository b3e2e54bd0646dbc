package gvj.vfs;

import gvj.mm.IoBuffer;
import gvj.mm.Mappable;

/**
 * The bytes of a regular file, usually the inode itself. Its monitor is held around {@link #write} and
 * {@link #fallocate} (Linux's i_rwsem): a page fault must not need it.
 */
public interface FileContent {
    long size();

    /** No byte at or behind this offset: s_maxbytes. */
    default long maxSize() {
        return Long.MAX_VALUE;
    }

    /** Reads; 0 at or behind the end. */
    long read(IoBuffer to, long offset);

    /** Writes, growing the file. */
    long write(IoBuffer from, long offset);

    /** SEEK_DATA, or SEEK_HOLE, from an offset inside the file: the offset, or -ENXIO. */
    default long seekData(long offset, boolean hole) {
        return hole ? size() : offset;
    }

    Mappable mappable();

    /** 0 or -errno. */
    default int fsync(boolean dataOnly) {
        return 0;
    }

    /** fallocate(2) with checked mode and range; 0 or -errno. */
    default int fallocate(int mode, long offset, long length) {
        return -gvj.abi.Errno.EOPNOTSUPP;
    }
}
