package gvj.fs.eventfd;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Poll;
import gvj.kernel.FileText;
import gvj.kernel.Kernel;
import gvj.kernel.Task;
import gvj.kernel.WaitEntry;
import gvj.kernel.WaitQueue;
import gvj.mm.IoBuffer;
import gvj.vfs.FileDescription;
import java.util.concurrent.atomic.AtomicInteger;

/** An eventfd(2): a 64-bit counter. Its monitor guards the counter. */
public final class EventFd extends FileDescription {
    /** All ones: a value that cannot be written and a counter that overflowed (only {@link #signal} gets there). */
    private static final long OVERFLOW = -1;

    private static final AtomicInteger NEXT_ID = new AtomicInteger();

    private final int id = NEXT_ID.getAndIncrement();
    private final boolean semaphore;
    private final WaitQueue queue = new WaitQueue();
    private final byte[] transfer = new byte[8];
    private long counter;

    /**
     * A new one.
     *
     * @param flags EFD_SEMAPHORE, EFD_NONBLOCK
     */
    public EventFd(Kernel kernel, int initial, int flags) {
        super(kernel.anonFs.newPath("anon_inode:[eventfd]", 0600, 0, 0), Fcntl.O_RDWR | flags & Poll.EFD_NONBLOCK);
        this.counter = initial & 0xffffffffL;
        this.semaphore = (flags & Poll.EFD_SEMAPHORE) != 0;
    }

    @Override
    public long read(Task task, IoBuffer to) {
        if (to.remaining() < 8) {
            return -Errno.EINVAL;
        }
        synchronized (this) {
            if (counter == 0) {
                return -Errno.EAGAIN;
            }
            long value = semaphore ? 1 : counter;
            Bytes.putLong(transfer, 0, value);
            counter -= value;
            to.copyOut(transfer, 0, 8);
        }
        queue.wake(Poll.POLLOUT);
        return 8;
    }

    @Override
    public long write(Task task, IoBuffer from) {
        if (from.remaining() < 8) {
            return -Errno.EINVAL;
        }
        synchronized (this) {
            long start = from.transferred();
            if (from.copyIn(transfer, 0, 8) < 8) {
                return -Errno.EFAULT;
            }
            long value = Bytes.getLong(transfer, 0);
            if (value == -1) {
                return -Errno.EINVAL;
            }
            if (Long.compareUnsigned(value, OVERFLOW - counter) >= 0) {
                from.rewind(start);
                return -Errno.EAGAIN;
            }
            counter += value;
        }
        queue.wake(Poll.POLLIN);
        return 8;
    }

    /** Adds {@code value} as the kernel does, never blocking: up to all ones, which polls as POLLERR. */
    public void signal(long value) {
        synchronized (this) {
            counter = Long.compareUnsigned(value, OVERFLOW - counter) > 0 ? OVERFLOW : counter + value;
        }
        queue.wake(Poll.POLLIN | (counter == OVERFLOW ? Poll.POLLERR : 0));
    }

    @Override
    public synchronized int poll(int mask) {
        int bits = 0;
        if (counter != 0) {
            bits |= Poll.POLLIN;
        }
        if (counter == OVERFLOW) {
            bits |= Poll.POLLERR;
        }
        if (Long.compareUnsigned(counter, OVERFLOW - 1) < 0) {
            bits |= Poll.POLLOUT;
        }
        return bits & (mask | Poll.POLLERR);
    }

    @Override
    public boolean isPollable() {
        return true;
    }

    @Override
    public void addWaiter(WaitEntry entry) {
        queue.add(entry);
    }

    @Override
    public void removeWaiter(WaitEntry entry) {
        queue.remove(entry);
    }

    @Override
    public synchronized String fdInfo() {
        return FileText.format(
                "eventfd-count: %16x\neventfd-id: %d\neventfd-semaphore: %d\n", counter, id, semaphore ? 1 : 0);
    }
}
