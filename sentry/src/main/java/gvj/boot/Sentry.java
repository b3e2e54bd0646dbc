package gvj.boot;

import gvj.abi.Signals;
import gvj.host.Host;
import gvj.host.HostProcess;
import gvj.host.Seccomp;
import gvj.kernel.Clock;
import gvj.kernel.Kernel;
import gvj.kernel.ThreadGroup;
import gvj.loader.Vdso;
import gvj.metrics.Metrics;
import gvj.metrics.StartTimes;
import gvj.mm.MemoryFile;
import gvj.platform.Platform;
import gvj.syscalls.SyscallTable;
import gvj.trace.LogFile;
import gvj.trace.Strace;
import gvj.trace.TraceViewer;
import java.util.HashSet;

/** The Sentry of one sandbox: brings it up, runs it, and reports how its first process ended. */
public final class Sentry {
    private static final int STATUS_BROKEN = 125;

    /** Room for holes in the sparse memory file. */
    private static final long SPARSE_FACTOR = 4;
    /** Room for a limit that is raised later. */
    private static final long SPARSE_MIN = 16L << 30;
    /** What has run for so long has started, and may be there for long. */
    static final long STARTED_NANOS = 1_000_000_000L;

    /** How long the tasks that outlive the first process may take to die. */
    private static final long QUIET_NANOS = 2_000_000_000L;

    private final BootSpec spec;
    private final Parsers parsers;
    private final BootLog log;
    private final ControlSocket control;
    private final StartTimes times = new StartTimes();
    private Kernel kernel;
    private Strace strace;
    private GoferTrees trees;
    private Containers containers;
    private ControlServer server;

    private Sentry(BootSpec spec, Parsers parsers) {
        this.spec = spec;
        this.parsers = parsers;
        this.log = new BootLog(
                logFile(spec, spec.descriptors().log()),
                spec.descriptors().log() != 2,
                spec.tracing().debug());
        this.control = new ControlSocket(spec.descriptors().control());
    }

    /** Brings the sandbox up, runs it, reports to the launcher how its first process ended, and ends this process. */
    public static void run(BootSpec spec, Parsers parsers) throws BootException {
        try {
            new Sentry(spec, parsers).run();
        } catch (InterruptedException e) {
            throw new BootException("the Sentry was interrupted");
        }
    }

    private void run() throws BootException, InterruptedException {
        long start = Clock.monotonic();
        HostProcess.installKick();
        Thread.setDefaultUncaughtExceptionHandler(Sentry::broken);
        makeKernel();
        times.done(StartTimes.KERNEL);
        trees = new GoferTrees(kernel.memoryFile, spec.descriptors().gofer());
        ContainerMaker maker = new ContainerMaker(kernel, FileSystems.register(kernel), trees);
        maker.mountFirst(spec.first());
        times.done(StartTimes.MOUNTS);
        log.debug("mounts done after " + millis(start));
        Container first =
                maker.loadFirst(spec.first(), spec.pod(), spec.descriptors().stdio());
        times.done(StartTimes.PROGRAM);
        log.debug("program loaded after " + millis(start));
        containers = new Containers(first);
        confine();
        startControl();
        serve(maker);
        kernel.rootCgroup.listenOom(this::tellOutOfMemory);
        begin();
        int status = kernel.awaitExit();
        first.ended(status);
        containers.abandonAll();
        kernel.awaitQuiet(QUIET_NANOS);
        first.stdio().drain();
        if (spec.stats()) {
            new Stats(kernel, trees.requests()).print(logFile(spec, 2));
        }
        log.debug("the first process ended with wait status " + status + " after " + millis(start));
        first.audience().endTraces();
        if (server != null) {
            server.finish();
        }
        first.audience().tellEnd(status);
        ControlRequests.report(control, status);
        // no exitNow: a training run writes the AOT cache on the way out; no exit: that would start logging
        Runtime.getRuntime().halt(0);
    }

    private void makeKernel() throws BootException {
        SyscallTable table = SyscallTable.standard();
        Plugins.load(spec.pluginPath(), table);
        BootSpec.Limits limits = spec.first().limits();
        long bytes = Math.max(limits.memory() * SPARSE_FACTOR, SPARSE_MIN);
        MemoryFile memory = new MemoryFile(bytes, limits.memory() / MemoryFile.PAGE);
        int kvm = spec.descriptors().kvm();
        Platform platform = new Platforms(memory, kvm, spec.keepCode(), log::debug).create(spec.platform());
        if (kvm >= 0) {
            Host.close(kvm); // the platform that needs it has its own
        }
        log.debug("platform " + platform.name() + ": " + platform.description());
        kernel = new Kernel(memory, platform, table, log);
        kernel.rootUserNamespace.map(spec.uids(), spec.gids());
        CgroupLimits.begin(kernel.rootCgroup, limits);
        provideVdso();
        strace = new Strace(kernel);
        if (spec.tracing().strace()) {
            strace.add(new TraceViewer(null, new HashSet<>(spec.tracing().straceSyscalls()), log.file()));
        }
    }

    /** Lets the program run, or tells the launcher that it waits for {@link Control#START}. */
    private void begin() throws BootException, InterruptedException {
        times.done(StartTimes.READY);
        if (spec.gated()) {
            control.send(Control.CREATED, 0);
        } else {
            try {
                containers.first().start();
            } catch (ControlException e) {
                log.debug(e.getMessage()); // a client was quicker
            }
        }
        if (!kernel.awaitExit(STARTED_NANOS)) {
            log.debug("unmapped " + (HostProcess.trim() >> 20) + " MiB that only starting needed");
        }
    }

    /** Whoever watches the victim's container hears of it, and that container's monitor. */
    private void tellOutOfMemory(ThreadGroup process) {
        Container container = containers.of(process.leader().cgroup);
        if (container == null) {
            return;
        }
        int inside = container.pids().idOf(process);
        if (container == containers.first()) {
            control.send(Control.OOM, inside);
        }
        container.audience().outOfMemory(inside);
    }

    /** Lets others ask for things, where there is a socket for them. */
    private void serve(ContainerMaker maker) {
        if (spec.descriptors().listen() >= 0) {
            Creation creation = new Creation(kernel, containers, maker, parsers.container(), trees);
            Usage usage = new Usage(trees::requests);
            Metrics metrics = new Metrics(kernel, containers.first().id(), times, trees::requests, log.file()::lines);
            Diagnostics diagnostics = new Diagnostics(kernel, containers, strace, metrics);
            server = new ControlServer(
                    spec.descriptors().listen(),
                    new ControlRequests(kernel, containers, creation, parsers, usage, diagnostics));
            server.start();
        }
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
        return new LogFile(fd, fd == 2 && spec.first().process().terminal().present());
    }

    private static String millis(long start) {
        return (Clock.monotonic() - start) / 1_000_000 + " ms";
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
                case Control.SIGNAL -> containers.first().signal(control.a());
                case Control.WINDOW -> containers.first().stdio().resize(control.a(), control.b());
                default -> log.debug("control message of unknown type " + control.type());
            }
        }
        HostProcess.exitNow(128 + Signals.SIGHUP);
    }
}
