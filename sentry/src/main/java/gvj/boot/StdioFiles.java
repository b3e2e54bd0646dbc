package gvj.boot;

import gvj.abi.Fcntl;
import gvj.fs.host.HostPoller;
import gvj.fs.tty.DevPts;
import gvj.fs.tty.Tty;
import gvj.kernel.ErrnoException;
import gvj.kernel.Kernel;
import gvj.vfs.AnonFs;
import gvj.vfs.Dentry;
import gvj.vfs.DeviceRegistry;
import gvj.vfs.FileDescription;
import gvj.vfs.Inode;
import gvj.vfs.Mount;
import gvj.vfs.MountNamespace;
import gvj.vfs.Path;

/** What the {@link Stdio} of all processes of a container share: where host files are, who waits for them, /dev/pts. */
public final class StdioFiles {
    private static final int HOSTFS_MAGIC = 0x00c0ffee;
    /** The group "tty" of every distribution. */
    private static final int GID_TTY = 5;

    private final Kernel kernel;
    private final FileSystems fileSystems;
    private final MountNamespace mounts;
    private final HostPoller poller;
    private final AnonFs hostFs;

    /** Of the first container; {@code mounts} has /dev/pts already. */
    public StdioFiles(Kernel kernel, FileSystems fileSystems, MountNamespace mounts) {
        this(kernel, fileSystems, mounts, new HostPoller(), new AnonFs("hostfs", HOSTFS_MAGIC));
    }

    private StdioFiles(
            Kernel kernel, FileSystems fileSystems, MountNamespace mounts, HostPoller poller, AnonFs hostFs) {
        this.kernel = kernel;
        this.fileSystems = fileSystems;
        this.mounts = mounts;
        this.poller = poller;
        this.hostFs = hostFs;
    }

    /** Of a further container. */
    StdioFiles in(MountNamespace others) {
        return new StdioFiles(kernel, fileSystems, others, poller, hostFs);
    }

    HostPoller poller() {
        return poller;
    }

    /** A place for a file of the host with that mode. */
    Path place(int mode, DeviceRegistry.Opener reopen) {
        return hostFs.newPath("host:[#]", mode, 0, 0, reopen);
    }

    /** An unlocked terminal of the sandbox. */
    Tty newTerminal() {
        Tty tty = fileSystems.terminals(mounts).newTerminal(0, GID_TTY);
        tty.unlock();
        return tty;
    }

    /**
     * The slave of {@code tty}, by its name in /dev/pts if that is where the sandbox has it, so that ttyname(3) finds it.
     * What a program may have put there instead is not opened.
     */
    FileDescription open(Tty tty) {
        DevPts terminals = fileSystems.terminals(mounts);
        Inode slave = terminals.slaveInode(tty);
        Path path;
        try {
            path = kernel.vfs.bootCaller(mounts).lookup(Fcntl.AT_FDCWD, tty.slaveName(), 0);
        } catch (ErrnoException e) {
            path = null;
        }
        if (path == null || path.inode() != slave) {
            Mount elsewhere = Mount.of(terminals, "devpts", 0);
            path = new Path(elsewhere, new Dentry(elsewhere.root(), tty.slaveName(), slave));
        }
        return terminals.openConsole(path, Fcntl.O_RDWR | Fcntl.O_NOCTTY, tty);
    }
}
