package gvj.fs.gofer;

import gvj.mm.MemoryFile;
import gvj.mm.MemoryGroup;
import gvj.mm.MemoryKind;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much of the sandbox's memory the gofer's files may take, over all trees: clean pages go when there are too many, or
 * when the memory file runs short.
 *
 * <p>Lock: the monitor guards the ring of files; no file's lock is waited for under it.
 */
public final class PageCache {
    private static final long MOST = 1L << 18;
    private static final int SHARE = 4;

    private final MemoryFile memory;
    private final long maxPages;
    private final AtomicLong pages = new AtomicLong();
    private final ArrayDeque<GoferPages> ring = new ArrayDeque<>();

    public PageCache(MemoryFile memory) {
        this.memory = memory;
        this.maxPages = Math.min(memory.limitPages() / SHARE, MOST);
        memory.addShrinker(this::shrink);
    }

    MemoryFile memory() {
        return memory;
    }

    /** A file has its first page. */
    synchronized void enter(GoferPages file) {
        ring.add(file);
    }

    synchronized void leave(GoferPages file) {
        ring.remove(file);
    }

    /** Pages came (or, negative, went). */
    void count(long change) {
        pages.addAndGet(change);
    }

    /** Makes room for {@code more} pages. */
    void reserve(long more) {
        long over = pages.get() + more - maxPages;
        if (over > 0) {
            shrink(over + maxPages / 16, memory.root());
        }
    }

    /** Frees up to {@code wanted} clean pages that {@code group} pays for; answers how many. */
    private long shrink(long wanted, MemoryGroup group) {
        if (group.used(MemoryKind.FILE) == 0) {
            return 0;
        }
        long freed = 0;
        int rounds;
        synchronized (this) {
            rounds = ring.size() * 2;
        }
        while (freed < wanted && rounds-- > 0) {
            GoferPages file;
            synchronized (this) {
                file = ring.poll();
                if (file == null) {
                    break;
                }
                ring.add(file);
            }
            freed += file.tryEvict(wanted - freed, group);
        }
        return freed;
    }
}
