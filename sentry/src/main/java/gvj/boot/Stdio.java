package gvj.boot;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Stat;
import gvj.fs.host.ConsoleRelay;
import gvj.fs.host.HostFile;
import gvj.fs.host.HostPoller;
import gvj.fs.tty.Tty;
import gvj.host.Host;
import gvj.host.HostFiles;
import gvj.host.Statx;
import gvj.kernel.ErrnoException;
import gvj.kernel.Kernel;
import gvj.kernel.Task;
import gvj.vfs.AnonFs;
import gvj.vfs.Caller;
import gvj.vfs.FdTable;
import gvj.vfs.FileDescription;
import gvj.vfs.MountNamespace;
import gvj.vfs.Opener;
import gvj.vfs.Path;

/**
 * Standard input, output and error of the first process: the host's descriptors 0 to 2, except that a host terminal is
 * replaced by a terminal of the sandbox with a {@link ConsoleRelay} between them.
 */
public final class Stdio {
    private static final int COUNT = 3;
    private static final int F_GETFL = 3;

    private final Kernel kernel;
    private final HostPoller poller;
    private final AnonFs hostFs = new AnonFs("hostfs", 0x00c0ffee);
    private Tty tty;
    private ConsoleRelay relay;

    public Stdio(Kernel kernel, HostPoller poller) {
        this.kernel = kernel;
        this.poller = poller;
    }

    /**
     * Fills descriptors 0 to 2 of {@code fds}; one that is closed on the host stays closed.
     *
     * @param mounts where /dev/pts is mounted already
     */
    public void open(FdTable fds, FileSystems fileSystems, MountNamespace mounts, ProcessSpec.Terminal terminal) {
        FileDescription console = null;
        if (terminal.present()) {
            tty = fileSystems.terminals().newTerminal(0, 5);
            tty.unlock();
            tty.resize(terminal.rows(), terminal.columns(), 0, 0);
            Caller caller = kernel.vfs.bootCaller(mounts);
            console = Opener.open(caller, Fcntl.AT_FDCWD, tty.slaveName(), Fcntl.O_RDWR | Fcntl.O_NOCTTY, 0, 0);
            relay = new ConsoleRelay(tty, 0, 1);
            relay.start();
        }
        for (int fd = 0; fd < COUNT; fd++) {
            FileDescription file = file(fd, console);
            if (file != null) {
                fds.replace(fd, file, false);
            }
        }
        if (console != null) {
            console.decRef();
        }
    }

    private FileDescription file(int fd, FileDescription console) {
        int flags = Host.fcntl(fd, F_GETFL, 0);
        if (flags < 0) {
            return null;
        }
        long stat = Host.malloc(Statx.BYTES);
        try {
            int error = HostFiles.fstatx(fd, Statx.BASIC_STATS, stat);
            int mode = error < 0 ? Stat.S_IFREG | 0600 : Statx.mode(stat);
            if (console != null && (mode & Stat.S_IFMT) == Stat.S_IFCHR && isTerminal(fd)) {
                console.incRef();
                return console;
            }
            HostFile[] made = new HostFile[1];
            Path path = hostFs.newPath("host:[#]", mode, 0, 0, (task, where, wanted) -> again(made[0], wanted));
            made[0] = new HostFile(path, flags & (Fcntl.O_ACCMODE | Fcntl.O_APPEND), fd, poller);
            return made[0];
        } finally {
            Host.free(stat);
        }
    }

    /**
     * open(2) of /dev/stdout and the like: the same description again, because the host's file is not to be opened with
     * more rights than the sandbox was given. EACCES for those.
     */
    private static FileDescription again(HostFile file, int flags) {
        int access = flags & Fcntl.O_ACCMODE;
        boolean reads = access != Fcntl.O_WRONLY;
        boolean writes = access != Fcntl.O_RDONLY;
        if (reads && !file.isReadable() || writes && !file.isWritable() || !file.tryIncRef()) {
            throw ErrnoException.of(Errno.EACCES);
        }
        return file;
    }

    private static boolean isTerminal(int fd) {
        long termios = Host.malloc(64);
        try {
            return Host.tcgets(fd, termios) != -Errno.ENOTTY;
        } finally {
            Host.free(termios);
        }
    }

    /** Gives the first process, a session leader, the terminal. */
    public void makeControlling(Task first) {
        if (tty != null) {
            tty.makeControlling(first);
        }
    }

    /** Whether there is a terminal; then keyboard signals come from it. */
    public boolean hasTerminal() {
        return tty != null;
    }

    /** The launcher says that the window changed. */
    public void resize(int rows, int columns) {
        if (tty != null) {
            tty.resize(rows, columns, 0, 0);
        }
    }

    /** Waits until everything written to the terminal has been shown. */
    public void drain() {
        if (relay != null) {
            relay.drain();
        }
    }
}
