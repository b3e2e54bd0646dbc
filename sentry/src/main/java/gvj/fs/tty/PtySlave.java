package gvj.fs.tty;

import gvj.kernel.Task;
import gvj.kernel.WaitEntry;
import gvj.mm.IoBuffer;
import gvj.vfs.FileDescription;
import gvj.vfs.Path;

/** An open /dev/pts/N, or /dev/tty: the program's side of a terminal. */
public final class PtySlave extends FileDescription {
    private final Tty tty;

    PtySlave(Path path, int flags, Tty tty) {
        super(path, flags);
        this.tty = tty;
    }

    /** The terminal. */
    public Tty tty() {
        return tty;
    }

    @Override
    protected void release() {
        tty.closeSlave();
    }

    @Override
    public long read(Task task, IoBuffer to) {
        long verdict = tty.jobs.checkRead(task);
        return verdict != 0 ? verdict : tty.readSlave(to);
    }

    @Override
    public long write(Task task, IoBuffer from) {
        long verdict = tty.backgroundMayWrite() ? 0 : tty.jobs.checkChange(task);
        return verdict != 0 ? verdict : tty.writeSlave(from);
    }

    @Override
    public long ioctl(Task task, int request, long argument) {
        if (tty.isHungUp()) {
            return -gvj.abi.Errno.EIO;
        }
        long answer =
                tty.jobs.ioctl(task, request, argument, (flags() & gvj.abi.Fcntl.O_ACCMODE) == gvj.abi.Fcntl.O_WRONLY);
        if (answer != TtyJobControl.NOT_MINE) {
            return answer;
        }
        if (TtyJobControl.changesTerminal(request)) {
            long verdict = tty.jobs.checkChange(task);
            if (verdict != 0) {
                return verdict;
            }
        }
        return tty.ioctl(task, request, argument);
    }

    @Override
    public int poll(int mask) {
        return tty.pollSlave(mask);
    }

    @Override
    public boolean isPollable() {
        return true;
    }

    @Override
    public void addWaiter(WaitEntry entry) {
        tty.slaveQueue.add(entry);
    }

    @Override
    public void removeWaiter(WaitEntry entry) {
        tty.slaveQueue.remove(entry);
    }
}
