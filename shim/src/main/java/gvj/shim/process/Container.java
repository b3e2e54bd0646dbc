package gvj.shim.process;

import com.google.protobuf.MessageLite;
import gvj.abi.Signals;
import gvj.boot.Control;
import gvj.host.HostFiles;
import gvj.proto.events.TaskCreate;
import gvj.proto.events.TaskDelete;
import gvj.proto.events.TaskExecAdded;
import gvj.proto.events.TaskExecStarted;
import gvj.proto.events.TaskExit;
import gvj.proto.events.TaskIO;
import gvj.proto.events.TaskOOM;
import gvj.proto.events.TaskPaused;
import gvj.proto.events.TaskResumed;
import gvj.proto.events.TaskStart;
import gvj.proto.types.Mount;
import gvj.runtime.ControlClient;
import gvj.runtime.ToolException;
import gvj.shim.api.EventPublisher;
import gvj.shim.api.RpcException;
import gvj.shim.api.ShimContext;
import gvj.shim.io.ConsoleSocket;
import gvj.shim.io.StdioPaths;
import gvj.shim.io.Streams;
import gvj.shim.mount.RootFileSystem;
import gvj.shim.runtime.Descriptors;
import gvj.shim.runtime.Gvj;
import gvj.shim.runtime.SmallThread;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A container: the {@code gvj} command makes, starts and removes it; all else is said to its Sentry at {@code control.sock}.
 * What becomes of it is published in the order in which it happens.
 */
public final class Container {
    /** Of the ten seconds that containerd's CRI has for a container's end. */
    private static final long DRAIN_MILLIS = 5_000;

    private static final long LAST_MILLIS = 1_000;
    /** How long a Sentry may take to end a container that is killed: its files are written back. */
    private static final long OBEY_MILLIS = 30_000;

    private static final long MILLISECOND_NANOS = 1_000_000;

    private final ShimContext context;
    private final EventPublisher events;
    private final Gvj gvj;
    private final String id;
    private final String bundle;
    private final Process init;
    private final Map<String, Execution> executions = new ConcurrentHashMap<>();
    /** Held while something changes and is published, so that nobody hears of an end before its beginning. */
    private final Object order = new Object();

    /** Null until it is made. */
    private volatile gvj.runtime.Container handle;

    private volatile boolean paused;
    private final AtomicBoolean doomed = new AtomicBoolean();

    /** With {@code events} for what becomes of it. */
    public Container(ShimContext context, EventPublisher events, String id, String bundle, StdioPaths paths) {
        this.context = context;
        this.events = events;
        this.gvj = new Gvj(context);
        this.id = id;
        this.bundle = bundle;
        this.init = new Process(paths);
    }

    /** What containerd calls it. */
    public String id() {
        return id;
    }

    /** The directory with its {@code config.json}. */
    public String bundle() {
        return bundle;
    }

    /** Its first process. */
    public Process init() {
        return init;
    }

    /** Whether {@link #pause} stands. */
    public boolean isPaused() {
        return paused;
    }

    /** Whether {@link #create} is done. */
    public boolean isMade() {
        return handle != null;
    }

    /** Where its state is. */
    public gvj.runtime.Container handle() throws RpcException {
        gvj.runtime.Container made = handle;
        if (made == null) {
            throw RpcException.failedPrecondition("container " + id + " is not made yet");
        }
        return made;
    }

    // ---- making ----

    /** Makes it, or leaves nothing of it. */
    public void create(List<Mount> rootfs) throws RpcException {
        RootFileSystem.mount(rootfs, rootfs());
        try {
            Streams streams = Streams.open(init.paths());
            init.open(streams);
            try {
                init.made(streams.hasTerminal() ? createWithTerminal(streams) : createWithStreams(streams));
                Watch watch = connectWatch();
                publishCreated(rootfs);
                watch.start();
            } catch (RpcException e) {
                streams.close();
                throw e;
            }
        } catch (RpcException e) {
            RootFileSystem.unmount(rootfs());
            throw e;
        }
    }

    private String rootfs() {
        return bundle + "/rootfs";
    }

    private int createWithStreams(Streams streams) throws RpcException {
        int pid = gvj.create(id, bundle, null, streams.descriptors());
        streams.handOver();
        return pid;
    }

    private int createWithTerminal(Streams streams) throws RpcException {
        int nothing = Descriptors.open("/dev/null", HostFiles.O_RDWR);
        try (ConsoleSocket console = new ConsoleSocket(bundle)) {
            int pid = gvj.create(id, bundle, console.path(), new int[] {nothing, nothing, nothing});
            streams.attach(console.receive());
            return pid;
        } finally {
            Descriptors.close(nothing);
        }
    }

    private Watch connectWatch() throws RpcException {
        try {
            gvj.runtime.Container made = gvj.container(id);
            Watch watch = Watch.connect(this, made);
            handle = made;
            return watch;
        } catch (ToolException e) {
            gvj.run("delete", "--force", id);
            throw new RpcException(RpcException.Code.UNKNOWN, e.getMessage(), e);
        }
    }

    private void publishCreated(List<Mount> rootfs) {
        StdioPaths paths = init.paths();
        TaskCreate.Builder event = TaskCreate.newBuilder();
        event.setContainerId(id).setBundle(bundle).addAllRootfs(rootfs).setPid(init.pid());
        event.setIo(TaskIO.newBuilder()
                .setStdin(paths.stdin())
                .setStdout(paths.stdout())
                .setStderr(paths.stderr())
                .setTerminal(paths.terminal()));
        publish("create", event.build());
    }

    // ---- running ----

    /** Lets its first process run, hooks first. */
    public void start() throws RpcException {
        synchronized (order) {
            if (init.exit() != null || init.isStarted()) {
                throw RpcException.failedPrecondition("cannot start a container that was started before: " + id);
            }
            gvj.run("start", id);
            init.run();
            publish(
                    "start",
                    TaskStart.newBuilder().setContainerId(id).setPid(init.pid()).build());
        }
    }

    /** One more process; it runs when it is {@linkplain #start(Execution) started}. */
    public Execution add(String execId, StdioPaths paths, byte[] spec) throws RpcException {
        synchronized (order) {
            if (init.exit() != null) {
                throw RpcException.failedPrecondition("cannot exec in a stopped container: " + id);
            }
            Execution execution = new Execution(this, execId, paths, spec);
            if (executions.putIfAbsent(execId, execution) != null) {
                throw RpcException.alreadyExists("process " + execId + " exists already");
            }
            publish(
                    "exec-added",
                    TaskExecAdded.newBuilder()
                            .setContainerId(id)
                            .setExecId(execId)
                            .build());
            return execution;
        }
    }

    /** Runs a process that was added. */
    public void start(Execution execution) throws RpcException {
        synchronized (order) {
            if (init.exit() != null || execution.isStarted() || execution.exit() != null) {
                throw RpcException.failedPrecondition("cannot start process " + execution.id()
                        + (init.exit() == null ? ": it was started before" : " in a stopped container"));
            }
            try {
                execution.start(connect());
            } catch (RpcException e) {
                execution.end(Exit.now(Exit.DEAD));
                execution.wake();
                throw e;
            }
            publish(
                    "exec-started",
                    TaskExecStarted.newBuilder()
                            .setContainerId(id)
                            .setExecId(execution.id())
                            .setPid(execution.pid())
                            .build());
        }
        execution.watch();
    }

    /** The process that containerd calls so. */
    public Execution execution(String execId) throws RpcException {
        Execution execution = executions.get(execId);
        if (execution == null) {
            throw RpcException.notFound("process " + execId + " of container " + id + " does not exist");
        }
        return execution;
    }

    // ---- what is said to it ----

    /** A signal for its first process, or for all. */
    public void kill(int signal, boolean all) throws RpcException {
        if (init.exit() != null) {
            throw alreadyFinished(null);
        }
        if (signal == Signals.SIGKILL && doomed.compareAndSet(false, true)) {
            new SmallThread("end-" + id, this::seeToItsEnd).start();
        }
        try (ControlClient client = handle().connect()) {
            client.ask(Control.KILL, signal, all ? 1 : 0);
        } catch (ToolException e) {
            if (endsMeanwhile()) {
                throw alreadyFinished(e);
            }
            if (signal != Signals.SIGKILL) {
                throw new RpcException(RpcException.Code.UNKNOWN, e.getMessage(), e);
            }
            endSandbox(e.getMessage());
        }
    }

    /** A Sentry may be an attacker's, and say that it kills and do nothing. */
    private void seeToItsEnd() {
        try {
            if (init.await(OBEY_MILLIS) == null) {
                endSandbox("it was killed and has not ended");
            }
        } catch (RpcException e) {
            note("it cannot be killed: " + e.getMessage());
            doomed.set(false); // whoever asks again tries again
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** SIGKILL does not depend on a Sentry: one that does not obey ends, and with it all of its pod. */
    private void endSandbox(String why) throws RpcException {
        try {
            String sandbox = handle.sandbox().isEmpty() ? id : handle.sandbox();
            note("sandbox " + sandbox + " is ended: " + why);
            gvj.run("kill", sandbox, "KILL");
        } catch (ToolException e) {
            throw new RpcException(RpcException.Code.UNKNOWN, e.getMessage(), e);
        }
    }

    private RpcException alreadyFinished(ToolException cause) {
        return new RpcException(RpcException.Code.NOT_FOUND, "process already finished: container " + id, cause);
    }

    /** Whether its sandbox has ended, though we have not heard of it yet. */
    private boolean endsMeanwhile() {
        try {
            return init.exit() != null || handle().status().equals("stopped");
        } catch (RpcException | ToolException e) {
            return false; // nobody knows
        }
    }

    /** A signal for a process that was added. */
    public void kill(Execution execution, int signal) throws RpcException {
        if (execution.exit() == null && !execution.isStarted()) {
            throw RpcException.failedPrecondition("process " + execution.id() + " is not started");
        }
        execution.signal(signal);
    }

    /** Stops all of its processes. */
    public void pause() throws RpcException {
        synchronized (order) {
            if (init.exit() != null || paused) {
                throw RpcException.failedPrecondition("container " + id + " does not run");
            }
            ask(Control.PAUSE);
            paused = true;
            publish("paused", TaskPaused.newBuilder().setContainerId(id).build());
        }
    }

    /** Lets them go on. */
    public void resume() throws RpcException {
        synchronized (order) {
            if (init.exit() != null || !paused) {
                throw RpcException.failedPrecondition("container " + id + " is not paused");
            }
            ask(Control.RESUME);
            paused = false;
            publish("resumed", TaskResumed.newBuilder().setContainerId(id).build());
        }
    }

    /** New limits: a JSON object as {@code resources} in config.json. */
    public void update(byte[] resources) throws RpcException {
        if (init.exit() != null) {
            throw RpcException.failedPrecondition("container " + id + " has stopped");
        }
        gvj.update(id, resources);
    }

    private void ask(int request) throws RpcException {
        try (ControlClient client = connect()) {
            client.ask(request);
        } catch (ToolException e) {
            throw new RpcException(RpcException.Code.UNKNOWN, e.getMessage(), e);
        }
    }

    private ControlClient connect() throws RpcException {
        try {
            return handle().connect();
        } catch (ToolException e) {
            throw new RpcException(RpcException.Code.UNKNOWN, e.getMessage(), e);
        }
    }

    // ---- what is heard from it ----

    void ranOutOfMemory() {
        publish("oom", TaskOOM.newBuilder().setContainerId(id).build());
    }

    void note(String line) {
        context.log("container " + id + ": " + line);
    }

    /** Its first process has ended, and with it all others: they are reported first. */
    void ended(int status) {
        Instant when = Instant.now();
        endExecutions();
        synchronized (order) {
            paused = false;
            record(init, id, new Exit(status, when));
        }
    }

    /** All together have some time to be heard of; a Sentry that keeps silent about them does not hold up the container's end. */
    private void endExecutions() {
        awaitExecutions();
        for (Execution execution : executions.values()) {
            if (execution.isStarted() && execution.exit() == null) {
                execution.kill();
            }
        }
        awaitExecutions();
        for (Execution execution : executions.values()) {
            if (execution.isStarted()) {
                ended(execution, Exit.DEAD);
            }
        }
    }

    private void awaitExecutions() {
        long limit = in(LAST_MILLIS);
        try {
            for (Execution execution : executions.values()) {
                if (execution.isStarted()) {
                    execution.await(millisUntil(limit));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static long in(long millis) {
        return System.nanoTime() + millis * MILLISECOND_NANOS;
    }

    private static long millisUntil(long limit) {
        return Math.max(0, (limit - System.nanoTime()) / MILLISECOND_NANOS);
    }

    void ended(Execution execution, int status) {
        synchronized (order) {
            record(execution, execution.id(), Exit.now(status));
        }
    }

    private void record(Process process, String name, Exit exit) {
        if (!process.end(exit)) {
            return;
        }
        publish(
                "exit",
                TaskExit.newBuilder()
                        .setContainerId(id)
                        .setId(name)
                        .setPid(process.pid())
                        .setExitStatus(exit.status())
                        .setExitedAt(Times.of(exit.at()))
                        .build());
        process.wake(); // now: who waited may delete it, which is told after its end
    }

    private void publish(String what, MessageLite event) {
        events.publish("/tasks/" + what, Events.name(event), event);
    }

    // ---- removing ----

    /** Takes away a container that does not run, and all that was made for it. */
    public Exit delete() throws RpcException, InterruptedException {
        if (init.exit() == null && init.isStarted()) {
            throw RpcException.failedPrecondition("cannot delete a running container: " + id);
        }
        return discard();
    }

    /** The same for one that may be running. */
    public Exit discard() throws RpcException, InterruptedException {
        gvj.run("delete", "--force", id);
        long limit = in(DRAIN_MILLIS);
        Exit exit = init.await(millisUntil(limit));
        for (Execution execution : executions.values()) {
            execution.close(0);
        }
        init.close(millisUntil(limit));
        RootFileSystem.unmount(rootfs());
        return exit == null ? Exit.now(Exit.DEAD) : exit;
    }

    /** Tells that it is gone: when nobody finds it any more. */
    public void publishDeleted(Exit exit) {
        TaskDelete.Builder event = TaskDelete.newBuilder();
        event.setContainerId(id).setId(id).setPid(init.pid());
        event.setExitStatus(exit.status()).setExitedAt(Times.of(exit.at()));
        publish("delete", event.build());
    }

    /** Forgets a process that does not run. */
    public Exit delete(Execution execution) throws RpcException, InterruptedException {
        if (execution.exit() == null && execution.isStarted()) {
            throw RpcException.failedPrecondition("cannot delete a running process: " + execution.id());
        }
        if (!executions.remove(execution.id(), execution)) {
            throw RpcException.notFound("process " + execution.id() + " does not exist");
        }
        execution.close(DRAIN_MILLIS);
        return execution.exit() == null ? Exit.now(0) : execution.exit();
    }
}
