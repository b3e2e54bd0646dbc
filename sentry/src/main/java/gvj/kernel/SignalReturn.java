package gvj.kernel;

/** rt_sigreturn(2) and restart_syscall(2), which no program calls by itself. */
public final class SignalReturn {
    private SignalReturn() {}

    /** Goes back from a signal handler. */
    public static long sigreturn(Task task) {
        return SignalFrame.pop(task);
    }

    /** Goes on with the call that was interrupted; EINTR if there is none. */
    public static long restart(Task task) {
        RestartBlock block = task.restart;
        if (block == null) {
            return -gvj.abi.Errno.EINTR;
        }
        task.restart = null;
        return block.restart(task);
    }
}
