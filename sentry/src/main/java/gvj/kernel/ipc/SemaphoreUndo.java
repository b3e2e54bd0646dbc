package gvj.kernel.ipc;

import gvj.kernel.Task;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * What semaphore operations with SEM_UNDO are to be taken back when the last task that shares it ends: a thread shares it
 * with its creator if that asked for CLONE_SYSVSEM.
 *
 * <p>Lock: its monitor guards it, taken with the monitor of a set held, never the other way round.
 */
public final class SemaphoreUndo {
    private final Map<SemaphoreSet, short[]> adjustments = new IdentityHashMap<>();
    private int users = 1;

    private SemaphoreUndo() {}

    /** That of the calling task, made if it has none. */
    static SemaphoreUndo of(Task task) {
        SemaphoreUndo undo = task.semaphoreUndo;
        if (undo == null) {
            undo = new SemaphoreUndo();
            task.semaphoreUndo = undo;
        }
        return undo;
    }

    /** CLONE_SYSVSEM: {@code child} is new and shares what the calling {@code parent} has. */
    public static void share(Task parent, Task child) {
        SemaphoreUndo undo = of(parent);
        synchronized (undo) {
            undo.users++;
        }
        child.semaphoreUndo = undo;
    }

    /** The task ends, or goes to another IPC namespace, or unshares it: the last one takes everything back. */
    public static void leave(Task task) {
        SemaphoreUndo undo = task.semaphoreUndo;
        if (undo == null) {
            return;
        }
        task.semaphoreUndo = null;
        List<SemaphoreSet> sets;
        synchronized (undo) {
            if (--undo.users > 0) {
                return;
            }
            sets = new ArrayList<>(undo.adjustments.keySet());
        }
        for (SemaphoreSet set : sets) {
            set.takeBack(undo, task.threadGroup().pidEntry());
        }
    }

    /** What is noted for a set, all zeros at first; the set's monitor is held. ENOMEM. */
    synchronized short[] of(SemaphoreSet set) {
        short[] known = adjustments.get(set);
        if (known == null) {
            IpcBudget.charge(bytes(set));
            known = new short[set.count()];
            adjustments.put(set, known);
        }
        return known;
    }

    /** Forgets a set; what was noted, or null. The set's monitor is held. */
    synchronized short[] remove(SemaphoreSet set) {
        short[] known = adjustments.remove(set);
        if (known != null) {
            IpcBudget.release(bytes(set));
        }
        return known;
    }

    private static long bytes(SemaphoreSet set) {
        return 64 + 2L * set.count();
    }

    /** Whether an adjustment may have this value. */
    static boolean fits(int value) {
        return value >= Short.MIN_VALUE && value <= Short.MAX_VALUE;
    }
}
