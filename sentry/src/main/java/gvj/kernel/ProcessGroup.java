package gvj.kernel;

import java.util.ArrayList;
import java.util.List;

/** A process group (job), setpgid(2). */
public final class ProcessGroup {
    /** Its id in the root pid namespace. */
    public final int id;

    public final Session session;

    final PidEntry entry;
    private final Kernel kernel;

    /** Guarded by {@link Kernel#taskLock}. Zombies are members until they are waited for. */
    final List<ThreadGroup> members = new ArrayList<>();

    /** An empty group that goes by {@code entry}. The task lock is held. */
    ProcessGroup(Kernel kernel, PidEntry entry, Session session) {
        this.kernel = kernel;
        this.entry = entry;
        this.id = entry.rootNumber();
        this.session = session;
        entry.group = this;
        session.addGroup();
    }

    /** The task lock is held. */
    void add(ThreadGroup process) {
        members.add(process);
        process.processGroup = this;
    }

    /** The task lock is held. The id becomes free with the last member. */
    void remove(ThreadGroup process) {
        members.remove(process);
        if (members.isEmpty() && entry.group == this) {
            if (session.foreground == this) {
                session.foreground = null;
            }
            entry.group = null;
            session.removeGroup();
            entry.releaseIfUnused();
        }
    }

    /** Sends a signal to every member. Takes {@link Kernel#taskLock}. */
    public void sendSignal(SignalInfo info) {
        kernel.taskLock.lock();
        try {
            for (ThreadGroup member : members) {
                member.sendSignal(info);
            }
        } finally {
            kernel.taskLock.unlock();
        }
    }

    /** Whether no member has a parent in another group of the same session, setpgid(2). Takes the task lock. */
    public boolean isOrphaned() {
        return isOrphanedWithout(null);
    }

    /** As {@link #isOrphaned}, as if {@code leaving} were gone already. */
    boolean isOrphanedWithout(ThreadGroup leaving) {
        kernel.taskLock.lock();
        try {
            for (ThreadGroup member : members) {
                ThreadGroup parent = member.parent();
                if (member == leaving || member.isZombie() || parent == null) {
                    continue;
                }
                ProcessGroup theirs = parent.processGroup;
                if (theirs != this && theirs.session == session) {
                    return false;
                }
            }
            return true;
        } finally {
            kernel.taskLock.unlock();
        }
    }

    /** Whether a member is stopped. The task lock is held. */
    boolean hasStoppedMember() {
        for (ThreadGroup member : members) {
            if (member.jobControl.isStopped()) {
                return true;
            }
        }
        return false;
    }
}
