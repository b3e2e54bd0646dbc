package gvj.boot;

import gvj.abi.Errno;
import gvj.abi.Signals;
import gvj.fs.host.HostPoller;
import gvj.host.Host;
import gvj.host.HostProcess;
import gvj.host.Seccomp;
import gvj.kernel.Clock;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.FirstProcess;
import gvj.kernel.Kernel;
import gvj.kernel.SignalInfo;
import gvj.kernel.Task;
import gvj.kernel.UtsNamespace;
import gvj.loader.Vdso;
import gvj.mm.MemoryFile;
import gvj.net.inet.HostStack;
import gvj.net.inet.InetStack;
import gvj.platform.Platform;
import gvj.syscalls.SyscallTable;
import gvj.trace.LogFile;
import gvj.trace.Strace;
import gvj.vfs.Caller;
import gvj.vfs.FdTable;
import gvj.vfs.MountNamespace;
import gvj.vfs.Path;
import gvj.vfs.PathWalker;
import java.util.HashSet;

/** The Sentry of one sandbox: brings it up, runs it, and reports how its first process ended. */
public final class Sentry {
    /** Room for holes in the sparse memory file. */
    private static final int STATUS_BROKEN = 125;

    private static final long SPARSE_FACTOR = 4;
    /** A sandbox that has run for so long has started, and may be there for long. */
    private static final long STARTED_NANOS = 1_000_000_000L;

    /** How long the tasks that outlive the first process may take to die. */
    private static final long QUIET_NANOS = 2_000_000_000L;

    private static final int AT_FDCWD = gvj.abi.Fcntl.AT_FDCWD;

    private final BootSpec spec;
    private final BootLog log;
    private final ControlSocket control;
    private Kernel kernel;
    private Stdio stdio;

    private Sentry(BootSpec spec) {
        this.spec = spec;
        this.log = new BootLog(
                logFile(spec, spec.descriptors().log()),
                spec.descriptors().log() != 2,
                spec.tracing().debug());
        this.control = new ControlSocket(spec.descriptors().control());
    }

    /** Brings the sandbox up, runs it, reports to the launcher how its first process ended, and ends this process. */
    public static void run(BootSpec spec) throws BootException {
        try {
            new Sentry(spec).run();
        } catch (InterruptedException e) {
            throw new BootException("the Sentry was interrupted");
        }
    }

    private void run() throws BootException, InterruptedException {
        long begin = Clock.monotonic();
        HostProcess.installKick();
        Thread.setDefaultUncaughtExceptionHandler(Sentry::broken);
        SyscallTable table = SyscallTable.standard();
        Plugins.load(spec.pluginPath(), table);
        long bytes = spec.limits().memory();
        MemoryFile memory = new MemoryFile(bytes * SPARSE_FACTOR, bytes / MemoryFile.PAGE);
        int kvm = spec.descriptors().kvm();
        Platform platform = new Platforms(memory, kvm, spec.keepCode(), log::debug).create(spec.platform());
        if (kvm >= 0) {
            Host.close(kvm); // the platform that needs it has its own
        }
        log.debug("platform " + platform.name() + ": " + platform.description());
        kernel = new Kernel(memory, platform, table, log);
        provideVdso();
        if (spec.tracing().strace()) {
            kernel.tracer = new Strace(log.file(), new HashSet<>(spec.tracing().straceSyscalls()));
        }
        FileSystems fileSystems = FileSystems.register(kernel);
        Mounts trees = new Mounts(kernel, spec);
        MountNamespace mounts = trees.mountAll();
        log.debug("mounts done after " + millis(begin));
        FirstProcess first = firstProcess(fileSystems, mounts);
        load(first);
        log.debug("program loaded after " + millis(begin));
        startControl();
        confine();
        first.start();
        if (!kernel.awaitExit(STARTED_NANOS)) {
            log.debug("unmapped " + (HostProcess.trim() >> 20) + " MiB that only starting needed");
        }
        int status = kernel.awaitExit();
        kernel.awaitQuiet(QUIET_NANOS);
        stdio.drain();
        if (spec.stats()) {
            new Stats(kernel, trees.goferRequests()).print(logFile(spec, 2));
        }
        log.debug("the first process ended with wait status " + status + " after " + millis(begin));
        report(status);
        // no exitNow: a training run writes the AOT cache on the way out; no exit: that would start logging
        Runtime.getRuntime().halt(0);
    }

    /** From here on this process can do what an application needs done, and nothing else. */
    private void confine() throws BootException {
        int result = Seccomp.enter(kernel.platform.name());
        if (result < 0) {
            throw new BootException("the system call filter was refused: " + Messages.of(-result));
        }
    }

    /** Gives programs a vDSO, and clocks in it if the counter is good for that. */
    private void provideVdso() {
        kernel.vdso = Vdso.load(kernel.memoryFile, System.getProperty("gvj.native", "."));
        if (kernel.vdso == null) {
            log.debug("no vDSO: it could not be read");
        } else if (kernel.platform.hostTsc() && Host.tscIsClock()) {
            Clock.followTsc(kernel.vdso.vvar());
        } else {
            log.debug("reading the clock takes a system call: the time stamp counter is no clock here");
        }
    }

    /** A thread of the Sentry is lost: better a clear end than a sandbox that waits for it forever. */
    private static void broken(Thread thread, Throwable cause) {
        try {
            System.err.println("gvj: the Sentry's thread " + thread.getName() + " failed: " + cause);
        } finally {
            HostProcess.exitNow(STATUS_BROKEN);
        }
    }

    private static LogFile logFile(BootSpec spec, int fd) {
        return new LogFile(fd, fd == 2 && spec.process().terminal().present());
    }

    private static String millis(long begin) {
        return (Clock.monotonic() - begin) / 1_000_000 + " ms";
    }

    private void report(int status) {
        int signal = status & 0x7f;
        if (signal == 0) {
            control.send(Control.EXITED, status >> 8 & 0xff);
        } else {
            control.send(Control.SIGNALED, signal);
        }
    }

    private FirstProcess firstProcess(FileSystems fileSystems, MountNamespace mounts) throws BootException {
        Credentials creds = new Users(kernel, mounts).credentials(spec.process().user());
        UtsNamespace uts = new UtsNamespace(kernel.rootUserNamespace, spec.hostname(), spec.domainname());
        FdTable fds = new FdTable();
        HostPoller poller = new HostPoller();
        stdio = new Stdio(kernel, poller);
        stdio.open(fds, fileSystems, mounts, spec.process().terminal());
        FirstProcess first;
        try {
            first = new FirstProcess(kernel, creds, mounts, uts, fds);
        } catch (ErrnoException e) {
            throw new BootException("the host has no room for a process: " + Messages.of(e.errno()));
        }
        first.task().namespaces().net().registry(InetStack.class, () -> new HostStack(poller));
        first.makeKillable();
        stdio.makeControlling(first.task());
        changeDirectory(first.task(), mounts);
        return first;
    }

    private void changeDirectory(Task task, MountNamespace mounts) throws BootException {
        try {
            Path directory = kernel.vfs
                    .bootCaller(mounts)
                    .lookup(AT_FDCWD, spec.process().cwd(), PathWalker.FOLLOW);
            if (!directory.inode().isDirectory()) {
                throw ErrnoException.of(Errno.ENOTDIR);
            }
            task.fs().setWorkingDirectory(directory);
        } catch (ErrnoException e) {
            throw new BootException("working directory " + spec.process().cwd() + ": " + Messages.of(e.errno()));
        }
    }

    /** Loads the program, looking for it in PATH if its name has no slash, as execvp(3) does. */
    private void load(FirstProcess first) throws BootException {
        String name = spec.process().args().get(0);
        if (name.isEmpty()) {
            throw new BootException(127, "the command is empty");
        }
        if (name.indexOf('/') >= 0) {
            tryLoad(first, name, name);
            return;
        }
        String found = search(first.task(), name);
        if (found == null) {
            throw new BootException(127, name + ": command not found in PATH");
        }
        tryLoad(first, found, name);
    }

    private void tryLoad(FirstProcess first, String path, String shown) throws BootException {
        try {
            first.load(path, spec.process().args(), spec.process().env());
        } catch (ErrnoException e) {
            int status = e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR ? 127 : 126;
            throw new BootException(status, shown + ": " + Messages.of(e.errno()));
        }
    }

    private String search(Task task, String name) {
        String variable = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        for (String setting : spec.process().env()) {
            if (setting.startsWith("PATH=")) {
                variable = setting.substring(5);
            }
        }
        String denied = null;
        for (String directory : variable.split(":")) {
            String candidate = (directory.isEmpty() ? "." : directory) + "/" + name;
            try {
                kernel.vfs.openForExec(task, AT_FDCWD, candidate, 0).decRef();
                return candidate;
            } catch (ErrnoException e) {
                if (e.errno() == Errno.EACCES && exists(task, candidate)) {
                    denied = candidate;
                }
            }
        }
        return denied;
    }

    private static boolean exists(Task task, String path) {
        try {
            return Caller.of(task)
                    .lookup(AT_FDCWD, path, PathWalker.FOLLOW)
                    .inode()
                    .isRegular();
        } catch (ErrnoException e) {
            return false;
        }
    }

    /** One thread hears what the launcher has to say; when the launcher is gone, so are we. */
    private void startControl() {
        Thread thread = new Thread(null, this::listen, "control", 256 << 10);
        thread.setDaemon(true);
        thread.start();
    }

    private void listen() {
        while (control.receive()) {
            switch (control.type()) {
                case Control.SIGNAL -> signal(control.a());
                case Control.WINDOW -> stdio.resize(control.a(), control.b());
                default -> log.debug("control message of unknown type " + control.type());
            }
        }
        HostProcess.exitNow(128 + Signals.SIGHUP);
    }

    private void signal(int signo) {
        if (signo > 0 && signo <= Signals.SIGRTMAX && kernel.init() != null) {
            kernel.init().sendSignal(SignalInfo.user(signo, 0, 0, 0));
        }
    }
}
