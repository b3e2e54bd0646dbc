package gvj.kernel;

import gvj.abi.Futex;
import gvj.mm.MemoryManager;

/**
 * Locks that a dead thread held: get_robust_list(2). The list is in the program's memory and may be anything; the walk is
 * bounded.
 *
 * <pre>   struct robust_list_head:  0 first entry   8 offset of the futex word from its entry   16 entry being worked on</pre>
 */
final class RobustList {
    private static final long PI = 1;

    private RobustList() {}

    /** Marks every lock on the calling task's list as abandoned and wakes one waiter each. */
    static void walk(Task task) {
        long head = task.robustList;
        if (head == 0) {
            return;
        }
        MemoryManager mm = task.mm;
        long entry = mm.readLong(head);
        long offset = mm.readLong(head + 8);
        long pending = mm.readLong(head + 16);
        for (int i = 0; (entry & ~PI) != head && i < Futex.ROBUST_LIST_LIMIT; i++) {
            long next = mm.readLong(entry & ~PI);
            if ((entry & ~PI) != (pending & ~PI)) {
                abandon(task, (entry & ~PI) + offset, (entry & PI) != 0, false);
            }
            entry = next;
        }
        if ((pending & ~PI) != 0) {
            abandon(task, (pending & ~PI) + offset, (pending & PI) != 0, true);
        }
    }

    private static void abandon(Task task, long address, boolean pi, boolean pending) {
        if ((address & 3) != 0) {
            return;
        }
        MemoryManager mm = task.mm;
        int tid = task.pidNamespace().idOf(task);
        while (true) {
            int value = mm.readIntVolatile(address);
            if (pending && !pi && value == 0) {
                wakeOne(task, address); // it died between unlocking and waking
                return;
            }
            if ((value & Futex.FUTEX_TID_MASK) != tid) {
                return;
            }
            int dead = value & Futex.FUTEX_WAITERS | Futex.FUTEX_OWNER_DIED;
            if (mm.compareAndExchangeInt(address, value, dead) == value) {
                if (!pi && (value & Futex.FUTEX_WAITERS) != 0) {
                    wakeOne(task, address);
                }
                return;
            }
        }
    }

    private static void wakeOne(Task task, long address) {
        task.kernel.futexes.wake(task, address, true, 1, Futex.FUTEX_BITSET_MATCH_ANY);
    }
}
