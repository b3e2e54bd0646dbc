package gvj.kernel;

/** futex(2). */
public final class FutexManager {
    /** Bytes of struct robust_list_head. */
    public static final int ROBUST_HEAD_BYTES = 24;

    static void exitTask(Task task) {
        long address = task.clearChildTid;
        task.clearChildTid = 0;
        if (address != 0 && task.mm.users() > 1) {
            try {
                task.mm.writeInt(address, 0);
            } catch (ErrnoException e) {
                // the address was the program's to get right
            }
        }
    }
}
