package gvj.fs.tmpfs;

import gvj.abi.Errno;
import gvj.fs.pages.PageMap;
import gvj.kernel.ErrnoException;
import gvj.mm.IoBuffer;
import gvj.mm.MemoryFile;

/** The pages of a tmpfs file: they are its storage. A missing one is a hole and reads as zeros. */
final class TmpfsPages extends PageMap {
    private final TmpFs fs;

    TmpfsPages(MemoryFile memory, TmpFs fs) {
        super(memory);
        this.fs = fs;
    }

    /** The page with a reference for the caller, made if it is missing. */
    private long pinnedOrNew(long index) {
        long page = pinned(index);
        if (page != NONE) {
            return page;
        }
        if (!fs.charge(1)) {
            throw ErrnoException.of(Errno.ENOSPC);
        }
        long fresh = memory.allocate(1);
        if (fresh < 0) {
            fs.uncharge(1);
            throw ErrnoException.of(Errno.ENOMEM);
        }
        lock.lock();
        try {
            page = pin(index);
            if (page == NONE) {
                insert(index, fresh);
                memory.incRef(fresh);
                return fresh;
            }
        } finally {
            lock.unlock();
        }
        memory.decRef(fresh);
        fs.uncharge(1);
        return page;
    }

    /** Reads from {@code offset}; 0 at or behind the end. */
    long read(IoBuffer to, long offset) {
        long total = 0;
        while (to.remaining() > 0) {
            long at = offset + total;
            long left = size() - at;
            if (left <= 0) {
                break;
            }
            int in = (int) (at % PAGE);
            long wanted = Math.min(Math.min(PAGE - in, left), to.remaining());
            long moved = copyOut(pinned(at / PAGE), to, in, wanted, total == 0);
            total += moved;
            if (moved < wanted) {
                break;
            }
        }
        return total;
    }

    /** Writes at {@code offset} and grows the file. Callers are one at a time. */
    long write(IoBuffer from, long offset) {
        long total = 0;
        while (from.remaining() > 0) {
            long at = offset + total;
            int in = (int) (at % PAGE);
            long wanted = Math.min(PAGE - in, from.remaining());
            long moved = writePage(from, at / PAGE, in, wanted, total == 0);
            total += moved;
            if (moved > 0) {
                grow(offset + total);
            }
            if (moved < wanted) {
                break;
            }
        }
        return total;
    }

    private long writePage(IoBuffer from, long index, int in, long wanted, boolean first) {
        long page = NONE;
        try {
            page = pinnedOrNew(index);
            return from.copyIn(memory.address(page) + in, wanted);
        } catch (ErrnoException e) {
            if (first) {
                throw e;
            }
            return 0;
        } finally {
            if (page != NONE) {
                memory.decRef(page);
            }
        }
    }

    /** Sets the size; what was behind a new end is gone. */
    void truncate(long newSize) {
        fs.uncharge(cut(newSize));
    }

    /** Makes a range read as zeros and gives its whole pages back; the size stays. */
    void punchHole(long offset, long length) {
        fs.uncharge(clear(offset, length));
    }

    /** Makes all pages of a range exist; ENOSPC before anything is made if they cannot fit. */
    void allocate(long offset, long length) {
        long first = offset / PAGE;
        long last = (offset + length - 1) / PAGE;
        if (!fs.charge(last - first + 1)) {
            throw ErrnoException.of(Errno.ENOSPC);
        }
        fs.uncharge(last - first + 1);
        for (long index = first; index <= last; index++) {
            memory.decRef(pinnedOrNew(index));
        }
    }

    /** The file is gone: gives every page back. */
    void free() {
        lock.lock();
        try {
            fs.uncharge(drop(0, Long.MAX_VALUE));
        } finally {
            lock.unlock();
        }
    }

    /** SEEK_DATA or SEEK_HOLE from an offset inside the file. */
    long seek(long offset, boolean hole) {
        lock.lock();
        try {
            long end = pageCount();
            long index = offset / PAGE;
            while (index < end) {
                if (!hasChunk(index)) {
                    if (hole) {
                        break;
                    }
                    index = nextChunk(index);
                    if (index < 0) {
                        return -Errno.ENXIO;
                    }
                    continue;
                }
                if (peek(index) == NONE == hole) {
                    break;
                }
                index++;
            }
            if (index >= end) {
                return hole ? size() : -Errno.ENXIO;
            }
            return Math.min(Math.max(offset, index * PAGE), size());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long page(long index, boolean write) {
        if (index < 0 || index >= pageCount()) {
            return BEYOND_END;
        }
        return pinnedOrNew(index);
    }

    @Override
    public boolean tracksWrites() {
        return false;
    }

    @Override
    public int punch(long offset, long length) {
        punchHole(offset, length);
        return 0;
    }
}
