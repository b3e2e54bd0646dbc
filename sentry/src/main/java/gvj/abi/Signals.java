package gvj.abi;

/** signal(7): numbers, sigaction flags, si_code values, sigaltstack and sigevent constants. */
public final class Signals {
    public static final int BUS_ADRALN = 1;
    public static final int BUS_ADRERR = 2;
    public static final int BUS_OBJERR = 3;
    public static final int BUS_MCEERR_AR = 4;
    public static final int BUS_MCEERR_AO = 5;

    public static final int CLD_EXITED = 1;
    public static final int CLD_KILLED = 2;
    public static final int CLD_DUMPED = 3;
    public static final int CLD_TRAPPED = 4;
    public static final int CLD_STOPPED = 5;
    public static final int CLD_CONTINUED = 6;

    public static final int FPE_INTDIV = 1;
    public static final int FPE_INTOVF = 2;
    public static final int FPE_FLTDIV = 3;
    public static final int FPE_FLTOVF = 4;
    public static final int FPE_FLTUND = 5;
    public static final int FPE_FLTRES = 6;
    public static final int FPE_FLTINV = 7;
    public static final int FPE_FLTSUB = 8;
    public static final int FPE_FLTUNK = 0xe;
    public static final int FPE_CONDTRAP = 0xf;

    public static final int ILL_ILLOPC = 1;
    public static final int ILL_ILLOPN = 2;
    public static final int ILL_ILLADR = 3;
    public static final int ILL_ILLTRP = 4;
    public static final int ILL_PRVOPC = 5;
    public static final int ILL_PRVREG = 6;
    public static final int ILL_COPROC = 7;
    public static final int ILL_BADSTK = 8;
    public static final int ILL_BADIADDR = 9;

    public static final int POLL_IN = 1;
    public static final int POLL_OUT = 2;
    public static final int POLL_MSG = 3;
    public static final int POLL_ERR = 4;
    public static final int POLL_PRI = 5;
    public static final int POLL_HUP = 6;

    public static final int SA_NOCLDSTOP = 1;
    public static final int SA_NOCLDWAIT = 2;
    public static final int SA_SIGINFO = 4;
    public static final int SA_ONSTACK = 0x8000000;
    public static final int SA_STACK = 0x8000000;
    public static final int SA_RESTART = 0x10000000;
    public static final int SA_INTERRUPT = 0x20000000;
    public static final int SA_NODEFER = 0x40000000;
    public static final int SA_NOMASK = 0x40000000;
    public static final int SA_ONESHOT = 0x80000000;
    public static final int SA_RESETHAND = 0x80000000;

    public static final int SEGV_MAPERR = 1;
    public static final int SEGV_ACCERR = 2;
    public static final int SEGV_BNDERR = 3;
    public static final int SEGV_PKUERR = 4;
    public static final int SEGV_ACCADI = 5;
    public static final int SEGV_ADIDERR = 6;
    public static final int SEGV_ADIPERR = 7;
    public static final int SEGV_MTEAERR = 8;
    public static final int SEGV_MTESERR = 9;

    public static final int SI_ASYNCNL = -60;
    public static final int SI_DETHREAD = -7;
    public static final int SI_TKILL = -6;
    public static final int SI_SIGIO = -5;
    public static final int SI_ASYNCIO = -4;
    public static final int SI_MESGQ = -3;
    public static final int SI_TIMER = -2;
    public static final int SI_QUEUE = -1;
    public static final int SI_USER = 0;
    public static final int SI_KERNEL = 128;

    public static final int SIGABRT = 6;

    public static final int SIGALRM = 14;

    public static final int SIGBUS = 7;

    public static final int SIGCHLD = 17;

    public static final int SIGCLD = 17;

    public static final int SIGCONT = 18;

    public static final int SIGEV_SIGNAL = 0;
    public static final int SIGEV_NONE = 1;
    public static final int SIGEV_THREAD = 2;
    public static final int SIGEV_THREAD_ID = 4;

    public static final int SIGFPE = 8;

    public static final int SIGHUP = 1;

    public static final int SIGILL = 4;

    public static final int SIGINT = 2;

    public static final int SIGIO = 29;

    public static final int SIGIOT = 6;

    public static final int SIGKILL = 9;

    public static final int SIGPIPE = 13;

    public static final int SIGPOLL = 29;

    public static final int SIGPROF = 27;

    public static final int SIGPWR = 30;

    public static final int SIGQUIT = 3;

    public static final int SIGSEGV = 11;

    public static final int SIGSTKFLT = 16;

    public static final int SIGSTOP = 19;

    public static final int SIGSYS = 31;

    public static final int SIGTERM = 15;

    public static final int SIGTRAP = 5;

    public static final int SIGTSTP = 20;

    public static final int SIGTTIN = 21;

    public static final int SIGTTOU = 22;

    public static final int SIGURG = 23;

    public static final int SIGUSR1 = 10;

    public static final int SIGUSR2 = 12;

    public static final int SIGVTALRM = 26;

    public static final int SIGWINCH = 28;

    public static final int SIGXCPU = 24;

    public static final int SIGXFSZ = 25;

    public static final int SS_ONSTACK = 1;
    public static final int SS_DISABLE = 2;

    public static final int TRAP_BRKPT = 1;
    public static final int TRAP_TRACE = 2;
    public static final int TRAP_BRANCH = 3;
    public static final int TRAP_HWBKPT = 4;
    public static final int TRAP_UNK = 5;

    /** The kernel's first real-time signal (glibc keeps 32 and 33 for itself). */
    public static final int SIGRTMIN = 32;
    /** The highest signal number. */
    public static final int SIGRTMAX = 64;
    /** sigaction flag: {@code sa_restorer} is set; always so on amd64. */
    public static final int SA_RESTORER = 0x04000000;
    /** sigaltstack flag: disarm while a handler runs on it. */
    public static final int SS_AUTODISARM = 0x80000000;

    private Signals() {}
}
