package gvj.mm;

import gvj.abi.Errno;
import gvj.kernel.ErrnoException;

/**
 * Memory that processes share without a file: mmap(MAP_SHARED | MAP_ANONYMOUS) and System V shared memory. The pages live
 * as long as something refers to this object. The monitor guards the table.
 */
public final class AnonymousShared implements Mappable, MappedFile {
    private static final long NONE = -1;
    private static final int CHUNK = 512;
    private static final java.util.concurrent.atomic.AtomicLong NEXT_INODE =
            new java.util.concurrent.atomic.AtomicLong(1024);

    private final MemoryFile memory;
    private final long[][] chunks;
    private final long pages;
    private final String name;
    private final long inode = NEXT_INODE.getAndIncrement();
    private int refs;

    /**
     * An object of {@code bytes} zero bytes, without a reference: the first mapping takes one.
     *
     * @param name what /proc/PID/maps shows, for instance {@code /dev/zero (deleted)}
     */
    public AnonymousShared(MemoryFile memory, long bytes, String name) {
        this.memory = memory;
        this.pages = MemoryManager.pageUp(bytes) / MemoryFile.PAGE;
        if (pages / CHUNK > Integer.MAX_VALUE - 8 || pages > memory.limitPages() * 2) {
            throw ErrnoException.of(Errno.ENOMEM);
        }
        this.chunks = new long[(int) ((pages + CHUNK - 1) / CHUNK)][];
        this.name = name;
    }

    /** Bytes of memory in use. */
    public synchronized long residentBytes() {
        long count = 0;
        for (long[] chunk : chunks) {
            if (chunk != null) {
                for (long offset : chunk) {
                    count += offset == NONE ? 0 : 1;
                }
            }
        }
        return count * MemoryFile.PAGE;
    }

    @Override
    public synchronized long page(long index, boolean write) {
        if (index < 0 || index >= pages) {
            return BEYOND_END;
        }
        int number = (int) (index / CHUNK);
        if (chunks[number] == null) {
            chunks[number] = new long[CHUNK];
            java.util.Arrays.fill(chunks[number], NONE);
        }
        int at = (int) (index % CHUNK);
        if (chunks[number][at] == NONE) {
            long frame = memory.allocate(1);
            if (frame == -1) {
                throw ErrnoException.of(Errno.ENOMEM);
            }
            chunks[number][at] = frame;
        }
        memory.incRef(chunks[number][at]);
        return chunks[number][at];
    }

    @Override
    public void addMapping(MemoryManager mm, long address, long firstPage, long count, boolean writableShared) {
        // nothing is ever cut off, so nobody need be told
    }

    @Override
    public void removeMapping(MemoryManager mm, long address, long firstPage, long count, boolean writableShared) {
        // see addMapping
    }

    @Override
    public synchronized void incRef() {
        refs++;
    }

    @Override
    public void decRef() {
        synchronized (this) {
            if (--refs > 0) {
                return;
            }
        }
        for (long[] chunk : chunks) {
            for (int i = 0; chunk != null && i < CHUNK; i++) {
                if (chunk[i] != NONE) {
                    memory.decRef(chunk[i]);
                    chunk[i] = NONE;
                }
            }
        }
    }

    @Override
    public String mappedName() {
        return name;
    }

    @Override
    public long device() {
        return 1;
    }

    @Override
    public long inodeNumber() {
        return inode;
    }
}
