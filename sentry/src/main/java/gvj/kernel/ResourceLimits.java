package gvj.kernel;

import gvj.abi.Sched;

/** getrlimit(2) limits of a process. Reads are plain; changes take the monitor. */
public final class ResourceLimits {
    /** RLIM_INFINITY. */
    public static final long INFINITY = -1;

    private final long[] soft = new long[Sched.RLIM_NLIMITS];
    private final long[] hard = new long[Sched.RLIM_NLIMITS];

    /** What a container's first process has: Docker's and containerd's defaults, which are Linux's but for RLIMIT_NOFILE. */
    public static ResourceLimits initial() {
        ResourceLimits limits = new ResourceLimits();
        for (int resource = 0; resource < Sched.RLIM_NLIMITS; resource++) {
            limits.set(resource, INFINITY, INFINITY);
        }
        limits.set(Sched.RLIMIT_STACK, 8L << 20, INFINITY);
        limits.set(Sched.RLIMIT_CORE, 0, INFINITY);
        limits.set(Sched.RLIMIT_NOFILE, 1024, 1L << 20);
        limits.set(Sched.RLIMIT_MEMLOCK, 8L << 20, 8L << 20);
        limits.set(Sched.RLIMIT_SIGPENDING, 16384, 16384);
        limits.set(Sched.RLIMIT_MSGQUEUE, 819200, 819200);
        limits.set(Sched.RLIMIT_NICE, 0, 0);
        limits.set(Sched.RLIMIT_RTPRIO, 0, 0);
        return limits;
    }

    /** A copy for fork. */
    public synchronized ResourceLimits copy() {
        ResourceLimits copy = new ResourceLimits();
        System.arraycopy(soft, 0, copy.soft, 0, soft.length);
        System.arraycopy(hard, 0, copy.hard, 0, hard.length);
        return copy;
    }

    /** The soft limit; compare unsigned, {@link #INFINITY} is the largest. */
    public long soft(int resource) {
        return soft[resource];
    }

    public long hard(int resource) {
        return hard[resource];
    }

    /** Sets both; the caller has checked the rules of setrlimit(2). */
    public synchronized void set(int resource, long newSoft, long newHard) {
        soft[resource] = newSoft;
        hard[resource] = newHard;
    }
}
