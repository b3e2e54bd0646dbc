package gvj.kernel;

import gvj.abi.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * pid_namespaces(7): the ids that tasks, groups and sessions have as its members see them; 0 for what it cannot see.
 *
 * <p>Ids are given out and freed under {@link Kernel#taskLock}; lookups take no lock.
 */
public final class PidNamespace {
    /** Namespaces may be nested this deep. */
    static final int MAX_DEPTH = 32;

    /** kernel.pid_max: ids are below it. */
    public static final int PID_MAX = 32768;

    /** After the first round low ids are left to those who were there first. */
    private static final int RESERVED = 300;

    final PidNamespace parent;
    final int level;
    final UserNamespace owner;
    /** What stat(2) of /proc/PID/ns/pid shows. */
    public final long inode = Namespaces.nextInode();

    private final ConcurrentHashMap<Integer, PidEntry> entries = new ConcurrentHashMap<>();
    private int last;

    /** Process 1 of this namespace, null before there is one. */
    volatile ThreadGroup init;
    /** Set when process 1 exits: nothing is born here any more. */
    volatile boolean dead;

    PidNamespace(PidNamespace parent, UserNamespace owner) {
        this.parent = parent;
        this.level = parent == null ? 0 : parent.level + 1;
        this.owner = owner;
    }

    /** One more inside of this one, for a container. */
    public PidNamespace newChild() {
        return new PidNamespace(this, owner);
    }

    /** The namespace that {@code process} is a member of. */
    public static PidNamespace of(ThreadGroup process) {
        return process.id.namespace;
    }

    /** The thread id of {@code task} here. */
    public int idOf(Task task) {
        return task.id.numberIn(this);
    }

    /** The pid of {@code process} here. */
    public int idOf(ThreadGroup process) {
        return process.id.numberIn(this);
    }

    public int idOf(ProcessGroup group) {
        return group.entry.numberIn(this);
    }

    public int idOf(Session session) {
        return session.entry.numberIn(this);
    }

    /** The task with thread id {@code id} here, or null. */
    public Task task(int id) {
        PidEntry entry = entries.get(id);
        return entry == null ? null : entry.task;
    }

    /** The process with pid {@code id} here, zombies included, or null. */
    public ThreadGroup threadGroup(int id) {
        PidEntry entry = entries.get(id);
        return entry == null ? null : entry.process;
    }

    /** The process group with id {@code id} here, or null. */
    public ProcessGroup processGroup(int id) {
        PidEntry entry = entries.get(id);
        return entry == null ? null : entry.group;
    }

    /** The session with id {@code id} here, or null. */
    Session session(int id) {
        PidEntry entry = entries.get(id);
        return entry == null ? null : entry.session;
    }

    /** Whether {@code task} has an id here. */
    public boolean sees(Task task) {
        return idOf(task) != 0;
    }

    /** The namespace around it; itself for the root. */
    public PidNamespace parent() {
        return parent == null ? this : parent;
    }

    /** The user namespace it belongs to. */
    public UserNamespace owner() {
        return owner;
    }

    /** Every process with an id here, zombies included, by rising id. */
    public List<ThreadGroup> processes() {
        List<ThreadGroup> all = new ArrayList<>();
        for (PidEntry entry : entries.values()) {
            ThreadGroup process = entry.process;
            if (process != null) {
                all.add(process);
            }
        }
        all.sort((a, b) -> Integer.compare(idOf(a), idOf(b)));
        return all;
    }

    /** The id given out last: /proc/loadavg. */
    public int lastPid() {
        return last;
    }

    /** Whether {@code other} is this namespace or lies inside of it. */
    boolean contains(PidNamespace other) {
        PidNamespace ns = other;
        while (ns.level > level) {
            ns = ns.parent;
        }
        return ns == this;
    }

    /**
     * A new id, seen here and in every namespace around. The task lock is held.
     *
     * @param wanted ids asked for by clone3(set_tid), innermost first; empty for any
     * @throws ErrnoException ENOMEM in a namespace whose process 1 is gone, EAGAIN without a free id, EEXIST, EINVAL
     */
    PidEntry allocate(int[] wanted) {
        if (dead) {
            throw ErrnoException.of(Errno.ENOMEM);
        }
        int[] numbers = new int[level + 1];
        PidEntry entry = new PidEntry(this, numbers);
        PidNamespace ns = this;
        try {
            for (int i = 0; ns != null; ns = ns.parent, i++) {
                numbers[ns.level] = i < wanted.length ? ns.take(wanted[i]) : ns.next();
                ns.entries.put(numbers[ns.level], entry);
            }
        } catch (ErrnoException e) {
            release(entry);
            throw e;
        }
        return entry;
    }

    private int take(int id) {
        if (id < 1 || id >= PID_MAX || (init == null && last == 0 && id != 1)) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        if (entries.containsKey(id)) {
            throw ErrnoException.of(Errno.EEXIST);
        }
        last = Math.max(last, id);
        return id;
    }

    private int next() {
        for (int tries = 0; tries < PID_MAX; tries++) {
            last++;
            if (last >= PID_MAX) {
                last = RESERVED;
            }
            if (!entries.containsKey(last)) {
                return last;
            }
        }
        throw ErrnoException.of(Errno.EAGAIN);
    }

    /** Frees every number of {@code entry}. The task lock is held. */
    void release(PidEntry entry) {
        for (PidNamespace ns = entry.namespace; ns != null; ns = ns.parent) {
            ns.entries.remove(entry.numbers[ns.level], entry);
        }
    }
}
