package gvj.syscalls;

/** Every family of system calls the Sentry has: one class per group of man pages. */
final class Families {
    private Families() {}

    static void register(SyscallTable table) {
        UnconfiguredSyscalls.register(table);
        RandomSyscalls.register(table);
        MemorySyscalls.register(table);
        ProcessVmSyscalls.register(table);
        NumaSyscalls.register(table);
        // files
        FileSyscalls.register(table);
        FcntlSyscalls.register(table);
        ReadWriteSyscalls.register(table);
        StatSyscalls.register(table);
        DirectorySyscalls.register(table);
        AttributeSyscalls.register(table);
        XattrSyscalls.register(table);
        SyncSyscalls.register(table);
        LockSyscalls.register(table);
        CopySyscalls.register(table);
        MountSyscalls.register(table);
        MountApiSyscalls.register(table);
        // events, pipes, sockets
        PipeSyscalls.register(table);
        PollSyscalls.register(table);
        EpollSyscalls.register(table);
        EventSyscalls.register(table);
        SocketSyscalls.register(table);
        ShmSyscalls.register(table);
        SemSyscalls.register(table);
        MsgSyscalls.register(table);
        MqueueSyscalls.register(table);
        AioSyscalls.register(table);
        // processes, signals, time, identity
        ProcessSyscalls.register(table);
        ExecSyscalls.register(table);
        TimeSyscalls.register(table);
        TimerSyscalls.register(table);
        WaitSyscalls.register(table);
        SignalSyscalls.register(table);
        KillSyscalls.register(table);
        IdentitySyscalls.register(table);
        ThreadSyscalls.register(table);
        SystemSyscalls.register(table);
        FutexSyscalls.register(table);
        ResourceSyscalls.register(table);
        PrctlSyscalls.register(table);
        SchedulerSyscalls.register(table);
        PrioritySyscalls.register(table);
        SeccompSyscalls.register(table);
        PtraceSyscalls.register(table);
        NamespaceSyscalls.register(table);
    }
}
