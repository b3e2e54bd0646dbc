package gvj.kernel.ipc;

import gvj.abi.Errno;
import gvj.kernel.ThreadGroup;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * What semaphore operations with SEM_UNDO are to be taken back when a process exits. All threads of a process share it.
 *
 * <p>Lock: the class's own monitor guards it, taken with the monitor of a set held, never the other way round.
 */
public final class SemaphoreUndo {
    private static final Map<ThreadGroup, Map<SemaphoreSet, Map<Integer, Integer>>> ALL = new IdentityHashMap<>();

    private static volatile boolean any;

    private SemaphoreUndo() {}

    /** Adds to an adjustment: 0, or ERANGE. */
    static synchronized long record(ThreadGroup process, SemaphoreSet set, int number, int delta) {
        any = true;
        Map<Integer, Integer> numbers =
                ALL.computeIfAbsent(process, p -> new IdentityHashMap<>()).computeIfAbsent(set, s -> new HashMap<>());
        int sum = numbers.getOrDefault(number, 0) + delta;
        if (sum < -SemaphoreSet.MAX_VALUE - 1 || sum > SemaphoreSet.MAX_VALUE) {
            return -Errno.ERANGE;
        }
        numbers.put(number, sum);
        return 0;
    }

    /** The value was set: nobody's adjustment of it counts any more. */
    static synchronized void forget(SemaphoreSet set, int number) {
        for (Map<SemaphoreSet, Map<Integer, Integer>> sets : ALL.values()) {
            Map<Integer, Integer> numbers = sets.get(set);
            if (numbers != null) {
                numbers.remove(number);
            }
        }
    }

    /** The set was removed. */
    static synchronized void forget(SemaphoreSet set) {
        for (Map<SemaphoreSet, Map<Integer, Integer>> sets : ALL.values()) {
            sets.remove(set);
        }
    }

    /** The last thread of {@code process} exits: takes back what it wanted taken back. */
    public static void exited(ThreadGroup process) {
        if (!any) {
            return;
        }
        Map<SemaphoreSet, Map<Integer, Integer>> sets;
        synchronized (SemaphoreUndo.class) {
            sets = ALL.remove(process);
            any = !ALL.isEmpty();
        }
        if (sets != null) {
            sets.forEach((set, numbers) -> numbers.forEach((number, delta) -> set.adjust(number, delta, process.pid)));
        }
    }
}
