package gvj.kernel;

/** Sees every system call of a sandbox that is traced: strace. Called on the task's own thread. */
public interface SyscallTracer {
    /**
     * A call begins.
     *
     * @return what {@link #exit} is to be given, or null if it need not be called
     */
    Object enter(Task task, long number, long a0, long a1, long a2, long a3, long a4, long a5);

    /** A call returns {@code result}: {@code >= 0} or {@code -errno}, or a restart code. */
    void exit(Task task, Object state, long result);

    /** A signal is delivered to {@code task}. */
    void signal(Task task, int signo, int code);

    /** {@code task} makes no more calls; {@code status} is in wait(2)'s format. */
    void exited(Task task, int status);
}
