package gvj.kernel;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Sched;
import gvj.abi.Signals;
import gvj.loader.BadProgramException;
import gvj.loader.LoadRequest;
import gvj.loader.LoadedProgram;
import gvj.loader.Loader;
import gvj.mm.MemoryManager;
import gvj.platform.Registers;
import gvj.vfs.FdTable;
import gvj.vfs.FileDescription;
import java.util.List;

/**
 * execve(2): the new program is loaded into an address space of its own first; only when that worked are the other
 * threads ended and the process changed, so that every error is still the caller's to handle.
 */
public final class Exec {
    /** personality(2). */
    private static final int ADDR_NO_RANDOMIZE = 0x40000;
    /** EFLAGS of a fresh program: IF and the bit that is always one. */
    private static final long FRESH_FLAGS = 0x202;

    private static final long USER_CS = 0x33, USER_SS = 0x2b;

    private Exec() {}

    /** Replaces the program of the calling task: 0, or -errno and nothing changed. */
    public static long exec(Task task, ExecArgs args) {
        if (task.credentials.uid() != 0 && overProcessLimit(task)) {
            return -Errno.EAGAIN;
        }
        FileDescription file = task.kernel.vfs.openForExec(task, args.dirfd(), args.path(), args.flags());
        try {
            return exec(task, args, file);
        } finally {
            file.decRef();
        }
    }

    private static boolean overProcessLimit(Task task) {
        long limit = task.rlimit(Sched.RLIMIT_NPROC);
        return task.exceededProcessLimit
                && Long.compareUnsigned(
                                task.kernel
                                        .account(task.credentials.uid())
                                        .tasks
                                        .get(),
                                limit)
                        > 0;
    }

    private static long exec(Task task, ExecArgs args, FileDescription file) {
        List<String> argv = args.args().isEmpty() ? List.of("") : args.args();
        ExecCredentials change = ExecCredentials.of(task, file);
        MemoryManager mm = new MemoryManager(task.kernel.memoryFile, task.cgroup.memory, task.kernel.platform);
        LoadedProgram program;
        try {
            program = Loader.load(
                    mm,
                    new LoadRequest(
                            file,
                            name(args),
                            argv,
                            args.env(),
                            change.credentials(),
                            change.secure(),
                            task.rlimit(Sched.RLIMIT_STACK),
                            (task.personality() & ADDR_NO_RANDOMIZE) == 0,
                            task.kernel.vdso),
                    path -> task.kernel.vfs.openForExec(task, Fcntl.AT_FDCWD, path, 0));
        } catch (ErrnoException e) {
            mm.decUsers();
            throw e;
        } catch (BadProgramException e) {
            mm.decUsers();
            synchronized (task.threadGroup.signalLock) {
                Exit.beginGroupExit(task.threadGroup, Signals.SIGSEGV);
            }
            return -Errno.ENOEXEC; // the task is dying: nobody sees this
        }
        Task tracer = task.tracer();
        int formerId = tracer == null ? 0 : tracer.pidNamespace().idOf(task);
        if (!endOtherThreads(task)) {
            mm.decUsers();
            return -Errno.EINTR; // the task is dying: nobody sees this
        }
        become(task, mm, program, change);
        PtraceStop.execed(task, formerId);
        return 0;
    }

    /** What a process is after execve. */
    private static void become(Task task, MemoryManager mm, LoadedProgram program, ExecCredentials change) {
        ThreadGroup process = task.threadGroup;
        FutexManager.exitTask(task);
        process.times.sawResident(task.mm);
        MemoryManager old = task.mm;
        task.mm = mm;
        VforkDone waiter = task.vforkDone;
        old.decUsers();
        if (waiter != null) {
            task.vforkDone = null;
            waiter.complete();
        }
        unshareFiles(task);
        process.posixTimers.deleteAll();
        synchronized (process.signalLock) {
            process.handlers = process.handlers.withoutHandlers();
        }
        task.signalStack.disable();
        task.clearChildTid = 0;
        task.robustList = 0;
        change.apply(task);
        task.name = program.name();
        Thread.currentThread().setName(program.name() + " " + task.tid);
        process.exitSignal = Signals.SIGCHLD;
        process.executed = true;
        task.fds.closeOnExec(task);
        start(task, program);
    }

    private static void unshareFiles(Task task) {
        if (task.fds.users() > 1) {
            FdTable copy = task.fds.copy();
            task.setFds(copy);
        }
    }

    /** Registers and FPU of a fresh program. */
    static void start(Task task, LoadedProgram program) {
        Registers regs = task.regs;
        for (int register = 0; register < Registers.BYTES; register += 8) {
            regs.set(register, 0);
        }
        regs.set(Registers.RIP, program.instructionPointer());
        regs.set(Registers.RSP, program.stackPointer());
        regs.set(Registers.EFLAGS, FRESH_FLAGS);
        regs.set(Registers.CS, USER_CS);
        regs.set(Registers.SS, USER_SS);
        regs.set(Registers.ORIG_RAX, -1);
        task.context.resetFpu();
        task.mm.expect(regs);
        task.keepRegisters();
    }

    /** Ends every other thread and makes the caller the leader; false if the caller is to die itself. */
    private static boolean endOtherThreads(Task task) {
        ThreadGroup process = task.threadGroup;
        synchronized (process.signalLock) {
            if (process.exiting || task.killed || process.executing != null) {
                return false;
            }
            if (process.threads.size() == 1 && process.leader == task) {
                return true;
            }
            process.executing = task;
            Exit.killOthers(process, task);
        }
        boolean alone = waitAlone(task);
        task.kernel.taskLock.lock();
        try {
            synchronized (process.signalLock) {
                process.executing = null;
            }
            if (alone && process.leader != task) {
                takeLeadership(task, process);
            }
        } finally {
            task.kernel.taskLock.unlock();
        }
        return alone;
    }

    private static boolean waitAlone(Task task) {
        ThreadGroup process = task.threadGroup;
        while (true) {
            task.prepareToWait();
            synchronized (process.signalLock) {
                if (process.exiting || task.killed) {
                    return false;
                }
                if (process.threads.size() == 1) {
                    return true;
                }
            }
            task.parkKillable();
        }
    }

    /** The caller takes the process's id; the old leader, who has exited, takes the caller's and is gone. Task lock. */
    private static void takeLeadership(Task task, ThreadGroup process) {
        Task old = process.leader;
        Ptrace.unlink(old, 0);
        Kernel kernel = task.kernel;
        PidEntry mine = task.id;
        PidEntry theirs = old.id;
        kernel.tasks.remove(task.tid, task);
        task.id = theirs;
        theirs.task = task;
        task.tid = theirs.rootNumber();
        kernel.tasks.put(task.tid, task);
        process.leader = task;
        old.id = mine;
        mine.task = null;
        mine.releaseIfUnused();
        for (ThreadGroup child : process.children) {
            child.parentThread = task;
        }
    }

    /** The name for AT_EXECFN and scripts: what was given, or the descriptor it was given by, execveat(2). */
    private static String name(ExecArgs args) {
        if (args.dirfd() == Fcntl.AT_FDCWD || args.path().startsWith("/")) {
            return args.path();
        }
        return args.path().isEmpty() ? "/dev/fd/" + args.dirfd() : "/dev/fd/" + args.dirfd() + "/" + args.path();
    }
}
