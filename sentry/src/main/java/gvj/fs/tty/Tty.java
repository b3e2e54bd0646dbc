package gvj.fs.tty;

import gvj.abi.Errno;
import gvj.abi.Ioctl;
import gvj.abi.Poll;
import gvj.abi.Signals;
import gvj.kernel.Clock;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.kernel.Timers;
import gvj.kernel.WaitQueue;
import gvj.mm.IoBuffer;

/**
 * A pseudo terminal: both directions of its line discipline, its settings, and who is connected.
 *
 * <p>Lock: the monitor guards all state. User memory may be copied while it is held; signals are sent and wait queues
 * woken after it is released.
 */
public final class Tty {
    /** The number below /dev/pts. */
    final int index;
    /** The instance of devpts it belongs to. */
    final DevPts devPts;

    final TtyJobControl jobs = new TtyJobControl(this);
    final WaitQueue slaveQueue = new WaitQueue();
    final WaitQueue masterQueue = new WaitQueue();
    private final Termios[] termios = {new Termios()};
    private final TtyOutput output = new TtyOutput(termios);
    private final TtyInput input = new TtyInput(termios, output);
    private final Timers timers;
    private final ReadTimer readTimer = new ReadTimer();
    private int rows;
    private int columns;
    private int pixelWidth;
    private int pixelHeight;
    private boolean stopped;
    private boolean locked = true;
    private boolean exclusive;
    private boolean packetMode;
    private int packetEvents;
    private int slaves;
    private boolean slaveClosed;
    private boolean hungUp;

    Tty(DevPts devPts, int index, Timers timers) {
        this.devPts = devPts;
        this.index = index;
        this.timers = timers;
    }

    /** Path of the slave inside its devpts, for instance {@code /dev/pts/3}. */
    public String slaveName() {
        return "/dev/pts/" + index;
    }

    // ---- the two ends connect and disconnect

    /** open(2) of the slave: 0 or -errno. */
    synchronized int openSlave(boolean privileged) {
        if (hungUp || locked) {
            return -Errno.EIO;
        }
        if (exclusive && !privileged) {
            return -Errno.EBUSY;
        }
        slaves++;
        slaveClosed = false;
        return 0;
    }

    void closeSlave() {
        synchronized (this) {
            if (--slaves > 0) {
                return;
            }
            slaveClosed = true;
            exclusive = false;
        }
        masterQueue.wakeAll(Poll.POLLIN | Poll.POLLRDNORM | Poll.POLLHUP);
    }

    /** The master's last reference is gone: everybody on the terminal is told. */
    void closeMaster() {
        synchronized (this) {
            hungUp = true;
        }
        jobs.hangUp();
        slaveQueue.wakeAll(~0);
    }

    synchronized boolean isHungUp() {
        return hungUp;
    }

    synchronized void setLocked(boolean value) {
        locked = value;
    }

    synchronized boolean isLocked() {
        return locked;
    }

    synchronized void setExclusive(boolean value) {
        exclusive = value;
    }

    synchronized boolean isExclusive() {
        return exclusive;
    }

    /** Lets the slave be opened, as unlockpt(3) does. */
    public void unlock() {
        setLocked(false);
    }

    /** Makes it the controlling terminal of {@code leader}'s session, if neither has one. */
    public void makeControlling(Task leader) {
        jobs.acquireOnOpen(leader);
    }

    /** The terminal emulator goes away: everybody on the terminal is told, and its name is free. */
    public void close() {
        closeMaster();
        devPts.remove(this);
    }

    /** Woken when there is something for {@link #shown} or room for {@link #type}. */
    public WaitQueue masterEvents() {
        return masterQueue;
    }

    /** What a terminal emulator reads: bytes moved, or -EAGAIN. */
    public long shown(IoBuffer to) {
        return readMaster(to);
    }

    /** What is typed: bytes taken, or -EAGAIN. */
    public long type(IoBuffer from) {
        return writeMaster(from);
    }

    // ---- the program's side

    /** read(2) of the slave, job control checked. */
    long readSlave(IoBuffer to) {
        long n;
        synchronized (this) {
            if (hungUp) {
                return 0;
            }
            n = readInput(to);
        }
        if (n > 0) {
            masterQueue.wakeAll(Poll.POLLOUT | Poll.POLLWRNORM);
        }
        return n;
    }

    private long readInput(IoBuffer to) {
        if (to.remaining() == 0) {
            return 0;
        }
        Termios t = termios[0];
        if (t.isCanonical()) {
            return input.isReadable(1) ? input.drainTo(to) : -Errno.EAGAIN;
        }
        int min = (int) Math.min(t.min(), to.remaining());
        if (input.isReadable(Math.max(min, 1)) || readTimer.takeExpired()) {
            readTimer.stop();
            return input.drainTo(to);
        }
        if (min == 0 && t.time() == 0) {
            return 0;
        }
        if (t.time() > 0 && (min == 0 || input.available() > 0)) {
            readTimer.start(t.time());
        }
        return -Errno.EAGAIN;
    }

    /** write(2) of the slave, job control checked. */
    long writeSlave(IoBuffer from) {
        long n;
        synchronized (this) {
            if (hungUp) {
                return -Errno.EIO;
            }
            n = stopped ? 0 : writeOutput(from);
        }
        if (n > 0) {
            masterQueue.wakeAll(Poll.POLLIN | Poll.POLLRDNORM);
        }
        return n == 0 && from.remaining() > 0 ? -Errno.EAGAIN : n;
    }

    private long writeOutput(IoBuffer from) {
        byte[] chunk = new byte[(int) Math.min(2048, from.remaining())];
        long done = 0;
        while (from.remaining() > 0 && output.hasRoom()) {
            int room = output.ring.free() / TtyOutput.MAX_EXPANSION;
            int n = from.copyIn(chunk, 0, Math.min(chunk.length, room));
            for (int i = 0; i < n; i++) {
                output.put(chunk[i] & 0xff);
            }
            done += n;
            if (n == 0) {
                if (room > 0 && done == 0) {
                    throw ErrnoException.of(Errno.EFAULT);
                }
                break;
            }
        }
        return done;
    }

    synchronized int pollSlave(int mask) {
        if (hungUp) {
            return mask & (Poll.POLLIN | Poll.POLLRDNORM | Poll.POLLOUT | Poll.POLLWRNORM)
                    | Poll.POLLHUP
                    | Poll.POLLERR;
        }
        int events = 0;
        Termios t = termios[0];
        int min = t.isCanonical() || t.time() > 0 ? 1 : Math.max(t.min(), 1);
        if (input.isReadable(min)) {
            events |= Poll.POLLIN | Poll.POLLRDNORM;
        }
        if (!stopped && output.hasRoom()) {
            events |= Poll.POLLOUT | Poll.POLLWRNORM;
        }
        return events & mask;
    }

    // ---- the master's side

    long readMaster(IoBuffer to) {
        long n;
        synchronized (this) {
            if (packetMode && packetEvents != 0 && to.remaining() > 0) {
                byte[] status = {(byte) packetEvents};
                packetEvents = 0;
                return to.copyOut(status, 0, 1);
            }
            if (output.ring.isEmpty()) {
                return slaveClosed ? -Errno.EIO : -Errno.EAGAIN;
            }
            n = 0;
            if (packetMode) {
                n = to.copyOut(new byte[1], 0, 1);
            }
            n += output.ring.drainTo(to);
        }
        slaveQueue.wakeAll(Poll.POLLOUT | Poll.POLLWRNORM);
        return n;
    }

    /** What is typed: goes through line editing, echo and signal characters. */
    long writeMaster(IoBuffer from) {
        byte[] chunk = new byte[(int) Math.min(512, Math.max(from.remaining(), 1))];
        long done = 0;
        while (from.remaining() > 0) {
            long before = from.transferred();
            int n = from.copyIn(chunk, 0, chunk.length);
            if (n == 0) { // the rest cannot be read
                return done > 0 ? done : -Errno.EFAULT;
            }
            int taken = type(chunk, n);
            done += taken;
            if (taken < n) {
                from.rewind(before + taken);
                break;
            }
        }
        slaveQueue.wakeAll(Poll.POLLIN | Poll.POLLRDNORM | Poll.POLLOUT);
        masterQueue.wakeAll(Poll.POLLIN | Poll.POLLRDNORM);
        return done == 0 && from.remaining() > 0 ? -Errno.EAGAIN : done;
    }

    /** Takes characters until the input is full; returns how many. */
    private int type(byte[] chars, int count) {
        for (int i = 0; i < count; i++) {
            int signal;
            synchronized (this) {
                if (!input.hasRoom()) {
                    return i;
                }
                signal = typeOne(chars[i] & 0xff);
            }
            if (signal != 0) {
                jobs.signalForeground(signal);
            }
        }
        return count;
    }

    /** Returns the signal the character stands for, or 0. */
    private int typeOne(int raw) {
        Termios t = termios[0];
        int c = t.input(Ioctl.ISTRIP) ? raw & 0x7f : raw;
        if (!input.isLiteralNext()) {
            if (t.input(Ioctl.IXON) && flowControl(t, c)) {
                return 0;
            }
            int signal = t.local(Ioctl.ISIG) ? signalOf(t, c) : 0;
            if (signal != 0) {
                if (!t.local(Ioctl.NOFLSH)) {
                    input.flush();
                    output.ring.clear();
                }
                stopped = false;
                input.echo(c);
                return signal;
            }
            if (stopped && t.input(Ioctl.IXON) && t.input(Ioctl.IXANY)) {
                setStopped(false);
            }
        }
        input.take(raw);
        return 0;
    }

    private boolean flowControl(Termios t, int c) {
        if (t.is(Ioctl.VSTART, c)) {
            setStopped(false);
            return true;
        }
        if (t.is(Ioctl.VSTOP, c)) {
            setStopped(true);
            return true;
        }
        return false;
    }

    private static int signalOf(Termios t, int c) {
        if (t.is(Ioctl.VINTR, c)) {
            return Signals.SIGINT;
        }
        if (t.is(Ioctl.VQUIT, c)) {
            return Signals.SIGQUIT;
        }
        return t.is(Ioctl.VSUSP, c) ? Signals.SIGTSTP : 0;
    }

    private void setStopped(boolean value) {
        if (stopped != value) {
            stopped = value;
            packetEvents |= value ? Ioctl.TIOCPKT_STOP : Ioctl.TIOCPKT_START;
        }
    }

    synchronized int pollMaster(int mask) {
        int events = 0;
        if (!output.ring.isEmpty() || packetMode && packetEvents != 0) {
            events |= Poll.POLLIN | Poll.POLLRDNORM | (packetMode && packetEvents != 0 ? Poll.POLLPRI : 0);
        }
        if (input.hasRoom()) {
            events |= Poll.POLLOUT | Poll.POLLWRNORM;
        }
        return events & mask | (slaveClosed ? Poll.POLLHUP : 0);
    }

    // ---- settings

    /** ioctl(2) requests that both ends share, ioctl_tty(2). */
    long ioctl(Task task, int request, long argument) {
        switch (request) {
            case Ioctl.TCGETS, Ioctl.TCGETS2 -> copyTermios().copyOut(task.mm(), argument, request == Ioctl.TCGETS2);
            case Ioctl.TCSETS, Ioctl.TCSETSW, Ioctl.TCSETSF -> setTermios(task, request, argument, false);
            case Ioctl.TCSETS2, Ioctl.TCSETSW2, Ioctl.TCSETSF2 ->
                setTermios(task, request - Ioctl.TCSETS2 + Ioctl.TCSETS, argument, true);
            case Ioctl.TIOCGWINSZ -> copyWindowSize(task, argument);
            case Ioctl.TIOCSWINSZ -> takeWindowSize(task, argument);
            case Ioctl.FIONREAD -> task.mm().writeInt(argument, inputAvailable());
            case Ioctl.TIOCOUTQ -> task.mm().writeInt(argument, 0);
            case Ioctl.TCFLSH -> {
                return flush((int) argument);
            }
            case Ioctl.TCXONC -> {
                return flow((int) argument);
            }
            case Ioctl.TCSBRK, Ioctl.TCSBRKP, Ioctl.TIOCSBRK, Ioctl.TIOCCBRK -> {
                return 0;
            }
            case Ioctl.TIOCGETD -> task.mm().writeInt(argument, 0);
            case Ioctl.TIOCSETD -> {
                return task.mm().readInt(argument) == 0 ? 0 : -Errno.EINVAL;
            }
            case Ioctl.TIOCEXCL -> setExclusive(true);
            case Ioctl.TIOCNXCL -> setExclusive(false);
            case Ioctl.TIOCGEXCL -> task.mm().writeInt(argument, isExclusive() ? 1 : 0);
            case Ioctl.TIOCSTI -> {
                return simulateInput(task, argument);
            }
            default -> {
                return -Errno.ENOTTY;
            }
        }
        return 0;
    }

    private synchronized Termios copyTermios() {
        Termios copy = new Termios();
        Termios now = termios[0];
        copy.iflag = now.iflag;
        copy.oflag = now.oflag;
        copy.cflag = now.cflag;
        copy.lflag = now.lflag;
        copy.line = now.line;
        System.arraycopy(now.cc, 0, copy.cc, 0, now.cc.length);
        copy.ispeed = now.ispeed;
        copy.ospeed = now.ospeed;
        return copy;
    }

    private void setTermios(Task task, int request, long argument, boolean termios2) {
        Termios wanted = Termios.copyIn(task.mm(), argument, termios2);
        synchronized (this) {
            if (request == Ioctl.TCSETSF) {
                input.flush();
            }
            boolean wasCanonical = termios[0].isCanonical();
            termios[0] = wanted;
            if (wasCanonical != wanted.isCanonical()) {
                input.modeChanged();
            }
            if (!wanted.input(Ioctl.IXON)) {
                setStopped(false);
            }
        }
        slaveQueue.wakeAll(~0);
    }

    private void copyWindowSize(Task task, long address) {
        byte[] bytes = new byte[8];
        synchronized (this) {
            int[] values = {rows, columns, pixelWidth, pixelHeight};
            for (int i = 0; i < 4; i++) {
                bytes[2 * i] = (byte) values[i];
                bytes[2 * i + 1] = (byte) (values[i] >> 8);
            }
        }
        task.mm().copyOut(address, bytes, 0, bytes.length);
    }

    private void takeWindowSize(Task task, long address) {
        byte[] b = new byte[8];
        task.mm().copyIn(address, b, 0, b.length);
        resize(
                b[0] & 0xff | (b[1] & 0xff) << 8,
                b[2] & 0xff | (b[3] & 0xff) << 8,
                b[4] & 0xff | (b[5] & 0xff) << 8,
                b[6] & 0xff | (b[7] & 0xff) << 8);
    }

    /** Changes the window size; the foreground process group gets SIGWINCH if it is another. */
    public void resize(int newRows, int newColumns, int newPixelWidth, int newPixelHeight) {
        synchronized (this) {
            if (rows == newRows
                    && columns == newColumns
                    && pixelWidth == newPixelWidth
                    && pixelHeight == newPixelHeight) {
                return;
            }
            rows = newRows;
            columns = newColumns;
            pixelWidth = newPixelWidth;
            pixelHeight = newPixelHeight;
        }
        jobs.signalForeground(Signals.SIGWINCH);
    }

    private synchronized int inputAvailable() {
        return input.available();
    }

    synchronized int outputAvailable() {
        return output.ring.size();
    }

    private long flush(int queue) {
        if (queue < Ioctl.TCIFLUSH || queue > Ioctl.TCIOFLUSH) {
            return -Errno.EINVAL;
        }
        synchronized (this) {
            if (queue != Ioctl.TCOFLUSH) {
                input.flush();
                packetEvents |= Ioctl.TIOCPKT_FLUSHREAD;
            }
            if (queue != Ioctl.TCIFLUSH) {
                output.ring.clear();
                packetEvents |= Ioctl.TIOCPKT_FLUSHWRITE;
            }
        }
        slaveQueue.wakeAll(~0);
        masterQueue.wakeAll(~0);
        return 0;
    }

    private long flow(int action) {
        synchronized (this) {
            switch (action) {
                case Ioctl.TCOOFF -> setStopped(true);
                case Ioctl.TCOON -> setStopped(false);
                case Ioctl.TCIOFF -> output.putRaw(termios[0].cc[Ioctl.VSTOP]);
                case Ioctl.TCION -> output.putRaw(termios[0].cc[Ioctl.VSTART]);
                default -> {
                    return -Errno.EINVAL;
                }
            }
        }
        slaveQueue.wakeAll(~0);
        masterQueue.wakeAll(~0);
        return 0;
    }

    private long simulateInput(Task task, long address) {
        if (!jobs.isControlling(task) && !task.credentials().has(gvj.abi.Capability.CAP_SYS_ADMIN)) {
            return -Errno.EPERM;
        }
        byte[] one = {task.mm().readByte(address)};
        type(one, 1);
        slaveQueue.wakeAll(Poll.POLLIN | Poll.POLLRDNORM);
        return 0;
    }

    synchronized void setPacketMode(boolean value) {
        if (value && !packetMode) {
            packetEvents = 0;
        }
        packetMode = value;
    }

    synchronized boolean isPacketMode() {
        return packetMode;
    }

    /** Whether a background process may write: TOSTOP is off. */
    synchronized boolean backgroundMayWrite() {
        return !termios[0].local(Ioctl.TOSTOP);
    }

    /** VTIME: lets a read that waits for more bytes return with what there is. */
    private final class ReadTimer extends Timers.Timer {
        private boolean running;
        private boolean expired;

        void start(int tenths) {
            if (!running) {
                running = true;
                timers.arm(this, Clock.monotonic() + tenths * 100_000_000L);
            }
        }

        void stop() {
            expired = false;
            if (running) {
                running = false;
                timers.cancel(this);
            }
        }

        boolean takeExpired() {
            return expired;
        }

        @Override
        protected void fire() {
            synchronized (Tty.this) {
                if (!running) {
                    return;
                }
                running = false;
                expired = true;
            }
            slaveQueue.wakeAll(Poll.POLLIN | Poll.POLLRDNORM);
        }
    }
}
