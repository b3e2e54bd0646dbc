package gvj.kernel.ipc;

import gvj.kernel.Task;

/** The System V objects of one IPC namespace. */
public final class SysvIpc {
    /** kernel.shmmni, kernel.sem (SEMMNI), kernel.msgmni. */
    public static final int SHMMNI = 4096;

    /** The most objects of a kind that any limit allows. */
    public static final int MAX_IDS = IpcIds.MAX_OBJECTS;

    public static final int SEMMNI = 32000;
    public static final int MSGMNI = 32000;

    public final IpcIds<ShmSegment> shm = new IpcIds<>(SHMMNI);
    public final IpcIds<SemaphoreSet> sem = new IpcIds<>(SEMMNI);
    public final IpcIds<MessageQueue> msg = new IpcIds<>(MSGMNI);

    /** kernel.msgmax: the longest message. */
    public volatile int msgmax = MessageQueue.MAX_MESSAGE;
    /** kernel.msgmnb: bytes of a new message queue. */
    public volatile int msgmnb = MessageQueue.MAX_BYTES;

    private SysvIpc() {}

    /** Those of the namespace that {@code task} is in. */
    public static SysvIpc of(Task task) {
        return task.namespaces().ipc().registry(SysvIpc.class, SysvIpc::new);
    }
}
