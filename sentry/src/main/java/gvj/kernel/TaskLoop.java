package gvj.kernel;

import gvj.abi.Errno;
import gvj.abi.Signals;
import gvj.mm.MemoryGroup;
import gvj.mm.MemoryManager;
import gvj.platform.ExecutionContext;
import gvj.platform.ExitReason;
import gvj.platform.Registers;
import java.io.PrintWriter;
import java.io.StringWriter;

/** The life of a task's Java thread: runs application code and answers what comes back, until the task dies. */
final class TaskLoop extends Thread implements MemoryGroup.Payer {
    /** Enough for the deepest path through the VFS; a thousand of them cost little, as untouched pages cost nothing. */
    private static final long STACK_BYTES = 256L << 10;

    /** What a handler answers that failed in a way nobody foresaw. */
    private static final long BROKEN = -Errno.EIO;

    final Task task;
    private int epoch;

    TaskLoop(Task task) {
        super(null, null, "task " + task.tid, STACK_BYTES, false);
        this.task = task;
        setDaemon(true);
        task.thread = this;
    }

    @Override
    public MemoryGroup memoryGroup() {
        return task.cgroup.memory;
    }

    @Override
    public void run() {
        task.times.bind(task.context);
        try {
            loop();
        } catch (Throwable e) {
            report("the task loop", e);
            synchronized (task.threadGroup.signalLock) {
                Exit.beginGroupExit(task.threadGroup, Signals.SIGKILL);
            }
        } finally {
            try {
                Exit.finish(task);
                task.kernel.heap.refill();
            } catch (Throwable e) {
                report("exit", e);
            }
        }
    }

    private void loop() {
        ExecutionContext context = task.context;
        while (true) {
            if (task.interrupted) {
                SignalDelivery.work(task);
            }
            if (task.dying) {
                return;
            }
            ExitReason reason = enter(context);
            if (reason == ExitReason.SYSCALL) {
                syscall();
            } else if (reason == ExitReason.FAULT) {
                fault(context);
            } else if (reason == ExitReason.EXCEPTION) {
                exception(context);
            } else if (reason == ExitReason.FAILED) {
                failed(context);
            }
        }
    }

    private ExitReason enter(ExecutionContext context) {
        MemoryManager mm = task.mm;
        task.applicationEpoch = ++epoch;
        task.inApplication = true;
        if (task.interrupted || task.cgroup.pause.isActive()) {
            task.inApplication = false;
            task.cgroup.pause.hold(task);
            return ExitReason.INTERRUPTED;
        }
        Tracee traced = task.tracee;
        if (traced != null) {
            mm.addressSpace().keepCode();
            traced.beforeApplication();
        }
        task.times.enterApplication();
        ExitReason reason = context.run(mm.addressSpace());
        task.times.leaveApplication();
        if (traced != null) {
            traced.afterApplication();
        }
        task.inApplication = false;
        return reason;
    }

    private void syscall() {
        Registers regs = task.regs;
        long rax = regs.get(Registers.RAX);
        if ((int) rax == Vvar.RENEW) {
            // part of the vDSO: tracers and filters see no system call where Linux makes none
            Clock.renewPage();
            regs.set(Registers.RAX, 0);
            return;
        }
        regs.set(Registers.ORIG_RAX, rax);
        long number = (int) rax; // Linux too looks at the lower half only
        task.inSyscall = true;
        long result = task.tracee == null ? call(number) : callUnderPtrace(number);
        if (task.keepRegisters) {
            task.keepRegisters = false;
            task.inSyscall = false;
            if (task.tracee != null) {
                PtraceStop.syscallExit(task);
            }
            return;
        }
        regs.set(Registers.RAX, result);
        if (result < 0) {
            SyscallCounters.countError(task, result);
        }
        if (task.tracee != null) {
            PtraceStop.syscallExit(task);
        }
        if (task.restoreMask && result != -Errno.EINTR && !SignalDelivery.isRestart(result)) {
            task.restoreMask = false;
            SignalMasks.set(task, task.savedMask);
        }
        if (task.interrupted || SignalDelivery.isRestart(result)) {
            SignalDelivery.work(task);
        }
        task.inSyscall = false;
    }

    private long call(long number) {
        SyscallTracer tracer = task.kernel.tracer;
        return tracer == null ? dispatch(number) : traced(tracer, number);
    }

    /** The tracer may change the registers, the number of the call among them, or have the call skipped. */
    private long callUnderPtrace(long number) {
        Registers regs = task.regs;
        regs.set(Registers.RAX, -Errno.ENOSYS);
        boolean wanted = PtraceStop.syscallEntry(task);
        int now = (int) regs.get(Registers.ORIG_RAX);
        return wanted && (now != -1 || number == -1)
                ? call(now == (int) number ? number : now)
                : regs.get(Registers.RAX);
    }

    private long traced(SyscallTracer tracer, long number) {
        Registers regs = task.regs;
        Object state = tracer.enter(
                task,
                number,
                regs.get(Registers.RDI),
                regs.get(Registers.RSI),
                regs.get(Registers.RDX),
                regs.get(Registers.R10),
                regs.get(Registers.R8),
                regs.get(Registers.R9));
        long result = dispatch(number);
        if (state != null) {
            tracer.exit(task, state, result);
        }
        return result;
    }

    private long dispatch(long requested) {
        long number = requested;
        task.cgroup.syscalls.count(task, number);
        SeccompFilters filters = task.seccomp;
        if (filters != null) {
            long verdict = filters.check(task, number);
            if (verdict != SeccompFilters.ALLOW) {
                return verdict;
            }
            if (task.tracee != null) {
                number = (int) task.regs.get(Registers.ORIG_RAX); // it may have changed the call
            }
        }
        Registers regs = task.regs;
        try {
            if (!task.kernel.syscalls.has(number)) {
                unknown(number);
            }
            return task.kernel
                    .syscalls
                    .handler(number)
                    .call(
                            task,
                            regs.get(Registers.RDI),
                            regs.get(Registers.RSI),
                            regs.get(Registers.RDX),
                            regs.get(Registers.R10),
                            regs.get(Registers.R8),
                            regs.get(Registers.R9));
        } catch (ErrnoException e) {
            return -e.errno();
        } catch (OutOfMemoryError e) {
            task.kernel.heap.full(task);
            return -Errno.ENOMEM;
        } catch (RuntimeException | Error e) {
            report(task.kernel.syscalls.name(number), e);
            return BROKEN;
        }
    }

    private void unknown(long number) {
        if (number >= 0 && number < gvj.syscalls.SyscallTable.SIZE) {
            task.kernel.noticeOnce(
                    "unknown" + number,
                    "system call " + number + " is not implemented (asked for by " + task.name + ")");
        }
    }

    private void fault(ExecutionContext context) {
        long address = context.faultAddress();
        task.trapVector = 14;
        task.trapError = context.errorCode();
        task.trapAddress = address;
        int verdict;
        try {
            verdict = task.mm.handleFault(address, context.faultAccess());
        } catch (ErrnoException e) {
            verdict = Signals.SIGBUS << 8 | Signals.BUS_ADRERR;
        }
        if (verdict == 0) {
            task.times.minorFaults++;
            return;
        }
        int signo = verdict >> 8;
        if (signo == Signals.SIGKILL) {
            OomKiller.kill(task.threadGroup);
            return;
        }
        SignalInfo info = new SignalInfo(signo, verdict & 0xff);
        info.address = address;
        SignalSender.force(task, info);
    }

    private void exception(ExecutionContext context) {
        int vector = context.vector();
        task.trapVector = vector;
        task.trapError = context.errorCode();
        SignalSender.force(task, CpuExceptions.signal(vector, task));
    }

    private void failed(ExecutionContext context) {
        task.kernel.log(task.name + "[" + task.tid + "]: " + context.failure() + ", killed");
        synchronized (task.threadGroup.signalLock) {
            Exit.beginGroupExit(task.threadGroup, Signals.SIGKILL);
        }
    }

    /** Logs what should never happen, with its stack, once per place. */
    private void report(String where, Throwable e) {
        StackTraceElement[] stack = e.getStackTrace();
        String key = where + e.getClass() + (stack.length > 0 ? stack[0] : "");
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        task.kernel.logOnce(
                key,
                "internal error in " + where + " (task " + task.tid + "): "
                        + text.toString().strip());
    }
}
