package gvj.kernel;

import gvj.abi.Errno;
import gvj.abi.Sched;
import gvj.abi.Seccomp;
import gvj.kernel.ipc.SemaphoreUndo;
import gvj.mm.MemoryManager;
import gvj.platform.Registers;
import gvj.vfs.FdTable;
import gvj.vfs.FileDescription;

/** Puts a new task together from its parent and what clone asked to share; gives everything back if that fails. */
final class TaskBuilder {
    private final Task parent;
    private final CloneArgs args;
    private final Kernel kernel;

    private MemoryManager mm;
    private FdTable fds;
    private FsContext fs;
    private Namespaces namespaces;
    private Credentials credentials;
    private Task child;
    private int pidfd = -1;

    TaskBuilder(Task parent, CloneArgs args) {
        this.parent = parent;
        this.args = args;
        this.kernel = parent.kernel;
    }

    /** The new task runs when this returns, or -errno. */
    long build() {
        try {
            credentials = NamespaceChanges.credentials(parent, args.flags);
            namespaces = NamespaceChanges.forChild(parent, credentials, args.flags);
            shareOrCopy();
            return start();
        } catch (ErrnoException e) {
            undo();
            return -e.errno();
        } catch (OutOfMemoryError e) {
            undo();
            return -Errno.EAGAIN; // the host gives no more threads, or the heap is full
        }
    }

    private void shareOrCopy() {
        if (args.has(Sched.CLONE_FILES)) {
            parent.fds.incUsers();
            fds = parent.fds;
        } else {
            fds = parent.fds.copy();
        }
        if (args.has(Sched.CLONE_FS)) {
            parent.fs.incUsers();
            fs = parent.fs;
        } else {
            fs = parent.fs.copy();
        }
        if (args.has(Sched.CLONE_NEWNS)) {
            namespaces = NamespaceChanges.moveToCopy(fs, parent.namespaces, namespaces, credentials.userNamespace());
        }
        if (args.has(Sched.CLONE_VM)) {
            parent.mm.incUsers();
            mm = parent.mm;
        } else {
            mm = parent.mm.fork();
            mm.expect(parent.regs);
            parent.mm.expect(parent.regs);
        }
    }

    private long start() {
        VforkDone vfork = args.has(Sched.CLONE_VFORK) ? new VforkDone(parent) : null;
        int event = PtraceStop.cloneEvent(parent, args);
        PidEntry born;
        kernel.taskLock.lock();
        try {
            // a signal for the whole group may have come while memory was copied: the child has not had it
            if (parent.interrupted) {
                throw ErrnoException.of(Errno.ERESTARTNOINTR);
            }
            child = new Task(
                    parent.cgroup, namespaces.pidForChildren().allocate(args.setTid), parent.scheduling.copy());
            fill(vfork);
            join();
            born = child.id;
            if (event != 0 || args.has(Sched.CLONE_PTRACE)) {
                Ptrace.inherit(parent, child);
            }
            TaskLoop thread = new TaskLoop(child);
            installPidfd();
            writeIds();
            thread.start();
        } finally {
            kernel.taskLock.unlock();
        }
        long id = parent.pidNamespace().idOf(child);
        if (event != 0) {
            PtraceStop.forked(parent, event, born);
        }
        if (vfork != null) {
            vfork.await();
            PtraceStop.forked(parent, Seccomp.PTRACE_EVENT_VFORK_DONE, born);
        }
        return id;
    }

    private void fill(VforkDone vfork) {
        child.mm = mm;
        child.fds = fds;
        child.fs = fs;
        child.namespaces = namespaces;
        child.credentials = credentials;
        child.name = parent.name;
        child.blocked = parent.restoreMask ? parent.savedMask : parent.blocked;
        child.memoryPolicy = parent.memoryPolicy;
        child.personality = parent.personality;
        child.timerSlack = parent.timerSlack;
        child.mceKill = parent.mceKill;
        child.ioPriority = parent.ioPriority;
        child.seccomp = parent.seccomp;
        if (args.has(Sched.CLONE_SYSVSEM)) {
            SemaphoreUndo.share(parent, child);
        }
        child.vforkDone = vfork;
        child.clearChildTid = args.has(Sched.CLONE_CHILD_CLEARTID) ? args.childTid : 0;
        boolean newStack = args.has(Sched.CLONE_VM) && !args.has(Sched.CLONE_VFORK);
        if (!newStack) {
            child.signalStack.copyFrom(parent.signalStack);
        }
        registers();
    }

    private void registers() {
        child.regs.copyFrom(parent.regs);
        child.regs.set(Registers.RAX, 0);
        child.regs.set(Registers.ORIG_RAX, -1);
        if (args.stackPointer != 0) {
            child.regs.set(Registers.RSP, args.stackPointer);
        }
        if (args.has(Sched.CLONE_SETTLS)) {
            if (!SignalFrame.isCanonical(args.tls) || args.tls < 0) {
                throw ErrnoException.of(Errno.EPERM);
            }
            child.regs.set(Registers.FS_BASE, args.tls);
        }
        long area = parent.fpuArea();
        parent.context.saveFpu(area);
        child.context.loadFpu(area);
    }

    /** Enters the process tree. The task lock is held. */
    private void join() {
        if (!Exit.mayFork(parent)) {
            throw ErrnoException.of(Errno.EAGAIN); // others got in since the caller looked
        }
        ThreadGroup mine = parent.threadGroup;
        if (args.has(Sched.CLONE_THREAD)) {
            synchronized (mine.signalLock) {
                if (mine.exiting || parent.killed) {
                    throw ErrnoException.of(Errno.EAGAIN); // nobody sees this: the parent dies on its way out
                }
                child.threadGroup = mine;
                mine.threads.add(child);
                mine.jobControl.threadBorn(child);
            }
        } else {
            synchronized (mine.signalLock) {
                if (mine.exiting || parent.killed) {
                    throw ErrnoException.of(Errno.EAGAIN); // or the child would escape a signal to the group
                }
            }
            newProcess(mine);
        }
        child.id.task = child;
        kernel.tasks.put(child.tid, child);
        kernel.account(credentials.uid()).tasks.incrementAndGet();
        child.cgroup.taskBorn();
    }

    private void newProcess(ThreadGroup mine) {
        SignalHandlers handlers = args.has(Sched.CLONE_SIGHAND)
                ? mine.handlers
                : args.has(Sched.CLONE_CLEAR_SIGHAND) ? mine.handlers.withoutHandlers() : mine.handlers.copy();
        ThreadGroup process = new ThreadGroup(kernel, child.id, mine.limits.copy(), handlers);
        process.leader = child;
        process.dumpable = mine.dumpable;
        process.thpDisabled = mine.thpDisabled;
        process.oomScoreAdjustment = mine.oomScoreAdjustment;
        process.underSubreaper = mine.childSubreaper || mine.underSubreaper;
        boolean sibling = args.has(Sched.CLONE_PARENT);
        process.parentThread = sibling ? mine.parentThread : parent;
        process.exitSignal = sibling ? mine.exitSignal : args.exitSignal;
        child.threadGroup = process;
        synchronized (process.signalLock) {
            process.threads.add(child);
        }
        ThreadGroup theParent = process.parent();
        if (theParent != null) {
            theParent.children.add(process);
        }
        process.intervalTimers.watchCpuLimit(child);
        PidNamespace ns = child.id.namespace;
        if (ns.init == null) {
            ns.init = process;
            process.unkillable = true;
            Session session = new Session(process);
            new ProcessGroup(kernel, child.id, session).add(process);
        } else {
            mine.processGroup.add(process);
        }
    }

    private void installPidfd() {
        if (!args.has(Sched.CLONE_PIDFD)) {
            return;
        }
        FileDescription file = new PidFd(kernel, child, args.has(Sched.CLONE_THREAD));
        try {
            pidfd = parent.fds.install(file, 0, true, parent.rlimit(Sched.RLIMIT_NOFILE));
        } catch (ErrnoException e) {
            file.decRef();
            throw e;
        }
        parent.mm.writeInt(args.pidfd, pidfd);
    }

    /** Ids go to memory before the child runs; a bad address is not an error, as on Linux. */
    private void writeIds() {
        if (args.has(Sched.CLONE_CHILD_SETTID)) {
            write(child.mm, args.childTid, child.pidNamespace().idOf(child));
        }
        if (args.has(Sched.CLONE_PARENT_SETTID)) {
            write(parent.mm, args.parentTid, parent.pidNamespace().idOf(child));
        }
    }

    private static void write(MemoryManager mm, long address, int value) {
        try {
            mm.writeInt(address, value);
        } catch (ErrnoException e) {
            // clone(2) answers success all the same
        }
    }

    private void undo() {
        if (pidfd >= 0) {
            parent.fds.remove(pidfd).decRef();
        }
        if (child != null) {
            SemaphoreUndo.leave(child);
            kernel.taskLock.lock();
            try {
                leaveTree();
            } finally {
                kernel.taskLock.unlock();
            }
            child.close();
        }
        if (mm != null) {
            mm.decUsers();
        }
        if (fs != null) {
            fs.decUsers();
        }
        if (fds != null) {
            fds.decUsers(parent);
        }
    }

    private void leaveTree() {
        Ptrace.unlink(child, 0);
        ThreadGroup process = child.threadGroup;
        boolean joined = kernel.tasks.remove(child.tid, child);
        if (joined) {
            kernel.account(credentials.uid()).tasks.decrementAndGet();
            kernel.taskEnded(child);
        }
        if (process != null) {
            synchronized (process.signalLock) {
                process.jobControl.threadStopped(child);
                process.threads.remove(child);
                child.exited = true;
            }
        }
        if (process != null && process != parent.threadGroup) {
            if (process.parent() != null) {
                process.parent().children.remove(process);
            }
            if (process.processGroup != null) {
                process.processGroup.remove(process);
            }
            if (child.id.namespace.init == process) {
                child.id.namespace.init = null;
            }
            process.reaped = true;
        }
        child.id.task = null;
        child.id.process = null;
        child.id.releaseIfUnused();
    }
}
