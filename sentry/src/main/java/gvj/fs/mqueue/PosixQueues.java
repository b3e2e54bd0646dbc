package gvj.fs.mqueue;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Sched;
import gvj.kernel.ErrnoException;
import gvj.kernel.IpcNamespace;
import gvj.kernel.Task;
import gvj.vfs.Caller;
import gvj.vfs.FileDescription;
import gvj.vfs.FileSystem;
import gvj.vfs.Mount;
import gvj.vfs.Names;
import gvj.vfs.Opener;
import gvj.vfs.Path;
import java.util.HashMap;
import java.util.Map;

/** The message queues of one IPC namespace: their file system, and the limits of /proc/sys/fs/mqueue. */
public final class PosixQueues {
    /** Limits for the privileged. */
    private static final int HARD_MESSAGES = 65536;

    private static final int HARD_MESSAGE_SIZE = 16 << 20;
    /** What Linux counts for each message besides its bytes, and for each priority there may be at once. */
    private static final long MESSAGE_COST = 48;

    private static final long PRIORITY_COST = 48;

    /** Bytes that the queues of each user may take, by user id: RLIMIT_MSGQUEUE. Its own monitor guards it. */
    private static final Map<Integer, Long> USERS = new HashMap<>();

    /** fs.mqueue.msg_max and the like, mq_overview(7). */
    public volatile int queuesMax = 256;

    public volatile int messagesMax = 10;
    public volatile int messageSizeMax = 8192;
    public volatile int messagesDefault = 10;
    public volatile int messageSizeDefault = 8192;

    private final MqueueFs fs = new MqueueFs(this);
    /** As a mount that nobody sees, where mq_open(2) finds names. */
    private final Path root = new Path(Mount.of(fs, "mqueue", 0), fs.rootDentry());
    /** What the mq_open(2) that this thread runs asks for, should it make a queue. */
    private final ThreadLocal<long[]> wanted = new ThreadLocal<>();

    private PosixQueues() {}

    /** Those of the namespace that {@code task} is in. */
    public static PosixQueues of(Task task) {
        return of(task.namespaces().ipc());
    }

    /** Those of {@code namespace}. */
    public static PosixQueues of(IpcNamespace namespace) {
        return namespace.registry(PosixQueues.class, PosixQueues::new);
    }

    /** What mount(2) mounts. */
    public FileSystem fileSystem() {
        return fs;
    }

    private static void checkName(String name) {
        if (name.isEmpty()) {
            throw ErrnoException.of(Errno.ENOENT);
        }
        if (name.indexOf('/') >= 0 || name.equals(".") || name.equals("..")) {
            throw ErrnoException.of(Errno.EACCES);
        }
    }

    /** Sees nothing but the queues. */
    private Caller caller(Task task) {
        return new Caller(task, task.credentials(), root, root, task.fs().umask());
    }

    /**
     * mq_open(2).
     *
     * @param name without the slash
     * @param attributes maximum of messages and size of one, or null for the usual
     */
    public FileDescription open(Task task, String name, int flags, int mode, long[] attributes) {
        checkName(name);
        if ((flags & Fcntl.O_ACCMODE) == Fcntl.O_ACCMODE) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        int known = flags & (Fcntl.O_ACCMODE | Fcntl.O_CREAT | Fcntl.O_EXCL | Fcntl.O_NONBLOCK);
        wanted.set(attributes);
        try {
            return Opener.open(caller(task), Fcntl.AT_FDCWD, name, known, mode, 0);
        } finally {
            wanted.remove();
        }
    }

    /** mq_unlink(2): ENOENT, EPERM (the directory is sticky). */
    public void unlink(Task task, String name) {
        checkName(name);
        Names.unlink(caller(task), Fcntl.AT_FDCWD, name);
    }

    /** A new queue for {@code task}: EINVAL, ENOSPC, EMFILE. {@code count} is how many there are. */
    PosixQueue make(Task task, int count) {
        boolean privileged = task.credentials().has(Capability.CAP_SYS_RESOURCE);
        if (count >= queuesMax && !privileged) {
            throw ErrnoException.of(Errno.ENOSPC);
        }
        long[] attributes = wanted.get();
        long messages = attributes != null ? attributes[0] : Math.min(messagesMax, messagesDefault);
        long size = attributes != null ? attributes[1] : Math.min(messageSizeMax, messageSizeDefault);
        if (messages <= 0
                || size <= 0
                || messages > (privileged ? HARD_MESSAGES : messagesMax)
                || size > (privileged ? HARD_MESSAGE_SIZE : messageSizeMax)) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        long bytes = messages * (size + MESSAGE_COST) + Math.min(messages, PosixQueue.PRIORITIES) * PRIORITY_COST;
        int uid = task.credentials().uid();
        charge(uid, bytes, task.rlimit(Sched.RLIMIT_MSGQUEUE));
        return new PosixQueue(fs, (int) messages, (int) size, uid, bytes);
    }

    private static void charge(int uid, long bytes, long limit) {
        synchronized (USERS) {
            long sum = USERS.getOrDefault(uid, 0L) + bytes;
            if (Long.compareUnsigned(sum, limit) > 0) {
                throw ErrnoException.of(Errno.EMFILE);
            }
            USERS.put(uid, sum);
        }
    }

    /** A queue of {@code uid} is gone. */
    static void uncharge(int uid, long bytes) {
        synchronized (USERS) {
            USERS.computeIfPresent(uid, (key, sum) -> sum > bytes ? Long.valueOf(sum - bytes) : null);
        }
    }
}
