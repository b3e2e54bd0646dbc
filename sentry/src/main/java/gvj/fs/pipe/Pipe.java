package gvj.fs.pipe;

import gvj.abi.Errno;
import gvj.abi.Poll;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.kernel.WaitQueue;
import gvj.mm.ArrayIoBuffer;
import gvj.mm.IoBuffer;
import gvj.vfs.FileDescription;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The buffer between the two ends of a pipe(7), and how many ends there are.
 *
 * <p>As in Linux it is a ring of slots of one page: a write appends to the last slot if all of it fits there, else it
 * takes whole slots. The slots lie one behind the other in one array, so that many are copied at once; the array grows
 * with use.
 *
 * <p>Lock: the monitor guards everything. It is held while user memory is copied and while splice(2) reads or writes the
 * other file, so it comes before every lock of other files; two pipes are locked in the order of their numbers.
 */
public final class Pipe {
    /** Bytes of a slot. */
    static final int PAGE = 4096;
    /** Slots of a new pipe. */
    static final int DEFAULT_SLOTS = 16;
    /** Slots of a new pipe when pipes hold too much already. */
    private static final int SCANT_SLOTS = 2;
    /** A later write may append to the slot. */
    private static final byte MERGE = 1;
    /** The slot is a packet of its own (O_DIRECT). */
    private static final byte PACKET = 2;

    private static final int READABLE = Poll.POLLIN | Poll.POLLRDNORM;
    private static final int WRITABLE = Poll.POLLOUT | Poll.POLLWRNORM;

    /** Bytes that the rings of all pipes take, and how many they may before pipes stay small. */
    private static final AtomicLong RING_BYTES = new AtomicLong();

    private static final long RING_BYTES_MAX = Runtime.getRuntime().maxMemory() / 4;
    private static final AtomicLong NEXT_NUMBER = new AtomicLong();

    /** Woken with POLL* bits, and with POLLMSG when an end is opened. */
    final WaitQueue queue = new WaitQueue();

    private final long number = NEXT_NUMBER.getAndIncrement();
    private byte[] ring = new byte[0];
    private int[] start = new int[0];
    private int[] length = new int[0];
    private byte[] kind = new byte[0];
    private int head;
    private int used;
    private int slots = RING_BYTES.get() > RING_BYTES_MAX / 2 ? SCANT_SLOTS : DEFAULT_SLOTS;

    private int readers;
    private int writers;
    private long readersEver;
    private long writersEver;

    /** An end is opened; {@code forReading} and {@code forWriting} may both be true. */
    synchronized void opened(boolean forReading, boolean forWriting) {
        if (forReading) {
            readers++;
            readersEver++;
        }
        if (forWriting) {
            writers++;
            writersEver++;
        }
        queue.wake(Poll.POLLMSG);
    }

    /** The reverse of {@link #opened}; the last end takes the content with it. */
    synchronized void closed(boolean forReading, boolean forWriting) {
        readers -= forReading ? 1 : 0;
        writers -= forWriting ? 1 : 0;
        if (readers == 0 && writers == 0) {
            RING_BYTES.getAndAdd(-ring.length);
            resize(0);
            used = 0;
            head = 0;
        } else if (readers == 0 || writers == 0) {
            queue.wake(READABLE | WRITABLE | Poll.POLLERR | Poll.POLLHUP);
        }
    }

    synchronized boolean hasReaders() {
        return readers > 0;
    }

    synchronized boolean hasWriters() {
        return writers > 0;
    }

    synchronized long readersEver() {
        return readersEver;
    }

    synchronized long writersEver() {
        return writersEver;
    }

    /** Bytes in the pipe (FIONREAD). */
    synchronized int available() {
        int sum = 0;
        for (int i = 0; i < used; i++) {
            sum += length[index(i)];
        }
        return sum;
    }

    /** F_GETPIPE_SZ. */
    public synchronized int capacity() {
        return slots * PAGE;
    }

    /** F_SETPIPE_SZ to a checked power of two of slots: EBUSY if more are in use. */
    synchronized long setSlots(int wanted) {
        if (used > wanted) {
            return -Errno.EBUSY;
        }
        boolean wasFull = used >= slots;
        if (wanted * PAGE < ring.length) {
            RING_BYTES.getAndAdd(wanted * PAGE - ring.length);
            resize(wanted);
        }
        slots = wanted;
        if (wasFull && used < slots) {
            queue.wake(WRITABLE);
        }
        return (long) slots * PAGE;
    }

    /** The POLL* bits of an end; {@code versionAtOpen} is how many writers there had been when it was opened. */
    synchronized int poll(boolean forReading, boolean forWriting, long versionAtOpen) {
        int bits = 0;
        if (forReading) {
            bits |= used > 0 ? READABLE : 0;
            bits |= writers == 0 && writersEver != versionAtOpen ? Poll.POLLHUP : 0;
        }
        if (forWriting) {
            bits |= used < slots ? WRITABLE : 0;
            bits |= readers == 0 ? Poll.POLLERR : 0;
        }
        return bits;
    }

    /** Moves bytes out: 0 at the end of the file, EAGAIN while there may come more. */
    synchronized long read(IoBuffer to) {
        if (to.remaining() == 0) {
            return 0;
        }
        if (used == 0) {
            return writers == 0 ? 0 : -Errno.EAGAIN;
        }
        boolean wasFull = used >= slots;
        long moved = 0;
        try {
            while (used > 0 && to.remaining() > 0) {
                boolean packet = (kind[head] & PACKET) != 0;
                int run = packet ? length[head] : run(to.remaining());
                int wanted = (int) Math.min(run, to.remaining());
                int n = to.copyOut(ring, head * PAGE + start[head], wanted);
                consume(packet && n == wanted ? run : n);
                moved += n;
                if (packet || n < wanted) {
                    break;
                }
            }
        } catch (ErrnoException e) {
            if (moved == 0) {
                return -e.errno();
            }
        }
        if (wasFull && used < slots) {
            queue.wake(WRITABLE);
        }
        return moved;
    }

    /** Moves bytes in: EPIPE without readers, EAGAIN when full; less than asked for when it gets full. */
    synchronized long write(IoBuffer from, boolean packets) {
        if (from.remaining() == 0) {
            return 0;
        }
        if (readers == 0) {
            return -Errno.EPIPE;
        }
        long moved = 0;
        try {
            moved = append(from);
            while (from.remaining() > 0 && reserve(from.remaining()) > 0) {
                int tail = index(used);
                int room = contiguousRoom(tail);
                int wanted = (int) Math.min(room, from.remaining());
                int n = from.copyIn(ring, tail * PAGE, wanted);
                commit(n, packets ? PACKET : MERGE);
                moved += n;
                if (n < wanted) {
                    if (moved == 0) {
                        return -Errno.EFAULT; // not EAGAIN: the rest of a write is asked for again
                    }
                    break;
                }
            }
        } catch (ErrnoException e) {
            if (moved == 0) {
                return -e.errno();
            }
        }
        if (moved == 0) {
            return -Errno.EAGAIN;
        }
        queue.wake(READABLE);
        return moved;
    }

    /** Puts the odd bytes of a write behind the last slot's if they all fit. */
    private int append(IoBuffer from) {
        int odd = (int) (from.remaining() & PAGE - 1);
        if (odd == 0 || used == 0) {
            return 0;
        }
        int last = index(used - 1);
        int end = start[last] + length[last];
        if ((kind[last] & MERGE) == 0 || end + odd > PAGE) {
            return 0;
        }
        int n = from.copyIn(ring, last * PAGE + end, odd);
        length[last] += n;
        return n;
    }

    /** splice(2) out of the pipe: lets {@code out} write what is here, at most {@code max} bytes. */
    synchronized long drainTo(Task task, FileDescription out, long max, long offset) {
        if (used == 0) {
            return writers == 0 ? 0 : -Errno.EAGAIN;
        }
        boolean wasFull = used >= slots;
        long moved = 0;
        long error = 0;
        while (used > 0 && moved < max) {
            int wanted = (int) Math.min(run(max - moved), max - moved);
            ArrayIoBuffer data = new ArrayIoBuffer(ring, head * PAGE + start[head], wanted);
            long n = offset < 0 ? out.write(task, data) : out.pwrite(task, data, offset + moved);
            if (n < 0) {
                error = n;
                break;
            }
            consume((int) n);
            moved += n;
            if (n < wanted) {
                break;
            }
        }
        if (wasFull && used < slots) {
            queue.wake(WRITABLE);
        }
        return moved > 0 ? moved : error;
    }

    /** splice(2) into the pipe: one read of {@code in}, of at most {@code max} bytes, straight into free slots. */
    synchronized long fillFrom(Task task, FileDescription in, long max, long offset) {
        if (readers == 0) {
            return -Errno.EPIPE;
        }
        if (reserve(max) == 0) {
            return -Errno.EAGAIN;
        }
        int tail = index(used);
        ArrayIoBuffer room = new ArrayIoBuffer(ring, tail * PAGE, (int) Math.min(contiguousRoom(tail), max));
        long n = offset < 0 ? in.read(task, room) : in.pread(task, room, offset);
        if (n > 0) {
            commit((int) n, (byte) 0);
            queue.wake(READABLE);
        }
        return n;
    }

    /** Whether a splice into it would have to wait. */
    synchronized boolean isFull() {
        return used >= slots && readers > 0;
    }

    /** Whether a splice out of it would have to wait. */
    synchronized boolean isDry() {
        return used == 0 && writers > 0;
    }

    /** Moves ({@code consume}) or copies, as tee(2) does, at most {@code max} bytes from one pipe to another. */
    static long transfer(Pipe from, Pipe to, long max, boolean consume) {
        Pipe first = from.number < to.number ? from : to;
        Pipe second = first == from ? to : from;
        synchronized (first) {
            synchronized (second) {
                return transferLocked(from, to, max, consume);
            }
        }
    }

    private static long transferLocked(Pipe from, Pipe to, long max, boolean consume) {
        if (to.readers == 0) {
            return -Errno.EPIPE;
        }
        if (from.used == 0) {
            return from.writers == 0 ? 0 : -Errno.EAGAIN;
        }
        boolean wasFull = from.used >= from.slots;
        long moved = 0;
        for (int i = 0; moved < max && to.reserve(1) > 0; ) {
            if (from.used <= i) {
                break;
            }
            int slot = from.index(i);
            int n = (int) Math.min(from.length[slot], max - moved);
            byte packet = (byte) (from.kind[slot] & PACKET);
            System.arraycopy(from.ring, slot * PAGE + from.start[slot], to.ring, to.index(to.used) * PAGE, n);
            to.commit(n, packet);
            moved += n;
            if (consume) {
                from.consume(n);
            } else {
                i++;
            }
        }
        if (moved == 0) {
            return -Errno.EAGAIN;
        }
        if (wasFull && from.used < from.slots) {
            from.queue.wake(WRITABLE);
        }
        to.queue.wake(READABLE);
        return moved;
    }

    private int index(int position) {
        return head + position & start.length - 1;
    }

    /** Bytes that lie one behind the other from the first one on, as far as {@code max} makes them interesting. */
    private int run(long max) {
        int bytes = length[head];
        int slot = head;
        for (int i = 1; i < used && bytes < max && start[slot] + length[slot] == PAGE; i++) {
            int next = slot + 1;
            if (next == start.length || start[next] != 0 || (kind[next] & PACKET) != 0) {
                break;
            }
            bytes += length[next];
            slot = next;
        }
        return bytes;
    }

    /** Takes {@code bytes} off the front. */
    private void consume(int bytes) {
        int left = bytes;
        while (left > 0) {
            int n = Math.min(left, length[head]);
            start[head] += n;
            length[head] -= n;
            left -= n;
            if (length[head] == 0) {
                head = index(1);
                used--;
            }
        }
    }

    /** Fills slots behind the last one with {@code bytes} that were copied there. */
    private void commit(int bytes, byte flags) {
        for (int left = bytes; left > 0; left -= PAGE) {
            int slot = index(used);
            start[slot] = 0;
            length[slot] = Math.min(left, PAGE);
            kind[slot] = flags;
            used++;
        }
    }

    private int contiguousRoom(int tail) {
        return Math.min(slots - used, Math.min(start.length - used, start.length - tail)) * PAGE;
    }

    /** Makes room in the ring for {@code bytes} more if the capacity allows it; the free slots there are now. */
    private int reserve(long bytes) {
        int wanted = (int) Math.min(slots, used + Math.min(slots, (bytes + PAGE - 1) / PAGE));
        if (wanted > start.length) {
            int size = Integer.highestOneBit(Math.max(wanted, 1) * 2 - 1);
            int more = (size - start.length) * PAGE;
            if (RING_BYTES.addAndGet(more) > RING_BYTES_MAX && start.length >= SCANT_SLOTS) {
                RING_BYTES.getAndAdd(-more);
                slots = start.length;
            } else {
                resize(size);
            }
        }
        return Math.min(slots, start.length) - used;
    }

    /** Moves everything to a ring of {@code size} slots. */
    private void resize(int size) {
        byte[] newRing = new byte[size * PAGE];
        int[] newStart = new int[size];
        int[] newLength = new int[size];
        byte[] newKind = new byte[size];
        for (int i = 0; i < used && i < size; i++) {
            int slot = index(i);
            newStart[i] = start[slot];
            newLength[i] = length[slot];
            newKind[i] = kind[slot];
            System.arraycopy(ring, slot * PAGE + start[slot], newRing, i * PAGE + start[slot], length[slot]);
        }
        ring = newRing;
        start = newStart;
        length = newLength;
        kind = newKind;
        head = 0;
    }
}
