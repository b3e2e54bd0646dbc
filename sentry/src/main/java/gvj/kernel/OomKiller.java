package gvj.kernel;

import gvj.abi.Signals;
import gvj.mm.MemoryFile;
import gvj.mm.MemoryGroup;
import gvj.mm.MemoryManager;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * What happens when the memory of a cgroup is used up: the process with most of it is killed, here or below, process 1 too,
 * and whoever needed a page waits for that one's end and tries again.
 *
 * <p>Lock: the monitor guards the victim; signal locks are taken under it.
 */
public final class OomKiller implements MemoryFile.Reliever {
    /** oom_score_adj of a process that is never killed. */
    private static final int NEVER = -1000;

    /** A victim that has not died after that does not keep the next one alive. */
    private static final long PATIENCE_NANOS = 2_000_000_000L;

    private static final long LOOK_NANOS = 500_000;

    /** How often a need that no limit forbids may fail: others took what had come free. */
    private static final int MAX_ATTEMPTS = 16;

    private final Cgroup cgroup;
    private final AtomicLong kills = new AtomicLong();
    private final AtomicLong ownKills = new AtomicLong();
    private final AtomicLong shortages = new AtomicLong();
    private final AtomicLong ownShortages = new AtomicLong();
    private volatile Consumer<ThreadGroup> listener;
    private ThreadGroup victim;
    private long patience;

    OomKiller(Cgroup cgroup) {
        this.cgroup = cgroup;
    }

    /** Processes killed so far, here and below: oom_kill of memory.events. */
    public long kills() {
        return kills.get();
    }

    /** As {@link #kills}, without those below: oom_kill of memory.events.local. */
    public long ownKills() {
        return ownKills.get();
    }

    /** As {@link #shortages}, without those below: oom of memory.events.local. */
    public long ownShortages() {
        return ownShortages.get();
    }

    /** How often memory was used up, here and below: oom of memory.events. */
    public long shortages() {
        return shortages.get();
    }

    /** Who is to hear of each process that is killed, here and below where nobody is nearer. */
    public void listen(Consumer<ThreadGroup> newListener) {
        listener = newListener;
    }

    /** Makes room for the calling task in the cgroup that is full, this one or one below. It may wait for another's end. */
    @Override
    public boolean relieve(MemoryGroup payer, int attempt) {
        Task task = Task.current();
        Kernel kernel = cgroup.kernel;
        if (task == null || isEnding(task) || kernel.taskLock.isHeldByCurrentThread()) {
            return false; // with the process tree locked nobody can end
        }
        MemoryGroup full = payer.firstFull();
        if (full == null) {
            full = task.cgroup.memory.firstFull();
        }
        if (full == null && !kernel.memoryFile.tablesFull()) {
            return attempt <= MAX_ATTEMPTS;
        }
        Cgroup out = full == null ? cgroup : cgroup.of(full);
        return out.oom.makeRoom(task);
    }

    /** False if the calling task is the one to die, or nobody can. */
    private boolean makeRoom(Task task) {
        ThreadGroup chosen = chooseOrJoin();
        if (chosen == null || chosen == task.threadGroup) {
            return false;
        }
        long deadline = Clock.monotonic() + PATIENCE_NANOS;
        while (chosen.anyThread() != null && !isEnding(task) && Clock.monotonic() < deadline) {
            LockSupport.parkNanos(this, LOOK_NANOS);
        }
        return !isEnding(task);
    }

    private static boolean isEnding(Task task) {
        return task.killed || task.threadGroup.exiting;
    }

    /** The victim that is dying already, or another, which is killed; null if there is none. */
    private synchronized ThreadGroup chooseOrJoin() {
        if (victim != null && victim.anyThread() != null && Clock.monotonic() < patience) {
            return victim;
        }
        ownShortages.incrementAndGet();
        for (Cgroup group = cgroup; group != null; group = group.parent) {
            group.oom.shortages.incrementAndGet();
        }
        victim = choose();
        patience = Clock.monotonic() + PATIENCE_NANOS;
        if (victim != null) {
            killAllWith(victim);
        }
        return victim;
    }

    private ThreadGroup choose() {
        ThreadGroup worst = null;
        long worstPoints = Long.MIN_VALUE;
        for (ThreadGroup process : cgroup.everyProcess()) {
            if (process.exiting || process.anyThread() == null || process.oomScoreAdjustment == NEVER) {
                continue;
            }
            long points = points(process);
            if (points > worstPoints) {
                worst = process;
                worstPoints = points;
            }
        }
        return worst;
    }

    /** Pages that its end would free, more or fewer by its oom_score_adj. */
    private long points(ThreadGroup process) {
        Task some = process.anyThread();
        long resident = some == null ? 0 : some.mm.residentBytes() / MemoryFile.PAGE;
        return resident + process.oomScoreAdjustment * (cgroup.memory.lowestLimit() / 1000);
    }

    /** oom_score of /proc/PID: 0 to about 2000, where 666 is nothing at all with an adjustment of 0. */
    public long score(ThreadGroup process) {
        if (process.oomScoreAdjustment == NEVER) {
            return 0;
        }
        long total = Math.max(cgroup.memory.lowestLimit(), 1);
        return Math.max(0, (1000 + points(process) * 1000 / total) * 2 / 3);
    }

    private void killAllWith(ThreadGroup process) {
        Task some = process.anyThread();
        MemoryManager mm = some == null ? null : some.mm;
        kill(process);
        for (ThreadGroup other : cgroup.everyProcess()) {
            Task thread = other.anyThread();
            if (thread != null && thread.mm == mm) {
                end(other); // or memory would stay in use
            }
        }
    }

    /** Memory is used up and {@code process} dies for it. */
    static void kill(ThreadGroup process) {
        if (process.exiting) {
            return;
        }
        Task some = process.anyThread();
        end(process);
        Cgroup its = process.leader.cgroup;
        its.oom.ownKills.incrementAndGet();
        for (Cgroup group = its; group != null; group = group.parent) {
            group.oom.kills.incrementAndGet();
        }
        process.kernel.log((some == null ? "" : some.name) + "[" + process.pid + "]: out of memory, killed");
        Cgroup heard = its;
        while (heard.oom.listener == null && heard.parent != null) {
            heard = heard.parent;
        }
        if (heard.oom.listener != null) {
            heard.oom.listener.accept(process);
        }
    }

    private static void end(ThreadGroup process) {
        synchronized (process.signalLock) {
            Exit.beginGroupExit(process, Signals.SIGKILL);
        }
    }
}
