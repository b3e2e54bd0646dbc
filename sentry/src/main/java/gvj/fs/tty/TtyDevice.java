package gvj.fs.tty;

import gvj.abi.Errno;
import gvj.kernel.ControllingTerminal;
import gvj.kernel.ErrnoException;
import gvj.kernel.Kernel;
import gvj.kernel.Task;
import gvj.vfs.FileDescription;
import gvj.vfs.Path;

/** The device numbers that lead to terminals: /dev/tty, /dev/ptmx, /dev/console and /dev/pts/N of any file system. */
public final class TtyDevice {
    private TtyDevice() {}

    /** Registers them; a /dev/ptmx outside of devpts opens pairs in the one that its opener's namespace
     * has, or in {@code devPts}. */
    public static void register(Kernel kernel, DevPts devPts) {
        kernel.devices.register(5, 0, TtyDevice::openControlling);
        kernel.devices.register(5, 1, TtyDevice::openControlling);
        kernel.devices.register(5, 2, (task, path, flags) -> {
            DevPts own = DevPts.in(task.namespaces().mount());
            return (own == null ? devPts : own).openMaster(task.credentials(), path, flags);
        });
    }

    /** /dev/tty: the controlling terminal of the caller's session; ENXIO without one. */
    private static FileDescription openControlling(Task task, Path path, int flags) {
        ControllingTerminal terminal = task.threadGroup().processGroup().session.terminal;
        if (!(terminal instanceof TtyJobControl jobs)) {
            throw ErrnoException.of(Errno.ENXIO);
        }
        ErrnoException.check(jobs.tty().openSlave(true));
        return new PtySlave(path, flags, jobs.tty());
    }
}
