package gvj.kernel;

import gvj.abi.Sched;

/** sched(7) attributes of one thread. They are remembered and answered; the host schedules as it likes. */
public final class Scheduling {
    /** Bytes of the widest CPU mask we keep. */
    static final int MASK_LONGS = 16;

    volatile int policy = Sched.SCHED_OTHER;
    volatile int realtimePriority;
    /** -20..19. */
    volatile int nice;

    volatile boolean resetOnFork;
    /** SCHED_DEADLINE is not available; these stay what sched_setattr gave for utilisation clamps: none. */
    volatile long[] affinity;

    Scheduling(long[] affinity) {
        this.affinity = affinity;
    }

    /** For a new thread or process: SCHED_RESET_ON_FORK applies. */
    Scheduling copy() {
        Scheduling copy = new Scheduling(affinity);
        copy.policy = policy;
        copy.realtimePriority = realtimePriority;
        copy.nice = nice;
        if (resetOnFork) {
            if (policy == Sched.SCHED_FIFO || policy == Sched.SCHED_RR) {
                copy.policy = Sched.SCHED_OTHER;
                copy.realtimePriority = 0;
            }
            copy.nice = Math.max(nice, 0);
        }
        return copy;
    }

    public int policy() {
        return policy;
    }

    public int realtimePriority() {
        return realtimePriority;
    }

    public int nice() {
        return nice;
    }

    /** Allowed CPUs, bit n of long n/64. Not to be modified. */
    public long[] affinity() {
        return affinity;
    }

    public boolean resetOnFork() {
        return resetOnFork;
    }

    /** Sets policy and priorities; the caller has checked them. */
    public void set(int newPolicy, int newPriority, int newNice, boolean reset) {
        policy = newPolicy;
        realtimePriority = newPriority;
        nice = newNice;
        resetOnFork = reset;
    }

    public void setNice(int value) {
        nice = value;
    }

    public void setAffinity(long[] mask) {
        affinity = mask;
    }
}
