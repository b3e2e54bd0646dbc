package gvj.kernel;

import gvj.abi.Sched;
import gvj.abi.Signals;
import gvj.kernel.ipc.SemaphoreUndo;
import java.util.ArrayList;
import java.util.List;

/** The end of threads and processes: exit(2), exit_group(2), deadly signals, reparenting, zombies. */
public final class Exit {
    private Exit() {}

    /** exit(2): the calling thread ends with {@code status}, in wait(2)'s format. */
    public static void exitThread(Task task, int status) {
        task.exitStatus = status;
        task.dying = true;
    }

    /** exit_group(2), or a seccomp filter that kills the process. */
    public static void exitProcess(Task task, int status) {
        synchronized (task.threadGroup.signalLock) {
            beginGroupExit(task.threadGroup, status);
        }
        task.exitStatus = status;
        task.dying = true;
    }

    /** Every thread is to end; the first caller decides the status. The signal lock is held. */
    static void beginGroupExit(ThreadGroup process, int status) {
        if (!process.exiting) {
            process.exitStatus = status;
            process.exiting = true;
            process.jobControl.resume(false);
        }
        for (Task task : process.threads) {
            task.interrupt();
        }
    }

    /** What the task's own thread does last. */
    static void finish(Task task) {
        PtraceStop.exiting(task);
        ThreadGroup process = task.threadGroup;
        Kernel kernel = task.kernel;
        SyscallTracer tracer = kernel.tracer;
        if (tracer != null) {
            tracer.exited(task, process.exiting ? process.exitStatus : task.exitStatus);
        }
        process.times.sawResident(task.mm);
        FutexManager.exitTask(task);
        releaseMemory(task);
        SemaphoreUndo.leave(task);
        task.fds.decUsers(task);
        task.fs.decUsers();
        task.cgroup.callsEnded(task);
        task.times.unbind();
        kernel.taskLock.lock();
        try {
            leave(task, process);
        } finally {
            kernel.taskLock.unlock();
        }
        task.close();
        kernel.taskEnded(task);
    }

    /** Gives the address space up and lets a vfork parent go on; also for execve. */
    static void releaseMemory(Task task) {
        task.mm.decUsers();
        VforkDone waiter = task.vforkDone;
        if (waiter != null) {
            task.vforkDone = null;
            waiter.complete();
        }
    }

    /** The thread leaves its process. The task lock is held. */
    private static void leave(Task task, ThreadGroup process) {
        boolean last;
        boolean stopComplete;
        if (!task.tracees.isEmpty()) {
            Ptrace.tracerExits(task);
        }
        synchronized (process.signalLock) {
            SignalMasks.retarget(task, ~task.blocked);
            task.pending.drop(~0L);
            process.times.add(task);
            task.cgroup.timesEnded(task);
            process.threads.remove(task);
            task.exited = true;
            last = process.threads.isEmpty();
            stopComplete = !last && process.jobControl.threadStopped(task);
            if (last && !process.exiting) {
                process.exitStatus = process.leader == task ? task.exitStatus : process.leader.exitStatus;
            }
            if (process.executing != null) {
                process.executing.wakeUp();
            }
        }
        task.kernel.account(task.credentials.uid()).tasks.decrementAndGet();
        adoptChildren(task, process, last);
        if (stopComplete) {
            ParentNews.tell(process, Signals.CLD_STOPPED, process.jobControl.stopSignal());
        }
        Tracee traced = task.tracee;
        if (task != process.leader && traced != null) {
            traced.zombieThread = true; // its tracer waits for it, and the process is not over before
            process.tracedZombies++;
            ParentNews.tellThreadExit(traced, PtraceStop.exitCode(task));
        } else if (task != process.leader) {
            forget(task);
        }
        if (last && process.tracedZombies == 0) {
            processEnded(process);
        }
    }

    /** The tracer has waited for a thread that exited, or is gone itself. The task lock is held. */
    static void releaseTracedThread(Task task) {
        ThreadGroup process = task.threadGroup;
        task.tracee = null;
        forget(task);
        if (--process.tracedZombies == 0 && process.anyThread() == null) {
            processEnded(process);
        }
    }

    /** The former tracer of a zombie knows; now its parent is to, unless they are the same. The task lock is held. */
    static void passOn(ThreadGroup process, ThreadGroup tracer) {
        ThreadGroup parent = process.parent();
        if (parent == null || (parent != tracer && ParentNews.tellExit(process))) {
            reap(process);
        }
    }

    /** Whether a tracer that is not the parent is to wait for the process first. The task lock is held. */
    private static boolean isForTracer(ThreadGroup process) {
        Tracee traced = process.leader.tracee;
        if (traced == null || traced.tracer.threadGroup == process.parent()) {
            return false;
        }
        if (ParentNews.tellExit(process, traced.tracer.threadGroup, Signals.SIGCHLD)) {
            Ptrace.unlink(process.leader, 0);
            return false;
        }
        return true;
    }

    /** The thread's id means nothing any more. The task lock is held. */
    static void forget(Task task) {
        task.kernel.tasks.remove(task.tid, task);
        if (task.id.task == task) {
            task.id.task = null;
            task.id.releaseIfUnused();
        }
    }

    /** Children of {@code task} go to a sibling thread, a subreaper, or process 1. The task lock is held. */
    private static void adoptChildren(Task task, ThreadGroup process, boolean last) {
        if (process.children.isEmpty()) {
            if (last) {
                killNamespaceOf(process);
            }
            return;
        }
        if (last) {
            killNamespaceOf(process);
        }
        Task adopter = last ? reaperFor(process) : process.threads.get(0);
        for (ThreadGroup child : new ArrayList<>(process.children)) {
            if (child.parentThread != task && !last) {
                continue;
            }
            sendParentDeath(child, task);
            child.parentThread = adopter;
            if (!last) {
                continue;
            }
            process.children.remove(child);
            if (adopter == null) {
                if (child.zombie) {
                    reap(child);
                }
                continue;
            }
            adopter.threadGroup.children.add(child);
            child.exitSignal = Signals.SIGCHLD;
            if (child.zombie && child.leader.tracee == null && ParentNews.tellExit(child)) {
                reap(child);
            } else if (!child.zombie) {
                orphaned(child, process);
            }
        }
    }

    /** PR_SET_PDEATHSIG: each thread of the child that asked for it hears that the thread that made it died. */
    private static void sendParentDeath(ThreadGroup child, Task dead) {
        if (child.parentThread != dead) {
            return;
        }
        for (Task thread : child.threads()) {
            int signo = thread.parentDeathSignal;
            if (signo != 0) {
                SignalInfo info = SignalInfo.user(
                        signo,
                        Signals.SI_USER,
                        dead.threadGroup.id.numberIn(child.id.namespace),
                        dead.credentials.uid());
                SignalSender.toProcess(child, info, false);
            }
        }
    }

    /** A thread of the nearest subreaper, or of process 1 of the namespace; null if that is ending too. */
    private static Task reaperFor(ThreadGroup process) {
        PidNamespace ns = process.id.namespace;
        if (process.underSubreaper) {
            for (ThreadGroup up = process.parent(); up != null && up.id.namespace == ns; up = up.parent()) {
                Task thread = up.childSubreaper && !up.exiting ? up.anyThread() : null;
                if (thread != null) {
                    return thread;
                }
                if (up == ns.init) {
                    break;
                }
            }
        }
        ThreadGroup init = ns.init;
        if (init == null || init == process) {
            ThreadGroup outside = process.parent();
            return outside == null ? null : outside.anyThread();
        }
        return init.anyThread();
    }

    /** Process 1 is gone: everything in its namespace is killed, pid_namespaces(7). */
    private static void killNamespaceOf(ThreadGroup process) {
        PidNamespace ns = process.id.namespace;
        if (ns.init != process) {
            return;
        }
        ns.dead = true;
        for (ThreadGroup member : ns.processes()) {
            if (member != process) {
                synchronized (member.signalLock) {
                    beginGroupExit(member, Signals.SIGKILL);
                }
            }
        }
    }

    /** A group that has stopped members and nobody left to continue them gets SIGHUP and SIGCONT. */
    private static void orphaned(ThreadGroup child, ThreadGroup leaving) {
        ProcessGroup group = child.processGroup;
        if (group == leaving.processGroup || group.session != leaving.processGroup.session) {
            return;
        }
        hangUpIfOrphaned(group, leaving);
    }

    private static void hangUpIfOrphaned(ProcessGroup group, ThreadGroup leaving) {
        if (group.isOrphanedWithout(leaving) && group.hasStoppedMember()) {
            group.sendSignal(SignalInfo.kernel(Signals.SIGHUP));
            group.sendSignal(SignalInfo.kernel(Signals.SIGCONT));
        }
    }

    /** The last thread is gone. The task lock is held. */
    private static void processEnded(ThreadGroup process) {
        process.intervalTimers.cancelAll();
        process.posixTimers.deleteAll();
        synchronized (process.signalLock) {
            process.pending.drop(~0L);
        }
        Session session = process.processGroup.session;
        if (session.leader == process) {
            ControllingTerminal terminal = session.terminal;
            if (terminal != null) {
                terminal.disassociate(session);
            }
            session.leader = null;
        }
        ThreadGroup parent = process.parent();
        ProcessGroup group = process.processGroup;
        if (parent != null && parent.processGroup != group && parent.processGroup.session == session) {
            hangUpIfOrphaned(group, process);
        }
        process.zombie = true;
        process.exitEvents.wakeAll(~0);
        if (process == process.kernel.init) {
            process.kernel.initEnded(process.exitStatus);
        }
        if (!isForTracer(process) && (parent == null || ParentNews.tellExit(process))) {
            reap(process);
        }
    }

    /** Nobody needs the zombie any more. The task lock is held. */
    static void reap(ThreadGroup process) {
        Ptrace.unlink(process.leader, 0);
        process.reaped = true;
        process.zombie = false;
        ThreadGroup parent = process.parent();
        if (parent != null) {
            parent.children.remove(process);
        }
        process.processGroup.remove(process);
        PidEntry entry = process.id;
        entry.process = null;
        forget(process.leader);
        entry.releaseIfUnused();
        process.exitEvents.wakeAll(~0);
    }

    /** Threads of {@code process} other than {@code survivor} are to end: execve(2). The signal lock is held. */
    static void killOthers(ThreadGroup process, Task survivor) {
        List<Task> others = new ArrayList<>(process.threads);
        for (Task task : others) {
            if (task != survivor) {
                task.killed = true;
                task.interrupt();
            }
        }
    }

    /** RLIMIT_NPROC and the cgroups' limits: whether {@code user} may have one more task. */
    static boolean mayFork(Task task) {
        Kernel kernel = task.kernel;
        if (!task.cgroup.hasRoom()) {
            return false;
        }
        Credentials creds = task.credentials;
        long limit = task.rlimit(Sched.RLIMIT_NPROC);
        return creds.uid() == 0
                || creds.has(gvj.abi.Capability.CAP_SYS_RESOURCE)
                || creds.has(gvj.abi.Capability.CAP_SYS_ADMIN)
                || Long.compareUnsigned(kernel.account(creds.uid()).tasks.get(), limit) < 0;
    }
}
