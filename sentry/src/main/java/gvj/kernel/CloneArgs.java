package gvj.kernel;

/** What clone3(2) is asked for; clone, fork and vfork are told in the same words. */
public final class CloneArgs {
    public long flags;
    /** Where the pidfd goes with CLONE_PIDFD. */
    public long pidfd;
    /** CLONE_CHILD_SETTID, CLONE_CHILD_CLEARTID. */
    public long childTid;
    /** CLONE_PARENT_SETTID. */
    public long parentTid;
    /** What the parent gets when the child exits, 0 for nothing. */
    public int exitSignal;
    /** The child's first stack pointer, 0 to go on with the parent's. */
    public long stackPointer;
    /** CLONE_SETTLS. */
    public long tls;
    /** Ids asked for, innermost namespace first. */
    public int[] setTid = new int[0];

    boolean has(long flag) {
        return (flags & flag) != 0;
    }
}
