package gvj.mm;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Mman;
import gvj.host.Mem;
import gvj.kernel.ErrnoException;

/** An {@link IoBuffer} over one or many ranges of the application's memory. */
public final class UserIoBuffer extends IoBuffer {
    /** No transfer is longer, as on Linux: MAX_RW_COUNT. */
    public static final long MAX_TRANSFER = 0x7ffff000L;

    private static final int IOV_MAX = 1024;

    private final UserMemory memory;
    /** Bases and lengths in turn; null where there is only one range. */
    private final long[] ranges;

    private int range;
    /** The range the cursor is in, and how far. */
    private long base;

    private long length;
    private long inRange;
    private long transferred;
    private long total;
    /** The lock, and how many bytes it keeps in place. */
    private long stamp;

    private long pinned;
    /** The first address that was found absent. */
    private long absent;

    private UserIoBuffer(UserMemory memory, long base, long length, long[] ranges, long total) {
        this.memory = memory;
        this.base = base;
        this.length = length;
        this.ranges = ranges;
        this.total = total;
    }

    static UserIoBuffer range(UserMemory memory, long address, long length) {
        checkRange(memory, address, length);
        if (length < 0) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        long cut = Math.min(length, MAX_TRANSFER);
        return new UserIoBuffer(memory, address, cut, null, cut);
    }

    static UserIoBuffer iovec(UserMemory memory, long address, int count) {
        if (count < 0 || count > IOV_MAX) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        byte[] raw = new byte[count * 16];
        memory.copyIn(address, raw, 0, raw.length);
        long[] ranges = new long[count * 2];
        for (int i = 0; i < ranges.length; i++) {
            ranges[i] = Bytes.getLong(raw, 8 * i);
            if ((i & 1) != 0 && ranges[i] < 0) {
                throw ErrnoException.of(Errno.EINVAL);
            }
        }
        long total = 0;
        for (int i = 0; i < count; i++) {
            checkRange(memory, ranges[2 * i], ranges[2 * i + 1]);
            ranges[2 * i + 1] = Math.min(ranges[2 * i + 1], MAX_TRANSFER - total);
            total += ranges[2 * i + 1];
        }
        return count == 0
                ? new UserIoBuffer(memory, 0, 0, null, 0)
                : new UserIoBuffer(memory, ranges[0], ranges[1], ranges, total);
    }

    /** Linux's access_ok. */
    private static void checkRange(UserMemory memory, long address, long length) {
        if (length != 0 && (address < 0 || length < 0 || length > memory.limit - address)) {
            throw ErrnoException.of(Errno.EFAULT);
        }
    }

    @Override
    public long remaining() {
        return total - transferred;
    }

    /** Bytes that can be moved at {@link #address} without changing the range. */
    private long run(long wanted) {
        while (inRange == length && ranges != null && 2 * range + 2 < ranges.length) {
            enter(range + 1);
        }
        return Math.min(Math.min(wanted, length - inRange), remaining());
    }

    private void enter(int number) {
        range = number;
        base = ranges[2 * number];
        length = ranges[2 * number + 1];
        inRange = 0;
    }

    private long address() {
        return base + inRange;
    }

    private void advance(long bytes) {
        inRange += bytes;
        transferred += bytes;
    }

    /** After a copy of {@code done} bytes that should have been more: nothing at all, now and before, is EFAULT. */
    private long partial(long done) {
        if (done == 0 && transferred == 0) {
            throw ErrnoException.of(Errno.EFAULT);
        }
        return done;
    }

    @Override
    public int copyOut(byte[] from, int offset, int length) {
        int done = 0;
        for (long run = run(length); run > 0; run = run(length - done)) {
            int n = memory.copyOutSome(address(), from, offset + done, (int) run);
            advance(n);
            done += n;
            if (n < run) {
                return (int) partial(done);
            }
        }
        return done;
    }

    @Override
    public long copyOut(long fromAddress, long length) {
        long done = 0;
        for (long run = run(length); run > 0; run = run(length - done)) {
            long n = memory.copyOutSome(address(), fromAddress + done, run);
            advance(n);
            done += n;
            if (n < run) {
                return partial(done);
            }
        }
        return done;
    }

    @Override
    public long readCached(int fd, long offset, long length) {
        long done = 0;
        for (long run = run(length); run > 0; run = run(length - done)) {
            long n = memory.readCachedSome(address(), fd, offset + done, run);
            advance(n);
            done += n;
            if (n < run) {
                break;
            }
        }
        return done;
    }

    @Override
    public int pin(long vectors, int max, long most, boolean write, boolean whole) {
        long wanted = Math.min(most, remaining());
        boolean ends = !whole;
        while (true) {
            stamp = memory.lock.readLock();
            int count = fill(vectors, max, wanted, write ? PageTable.WRITE : PageTable.READ);
            if (pinned == wanted || pinned > 0 && ends) {
                return count;
            }
            memory.lock.unlockRead(stamp);
            if (count == max) {
                return -1;
            }
            if (memory.faultIn(absent, write ? Mman.PROT_WRITE : Mman.PROT_READ) != 0) {
                if (pinned == 0) {
                    throw ErrnoException.of(Errno.EFAULT);
                }
                ends = true;
            }
        }
    }

    /** Puts the iovecs of what is there at the front, {@link #pinned} bytes, up to {@link #absent}. Needs the lock. */
    private int fill(long vectors, int max, long wanted, long right) {
        int number = range;
        long at = address();
        long left = length - inRange;
        int count = 0;
        pinned = 0;
        while (pinned < wanted && count < max) {
            if (left == 0) {
                number++;
                at = ranges[2 * number];
                left = ranges[2 * number + 1];
                continue;
            }
            long run = memory.present(at, right, Math.min(left, wanted - pinned));
            if (run == 0) {
                absent = at;
                break;
            }
            Mem.putLong(vectors + 16L * count, memory.translate(at, right));
            Mem.putLong(vectors + 16L * count + 8, run);
            count++;
            pinned += run;
            at += run;
            left -= run;
        }
        return count;
    }

    @Override
    public long pinned() {
        return pinned;
    }

    @Override
    public void unpin(long moved) {
        memory.lock.unlockRead(stamp);
        skip(moved);
    }

    @Override
    public int copyIn(byte[] to, int offset, int length) {
        int done = 0;
        for (long run = run(length); run > 0; run = run(length - done)) {
            int n = memory.copyInSome(address(), to, offset + done, (int) run);
            advance(n);
            done += n;
            if (n < run) {
                return (int) partial(done);
            }
        }
        return done;
    }

    @Override
    public long copyIn(long toAddress, long length) {
        long done = 0;
        for (long run = run(length); run > 0; run = run(length - done)) {
            long n = memory.copyInSome(address(), toAddress + done, run);
            advance(n);
            done += n;
            if (n < run) {
                return partial(done);
            }
        }
        return done;
    }

    @Override
    public long zeroOut(long length) {
        long done = 0;
        for (long run = run(length); run > 0; run = run(length - done)) {
            long n = memory.zeroOutSome(address(), run);
            advance(n);
            done += n;
            if (n < run) {
                return partial(done);
            }
        }
        return done;
    }

    @Override
    public void skip(long bytes) {
        long left = Math.min(bytes, remaining());
        for (long run = run(left); run > 0; run = run(left)) {
            advance(run);
            left -= run;
        }
    }

    @Override
    public long transferred() {
        return transferred;
    }

    @Override
    public void rewind(long to) {
        inRange = 0;
        if (ranges != null) {
            enter(0);
        }
        transferred = 0;
        skip(to);
    }

    @Override
    public void limit(long bytes) {
        total = Math.min(total, transferred + bytes);
    }
}
