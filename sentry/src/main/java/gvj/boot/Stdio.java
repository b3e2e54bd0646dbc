package gvj.boot;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Stat;
import gvj.fs.host.ConsoleRelay;
import gvj.fs.host.HostFile;
import gvj.fs.tty.Tty;
import gvj.host.Host;
import gvj.host.HostFiles;
import gvj.host.Statx;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.vfs.FdTable;
import gvj.vfs.FileDescription;
import gvj.vfs.Path;
import java.util.List;

/**
 * Standard input, output and error of a process (and what more it is to have), which are descriptors of the host, except
 * that a host terminal is replaced by a terminal of the sandbox with a {@link ConsoleRelay} between them.
 */
public final class Stdio {
    /** The Sentry's own standard descriptors stay open. */
    private static final int FIRST_OWNED = 3;

    private final StdioFiles files;
    private Tty tty;
    private ConsoleRelay relay;

    public Stdio(StdioFiles files) {
        this.files = files;
    }

    /**
     * Makes {@code hostFds} descriptors 0, 1, 2 and on of {@code fds}; one that is closed on the host stays closed. They
     * belong to this object, or to the files, from now on; the Sentry's own 0 to 2 stay open.
     *
     * @throws ErrnoException if the sandbox has no terminal to give
     */
    public void open(FdTable fds, List<Integer> hostFds, ProcessSpec.Terminal terminal) {
        FileDescription console = null;
        try {
            console = terminal.present() ? openConsole(hostFds, terminal) : null;
        } catch (ErrnoException e) {
            for (int fd : hostFds) {
                close(fd);
            }
            throw e;
        }
        for (int fd = 0; fd < hostFds.size(); fd++) {
            FileDescription file = file(hostFds.get(fd), console);
            if (file != null) {
                fds.replace(fd, file, false);
            }
        }
        if (console != null) {
            console.decRef();
        }
    }

    private FileDescription openConsole(List<Integer> hostFds, ProcessSpec.Terminal terminal) {
        tty = files.newTerminal();
        tty.resize(terminal.rows(), terminal.columns(), 0, 0);
        relay = new ConsoleRelay(tty, Host.dup(hostFds.get(0)), Host.dup(hostFds.get(1)));
        relay.start();
        return files.open(tty);
    }

    private FileDescription file(int fd, FileDescription console) {
        int flags = Host.fcntl(fd, Host.F_GETFL, 0);
        if (flags < 0) {
            return null;
        }
        int mode = mode(fd);
        if (console != null && (mode & Stat.S_IFMT) == Stat.S_IFCHR && isTerminal(fd)) {
            console.incRef();
            close(fd);
            return console;
        }
        HostFile[] made = new HostFile[1];
        Path path = files.place(mode, (task, where, wanted) -> again(made[0], wanted));
        made[0] = new HostFile(path, flags & (Fcntl.O_ACCMODE | Fcntl.O_APPEND), fd, files.poller());
        return made[0];
    }

    private static void close(int fd) {
        if (fd >= FIRST_OWNED) {
            Host.close(fd);
        }
    }

    private static int mode(int fd) {
        long stat = Host.malloc(Statx.BYTES);
        try {
            int error = HostFiles.fstatx(fd, Statx.BASIC_STATS, stat);
            return error < 0 ? Stat.S_IFREG | 0600 : Statx.mode(stat);
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

    /** Gives {@code leader}, a session leader, the terminal. */
    public void makeControlling(Task leader) {
        if (tty != null) {
            tty.makeControlling(leader);
        }
    }

    /** The window changed. */
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

    /** Hangs the terminal up and lets go of the host's, after {@link #drain}. */
    void close() {
        if (relay != null) {
            relay.close();
        }
    }
}
