package gvj.kernel;

/**
 * A siginfo_t on its way: what rt_sigaction(2) handlers, signalfd and wait see. Which fields count depends on the code.
 */
public final class SignalInfo {
    public final int signo;
    public int code;
    public int errno;
    public int pid;
    public int uid;
    /** si_value as a long (sival_ptr). */
    public long value;
    /** si_status of SIGCHLD. */
    public int status;

    public long utime;
    public long stime;
    /** si_addr of faults, si_call_addr of SIGSYS. */
    public long address;
    /** si_band of SIGIO/POLL, or si_syscall of SIGSYS. */
    public long band;

    public int fd;
    /** si_timerid and si_overrun of SI_TIMER, si_arch of SIGSYS. */
    public int timerId;

    public int overrun;
    /** It tells of a child, whatever its number: clone(2) lets a child end with any signal. */
    boolean fromChild;
    /** What sent it and wants to hear of its delivery, or null: a POSIX timer. */
    Object source;

    public SignalInfo(int signo, int code) {
        this.signo = signo;
        this.code = code;
    }

    /** As kill(2) sends it. */
    public static SignalInfo user(int signo, int code, int pid, int uid) {
        SignalInfo info = new SignalInfo(signo, code);
        info.pid = pid;
        info.uid = uid;
        return info;
    }

    /** As the kernel itself sends it (SI_KERNEL). */
    public static SignalInfo kernel(int signo) {
        return new SignalInfo(signo, 0x80);
    }
}
