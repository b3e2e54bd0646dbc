package gvj.fs.tmpfs;

import gvj.abi.Errno;
import gvj.fs.pages.PageMap;
import gvj.host.Mem;
import gvj.kernel.ErrnoException;
import gvj.mm.IoBuffer;
import gvj.mm.MemoryFile;
import gvj.mm.MemoryKind;

/** The pages of a tmpfs file: they are its storage. A missing one is a hole and reads as zeros. */
final class TmpfsPages extends PageMap {
    /** Pages that are made at once: what the memory file has side by side at little cost. */
    private static final int NEW_PAGES = 16;

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
        long fresh = memory.allocate(1, MemoryKind.SHARED);
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
            long most = Math.min(left, to.remaining());
            long run = pinnedRun(at / PAGE, pagesOf(in, most));
            long wanted = bytesOf(run, in, most);
            long moved = copyOut(run, to, in, wanted, total == 0);
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
            long moved = writeSome(from, at, total == 0);
            total += moved;
            if (moved <= 0) {
                break;
            }
            grow(offset + total);
        }
        return total;
    }

    /** Writes pages that are side by side; the bytes moved, 0 for an error that comes after the {@code first} bytes. */
    private long writeSome(IoBuffer from, long at, boolean first) {
        long index = at / PAGE;
        int in = (int) (at % PAGE);
        long run = NONE;
        try {
            run = pinnedRun(index, pagesOf(in, from.remaining()));
            if (run == NONE && in == 0 && from.remaining() >= PAGE) {
                long moved = writeNew(from, index, (int) Math.min(from.remaining() / PAGE, NEW_PAGES));
                if (moved != NONE) {
                    return moved;
                }
            }
            if (run == NONE) {
                run = pinnedOrNew(index) | 1;
            }
            return from.copyIn(memory.address(frameOf(run)) + in, bytesOf(run, in, from.remaining()));
        } catch (ErrnoException e) {
            if (first) {
                throw e;
            }
            return 0;
        } finally {
            unpin(run);
        }
    }

    /** Writes whole pages where none are: nobody sees them before they are filled, so they need not be zeroed. NONE if no room. */
    private long writeNew(IoBuffer from, long index, int most) {
        int count = (int) missing(index, most);
        if (count == 0 || !fs.charge(count)) {
            return NONE;
        }
        long frames = memory.allocateUnzeroed(count, MemoryKind.SHARED);
        if (frames < 0) {
            fs.uncharge(count);
            return NONE;
        }
        long moved = 0;
        try {
            moved = from.copyIn(memory.address(frames), (long) count * PAGE);
        } finally {
            fs.uncharge(count - keep(index, frames, count, moved));
        }
        return moved;
    }

    /** Puts as many pages as {@code bytes} bytes fill into the file and gives the others back; how many stayed. */
    private int keep(long index, long frames, int count, long bytes) {
        int filled = (int) pagesOf(0, bytes);
        Mem.zero(memory.address(frames) + bytes, (long) filled * PAGE - bytes);
        int kept = 0;
        lock.lock();
        try {
            for (int i = 0; i < filled; i++) {
                long frame = frames + (long) i * PAGE;
                long known = peek(index + i);
                if (known == NONE) {
                    insert(index + i, frame);
                    kept++;
                } else {
                    // a mapping was faster
                    Mem.copy(memory.address(frame), memory.address(known), Math.min(PAGE, bytes - (long) i * PAGE));
                    memory.decRef(frame);
                }
            }
        } finally {
            lock.unlock();
        }
        memory.decRef(frames + (long) filled * PAGE, count - filled);
        return kept;
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
