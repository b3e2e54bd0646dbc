package gvj.boot;

import gvj.abi.Errno;
import gvj.abi.Signals;
import gvj.kernel.Cgroup;
import gvj.kernel.Kernel;
import gvj.kernel.NewProcess;
import gvj.kernel.PidNamespace;
import gvj.kernel.SignalInfo;
import gvj.kernel.ThreadGroup;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * A container as it is seen from outside: its life cycle, signals, limits, and who wants to hear of it. The monitor guards the
 * state.
 */
final class Container {
    private static final long LOOK_NANOS = 200_000;

    private final Kernel kernel;
    private final ContainerSpec spec;
    private final ContainerParts parts;
    private final NewProcess first;
    private final Audience audience = new Audience();
    private BootSpec.Limits limits;
    private int state = Control.STATE_CREATED;
    private int exitStatus = -1;

    /** {@code first} is loaded and waits for {@link #start}. */
    Container(Kernel kernel, ContainerSpec spec, ContainerParts parts, NewProcess first) {
        this.kernel = kernel;
        this.spec = spec;
        this.parts = parts;
        this.first = first;
        this.limits = spec.limits();
    }

    String id() {
        return spec.id();
    }

    /** Who accounts for it. */
    Cgroup cgroup() {
        return parts.cgroup();
    }

    /** Whose processes its programs see. */
    PidNamespace pids() {
        return PidNamespace.of(first.process());
    }

    /** Makes further processes in it. */
    ProcessStarter starter() {
        return parts.starter();
    }

    /** What its processes' descriptors of the host need. */
    StdioFiles files() {
        return parts.files();
    }

    /** Of its first process. */
    Stdio stdio() {
        return parts.stdio();
    }

    NewProcess first() {
        return first;
    }

    /** Who waits for its end, watches it, or has a process in it. */
    Audience audience() {
        return audience;
    }

    /** One of {@link Control}'s STATE_ numbers. */
    synchronized int state() {
        return state;
    }

    /** How its first process ended, in wait(2)'s format; -1 while it lives. */
    synchronized int exitStatus() {
        return exitStatus;
    }

    /** Its processes, zombies included, in the order of their ids. */
    List<ThreadGroup> processes() {
        return parts.cgroup().processes();
    }

    /** Processes that live. */
    int liveProcesses() {
        int alive = 0;
        for (ThreadGroup process : processes()) {
            alive += process.isZombie() ? 0 : 1;
        }
        return alive;
    }

    /** Lets the first process run. */
    synchronized void start() throws ControlException {
        switch (state) {
            case Control.STATE_CREATED -> {
                state = Control.STATE_RUNNING;
                first.start();
            }
            case Control.STATE_STOPPED ->
                throw new ControlException(Errno.ESRCH, "cannot start a container that has stopped");
            default -> throw new ControlException(Errno.EEXIST, "cannot start an already running container");
        }
    }

    /**
     * Signals the first process, or all of them, as somebody outside of the container does.
     *
     * @param signo 0 to see only whether there is somebody
     */
    void kill(int signo, boolean all) throws ControlException {
        if (signo < 0 || signo > Signals.SIGRTMAX) {
            throw new ControlException(Errno.EINVAL, "there is no signal " + signo);
        }
        if (state() == Control.STATE_STOPPED) {
            throw new ControlException(Errno.ESRCH, "container not running");
        }
        if (signo == 0) {
            return;
        }
        if (all) {
            for (ThreadGroup process : processes()) {
                if (process != first.process()) {
                    process.sendSignal(SignalInfo.user(signo, 0, 0, 0));
                }
            }
        }
        first.signal(SignalInfo.user(signo, 0, 0, 0));
    }

    /** The monitor of its first process got a signal; one that is none does nothing. */
    void signal(int signo) {
        if (signo > 0 && signo <= Signals.SIGRTMAX) {
            first.signal(SignalInfo.user(signo, 0, 0, 0));
        }
    }

    /** Nobody waits for it any more. */
    void abandon() {
        first.abandon();
    }

    /** Stops all tasks; when this returns, none runs application code. */
    synchronized void pause() throws ControlException {
        if (state != Control.STATE_RUNNING) {
            throw new ControlException(Errno.EBUSY, "container not running");
        }
        parts.cgroup().pause();
        state = Control.STATE_PAUSED;
    }

    /** Lets them go on. */
    synchronized void resume() throws ControlException {
        if (state != Control.STATE_PAUSED) {
            throw new ControlException(Errno.EBUSY, "container not paused");
        }
        state = Control.STATE_RUNNING;
        parts.cgroup().resume();
    }

    /** Other limits: all of them hold afterwards, or none. What programs were told of processors stays. */
    synchronized void update(LimitsParser parser, byte[] json) throws ControlException, BootException {
        BootSpec.Limits changed = parser.parse(json, limits);
        Cgroup limited = parts.limited();
        if (!CgroupLimits.change(limited, limits, changed)) {
            throw new ControlException(
                    Errno.EBUSY,
                    "the memory limit cannot be " + changed.memory() + " bytes: " + limited.memoryUsed()
                            + " are in use");
        }
        limits = changed;
    }

    /** Waits for its first process's end, at most {@code nanos}; whether it has come. */
    boolean awaitEnd(long nanos) throws InterruptedException {
        return first.awaitExit(nanos);
    }

    /** Waits until nothing of it lives: with the first process all others end. */
    int awaitEnd() throws InterruptedException {
        int status = first.awaitExit();
        while (parts.cgroup().isPopulated()) {
            parts.cgroup().kill(); // in a pid namespace of its own the kernel has done so
            LockSupport.parkNanos(this, LOOK_NANOS);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
        return status;
    }

    /** The first process has ended with {@code status}. */
    synchronized void ended(int status) {
        exitStatus = status;
        state = Control.STATE_STOPPED;
    }

    /** Nothing of it lives: lets go of what it had. */
    void release() {
        parts.release();
    }
}
