package gvj.kernel;

import gvj.abi.Bytes;
import gvj.abi.Signals;

/**
 * siginfo_t in memory, 128 bytes.
 *
 * <pre>
 *   0 si_signo   4 si_errno   8 si_code   16 union:
 *     kill, queue:  16 pid  20 uid  24 value          timer:  16 timerid  20 overrun  24 value
 *     SIGCHLD:      16 pid  20 uid  24 status  32 utime  40 stime
 *     faults:       16 addr  24 addr_lsb              poll:   16 band  24 fd
 *     SIGSYS:       16 call_addr  24 syscall  28 arch
 * </pre>
 */
public final class SignalInfoLayout {
    /** Bytes of siginfo_t. */
    public static final int BYTES = 128;

    /** CLK_TCK: si_utime and si_stime count hundredths of a second. */
    private static final long NANOS_PER_TICK = 10_000_000L;

    private SignalInfoLayout() {}

    /** Writes {@code info} at {@code at}; all {@value #BYTES} bytes are set. */
    public static void encode(SignalInfo info, byte[] to, int at) {
        java.util.Arrays.fill(to, at, at + BYTES, (byte) 0);
        Bytes.putInt(to, at, info.signo);
        Bytes.putInt(to, at + 4, info.errno);
        Bytes.putInt(to, at + 8, info.code);
        switch (kind(info)) {
            case CHILD -> {
                Bytes.putInt(to, at + 16, info.pid);
                Bytes.putInt(to, at + 20, info.uid);
                Bytes.putInt(to, at + 24, info.status);
                Bytes.putLong(to, at + 32, info.utime / NANOS_PER_TICK);
                Bytes.putLong(to, at + 40, info.stime / NANOS_PER_TICK);
            }
            case FAULT -> Bytes.putLong(to, at + 16, info.address);
            case POLL -> {
                Bytes.putLong(to, at + 16, info.band);
                Bytes.putInt(to, at + 24, info.fd);
            }
            case SYS -> {
                Bytes.putLong(to, at + 16, info.address);
                Bytes.putInt(to, at + 24, (int) info.band);
                Bytes.putInt(to, at + 28, info.timerId);
            }
            case TIMER -> {
                Bytes.putInt(to, at + 16, info.timerId);
                Bytes.putInt(to, at + 20, info.overrun);
                Bytes.putLong(to, at + 24, info.value);
            }
            default -> {
                Bytes.putInt(to, at + 16, info.pid);
                Bytes.putInt(to, at + 20, info.uid);
                Bytes.putLong(to, at + 24, info.value);
            }
        }
    }

    /** What rt_sigqueueinfo(2) was given; the number comes from its own argument. */
    public static SignalInfo decode(int signo, byte[] from, int at) {
        SignalInfo info = new SignalInfo(signo, Bytes.getInt(from, at + 8));
        info.errno = Bytes.getInt(from, at + 4);
        if (kind(info) == Kind.TIMER) {
            info.timerId = Bytes.getInt(from, at + 16);
            info.overrun = Bytes.getInt(from, at + 20);
        } else {
            info.pid = Bytes.getInt(from, at + 16);
            info.uid = Bytes.getInt(from, at + 20);
        }
        info.value = Bytes.getLong(from, at + 24);
        return info;
    }

    /** A siginfo_t that a tracer made: PTRACE_SETSIGINFO. */
    static SignalInfo decodeAny(byte[] from) {
        SignalInfo info = decode(Bytes.getInt(from, 0), from, 0);
        switch (kind(info)) {
            case CHILD -> {
                info.status = Bytes.getInt(from, 24);
                info.utime = Bytes.getLong(from, 32) * NANOS_PER_TICK;
                info.stime = Bytes.getLong(from, 40) * NANOS_PER_TICK;
            }
            case FAULT -> info.address = Bytes.getLong(from, 16);
            case POLL -> {
                info.band = Bytes.getLong(from, 16);
                info.fd = Bytes.getInt(from, 24);
            }
            case SYS -> {
                info.address = Bytes.getLong(from, 16);
                info.band = Bytes.getInt(from, 24);
                info.timerId = Bytes.getInt(from, 28);
            }
            default -> {}
        }
        return info;
    }

    private enum Kind {
        USER,
        TIMER,
        POLL,
        FAULT,
        CHILD,
        SYS
    }

    private static Kind kind(SignalInfo info) {
        if (info.code == Signals.SI_TIMER) {
            return Kind.TIMER;
        }
        if (info.code == Signals.SI_SIGIO) {
            return Kind.POLL;
        }
        if (info.code <= 0 || info.code == Signals.SI_KERNEL) {
            return Kind.USER;
        }
        return switch (info.signo) {
            case Signals.SIGCHLD -> Kind.CHILD;
            case Signals.SIGSEGV, Signals.SIGBUS, Signals.SIGFPE, Signals.SIGILL, Signals.SIGTRAP -> Kind.FAULT;
            case Signals.SIGIO -> Kind.POLL;
            case Signals.SIGSYS -> Kind.SYS;
            default -> info.fromChild ? Kind.CHILD : info.band != 0 ? Kind.POLL : Kind.USER;
        };
    }
}
