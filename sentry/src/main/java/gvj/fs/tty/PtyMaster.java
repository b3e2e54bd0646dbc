package gvj.fs.tty;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Ioctl;
import gvj.abi.Poll;
import gvj.kernel.Task;
import gvj.kernel.WaitEntry;
import gvj.mm.IoBuffer;
import gvj.vfs.FileDescription;
import gvj.vfs.Path;

/** An open /dev/ptmx: the terminal emulator's side, pty(7). */
final class PtyMaster extends FileDescription {
    private final Tty tty;

    PtyMaster(Path path, int flags, Tty tty) {
        super(path, flags);
        this.tty = tty;
    }

    @Override
    protected void release() {
        tty.close();
    }

    @Override
    public long read(Task task, IoBuffer to) {
        return tty.readMaster(to);
    }

    @Override
    public long write(Task task, IoBuffer from) {
        return tty.writeMaster(from);
    }

    @Override
    public long ioctl(Task task, int request, long argument) {
        switch (request) {
            case Ioctl.TIOCGPTN -> task.mm().writeInt(argument, tty.index);
            case Ioctl.TIOCSPTLCK -> tty.setLocked(task.mm().readInt(argument) != 0);
            case Ioctl.TIOCGPTLCK -> task.mm().writeInt(argument, tty.isLocked() ? 1 : 0);
            case Ioctl.TIOCPKT -> tty.setPacketMode(task.mm().readInt(argument) != 0);
            case Ioctl.TIOCGPKT -> task.mm().writeInt(argument, tty.isPacketMode() ? 1 : 0);
            case Ioctl.TIOCGPTPEER -> {
                return openPeer(task, (int) argument);
            }
            case Ioctl.TIOCSIG -> {
                return sendSignal((int) argument);
            }
            case Ioctl.FIONREAD -> task.mm().writeInt(argument, tty.outputAvailable());
            case Ioctl.TIOCGPGRP -> {
                return tty.jobs.foregroundForMaster(task, argument);
            }
            case Ioctl.TIOCSPGRP, Ioctl.TIOCGSID, Ioctl.TIOCSCTTY, Ioctl.TIOCNOTTY -> {
                return -Errno.ENOTTY;
            }
            default -> {
                return tty.ioctl(task, request, argument);
            }
        }
        return 0;
    }

    private long openPeer(Task task, int flags) {
        Path slave = tty.devPts.slavePath(path(), tty);
        FileDescription file = slave.inode().open(task, slave, flags & ~Fcntl.O_CLOEXEC);
        try {
            return task.fds()
                    .install(file, 0, (flags & Fcntl.O_CLOEXEC) != 0, task.rlimit(gvj.abi.Sched.RLIMIT_NOFILE));
        } catch (gvj.kernel.ErrnoException e) {
            file.decRef();
            throw e;
        }
    }

    private long sendSignal(int signal) {
        if (signal != gvj.abi.Signals.SIGINT
                && signal != gvj.abi.Signals.SIGQUIT
                && signal != gvj.abi.Signals.SIGTSTP) {
            return -Errno.EINVAL;
        }
        tty.jobs.signalForeground(signal);
        return 0;
    }

    @Override
    public int poll(int mask) {
        return tty.pollMaster(mask | Poll.POLLPRI & mask);
    }

    @Override
    public boolean isPollable() {
        return true;
    }

    @Override
    public void addWaiter(WaitEntry entry) {
        tty.masterQueue.add(entry);
    }

    @Override
    public void removeWaiter(WaitEntry entry) {
        tty.masterQueue.remove(entry);
    }
}
