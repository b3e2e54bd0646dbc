package gvj.kernel;

import java.util.ArrayList;
import java.util.List;

/** A process group (job), setpgid(2). */
public final class ProcessGroup {
    /** Its id in the root pid namespace. */
    public final int id;

    public final Session session;

    /** Guarded by {@link Kernel#taskLock}. */
    final List<ThreadGroup> members = new ArrayList<>();

    public ProcessGroup(int id, Session session) {
        this.id = id;
        this.session = session;
    }

    /** Sends a signal to every member. Takes {@link Kernel#taskLock}. */
    public void sendSignal(SignalInfo info) {
        throw new UnsupportedOperationException();
    }

    /** Whether no member has a parent in another group of the same session, setpgid(2). Takes the task lock. */
    public boolean isOrphaned() {
        throw new UnsupportedOperationException();
    }
}
