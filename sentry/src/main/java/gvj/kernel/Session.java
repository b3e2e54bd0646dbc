package gvj.kernel;

/** A session, setsid(2). Fields are guarded by {@link Kernel#taskLock} for writing. */
public final class Session {
    /** The leader's pid in the root pid namespace. */
    public final int id;

    /** The leader, null once it has exited. */
    public volatile ThreadGroup leader;

    /** The controlling terminal, or null. */
    public volatile ControllingTerminal terminal;

    /** The foreground process group of the terminal, or null. */
    public volatile ProcessGroup foreground;

    public Session(int id, ThreadGroup leader) {
        this.id = id;
        this.leader = leader;
    }
}
