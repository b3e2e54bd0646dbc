package gvj.kernel;

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

    Cgroup(Kernel kernel, Cgroup parent, String name) {
        this.kernel = kernel;
        this.parent = parent;
        this.name = name;
    }

    /** One more container's. */
    public Cgroup newChild(String childName) {
        return new Cgroup(kernel, this, childName);
    }
}
