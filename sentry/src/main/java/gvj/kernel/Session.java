package gvj.kernel;

/** A session, setsid(2). Fields are guarded by {@link Kernel#taskLock} for writing. */
public final class Session {
    /** The leader's pid in the root pid namespace. */
    public final int id;

    final PidEntry entry;

    /** The leader, null once it has exited. */
    public volatile ThreadGroup leader;

    /** The controlling terminal, or null. */
    public volatile ControllingTerminal terminal;

    /** The foreground process group of the terminal, or null. */
    public volatile ProcessGroup foreground;

    /** Process groups in it. */
    private int groups;

    /** A session led by {@code leader}. The task lock is held. */
    Session(ThreadGroup leader) {
        this.entry = leader.id;
        this.id = entry.rootNumber();
        this.leader = leader;
        entry.session = this;
    }

    void addGroup() {
        groups++;
    }

    /** One group less; the id becomes free with the last. */
    void removeGroup() {
        if (--groups == 0) {
            entry.session = null;
            entry.releaseIfUnused();
        }
    }
}
