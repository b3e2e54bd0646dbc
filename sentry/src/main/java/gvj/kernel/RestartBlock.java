package gvj.kernel;

/** How a system call that was interrupted goes on when nobody handled the signal: restart_syscall(2). */
@FunctionalInterface
public interface RestartBlock {
    /** The rest of the call: its answer, or a restart code again. */
    long restart(Task task);
}
