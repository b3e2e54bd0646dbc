package gvj.host;

/** Host calls on this process and its threads. Conventions as in {@link Host}. */
public final class HostProcess {
    /** The real-time signal that breaks a thread out of a blocking call. (32, 33 are glibc's; 62 is the JDK's.) */
    public static final int KICK_SIGNAL = 40;

    /** Bytes of {@code struct utsname}: six fields of {@link #UTSNAME_FIELD} bytes. */
    public static final int UTSNAME_BYTES = 390;

    public static final int UTSNAME_FIELD = 65;
    public static final int RLIMIT_NOFILE = 7;

    static {
        HostLibrary.load();
    }

    private HostProcess() {}

    /** gettid(2). */
    public static native int gettid();

    /** getpid(2). */
    public static native int getpid();

    /** geteuid(2). */
    public static native int geteuid();

    /** getegid(2). */
    public static native int getegid();

    /** tgkill(2). */
    public static native int tgkill(int tgid, int tid, int signal);

    /**
     * Installs the empty handler of {@link #KICK_SIGNAL} without SA_RESTART; once, before the first {@link #interrupt}.
     */
    public static native int installKick();

    /**
     * Breaks a thread of this process out of a blocking host call, which then answers {@code -EINTR}. A kick that comes
     * before the thread blocks is lost: the waiting side needs a flag, and the kicking side repeats until it is heard.
     */
    public static native int interrupt(int tid);

    /** sched_setaffinity(2); {@code tid} 0 is the caller. */
    public static native int schedSetaffinity(int tid, long mask, int bytes);

    /** sched_getaffinity(2): bytes written to {@code mask}. */
    public static native int schedGetaffinity(int tid, long mask, int bytes);

    /** sched_yield(2). */
    public static native int schedYield();

    /** uname(2): {@link #UTSNAME_BYTES} bytes. */
    public static native int uname(long utsname);

    /** The host kernel's release, such as {@code 6.1.0-18-amd64}; empty if it cannot be asked. */
    public static String unameRelease() {
        long at = Host.malloc(UTSNAME_BYTES);
        if (at < 0) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        if (uname(at) == 0) {
            for (long p = at + 2 * UTSNAME_FIELD; Mem.getByte(p) != 0; p++) {
                text.append((char) Mem.getByte(p));
            }
        }
        Host.free(at);
        return text.toString();
    }

    /** getrlimit(2): two longs, soft and hard. */
    public static native int getrlimit(int resource, long rlimit);

    /** setrlimit(2). */
    public static native int setrlimit(int resource, long soft, long hard);

    /** umask(2): the old mask. */
    public static native int umask(int mask);

    /** prctl(PR_SET_NAME) of the calling thread: the first 15 bytes of {@code name}. */
    public static native int setThreadName(byte[] name);

    /** prctl(PR_SET_DUMPABLE): 0 keeps other processes of the same user out of this one's memory and /proc. */
    public static native int setDumpable(boolean dumpable);

    /**
     * Gives back memory that only a beginning needed: unmaps clean pages of the files that this process runs from, and
     * returns free native memory. Bytes unmapped. It takes a few milliseconds, and what is used again costs minor faults.
     */
    public static synchronized native long trim();

    /** _exit(2): ends the process at once; no shutdown hook, no flush. */
    public static native void exitNow(int status);
}
