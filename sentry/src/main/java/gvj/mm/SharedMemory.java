package gvj.mm;

import gvj.abi.Errno;
import gvj.kernel.ErrnoException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory without a file that several address spaces map: MAP_SHARED with MAP_ANONYMOUS, and System V segments. Pages come
 * into being when touched and live as long as there are references; every mapping takes one.
 *
 * <p>Lock: the monitor guards the frames; it is held for moments, and nothing is called with it but the memory file.
 */
public final class SharedMemory implements Mappable, MappedFile {
    private static final AtomicLong NEXT_INODE = new AtomicLong(1024);

    private final MemoryFile memory;
    private final FrameMap frames;
    private final Mappings mappings = new Mappings();
    private final long pages;
    private final String name;
    private final long inode = NEXT_INODE.getAndIncrement();
    private long users;

    /**
     * {@code bytes} bytes of zeros, without a reference: the first mapping takes one.
     *
     * @param name what /proc/PID/maps shows, for instance {@code /dev/zero (deleted)}
     */
    public SharedMemory(MemoryFile memory, long bytes, String name) {
        this.memory = memory;
        this.frames = new FrameMap(memory);
        this.pages = Mmap.pageUp(bytes) / MemoryFile.PAGE;
        this.name = name;
    }

    @Override
    public synchronized void incRef() {
        users++;
    }

    @Override
    public synchronized void decRef() {
        if (--users == 0) {
            frames.remove(0, Long.MAX_VALUE);
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

    /** Pages that were touched. */
    public synchronized long residentPages() {
        return frames.pages();
    }

    @Override
    public long page(long index, boolean write) {
        if (index < 0 || index >= pages) {
            return BEYOND_END;
        }
        long frame = cachedPage(index);
        if (frame >= 0) {
            return frame;
        }
        frame = memory.allocate(1, MemoryKind.SHARED);
        if (frame == -1) {
            throw ErrnoException.of(Errno.ENOMEM);
        }
        synchronized (this) {
            long other = frames.pin(index);
            if (other == FrameMap.NONE) {
                frames.put(index, frame);
                memory.incRef(frame);
                return frame;
            }
            memory.decRef(frame);
            return other;
        }
    }

    @Override
    public synchronized long cachedPage(long index) {
        long frame = frames.pin(index);
        return frame == FrameMap.NONE ? NOT_CACHED : frame;
    }

    @Override
    public boolean tracksWrites() {
        return false;
    }

    @Override
    public void addMapping(MemoryManager mm, boolean writableShared) {
        mappings.add(mm, writableShared);
    }

    @Override
    public void removeMapping(MemoryManager mm, boolean writableShared) {
        mappings.remove(mm, writableShared);
    }

    @Override
    public int punch(long offset, long length) {
        long first = offset / MemoryFile.PAGE;
        long behind = (offset + length) / MemoryFile.PAGE;
        synchronized (this) {
            frames.remove(first, behind);
        }
        mappings.invalidate(this, first, behind, false);
        return 0;
    }
}
