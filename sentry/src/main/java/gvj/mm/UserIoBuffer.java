package gvj.mm;

import gvj.abi.Errno;
import gvj.kernel.ErrnoException;

/** An {@link IoBuffer} over one or many ranges of the application's memory. */
public final class UserIoBuffer extends IoBuffer {
    /** No transfer is longer, as on Linux: MAX_RW_COUNT. */
    public static final long MAX_TRANSFER = 0x7ffff000L;

    private static final int IOV_MAX = 1024;

    private final MemoryManager mm;
    private final long[] bases;
    private final long[] lengths;
    private int segment;
    private long inSegment;
    private long transferred;
    private long total;

    UserIoBuffer(MemoryManager mm, long address, long length) {
        if (length < 0) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        long cut = Math.min(length, MAX_TRANSFER);
        checkRange(mm, address, cut);
        this.mm = mm;
        this.bases = new long[] {address};
        this.lengths = new long[] {cut};
        this.total = cut;
    }

    private UserIoBuffer(MemoryManager mm, long[] bases, long[] lengths, long total) {
        this.mm = mm;
        this.bases = bases;
        this.lengths = lengths;
        this.total = total;
    }

    static UserIoBuffer iovec(MemoryManager mm, long address, int count) {
        if (count < 0 || count > IOV_MAX) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        byte[] raw = new byte[count * 16];
        mm.copyIn(address, raw, 0, raw.length);
        long[] bases = new long[count];
        long[] lengths = new long[count];
        long total = 0;
        for (int i = 0; i < count; i++) {
            bases[i] = getLong(raw, 16 * i);
            long length = getLong(raw, 16 * i + 8);
            if (length < 0) {
                throw ErrnoException.of(Errno.EINVAL);
            }
            lengths[i] = Math.min(length, MAX_TRANSFER - total);
            checkRange(mm, bases[i], lengths[i]);
            total += lengths[i];
        }
        return new UserIoBuffer(mm, bases, lengths, total);
    }

    private static void checkRange(MemoryManager mm, long address, long length) {
        if (length > 0 && (address < 0 || address > mm.platform.userAddressLimit() - length)) {
            throw ErrnoException.of(Errno.EFAULT);
        }
    }

    private static long getLong(byte[] bytes, int at) {
        long value = 0;
        for (int i = 7; i >= 0; i--) {
            value = value << 8 | bytes[at + i] & 0xff;
        }
        return value;
    }

    @Override
    public long remaining() {
        return total - transferred;
    }

    /** Bytes that can be moved at {@link #address} without changing the segment. */
    private long run(long wanted) {
        while (segment < bases.length - 1 && inSegment == lengths[segment]) {
            segment++;
            inSegment = 0;
        }
        if (bases.length == 0) {
            return 0;
        }
        return Math.min(Math.min(wanted, lengths[segment] - inSegment), remaining());
    }

    private long address() {
        return bases[segment] + inSegment;
    }

    private void advance(long bytes) {
        inSegment += bytes;
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
            int n = mm.copyOutSome(address(), from, offset + done, (int) run);
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
            long n = mm.copyOutSome(address(), fromAddress + done, run);
            advance(n);
            done += n;
            if (n < run) {
                return partial(done);
            }
        }
        return done;
    }

    @Override
    public int copyIn(byte[] to, int offset, int length) {
        int done = 0;
        for (long run = run(length); run > 0; run = run(length - done)) {
            int n = mm.copyInSome(address(), to, offset + done, (int) run);
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
            long n = mm.copyInSome(address(), toAddress + done, run);
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
            long n = mm.zeroOutSome(address(), run);
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
        segment = 0;
        inSegment = 0;
        transferred = 0;
        skip(to);
    }

    @Override
    public void limit(long bytes) {
        total = Math.min(total, transferred + bytes);
    }
}
