package gvj.kernel;

import gvj.abi.Signals;

/**
 * What the tasks of one container share for accounting and limits, cgroups(7). A task is born into its parent's; nobody
 * moves. There is one at the top, {@link Kernel#rootCgroup}, which the first container's tasks are in; the other containers
 * of a pod have one each below it.
 */
public final class Cgroup {
    /** The container's id; empty at the top. */
    public final String name;

    /** Null at the top. */
    public final Cgroup parent;

    final Kernel kernel;

    volatile boolean paused;

    Cgroup(Kernel kernel, Cgroup parent, String name) {
        this.kernel = kernel;
        this.parent = parent;
        this.name = name;
    }

    /** One more container's. */
    public Cgroup newChild(String childName) {
        return new Cgroup(kernel, this, childName);
    }

    /** Stops its tasks, and those below it; when this returns, none runs application code. */
    public void pause() {
        kernel.pause.begin(this);
    }

    /** Lets them go on. */
    public void resume() {
        kernel.pause.end(this);
    }

    /** Whether {@code task} is in it or below it. */
    boolean has(Task task) {
        return task.cgroup == this || parent == null;
    }

    /** Whether tasks of it are to stop. */
    boolean isPaused() {
        return paused || parent != null && parent.paused;
    }

    /** Whether anything of it lives. */
    public boolean isPopulated() {
        for (Task task : kernel.tasks.values()) {
            if (task.cgroup == this && !task.exited) {
                return true;
            }
        }
        return false;
    }

    /** Kills every process of it, as cgroup.kill does; one that is just being made may escape the first time. */
    public void kill() {
        for (Task task : kernel.tasks.values()) {
            if (task.cgroup == this && !task.exited) {
                task.threadGroup.sendSignal(SignalInfo.kernel(Signals.SIGKILL));
            }
        }
    }
}
