package gvj.mm;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Mman;
import gvj.host.Host;
import gvj.host.Mem;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The sandbox's memory: one sparse memfd, mapped once. Anonymous memory, tmpfs and page cache are pages of it. Pages are
 * refcounted; a page is named by its byte offset, a multiple of 4096.
 *
 * <p>Lock: the monitor guards the free lists and the usage count; it is innermost. Reference counts are atomic.
 */
public final class MemoryFile {
    /** Bytes of a page. */
    public static final int PAGE = 4096;

    private static final int CHUNK_PAGES = 1 << 18;
    /** Freed pages kept as they are for the next allocation; above it half of them go back to the host. */
    private static final int DIRTY_MAX = 8192;

    private static final VarHandle REFS = MethodHandles.arrayElementVarHandle(int[].class);

    /** Gives pages back when memory gets short. */
    @FunctionalInterface
    public interface Shrinker {
        /** Frees up to {@code pages} pages; answers how many. Called without the memory file's lock. */
        long shrink(long pages);
    }

    /** A run of pages that the host has taken back: zero when touched. */
    private record Run(long offset, int pages) {}

    private final int fd;
    private final long bytes;
    private final long base;
    private final long limitPages;
    private final int[][] refs;
    private final long[] dirty = new long[DIRTY_MAX];
    private final ArrayDeque<Run> clean = new ArrayDeque<>();
    private final CopyOnWriteArrayList<Shrinker> shrinkers = new CopyOnWriteArrayList<>();
    private int dirtyCount;
    private long neverUsed;
    private volatile long usedPages;

    /**
     * Makes the memory file.
     *
     * @param bytes size of the sparse file
     * @param limitPages how many pages may be in use at once before {@link #allocate} answers -1
     */
    public MemoryFile(long bytes, long limitPages) {
        this.bytes = (bytes + ((long) CHUNK_PAGES * PAGE) - 1) & -((long) CHUNK_PAGES * PAGE);
        this.limitPages = limitPages;
        this.refs = new int[(int) (this.bytes / PAGE / CHUNK_PAGES)][];
        byte[] name = {'g', 'v', 'j', 0};
        fd = Host.memfdCreate(name, Mman.MFD_CLOEXEC);
        check(fd, "memfd_create");
        check(Host.ftruncate(fd, this.bytes), "ftruncate of the memory file");
        base = Host.mmap(
                0, this.bytes, Mman.PROT_READ | Mman.PROT_WRITE, Mman.MAP_SHARED | Mman.MAP_NORESERVE, fd, 0);
        check(base, "mmap of the memory file");
    }

    private static void check(long result, String what) {
        if (result < 0 && result > -4096) {
            throw new IllegalStateException(what + ": " + Errno.name((int) -result));
        }
    }

    /** The memfd, for the platform. */
    public int fd() {
        return fd;
    }

    /** The size of the sparse file in bytes. */
    public long bytes() {
        return bytes;
    }

    /** Sentry address of the page (or any byte) at {@code offset}, for {@link gvj.host.Mem}. */
    public long address(long offset) {
        return base + offset;
    }

    /** Asks {@code shrinker} for pages when memory gets short. */
    public void addShrinker(Shrinker shrinker) {
        shrinkers.add(shrinker);
    }

    /** {@code pages} consecutive zeroed pages with one reference each; -1 if the limit is reached. */
    public long allocate(int pages) {
        long offset = take(pages);
        if (offset == -1 && shrink(pages)) {
            offset = take(pages);
        }
        return offset;
    }

    private boolean shrink(int pages) {
        long freed = 0;
        for (Shrinker shrinker : shrinkers) {
            freed += shrinker.shrink(Math.max(pages, 1024));
            if (freed >= pages) {
                return true;
            }
        }
        return freed > 0;
    }

    private long take(int pages) {
        long offset;
        boolean zeroed = true;
        synchronized (this) {
            if (usedPages + pages > limitPages) {
                return -1;
            }
            if (pages == 1 && dirtyCount > 0) {
                offset = dirty[--dirtyCount];
                zeroed = false;
            } else {
                offset = takeClean(pages);
                if (offset == -1) {
                    return -1;
                }
            }
            usedPages += pages;
            for (int i = 0; i < pages; i++) {
                setFirstRef(offset + (long) i * PAGE);
            }
        }
        if (!zeroed) {
            Mem.zero(base + offset, PAGE);
        }
        return offset;
    }

    private long takeClean(int pages) {
        int tries = Math.min(clean.size(), 8);
        for (int i = 0; i < tries; i++) {
            Run run = clean.poll();
            if (run.pages >= pages) {
                if (run.pages > pages) {
                    clean.addFirst(new Run(run.offset + (long) pages * PAGE, run.pages - pages));
                }
                return run.offset;
            }
            clean.add(run);
        }
        long offset = neverUsed;
        if (offset + (long) pages * PAGE > bytes) {
            return -1;
        }
        neverUsed = offset + (long) pages * PAGE;
        return offset;
    }

    private void setFirstRef(long offset) {
        long page = offset / PAGE;
        int chunk = (int) (page / CHUNK_PAGES);
        if (refs[chunk] == null) {
            refs[chunk] = new int[CHUNK_PAGES];
        }
        REFS.setVolatile(refs[chunk], (int) (page % CHUNK_PAGES), 1);
    }

    /** Takes one more reference on the page at {@code offset}. */
    public void incRef(long offset) {
        long page = offset / PAGE;
        REFS.getAndAdd(refs[(int) (page / CHUNK_PAGES)], (int) (page % CHUNK_PAGES), 1);
    }

    /** Drops a reference; the last one frees the page. */
    public void decRef(long offset) {
        long page = offset / PAGE;
        int left = (int) REFS.getAndAdd(refs[(int) (page / CHUNK_PAGES)], (int) (page % CHUNK_PAGES), -1) - 1;
        if (left == 0) {
            free(offset & -PAGE);
        } else if (left < 0) {
            throw new IllegalStateException("page " + offset + " was freed twice");
        }
    }

    /** References on the page at {@code offset}. */
    public int refs(long offset) {
        long page = offset / PAGE;
        return (int) REFS.getVolatile(refs[(int) (page / CHUNK_PAGES)], (int) (page % CHUNK_PAGES));
    }

    private synchronized void free(long offset) {
        if (dirtyCount == DIRTY_MAX) {
            giveBack();
        }
        dirty[dirtyCount++] = offset;
        usedPages--;
    }

    /** Returns the older half of the freed pages to the host, in runs. */
    private void giveBack() {
        int half = DIRTY_MAX / 2;
        long[] old = Arrays.copyOf(dirty, half);
        System.arraycopy(dirty, half, dirty, 0, half);
        dirtyCount = half;
        Arrays.sort(old);
        for (int i = 0; i < half; ) {
            int end = i + 1;
            while (end < half && old[end] == old[end - 1] + PAGE) {
                end++;
            }
            long length = (long) (end - i) * PAGE;
            check(
                    Host.fallocate(fd, Fcntl.FALLOC_FL_PUNCH_HOLE | Fcntl.FALLOC_FL_KEEP_SIZE, old[i], length),
                    "fallocate of the memory file");
            clean.add(new Run(old[i], end - i));
            i = end;
        }
    }

    /** Pages in use. */
    public long usedPages() {
        return usedPages;
    }

    /** The limit given at the start. */
    public long limitPages() {
        return limitPages;
    }
}
