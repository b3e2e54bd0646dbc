package gvj.trace;

import gvj.abi.Errno;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.mm.MemoryManager;

/**
 * How each kind of argument is written. What cannot be read from the application's memory is written as its address, as
 * strace(1) does; nothing here ever fails or changes anything.
 */
final class Formats {
    private static final int MAX_TEXT = 32;
    private static final int MAX_PATH = 4096;
    private static final int MAX_ITEMS = 16;
    private static final String[] SIGNALS = {
        "0",
        "SIGHUP",
        "SIGINT",
        "SIGQUIT",
        "SIGILL",
        "SIGTRAP",
        "SIGABRT",
        "SIGBUS",
        "SIGFPE",
        "SIGKILL",
        "SIGUSR1",
        "SIGSEGV",
        "SIGUSR2",
        "SIGPIPE",
        "SIGALRM",
        "SIGTERM",
        "SIGSTKFLT",
        "SIGCHLD",
        "SIGCONT",
        "SIGSTOP",
        "SIGTSTP",
        "SIGTTIN",
        "SIGTTOU",
        "SIGURG",
        "SIGXCPU",
        "SIGXFSZ",
        "SIGVTALRM",
        "SIGPROF",
        "SIGWINCH",
        "SIGIO",
        "SIGPWR",
        "SIGSYS"
    };

    private final Task task;
    private final MemoryManager mm;

    Formats(Task task) {
        this.task = task;
        this.mm = task.mm();
    }

    /**
     * One argument.
     *
     * @param kind as {@link Signature} has it, without the {@code !}
     * @param value the register
     * @param args all six, for lengths
     * @param result the call's result once it is known, else -1
     */
    String format(String kind, long value, long[] args, long result) {
        int colon = kind.indexOf(':');
        String name = colon < 0 ? kind : kind.substring(0, colon);
        String parameter = colon < 0 ? "" : kind.substring(colon + 1);
        try {
            return switch (name) {
                case "flags" -> FlagNames.of(parameter).bits(value & 0xffffffffL, "0");
                case "enum" -> FlagNames.of(parameter).one(value);
                case "buf" -> buffer(value, length(args[digit(parameter)], result));
                case "iovec" -> iovec(value, args[digit(parameter)], result);
                case "sockaddr" -> sockaddr(value, args[digit(parameter)]);
                case "pollfds" -> pollFds(value, args[digit(parameter)]);
                default -> simple(name, value);
            };
        } catch (ErrnoException e) {
            return pointer(value);
        }
    }

    private static int digit(String parameter) {
        return parameter.charAt(0) - '0';
    }

    private static long length(long asked, long result) {
        return result >= 0 ? Math.min(asked, result) : asked;
    }

    private String simple(String kind, long value) {
        return switch (kind) {
            case "fd", "dec", "int" -> Integer.toString((int) value);
            case "long" -> value == 0 ? "NULL" : "[" + mm.readLong(value) + "]";
            case "size" -> Long.toUnsignedString(value);
            case "hex" -> "0x" + Long.toHexString(value);
            case "ptr" -> pointer(value);
            case "mode", "oct" -> "0" + Integer.toOctalString((int) value);
            case "dirfd" -> (int) value == gvj.abi.Fcntl.AT_FDCWD ? "AT_FDCWD" : Integer.toString((int) value);
            case "path" -> value == 0 ? "NULL" : quote(mm.readCString(value, MAX_PATH, Errno.ENAMETOOLONG), MAX_PATH);
            case "str" -> value == 0 ? "NULL" : quote(mm.readCString(value, MAX_PATH, Errno.ENAMETOOLONG), MAX_TEXT);
            case "access" -> access((int) value);
            case "openflags" -> openFlags(value & 0xffffffffL);
            case "sig" -> signal((int) value);
            case "socktype" -> socketType((int) value);
            case "cloneflags" -> cloneFlags(value);
            case "futexop" -> futexOperation((int) value);
            case "argv" -> strings(value, true);
            case "envp" -> strings(value, false);
            default -> value == 0 ? "NULL" : structure(kind, value);
        };
    }

    private String structure(String kind, long at) {
        return switch (kind) {
            case "int*" -> "[" + mm.readInt(at) + "]";
            case "fdpair" -> "[" + mm.readInt(at) + ", " + mm.readInt(at + 4) + "]";
            case "timespec" -> times(at, "tv_nsec");
            case "timespec2" -> "[" + times(at, "tv_nsec") + ", " + times(at + 16, "tv_nsec") + "]";
            case "timeval" -> times(at, "tv_usec");
            case "itimerspec" ->
                "{it_interval=" + times(at, "tv_nsec") + ", it_value=" + times(at + 16, "tv_nsec") + "}";
            case "itimerval" ->
                "{it_interval=" + times(at, "tv_usec") + ", it_value=" + times(at + 16, "tv_usec") + "}";
            case "rlimit" -> "{rlim_cur=" + limit(mm.readLong(at)) + ", rlim_max=" + limit(mm.readLong(at + 8)) + "}";
            case "rusage" -> "{ru_utime=" + times(at, "tv_usec") + ", ru_stime=" + times(at + 16, "tv_usec") + ", ...}";
            case "sigset" -> signalSet(mm.readLong(at));
            case "sigaction" -> signalAction(at);
            case "siginfo" -> "{si_signo=" + signal(mm.readInt(at)) + ", si_code=" + mm.readInt(at + 8) + ", ...}";
            case "wstatus" -> waitStatus(mm.readInt(at));
            case "stat" ->
                "{st_mode=0" + Integer.toOctalString(mm.readInt(at + 24)) + ", st_size=" + mm.readLong(at + 48)
                        + ", ...}";
            case "utsname" ->
                "{sysname=\"Linux\", nodename=" + quote(mm.readCString(at + 65, 65, Errno.EINVAL), 65) + ", ...}";
            case "openhow" ->
                "{flags=" + FlagNames.of("Fcntl.O_").bits(mm.readLong(at), "O_RDONLY") + ", mode=0"
                        + Long.toOctalString(mm.readLong(at + 8)) + ", resolve="
                        + FlagNames.of("Fcntl.RESOLVE_").bits(mm.readLong(at + 16), "0") + "}";
            case "epollevent" ->
                "{events=" + FlagNames.of("Poll.EPOLL").bits(mm.readInt(at) & 0xffffffffL, "0") + ", data=0x"
                        + Long.toHexString(mm.readLong(at + 4)) + "}";
            case "cloneargs" ->
                "{flags=" + cloneFlags(mm.readLong(at)) + ", exit_signal=" + signal((int) mm.readLong(at + 32))
                        + ", ...}";
            case "msghdr" -> messageHeader(at);
            default -> pointer(at);
        };
    }

    private static String pointer(long value) {
        return value == 0 ? "NULL" : "0x" + Long.toHexString(value);
    }

    private String times(long at, String second) {
        return "{tv_sec=" + mm.readLong(at) + ", " + second + "=" + mm.readLong(at + 8) + "}";
    }

    private static String limit(long value) {
        return value == -1 ? "RLIM64_INFINITY" : Long.toUnsignedString(value);
    }

    /** The access mode first, even if it is the 0 of O_RDONLY. */
    private static String openFlags(long flags) {
        String names = FlagNames.of("Fcntl.O_").bits(flags, "O_RDONLY");
        return (flags & gvj.abi.Fcntl.O_ACCMODE) == 0 && !names.startsWith("O_RDONLY") ? "O_RDONLY|" + names : names;
    }

    private static String access(int mode) {
        return mode == 0
                ? "F_OK"
                : FlagNames.of("Fcntl.R_OK+Fcntl.W_OK+Fcntl.X_OK").bits(mode, "F_OK");
    }

    /** SIGNAME, or SIGRT_N for real-time ones. */
    static String signal(int signo) {
        if (signo >= 0 && signo < SIGNALS.length) {
            return SIGNALS[signo];
        }
        return signo >= 32 && signo <= 64 ? "SIGRT_" + (signo - 32) : Integer.toString(signo);
    }

    private static String signalSet(long set) {
        if (Long.bitCount(set) > 32) {
            return "~" + signalSet(~set);
        }
        StringBuilder text = new StringBuilder("[");
        for (int signo = 1; signo <= 64; signo++) {
            if ((set & 1L << signo - 1) != 0) {
                text.append(text.length() > 1 ? " " : "").append(signal(signo).replaceFirst("^SIG", ""));
            }
        }
        return text.append(']').toString();
    }

    private String signalAction(long at) {
        long handler = mm.readLong(at);
        String name = handler == 0 ? "SIG_DFL" : handler == 1 ? "SIG_IGN" : pointer(handler);
        return "{sa_handler=" + name + ", sa_mask=" + signalSet(mm.readLong(at + 24)) + ", sa_flags="
                + FlagNames.of("Signals.SA_").bits(mm.readLong(at + 8) & 0xffffffffL, "0") + "}";
    }

    private static String waitStatus(int status) {
        int signal = status & 0x7f;
        if (signal == 0) {
            return "[{WIFEXITED(s) && WEXITSTATUS(s) == " + (status >> 8 & 0xff) + "}]";
        }
        if ((status & 0xff) == 0x7f) {
            return status == 0xffff
                    ? "[{WIFCONTINUED(s)}]"
                    : "[{WIFSTOPPED(s) && WSTOPSIG(s) == " + signal(status >> 8 & 0xff) + "}]";
        }
        return "[{WIFSIGNALED(s) && WTERMSIG(s) == " + signal(signal) + "}]";
    }

    private static String socketType(int type) {
        int extra = type & ~0xf;
        String name = FlagNames.of("Socket.SOCK_").one(type & 0xf);
        return extra == 0
                ? name
                : name + "|"
                        + FlagNames.of("Socket.SOCK_CLOEXEC+Socket.SOCK_NONBLOCK")
                                .bits(extra, "0");
    }

    private static String cloneFlags(long value) {
        int exitSignal = (int) value & 0xff;
        String flags = FlagNames.of("Sched.CLONE_").bits(value & 0xffffff00L, "");
        if (exitSignal == 0) {
            return flags.isEmpty() ? "0" : flags;
        }
        return flags.isEmpty() ? signal(exitSignal) : flags + "|" + signal(exitSignal);
    }

    private static String futexOperation(int value) {
        int command = value & 0x7f;
        String[] names = {
            "WAIT",
            "WAKE",
            "FD",
            "REQUEUE",
            "CMP_REQUEUE",
            "WAKE_OP",
            "LOCK_PI",
            "UNLOCK_PI",
            "TRYLOCK_PI",
            "WAIT_BITSET",
            "WAKE_BITSET",
            "WAIT_REQUEUE_PI",
            "CMP_REQUEUE_PI",
            "LOCK_PI2"
        };
        String name = command < names.length ? "FUTEX_" + names[command] : Integer.toString(command);
        return name + ((value & 128) != 0 ? "_PRIVATE" : "") + ((value & 256) != 0 ? "|FUTEX_CLOCK_REALTIME" : "");
    }

    private String buffer(long at, long length) {
        if (at == 0) {
            return "NULL";
        }
        byte[] bytes = new byte[(int) Math.min(Math.max(length, 0), MAX_TEXT)];
        mm.copyIn(at, bytes, 0, bytes.length);
        String text = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
        return quote(text, MAX_TEXT) + (length > MAX_TEXT ? "..." : "");
    }

    private String iovec(long at, long count, long result) {
        StringBuilder text = new StringBuilder("[");
        long left = result >= 0 ? result : Long.MAX_VALUE;
        for (int i = 0; i < Math.min(count, MAX_ITEMS); i++) {
            long length = mm.readLong(at + 16L * i + 8);
            text.append(i > 0 ? ", " : "")
                    .append("{iov_base=")
                    .append(buffer(mm.readLong(at + 16L * i), Math.min(length, left)))
                    .append(", iov_len=")
                    .append(length)
                    .append('}');
            left = Math.max(left - length, 0);
        }
        return text.append(count > MAX_ITEMS ? ", ...]" : "]").toString();
    }

    private String messageHeader(long at) {
        return "{msg_name=" + sockaddr(mm.readLong(at), mm.readInt(at + 8)) + ", msg_iov="
                + iovec(mm.readLong(at + 16), mm.readLong(at + 24), -1) + ", msg_controllen=" + mm.readLong(at + 40)
                + "}";
    }

    private String sockaddr(long at, long length) {
        if (at == 0) {
            return "NULL";
        }
        int bytes = Math.min(Math.max((int) length, 0), 110);
        if (bytes < 2) {
            return pointer(at);
        }
        byte[] raw = new byte[bytes];
        mm.copyIn(at, raw, 0, bytes);
        int family = raw[0] & 0xff | (raw[1] & 0xff) << 8;
        if (family != gvj.abi.Socket.AF_UNIX) {
            return "{sa_family=" + FlagNames.of("Socket.AF_").one(family) + ", ...}";
        }
        String path = new String(raw, 2, bytes - 2, java.nio.charset.StandardCharsets.ISO_8859_1);
        if (!path.isEmpty() && path.charAt(0) == 0) {
            return "{sa_family=AF_UNIX, sun_path=@" + quote(path.substring(1), 108) + "}";
        }
        int end = path.indexOf(0);
        return "{sa_family=AF_UNIX, sun_path=" + quote(end < 0 ? path : path.substring(0, end), 108) + "}";
    }

    private String pollFds(long at, long count) {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < Math.min(count, MAX_ITEMS); i++) {
            long events = mm.readInt(at + 8L * i + 4);
            text.append(i > 0 ? ", " : "")
                    .append("{fd=")
                    .append(mm.readInt(at + 8L * i))
                    .append(", events=")
                    .append(FlagNames.of("Poll.POLL").bits(events & 0xffff, "0"))
                    .append('}');
        }
        return text.append(count > MAX_ITEMS ? ", ...]" : "]").toString();
    }

    private String strings(long at, boolean show) {
        if (at == 0) {
            return "NULL";
        }
        StringBuilder text = new StringBuilder("[");
        int count = 0;
        for (long p = mm.readLong(at); p != 0 && count < 4096; p = mm.readLong(at + 8L * count)) {
            if (show && count < MAX_ITEMS) {
                text.append(count > 0 ? ", " : "").append(quote(mm.readCString(p, MAX_PATH, Errno.E2BIG), MAX_PATH));
            }
            count++;
        }
        if (show) {
            return text.append(count > MAX_ITEMS ? ", ...]" : "]").toString();
        }
        return pointer(at) + " /* " + count + " vars */";
    }

    /** A C string literal of at most {@code max} characters. */
    static String quote(String text, int max) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < Math.min(text.length(), max); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                case '\r' -> out.append("\\r");
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                default -> {
                    if (c >= ' ' && c < 127) {
                        out.append(c);
                    } else {
                        out.append("\\x")
                                .append(Character.forDigit(c >> 4 & 15, 16))
                                .append(Character.forDigit(c & 15, 16));
                    }
                }
            }
        }
        return out.append(text.length() > max ? "\"..." : "\"").toString();
    }

    /** The result as strace writes it. */
    String result(String kind, long value) {
        if (value < 0 && value >= -4095) {
            return "-1 " + Errno.name((int) -value);
        }
        return format(kind, value, new long[6], -1);
    }

    Task task() {
        return task;
    }
}
