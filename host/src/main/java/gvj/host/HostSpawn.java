package gvj.host;

/** Other programs. Conventions as in {@link Host}. */
public final class HostSpawn {
    public static final int WNOHANG = 1;

    static {
        HostLibrary.load();
    }

    private HostSpawn() {}

    /**
     * Starts a program: in a process group of its own, without a signal blocked, handled or ignored, and without any
     * descriptor but those named.
     *
     * @param arguments the program's absolute path and its arguments, each with a NUL behind it
     * @param environment likewise
     * @param directory where it begins, with a NUL behind it; only the NUL: where this process stands
     * @param descriptors what it has as 0, 1 and so on; at most 16
     * @return its process id
     */
    public static native int spawn(byte[] arguments, byte[] environment, byte[] directory, int[] descriptors);

    /**
     * waitpid(2) of one child.
     *
     * @return its exit status, 128 + n if signal n killed it; {@code -EAGAIN} if it runs and WNOHANG was given
     */
    public static native int waitpid(int pid, int flags);

    /** kill(2) of one process. */
    public static native int kill(int pid, int signal);

    /** pidfd_open(2) of one child that has not been waited for: a descriptor that becomes readable when it ends. */
    public static native int pidfdOpen(int pid);

    /** A new pseudoterminal in raw mode: two ints at {@code fds}, the master and the slave. */
    public static native int openTerminal(long fds);

    /** A new Unix stream socket that listens at {@code path}, which ends with a NUL and has at most 108 bytes. */
    public static native int listenUnix(byte[] path);
}
