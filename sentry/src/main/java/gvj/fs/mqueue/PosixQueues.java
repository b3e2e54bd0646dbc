package gvj.fs.mqueue;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Stat;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.vfs.Path;
import java.util.HashMap;
import java.util.Map;

/** The message queues of one IPC namespace by name. Its monitor guards the table. */
public final class PosixQueues {
    /** fs.mqueue.queues_max, msg_default, msg_max, msgsize_default, msgsize_max, and the limits for the privileged. */
    private static final int QUEUES_MAX = 256;

    private static final int MESSAGES = 10;
    private static final int MESSAGE_SIZE = 8192;
    private static final int HARD_MESSAGES = 65536;
    private static final int HARD_MESSAGE_SIZE = 1 << 20;
    /** RLIMIT_MSGQUEUE's usual value: bytes that one queue may promise to hold. */
    private static final long HARD_BYTES = 64L << 20;

    private final Map<String, PosixQueue> names = new HashMap<>();

    private PosixQueues() {}

    /** Those of the namespace that {@code task} is in. */
    public static PosixQueues of(Task task) {
        return task.namespaces().ipc().registry(PosixQueues.class, PosixQueues::new);
    }

    private static void checkName(String name) {
        if (name.isEmpty()) {
            throw ErrnoException.of(Errno.ENOENT);
        }
        if (name.indexOf('/') >= 0 || name.equals(".") || name.equals("..")) {
            throw ErrnoException.of(Errno.EACCES);
        }
        if (name.length() > 255) {
            throw ErrnoException.of(Errno.ENAMETOOLONG);
        }
    }

    /**
     * mq_open(2).
     *
     * @param name without the slash
     * @param attributes maximum of messages and size of one, or null for the usual
     */
    public MqDescription open(Task task, String name, int flags, int mode, long[] attributes) {
        checkName(name);
        PosixQueue queue;
        synchronized (this) {
            queue = names.get(name);
            if (queue == null) {
                if ((flags & Fcntl.O_CREAT) == 0) {
                    throw ErrnoException.of(Errno.ENOENT);
                }
                queue = make(task, mode, attributes);
                names.put(name, queue);
            } else {
                if ((flags & Fcntl.O_CREAT) != 0 && (flags & Fcntl.O_EXCL) != 0) {
                    throw ErrnoException.of(Errno.EEXIST);
                }
                checkAccess(task.credentials(), queue, flags & Fcntl.O_ACCMODE);
            }
        }
        Path path = task.kernel.anonFs.newPath("/" + name, Stat.S_IFREG | queue.mode, queue.uid, queue.gid);
        return new MqDescription(path, flags & (Fcntl.O_ACCMODE | Fcntl.O_NONBLOCK), queue);
    }

    private PosixQueue make(Task task, int mode, long[] attributes) {
        long messages = MESSAGES;
        long size = MESSAGE_SIZE;
        boolean privileged = task.credentials().has(Capability.CAP_SYS_RESOURCE);
        if (attributes != null) {
            messages = attributes[0];
            size = attributes[1];
            if (messages <= 0 || size <= 0) {
                throw ErrnoException.of(Errno.EINVAL);
            }
            if (messages > (privileged ? HARD_MESSAGES : MESSAGES)
                    || size > (privileged ? HARD_MESSAGE_SIZE : MESSAGE_SIZE)) {
                throw ErrnoException.of(Errno.EINVAL);
            }
        }
        if (messages * size > HARD_BYTES) {
            throw ErrnoException.of(Errno.EMFILE);
        }
        if (names.size() >= QUEUES_MAX && !privileged) {
            throw ErrnoException.of(Errno.ENOSPC);
        }
        Credentials creds = task.credentials();
        int permissions = mode & 07777 & ~task.fs().umask();
        return new PosixQueue((int) messages, (int) size, permissions, creds.fsuid(), creds.fsgid());
    }

    private static void checkAccess(Credentials creds, PosixQueue queue, int access) {
        if (access == Fcntl.O_ACCMODE) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        int wanted = access == Fcntl.O_RDONLY ? 4 : access == Fcntl.O_WRONLY ? 2 : 6;
        int granted = queue.mode;
        if (creds.fsuid() == queue.uid) {
            granted >>= 6;
        } else if (creds.inGroup(queue.gid)) {
            granted >>= 3;
        }
        if ((wanted & ~granted) != 0 && !creds.has(Capability.CAP_DAC_OVERRIDE)) {
            throw ErrnoException.of(Errno.EACCES);
        }
    }

    /** mq_unlink(2): ENOENT, EPERM (the directory is sticky). */
    public synchronized long unlink(Task task, String name) {
        checkName(name);
        PosixQueue queue = names.get(name);
        if (queue == null) {
            return -Errno.ENOENT;
        }
        Credentials creds = task.credentials();
        if (creds.fsuid() != queue.uid && !creds.has(Capability.CAP_FOWNER)) {
            return -Errno.EPERM;
        }
        names.remove(name);
        return 0;
    }
}
