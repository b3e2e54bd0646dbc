package gvj.kernel;

/** An inode that stands for a process: {@code /proc/PID}, which pidfd_send_signal(2) takes like a pidfd. */
public interface ProcessHandle {
    /** The process, which may have exited; null for a thread's directory. */
    ThreadGroup process();
}
