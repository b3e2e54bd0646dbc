package gvj.fs.signalfd;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Poll;
import gvj.kernel.FileText;
import gvj.kernel.Kernel;
import gvj.kernel.SignalDequeue;
import gvj.kernel.SignalInfo;
import gvj.kernel.Task;
import gvj.kernel.WaitEntry;
import gvj.mm.IoBuffer;
import gvj.vfs.FileDescription;
import java.util.Arrays;

/**
 * A signalfd(2): reads the signals of whoever reads it. What it answers depends on the calling task, as on Linux.
 *
 * <pre>
 *   0 ssi_signo  4 errno  8 code  12 pid  16 uid  20 fd  24 tid  28 band  32 overrun  36 trapno  40 status  44 int
 *  48 ptr  56 utime  64 stime  72 addr
 * </pre>
 */
public final class SignalFd extends FileDescription {
    private static final int BYTES = 128;
    /** CLK_TCK. */
    private static final long NANOS_PER_TICK = 10_000_000L;

    private volatile long mask;

    /**
     * A new one.
     *
     * @param flags SFD_NONBLOCK
     */
    public SignalFd(Kernel kernel, long mask, int flags) {
        super(kernel.anonFs.newPath("anon_inode:[signalfd]", 0600, 0, 0), Fcntl.O_RDWR | flags & Poll.SFD_NONBLOCK);
        this.mask = mask;
    }

    /** Replaces the set of signals. */
    public void setMask(Task task, long newMask) {
        mask = newMask;
        task.threadGroup().signalQueue.wakeAll(Poll.POLLIN);
    }

    @Override
    public long read(Task task, IoBuffer to) {
        if (to.remaining() < BYTES) {
            return -Errno.EINVAL;
        }
        byte[] bytes = new byte[BYTES];
        long moved = 0;
        while (to.remaining() >= BYTES) {
            SignalInfo info = SignalDequeue.take(task, mask);
            if (info == null) {
                break;
            }
            encode(info, bytes);
            moved += to.copyOut(bytes, 0, BYTES);
        }
        return moved == 0 ? -Errno.EAGAIN : moved;
    }

    private static void encode(SignalInfo info, byte[] out) {
        Arrays.fill(out, (byte) 0);
        Bytes.putInt(out, 0, info.signo);
        Bytes.putInt(out, 4, info.errno);
        Bytes.putInt(out, 8, info.code);
        Bytes.putInt(out, 12, info.pid);
        Bytes.putInt(out, 16, info.uid);
        Bytes.putInt(out, 20, info.fd);
        Bytes.putInt(out, 24, info.timerId);
        Bytes.putInt(out, 28, (int) info.band);
        Bytes.putInt(out, 32, info.overrun);
        Bytes.putInt(out, 40, info.status);
        Bytes.putInt(out, 44, (int) info.value);
        Bytes.putLong(out, 48, info.value);
        Bytes.putLong(out, 56, info.utime / NANOS_PER_TICK);
        Bytes.putLong(out, 64, info.stime / NANOS_PER_TICK);
        Bytes.putLong(out, 72, info.address);
    }

    @Override
    public int poll(int wanted) {
        Task task = Task.current();
        return task != null && (SignalDequeue.pending(task) & mask) != 0 ? wanted & Poll.POLLIN : 0;
    }

    @Override
    public boolean isPollable() {
        return true;
    }

    @Override
    public void addWaiter(WaitEntry entry) {
        Task task = Task.current();
        if (task != null) {
            task.threadGroup().signalQueue.add(entry);
        }
    }

    @Override
    public void removeWaiter(WaitEntry entry) {
        entry.leave();
    }

    @Override
    public String fdInfo() {
        return FileText.format("sigmask:\t%016x\n", mask);
    }
}
