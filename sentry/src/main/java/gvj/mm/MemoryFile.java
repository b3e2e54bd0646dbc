package gvj.mm;

import gvj.abi.Errno;
import gvj.host.Host;
import gvj.host.Mem;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The sandbox's memory: one sparse memfd, mapped once. Anonymous memory, tmpfs and page cache are pages of it. Pages are
 * refcounted; a page is named by its byte offset, a multiple of 4096. Each is charged to a {@link MemoryGroup}.
 *
 * <p>Lock: the monitor guards {@link FrameBlocks} and {@link PageOwners}; it is innermost and held for moments. Reference counts are atomic.
 */
public final class MemoryFile {
    /** Bytes of a page. */
    public static final int PAGE = 4096;

    private static final int CHUNK_BITS = 15;
    private static final int CHUNK_PAGES = 1 << CHUNK_BITS;
    /** Freed pages that keep their host memory for whoever comes next; above it they go back. */
    private static final long DIRTY_MAX = 16384;
    /** Blocks that go back at a time. */
    private static final int BATCH = 256;
    /** The part of the sparse file that one mapping may promise to fill. */
    private static final int PROMISE_PART = 4;
    /** Pages that a shortage asks its shrinkers for at least. */
    private static final int SHRINK_PAGES = 256;

    private static final VarHandle REFS = MethodHandles.arrayElementVarHandle(int[].class);

    /** Gives pages back when memory gets short. */
    @FunctionalInterface
    public interface Shrinker {
        /**
         * Frees up to {@code pages} pages that can be had again: clean cache, of those that {@code group} and groups below
         * it pay for. Answers how many. Called by whoever needs a page, perhaps with a memory manager's lock held: it must
         * not wait for I/O or call memory managers.
         */
        long shrink(long pages, MemoryGroup group);
    }

    /** Makes room when all memory is in use and nothing can be had again. */
    @FunctionalInterface
    public interface Reliever {
        /**
         * Frees memory by ending somebody. Called by the task that needs it, with no memory manager's lock held; may wait.
         *
         * @param payer who was to pay, where that is not the task's own
         * @param attempt how often the caller has tried in vain, from 1
         * @return whether to try again; false if the caller's process is to end
         */
        boolean relieve(MemoryGroup payer, int attempt);
    }

    private final int fd;
    private final long bytes;
    private final long base;
    private final int[][] refs;
    private final FrameBlocks blocks;
    private final MemoryGroup root;
    private final PageOwners owners;
    private final AtomicLong tables = new AtomicLong();
    private final long tablesMax;
    private final CopyOnWriteArrayList<Shrinker> shrinkers = new CopyOnWriteArrayList<>();
    private final long zeroPage;
    private boolean trimming;
    private volatile Reliever reliever = (payer, attempt) -> false;

    /**
     * Makes the memory file.
     *
     * @param bytes size of the sparse file; somewhat more than the limit, because freed pages are not always where
     *     consecutive ones are wanted
     * @param limitPages how many pages may be in use at once before {@link #allocate} answers -1
     */
    public MemoryFile(long bytes, long limitPages) {
        long chunk = (long) CHUNK_PAGES * PAGE;
        this.bytes = (bytes + chunk - 1) / chunk * chunk;
        this.refs = new int[(int) (this.bytes / chunk)][];
        this.root = new MemoryGroup(null, 0, limitPages);
        this.owners = new PageOwners(refs.length, CHUNK_BITS, root);
        this.blocks = new FrameBlocks(this.bytes / PAGE);
        // tables live in the Java heap: a sandbox may fill some of it with them, not all
        this.tablesMax =
                Math.max(1024, Math.min(limitPages / 8, Runtime.getRuntime().maxMemory() / 4 / PAGE));
        byte[] name = {'g', 'v', 'j', 0};
        fd = Host.memfdCreate(name, Host.MFD_CLOEXEC);
        check(fd, "memfd_create");
        check(Host.ftruncate(fd, this.bytes), "ftruncate of the memory file");
        base = Host.mmap(0, this.bytes, Host.PROT_READ | Host.PROT_WRITE, Host.MAP_SHARED | Host.MAP_NORESERVE, fd, 0);
        check(base, "mmap of the memory file");
        zeroPage = allocate(1);
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

    /** A page of zeros that all may map and none may write. It has no references to count. */
    public long zeroPage() {
        return zeroPage;
    }

    /** Asks {@code shrinker} for pages when memory gets short. */
    public void addShrinker(Shrinker shrinker) {
        shrinkers.add(shrinker);
    }

    /** Asks {@code last} when no shrinker helps. */
    public void setReliever(Reliever last) {
        reliever = last;
    }

    /** See {@link Reliever#relieve}. */
    boolean relieve(MemoryGroup payer, int attempt) {
        return reliever.relieve(payer, attempt);
    }

    public void removeShrinker(Shrinker shrinker) {
        shrinkers.remove(shrinker);
    }

    /** {@code pages} consecutive zeroed pages with one reference each; -1 if a limit is reached. */
    public long allocate(int pages) {
        return allocate(pages, MemoryKind.ANONYMOUS);
    }

    /** As {@link #allocate(int)}, for {@code kind}. */
    public long allocate(int pages, MemoryKind kind) {
        return allocate(pages, payer(), kind, true);
    }

    /** As {@link #allocate(int)}; {@code group} pays. */
    long allocate(int pages, MemoryGroup group) {
        return allocate(pages, group, MemoryKind.ANONYMOUS, true);
    }

    /**
     * As {@link #allocate(int, MemoryKind)}, but the pages may hold anything, also what was somebody else's: the caller
     * overwrites every byte before anybody can see it.
     */
    public long allocateUnzeroed(int pages, MemoryKind kind) {
        return allocate(pages, payer(), kind, false);
    }

    private MemoryGroup payer() {
        return Thread.currentThread() instanceof MemoryGroup.Payer payer ? payer.memoryGroup() : root;
    }

    private long allocate(int pages, MemoryGroup group, MemoryKind kind, boolean zeroed) {
        if (pages <= 0) {
            throw new IllegalArgumentException("not a number of pages: " + pages);
        }
        MemoryGroup payer = charge(pages, group, kind);
        if (payer == null) {
            return -1;
        }
        long offset = pages <= FrameBlocks.PAGES
                ? allocateInBlock(pages, payer, kind, zeroed)
                : allocateBlocks(pages, payer, kind, zeroed);
        if (offset == -1) {
            payer.uncharge(pages, kind);
        }
        return offset;
    }

    /** Who pays: {@code group}, or who has taken over from it; null if a limit is reached. */
    private MemoryGroup charge(int pages, MemoryGroup group, MemoryKind kind) {
        MemoryGroup payer = group;
        while (true) {
            MemoryGroup full = payer.charge(pages, kind);
            if (full == null) {
                if (!payer.closed) {
                    return payer; // what is charged from here on keeps its number from being another's
                }
                payer.uncharge(pages, kind);
                payer = payer.parent;
            } else if (!shrink(pages, full)) {
                return null;
            }
        }
    }

    private long allocateInBlock(int pages, MemoryGroup group, MemoryKind kind, boolean zeroed) {
        long page;
        int toZero;
        synchronized (this) {
            long taken = blocks.take(pages);
            if (taken == -1) {
                return -1;
            }
            page = taken & (1L << 48) - 1;
            toZero = (int) (taken >>> 48);
            for (int i = 0; i < pages; i++) {
                owners.set(page + i, group, kind);
                setFirstRef(page + i);
            }
        }
        if (zeroed) {
            zero(page * PAGE, toZero);
        }
        return page * PAGE;
    }

    private long allocateBlocks(int pages, MemoryGroup group, MemoryKind kind, boolean zeroed) {
        int wanted = (pages + FrameBlocks.PAGES - 1) / FrameBlocks.PAGES;
        char[] toZero = new char[wanted];
        long page;
        synchronized (this) {
            int block = blocks.takeRun(wanted, toZero);
            if (block < 0) {
                return -1;
            }
            page = (long) block * FrameBlocks.PAGES;
            for (int i = 0; i < pages; i++) {
                owners.set(page + i, group, kind);
                setFirstRef(page + i);
            }
            for (int i = pages; i < wanted * FrameBlocks.PAGES; i++) {
                blocks.free(page + i, (toZero[wanted - 1] & 1 << i % FrameBlocks.PAGES) == 0);
            }
        }
        for (int i = 0; zeroed && i < wanted; i++) {
            int last = i == wanted - 1 ? (1 << (pages - 1) % FrameBlocks.PAGES + 1) - 1 : -1;
            zero((page + (long) i * FrameBlocks.PAGES) * PAGE, toZero[i] & last);
        }
        return page * PAGE;
    }

    private boolean shrink(int pages, MemoryGroup group) {
        long freed = 0;
        for (Shrinker shrinker : shrinkers) {
            freed += shrinker.shrink(Math.max(pages, SHRINK_PAGES) - freed, group);
            if (freed >= pages) {
                break;
            }
        }
        return freed > 0;
    }

    private void setFirstRef(long page) {
        int chunk = (int) (page >>> CHUNK_BITS);
        if (refs[chunk] == null) {
            refs[chunk] = new int[CHUNK_PAGES];
        }
        REFS.setVolatile(refs[chunk], (int) page & CHUNK_PAGES - 1, 1);
    }

    private void zero(long offset, int mask) {
        int left = mask;
        while (left != 0) {
            int first = Integer.numberOfTrailingZeros(left);
            int run = Integer.numberOfTrailingZeros(~(left >>> first));
            Mem.zero(base + offset + (long) first * PAGE, (long) run * PAGE);
            left &= -1 << first + run;
        }
    }

    /** Takes one more reference on the page at {@code offset}. */
    public void incRef(long offset) {
        long page = offset / PAGE;
        REFS.getAndAdd(refs[(int) (page >>> CHUNK_BITS)], (int) page & CHUNK_PAGES - 1, 1);
    }

    /** Drops a reference; the last one frees the page. */
    public void decRef(long offset) {
        if (dropped(offset / PAGE)) {
            free(offset / PAGE);
        }
    }

    /** Drops a reference on each of {@code count} consecutive pages. */
    public void decRef(long offset, int count) {
        for (int i = 0; i < count; i++) {
            long page = offset / PAGE + i;
            if (dropped(page)) {
                free(page);
            }
        }
    }

    private boolean dropped(long page) {
        int left = (int) REFS.getAndAdd(refs[(int) (page >>> CHUNK_BITS)], (int) page & CHUNK_PAGES - 1, -1) - 1;
        if (left < 0) {
            throw new IllegalStateException("page " + page + " of the memory file was freed twice");
        }
        return left == 0;
    }

    /** References on the page at {@code offset}. */
    public int refs(long offset) {
        long page = offset / PAGE;
        return (int) REFS.getVolatile(refs[(int) (page >>> CHUNK_BITS)], (int) page & CHUNK_PAGES - 1);
    }

    private void free(long page) {
        boolean trim = false;
        int owner;
        MemoryGroup group;
        synchronized (this) {
            owner = owners.clear(page);
            group = owners.group(owner);
            blocks.free(page, false);
            if (blocks.dirty() > DIRTY_MAX && !trimming) {
                trimming = true;
                trim = true;
            }
        }
        group.uncharge(1, PageOwners.kind(owner));
        if (trim) {
            Thread trimmer = new Thread(this::trim, "memory-trim");
            trimmer.setDaemon(true);
            trimmer.start();
        }
    }

    /** Gives free blocks back to the host until half of what may be kept is left. */
    private void trim() {
        int[] batch = new int[BATCH];
        while (true) {
            int count;
            synchronized (this) {
                count = blocks.dirty() > DIRTY_MAX / 2 ? blocks.takeDirtyBlocks(batch) : 0;
                if (count == 0) {
                    trimming = false;
                    return;
                }
            }
            giveBack(batch, count);
        }
    }

    private void giveBack(int[] batch, int count) {
        long blockBytes = (long) FrameBlocks.PAGES * PAGE;
        Arrays.sort(batch, 0, count);
        for (int i = 0; i < count; ) {
            int end = i + 1;
            while (end < count && batch[end] == batch[end - 1] + 1) {
                end++;
            }
            long length = (end - i) * blockBytes;
            int mode = Host.FALLOC_FL_PUNCH_HOLE | Host.FALLOC_FL_KEEP_SIZE;
            if (Host.fallocate(fd, mode, batch[i] * blockBytes, length) < 0) {
                // EINTR or no memory in the host: then they are zeroed by hand
                Mem.zero(base + batch[i] * blockBytes, length);
            }
            synchronized (this) {
                for (; i < end; i++) {
                    blocks.giveBackZero(batch[i]);
                }
            }
        }
    }

    /** Whether one more table of an address space (a page of the Java heap) is allowed. */
    boolean chargeTable() {
        if (tables.incrementAndGet() > tablesMax) {
            tables.decrementAndGet();
            return false;
        }
        return true;
    }

    void unchargeTable() {
        tables.decrementAndGet();
    }

    /** Whether address spaces have all the tables that there may be. */
    public boolean tablesFull() {
        return tables.get() >= tablesMax;
    }

    /** Pages of the Java heap that address spaces have for tables. */
    public long tablePages() {
        return tables.get();
    }

    // ---- who pays

    /** The group at the top: everybody's use, and what nobody else pays for. */
    public MemoryGroup root() {
        return root;
    }

    /** A group below {@code parent}, without a limit of its own; null if there are too many. */
    public synchronized MemoryGroup newGroup(MemoryGroup parent) {
        return owners.newGroup(parent);
    }

    /** Nobody works for {@code group} any more: what is still charged to it becomes its parent's. */
    public void remove(MemoryGroup group) {
        if (group.parent == null) {
            throw new IllegalArgumentException("the first group stays");
        }
        group.closed = true;
        for (int chunk = 0; chunk < owners.chunks() && group.used() > 0; chunk++) {
            synchronized (this) {
                owners.handOver(chunk, group);
            }
        }
        group.removed = true;
    }

    /** Whether {@code group} or one below it pays for the page at {@code offset}, on which somebody holds a reference. */
    public boolean isChargedTo(long offset, MemoryGroup group) {
        return group == root || owners.of(offset / PAGE).isWithin(group);
    }

    /** Pages in use. */
    public long usedPages() {
        return root.used();
    }

    /** Most pages that were ever in use at once. */
    public long peakPages() {
        return root.peak();
    }

    /** How many pages may be in use. */
    public long limitPages() {
        return root.limit();
    }

    /**
     * How many pages one mapping may promise. As with Linux's memory cgroups a small limit does not count, because a
     * program may map more than it touches; what the file could never hold does.
     */
    long promisePages() {
        return Math.max(root.limit(), bytes / PAGE / PROMISE_PART);
    }

    /** Another limit for all: see {@link #setLimit(MemoryGroup, long)}. */
    public boolean setLimit(long pages) {
        return setLimit(root, pages);
    }

    /**
     * Another limit for {@code group}. Clean cache goes for a smaller one.
     *
     * @return whether it holds: not if more is in use, or if the file has not so many pages
     */
    public boolean setLimit(MemoryGroup group, long pages) {
        if (group == root && pages > bytes / PAGE) {
            return false;
        }
        long excess = group.used() - pages;
        while (excess > 0 && shrink((int) Math.min(excess, Integer.MAX_VALUE), group)) {
            excess = group.used() - pages;
        }
        if (excess > 0) {
            return false;
        }
        group.setLimit(pages);
        return true;
    }
}
