package gvj.fs.gofer;

import gvj.abi.Errno;
import gvj.fs.pages.PageMap;
import gvj.host.Host;
import gvj.kernel.ErrnoException;
import gvj.mm.IoBuffer;
import gvj.mm.MemoryGroup;
import gvj.mm.MemoryKind;

/**
 * The cached pages of a file on the host. They are read from its descriptor, several at once when reading goes on;
 * write(2) goes to the host at once and into pages that are here; only shared mappings make pages dirty, and those are
 * written back by msync, fsync and when the last mapping goes.
 */
final class GoferPages extends PageMap {
    /** Reads of so many bytes do not fill the cache, nor do smaller ones here and there. */
    private static final int DIRECT = PAGE;

    private static final int FIRST_WINDOW = 32;
    private static final int MAX_WINDOW = 256;
    private static final int CHANGES = 16;
    private static final int WRITE_BATCH = 256;

    private final PageCache cache;
    private volatile int fd = -1;
    private volatile int writeFd = -1;
    /** Where reading would go on, and how many pages are then read at once. */
    private volatile long expected;

    private volatile int window = FIRST_WINDOW;
    /** Where the last read ended; a guess when several threads read. */
    private long lastEnd;

    /** Changes of the host's file through us, counted, and where the last ones were: what was read before is stale there. */
    private int generation;

    private long[] changedFrom;
    private long[] changedTo;
    private boolean entered;
    private volatile boolean hasDirty;
    /** How many threads are writing pages back: what they have in hand is not marked dirty. The lock guards it. */
    private int writers;
    /** Forgetting met such a thread and has to be done again. */
    private volatile boolean forgetAgain;
    /** An error of writing back that nobody was told yet; 0 if there is none. The lock guards it. */
    private int error;

    /** Whether we changed the host's file since {@link #compare} last looked. */
    private volatile boolean wrote = true;
    /** Its time of modification then, which {@link #compare} guards by its caller's lock. */
    private long seenTime;

    private int seenNanos;

    GoferPages(PageCache cache, long size) {
        super(cache.memory());
        this.cache = cache;
        setSize(size);
    }

    /** The host descriptors in use now; -1 for none. */
    void setDescriptors(int readable, int writable) {
        fd = readable;
        writeFd = writable;
    }

    /** The host says it has another size or content: clean pages go. */
    void reload(long newSize) {
        if (newSize < size()) {
            changed(newSize, Long.MAX_VALUE);
            cache.count(-cut(newSize));
            return;
        }
        setSize(newSize);
        changed(0, Long.MAX_VALUE);
    }

    /** Bytes [from, to) of the host's file are different now. */
    private void changed(long from, long to) {
        lock.lock();
        try {
            if (changedFrom == null) {
                changedFrom = new long[CHANGES];
                changedTo = new long[CHANGES];
            }
            changedFrom[generation % CHANGES] = from;
            changedTo[generation % CHANGES] = to;
            generation++;
        } finally {
            lock.unlock();
        }
    }

    /** Whether bytes [from, to) changed since the count was {@code before}. The lock is held. */
    private boolean isStale(int before, long from, long to) {
        if (generation - before > CHANGES) {
            return true;
        }
        for (int change = before; change < generation; change++) {
            if (changedFrom[change % CHANGES] < to && from < changedTo[change % CHANGES]) {
                return true;
            }
        }
        return false;
    }

    /** Forgets pages, because others changed the host's file; what mappings wrote is written back first and stays. */
    void forget() {
        keepError(writeBack());
        changed(0, Long.MAX_VALUE);
        long freed = 0;
        lock.lock();
        try {
            forgetAgain = writers > 0;
            if (!forgetAgain) {
                freed = dropClean();
            }
        } finally {
            lock.unlock();
        }
        invalidateAll();
        cache.count(-freed);
    }

    /**
     * The host's file has this size and time of modification: if that is not because of us, our pages are old. (Of what others
     * and we write within the same second, theirs may be seen only after their next change.)
     */
    void compare(long newSize, long time, int nanos) {
        boolean moved = time != seenTime || nanos != seenNanos;
        boolean grown = newSize != size();
        boolean ours = wrote;
        seenTime = time;
        seenNanos = nanos;
        wrote = false;
        if (grown || moved && !ours || forgetAgain) {
            forget();
        }
        if (grown) {
            reload(newSize);
        }
    }

    /** Reads from {@code offset}; 0 at or behind the end. */
    long read(IoBuffer to, long offset) {
        long total = 0;
        boolean inOrder = offset == lastEnd || offset == 0;
        while (to.remaining() > 0) {
            long at = offset + total;
            long left = Math.min(size() - at, to.remaining());
            if (left <= 0) {
                break;
            }
            long moved = inOrder && left < DIRECT ? 0 : readDirect(to, at, left);
            if (moved == 0) {
                moved = readCached(to, at, left, inOrder, total == 0);
            }
            total += moved;
            if (moved <= 0) {
                break;
            }
        }
        lastEnd = offset + total;
        return total;
    }

    /**
     * Much at once, or a little somewhere, goes from the host's cache to the application without a stay in ours, which would cost a copy more and
     * fresh memory. A page that is here counts more than the host's: a mapping may have written it.
     */
    private long readDirect(IoBuffer to, long at, long wanted) {
        int in = (int) (at % PAGE);
        long absent = missing(at / PAGE, pagesOf(in, wanted));
        if (absent == 0) {
            return 0;
        }
        return to.readCached(fd, at, Math.min(absent * PAGE - in, wanted));
    }

    /**
     * Reads pages that are side by side, and others ahead if reading goes {@code inOrder}; the bytes moved, 0 for the end or
     * an error after the {@code first} bytes.
     */
    private long readCached(IoBuffer to, long at, long wanted, boolean inOrder, boolean first) {
        int in = (int) (at % PAGE);
        long pages = pagesOf(in, wanted);
        try {
            long run = pinnedRun(at / PAGE, pages);
            if (run == NONE) {
                long page = filled(at / PAGE, pages, inOrder);
                if (page == NONE) {
                    return 0;
                }
                run = page | 1;
            }
            return copyOut(run, to, in, bytesOf(run, in, wanted), first);
        } catch (ErrnoException e) {
            if (first) {
                throw e;
            }
            return 0;
        }
    }

    /** The page, read from the host if it is not here, with a reference for the caller; NONE behind the end. */
    private long filled(long index, long wantedPages, boolean readAhead) {
        long page = pinned(index);
        if (page != NONE) {
            return page;
        }
        int ahead = readAhead ? FIRST_WINDOW : 1;
        if (readAhead && index == expected) {
            ahead = Math.min(Math.max(window, FIRST_WINDOW) * 2, MAX_WINDOW);
        }
        window = ahead;
        long count = Math.min(Math.max(ahead, Math.min(wantedPages, MAX_WINDOW)), pageCount() - index);
        do {
            page = fill(index, (int) Math.max(count, 1), index);
        } while (page == NONE && index < pageCount());
        return page;
    }

    /** As {@link #filled}, for a mapping: programs jump about in it, so what is around is read unless it goes on in order. */
    private long filledAround(long index) {
        if (index == expected) {
            return filled(index, 1, true);
        }
        long page = pinned(index);
        while (page == NONE && index < pageCount()) {
            long start = firstAbsent(index, index - index % FIRST_WINDOW);
            long end = Math.min(index - index % FIRST_WINDOW + FIRST_WINDOW, pageCount());
            page = fill(start, (int) (end - start), index);
        }
        return page;
    }

    /** Where the pages that are missing, up to {@code index}, begin; at {@code lowest} at the earliest. */
    private long firstAbsent(long index, long lowest) {
        lock.lock();
        try {
            long start = index;
            while (start > lowest && peek(start - 1) == NONE) {
                start--;
            }
            return start;
        } finally {
            lock.unlock();
        }
    }

    private int changes() {
        lock.lock();
        try {
            return generation;
        } finally {
            lock.unlock();
        }
    }

    /** Reads pages from {@code index} on; page {@code asked} of them pinned, or NONE if it changed meanwhile. */
    private long fill(long index, int wanted, long asked) {
        int count = absent(index, wanted);
        cache.reserve(count);
        long frames = memory.allocateUnzeroed(count, MemoryKind.FILE);
        if (frames < 0 && count > 1) {
            return fill(asked, 1, asked);
        }
        if (frames < 0) {
            throw ErrnoException.of(Errno.ENOMEM);
        }
        int before = changes();
        long length = (long) count * PAGE;
        long done = 0;
        while (done < length) {
            long n = Host.pread(fd, memory.address(frames) + done, length - done, index * PAGE + done);
            if (n <= 0) {
                if (n < 0 && done == 0) {
                    release(frames, count);
                    throw ErrnoException.of((int) -n);
                }
                break;
            }
            done += n;
        }
        gvj.host.Mem.zero(memory.address(frames) + done, length - done);
        expected = index + count;
        return adopt(index, frames, count, before, asked);
    }

    /** How many pages from {@code index} on are missing, at most {@code most}, at least 1. */
    private int absent(long index, int most) {
        lock.lock();
        try {
            int count = 1;
            while (count < most && peek(index + count) == NONE) {
                count++;
            }
            return count;
        } finally {
            lock.unlock();
        }
    }

    /** Puts pages that were read into the table where there is none yet; answers page {@code asked}, pinned, or NONE. */
    private long adopt(long index, long frames, int count, int before, long asked) {
        long result;
        int kept = 0;
        lock.lock();
        try {
            for (int i = 0; i < count; i++) {
                long frame = frames + (long) i * PAGE;
                long at = (index + i) * PAGE;
                if (index + i < Math.max(pageCount(), 1)
                        && peek(index + i) == NONE
                        && !isStale(before, at, at + PAGE)) {
                    insert(index + i, frame);
                    kept++;
                } else {
                    memory.decRef(frame);
                }
            }
            result = pin(asked);
            if (kept > 0 && !entered) {
                entered = true;
                cache.enter(this);
            }
        } finally {
            lock.unlock();
        }
        cache.count(kept);
        return result;
    }

    private void release(long frames, int count) {
        for (int i = 0; i < count; i++) {
            memory.decRef(frames + (long) i * PAGE);
        }
    }

    /** The host's file was written: cached pages take the same bytes from {@code address}, and the size grows. */
    void written(long address, long length, long offset) {
        wrote = true;
        changed(offset, offset + length);
        long done = 0;
        while (done < length) {
            long at = offset + done;
            int in = (int) (at % PAGE);
            long n = Math.min(PAGE - in, length - done);
            long page = pinned(at / PAGE);
            if (page != NONE) {
                gvj.host.Mem.copy(address + done, memory.address(page) + in, n);
                memory.decRef(page);
            }
            done += n;
        }
        grow(offset + length);
    }

    /** The host's file was cut or grown. */
    void truncated(long newSize) {
        wrote = true;
        changed(Math.min(size(), newSize), Long.MAX_VALUE);
        cache.count(-cut(newSize));
    }

    /** A hole was punched into the host's file. */
    void punched(long offset, long length) {
        wrote = true;
        changed(offset, offset + length);
        cache.count(-clear(offset, length));
    }

    /** Shrinker: frees clean pages that {@code group} pays for, unless somebody works on this file. */
    long tryEvict(long most, MemoryGroup group) {
        if (lock.isHeldByCurrentThread() || !lock.tryLock()) {
            return 0;
        }
        long freed;
        try {
            freed = evict(most, group);
        } finally {
            lock.unlock();
        }
        cache.count(-freed);
        return freed;
    }

    /** The inode is gone. */
    void free() {
        long freed;
        lock.lock();
        try {
            freed = drop(0, Long.MAX_VALUE);
        } finally {
            lock.unlock();
        }
        cache.count(-freed);
        cache.leave(this);
    }

    /** Writes pages back that mappings made dirty; 0 or -errno. What could not be written stays dirty. */
    int writeBack() {
        if (!hasDirty) {
            return 0;
        }
        hasDirty = false;
        count(1);
        try {
            int result = 0;
            long[] batch = new long[WRITE_BATCH];
            long index = 0;
            while (true) {
                int count = takeDirty(index, batch);
                if (count == 0) {
                    return result;
                }
                // a write from here on faults and makes its page dirty again; one before it is in what is written
                writeProtect(batch[0], batch[count - 1] + 1);
                for (int i = 0; i < count; i++) {
                    long page = pinned(batch[i]);
                    if (page != NONE) {
                        result = Math.min(result, writePage(page, batch[i]));
                    }
                }
                index = batch[count - 1] + 1;
            }
        } finally {
            count(-1);
        }
    }

    private void count(int change) {
        lock.lock();
        try {
            writers += change;
        } finally {
            lock.unlock();
        }
    }

    /** Takes the dirty marks off the first pages behind {@code from} that have one; how many. */
    private int takeDirty(long from, long[] batch) {
        lock.lock();
        try {
            int count = 0;
            for (long index = takeDirty(from); index != NONE; index = takeDirty(index + 1)) {
                batch[count++] = index;
                if (count == batch.length) {
                    break;
                }
            }
            return count;
        } finally {
            lock.unlock();
        }
    }

    private int writePage(long page, long index) {
        wrote = true;
        long length = Math.min(PAGE, size() - index * PAGE);
        long done = 0;
        int result = 0;
        while (done < length && result == 0) {
            long n = Host.pwrite(writeFd, memory.address(page) + done, length - done, index * PAGE + done);
            done += Math.max(n, 0);
            result = n > 0 ? 0 : n == 0 ? -Errno.EIO : (int) n;
        }
        if (result < 0) {
            dirtyAgain(page, index);
        }
        memory.decRef(page);
        return result;
    }

    private void dirtyAgain(long page, long index) {
        lock.lock();
        try {
            if (peek(index) == page) {
                markDirty(index);
                hasDirty = true;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Remembers an error of writing back for whoever asks next whether all is well. */
    void keepError(int result) {
        if (result < 0) {
            lock.lock();
            try {
                error = result;
            } finally {
                lock.unlock();
            }
        }
    }

    /** Writes back; 0, or the error of that or of one before that nobody was told: fsync(2), msync(2). */
    int flush() {
        int result = writeBack();
        lock.lock();
        try {
            int before = error;
            error = 0;
            return result < 0 ? result : before;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean mayChange() {
        return writeFd >= 0;
    }

    @Override
    public long page(long index, boolean write) {
        if (index < 0 || index >= pageCount()) {
            return BEYOND_END;
        }
        long page = filledAround(index);
        if (write && page != NONE) {
            lock.lock();
            try {
                if (peek(index) == page) {
                    markDirty(index);
                    hasDirty = true;
                }
            } finally {
                lock.unlock();
            }
        }
        return page;
    }

    @Override
    public void removeMapping(gvj.mm.MemoryManager mm, boolean writable) {
        super.removeMapping(mm, writable);
        if (writable && writableMappings() == 0) {
            keepError(writeBack());
        }
    }

    @Override
    public int sync(long firstPage, long count) {
        return flush();
    }
}
