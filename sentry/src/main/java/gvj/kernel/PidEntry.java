package gvj.kernel;

/**
 * A process id as every pid namespace that can see it numbers it: Linux's {@code struct pid}. The number stays taken as
 * long as a task, a process group or a session goes by it.
 *
 * <p>Fields are changed under {@link Kernel#taskLock}, and read without it.
 */
public final class PidEntry {
    /** The namespace it was made in, the innermost that sees it. */
    final PidNamespace namespace;

    /** Its number in each namespace, outermost first. */
    final int[] numbers;

    volatile Task task;
    /** The process whose leader goes by this id; stays through its time as a zombie. */
    volatile ThreadGroup process;

    volatile ProcessGroup group;
    volatile Session session;

    PidEntry(PidNamespace namespace, int[] numbers) {
        this.namespace = namespace;
        this.numbers = numbers;
    }

    /** The number in {@code ns}, or 0 if it cannot be seen from there. */
    public int numberIn(PidNamespace ns) {
        if (ns.level >= numbers.length) {
            return 0;
        }
        PidNamespace here = namespace;
        while (here.level > ns.level) {
            here = here.parent;
        }
        return here == ns ? numbers[ns.level] : 0;
    }

    /** The number in the root namespace. */
    int rootNumber() {
        return numbers[0];
    }

    /** The number in the namespace it was made in, by which it knows itself. */
    int ownNumber() {
        return numbers[numbers.length - 1];
    }

    /** Frees the numbers if nothing goes by them any more. The task lock is held. */
    void releaseIfUnused() {
        if (task == null && process == null && group == null && session == null) {
            namespace.release(this);
        }
    }
}
