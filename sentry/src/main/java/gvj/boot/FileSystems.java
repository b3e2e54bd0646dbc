package gvj.boot;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.fs.cgroup.CgroupFs;
import gvj.fs.dev.Devices;
import gvj.fs.mqueue.PosixQueues;
import gvj.fs.proc.ProcFs;
import gvj.fs.sys.SysFs;
import gvj.fs.tmpfs.TmpFs;
import gvj.fs.tty.DevPts;
import gvj.fs.tty.TtyDevice;
import gvj.host.Host;
import gvj.host.Mem;
import gvj.kernel.Cgroup;
import gvj.kernel.ErrnoException;
import gvj.kernel.IpcNamespace;
import gvj.kernel.Kernel;
import gvj.kernel.PidNamespace;
import gvj.net.inet.InetSettings;
import gvj.vfs.FileSystem;
import gvj.vfs.MountNamespace;
import gvj.vfs.Vfs;
import java.nio.charset.StandardCharsets;

/** Makes the Sentry's own file systems known to mount(2), and the devices known to all of them. */
public final class FileSystems {
    private static final int MAX_CPUINFO = 4 << 20;

    private final Kernel kernel;
    private final String cpuInfo;
    private DevPts firstPts;

    private FileSystems(Kernel kernel) {
        this.kernel = kernel;
        this.cpuInfo = readHost("/proc/cpuinfo");
        InetSettings.read(FileSystems::readHost);
    }

    /** Registers everything; reads what is needed of the host, so it must run before the process is confined. */
    public static FileSystems register(Kernel kernel) {
        FileSystems all = new FileSystems(kernel);
        Vfs vfs = kernel.vfs;
        vfs.register(
                "proc",
                (task, source, data) ->
                        new ProcFs(kernel, task == null ? kernel.rootPidNamespace : task.pidNamespace(), all.cpuInfo));
        vfs.register(
                "sysfs",
                (task, source, data) -> task == null
                        ? new SysFs(kernel.rootCgroup.cpus(), kernel.rootNetNamespace)
                        : new SysFs(task.cgroup.cpus(), task.namespaces().net()));
        vfs.register("cgroup2", (task, source, data) -> new CgroupFs());
        vfs.register("devtmpfs", (task, source, data) -> all.devices(data));
        vfs.register("devpts", (task, source, data) -> all.pts(data));
        vfs.register(
                "mqueue",
                (task, source, data) -> PosixQueues.of(
                                task == null
                                        ? kernel.rootIpcNamespace
                                        : task.namespaces().ipc())
                        .fileSystem());
        Devices.register(kernel);
        return all;
    }

    /** A file system for a container that starts, in whose namespaces there is no task yet. */
    FileSystem make(String type, String data, Cgroup cgroup, PidNamespace pids, IpcNamespace ipc) {
        return switch (type) {
            case "sysfs" -> new SysFs(cgroup.cpus(), kernel.rootNetNamespace);
            case "proc" -> new ProcFs(kernel, pids, cpuInfo);
            case "mqueue" -> PosixQueues.of(ipc).fileSystem();
            default -> kernel.vfs.make(type, null, type, data);
        };
    }

    /** The terminals that a container has: its first devpts, or else the one that /dev/ptmx of the sandbox leads to. */
    DevPts terminals(MountNamespace mounts) {
        DevPts own = DevPts.in(mounts);
        return own == null ? terminals() : own;
    }

    private FileSystem devices(String data) {
        TmpFs fs = new TmpFs(kernel.memoryFile, data.isEmpty() ? "mode=755,size=4m" : data);
        Devices.populate(fs.root(), Vfs.rootCredentials(kernel.rootUserNamespace));
        return fs;
    }

    /** The devpts mounted first: where /dev/ptmx and the console get their terminals. */
    public synchronized DevPts terminals() {
        if (firstPts == null) {
            pts("");
        }
        return firstPts;
    }

    private synchronized DevPts pts(String data) {
        int ptmxMode = 0;
        int mode = 0600;
        int gid = -1;
        for (String option : data.split(",")) {
            int equals = option.indexOf('=');
            String value = equals < 0 ? "" : option.substring(equals + 1);
            switch (equals < 0 ? option : option.substring(0, equals)) {
                case "gid" -> gid = number(value, 10);
                case "mode" -> mode = number(value, 8) & 0777;
                case "ptmxmode" -> ptmxMode = number(value, 8) & 0777;
                case "", "uid", "newinstance", "max" -> {
                    // uid is the opener's; each mount is an instance of its own anyway
                }
                default -> throw ErrnoException.of(Errno.EINVAL);
            }
        }
        DevPts pts = new DevPts(kernel, ptmxMode, mode, gid);
        if (firstPts == null) {
            firstPts = pts;
            TtyDevice.register(kernel, pts);
        }
        return pts;
    }

    private static int number(String text, int radix) {
        try {
            return Integer.parseInt(text, radix);
        } catch (NumberFormatException e) {
            throw ErrnoException.of(Errno.EINVAL);
        }
    }

    /** A file of the host, one char per byte; empty if it cannot be read. */
    private static String readHost(String path) {
        int fd = Host.open((path + "\0").getBytes(StandardCharsets.ISO_8859_1), Fcntl.O_RDONLY | Fcntl.O_CLOEXEC, 0);
        if (fd < 0) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        byte[] bytes = new byte[8 << 10];
        long buffer = Host.malloc(bytes.length);
        for (long n = Host.read(fd, buffer, bytes.length); n > 0; n = Host.read(fd, buffer, bytes.length)) {
            Mem.copy(buffer, bytes, 0, (int) n);
            text.append(new String(bytes, 0, (int) n, StandardCharsets.ISO_8859_1));
            if (text.length() > MAX_CPUINFO) {
                break;
            }
        }
        Host.free(buffer);
        Host.close(fd);
        return text.toString();
    }
}
