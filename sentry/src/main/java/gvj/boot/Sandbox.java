package gvj.boot;

import gvj.abi.Errno;
import gvj.abi.Signals;
import gvj.kernel.Kernel;
import gvj.kernel.NewProcess;
import gvj.kernel.SignalInfo;
import gvj.kernel.ThreadGroup;
import gvj.mm.MemoryFile;

/**
 * What can be done to a running sandbox from outside: its life cycle, signals, limits. The monitor guards the state.
 */
final class Sandbox {
    private final Kernel kernel;
    private final NewProcess first;
    private BootSpec.Limits limits;
    private int state = Control.STATE_CREATED;

    Sandbox(Kernel kernel, BootSpec.Limits limits, NewProcess first) {
        this.kernel = kernel;
        this.limits = limits;
        this.first = first;
    }

    /** One of {@link Control}'s STATE_ numbers. */
    synchronized int state() {
        return state;
    }

    /** Processes that live. */
    int processes() {
        int alive = 0;
        for (ThreadGroup process : kernel.rootPidNamespace.processes()) {
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

    /** The first process has ended. */
    synchronized void ended() {
        state = Control.STATE_STOPPED;
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
            for (ThreadGroup process : kernel.rootPidNamespace.processes()) {
                if (process != first.process()) {
                    process.sendSignal(SignalInfo.user(signo, 0, 0, 0));
                }
            }
        }
        first.signal(SignalInfo.user(signo, 0, 0, 0));
    }

    /** Stops all tasks; when this returns, none runs application code. */
    synchronized void pause() throws ControlException {
        if (state != Control.STATE_RUNNING) {
            throw new ControlException(Errno.EBUSY, "container not running");
        }
        kernel.pause.begin();
        state = Control.STATE_PAUSED;
    }

    /** Lets them go on. */
    synchronized void resume() throws ControlException {
        if (state != Control.STATE_PAUSED) {
            throw new ControlException(Errno.EBUSY, "container not paused");
        }
        state = Control.STATE_RUNNING;
        kernel.pause.end();
    }

    /** Other limits: all of them hold afterwards, or none. What programs were told of processors stays. */
    synchronized void update(LimitsParser parser, byte[] json) throws ControlException, BootException {
        BootSpec.Limits changed = parser.parse(json, limits);
        MemoryFile memory = kernel.memoryFile;
        long bytes = Math.min(changed.memory(), memory.bytes());
        if (bytes != limits.memory() && !memory.setLimit(bytes / MemoryFile.PAGE)) {
            throw new ControlException(
                    Errno.EBUSY,
                    "the memory limit cannot be " + bytes + " bytes: " + memory.usedPages() * MemoryFile.PAGE
                            + " are in use");
        }
        kernel.maxTasks = changed.pids() > 0 ? Math.min(changed.pids(), Kernel.MAX_TASKS) : Kernel.MAX_TASKS;
        kernel.cpuLimit = changed.cpus();
        limits = changed;
    }
}
