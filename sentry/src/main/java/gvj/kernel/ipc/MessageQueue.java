package gvj.kernel.ipc;

import gvj.abi.Bytes;
import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Ipc;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.WaitQueue;
import java.util.ArrayList;
import java.util.List;

/** A System V message queue, msgget(2). */
public final class MessageQueue extends IpcObject {
    /** The longest message (kernel.msgmax). */
    public static final int MAX_MESSAGE = 8192;
    /** Bytes of a new queue (kernel.msgmnb). */
    public static final int MAX_BYTES = 16384;

    /** Bytes of a struct msqid64_ds. */
    private static final int STAT_BYTES = 120;

    /** One message. */
    public record Message(long type, byte[] text) {}

    private final IpcIds<MessageQueue> ids;
    private final WaitQueue queue = new WaitQueue();
    private final List<Message> messages = new ArrayList<>();
    private long bytes;
    private long maxBytes = MAX_BYTES;
    private long sent;
    private long received;
    private int lastSender;
    private int lastReceiver;

    public MessageQueue(IpcIds<MessageQueue> ids, int key, int mode, Credentials creds) {
        super(key, mode, creds);
        this.ids = ids;
    }

    public WaitQueue queue() {
        return queue;
    }

    public synchronized long bytes() {
        return bytes;
    }

    public synchronized int count() {
        return messages.size();
    }

    /** Throws EACCES unless the mode grants {@code wanted}. */
    public void checkAccess(Credentials creds, int wanted) {
        check(creds, wanted);
    }

    /** Throws EPERM unless the caller owns it. */
    public void checkMayChange(Credentials creds) {
        checkOwner(creds);
    }

    /** msgsnd(2): 0, EAGAIN when full, EIDRM. */
    public long send(Message message, int pid) {
        synchronized (this) {
            if (removed) {
                return -Errno.EIDRM;
            }
            if (bytes + message.text.length > maxBytes || messages.size() + 1 > maxBytes) {
                return -Errno.EAGAIN;
            }
            messages.add(message);
            bytes += message.text.length;
            lastSender = pid;
            sent = seconds();
        }
        queue.wakeAll(~0);
        return 0;
    }

    /**
     * msgrcv(2): the message, or null if there is none of the type; EIDRM, E2BIG.
     *
     * @param flags MSG_EXCEPT, MSG_NOERROR, MSG_COPY (type is a place then)
     */
    public Message receive(long type, long room, int flags, int pid) {
        Message found;
        synchronized (this) {
            if (removed) {
                throw ErrnoException.of(Errno.EIDRM);
            }
            int at = place(type, flags);
            if (at < 0) {
                return null;
            }
            found = messages.get(at);
            if (found.text.length > room && (flags & Ipc.MSG_NOERROR) == 0) {
                throw ErrnoException.of(Errno.E2BIG);
            }
            if ((flags & Ipc.MSG_COPY) != 0) {
                return found;
            }
            messages.remove(at);
            bytes -= found.text.length;
            lastReceiver = pid;
            received = seconds();
        }
        queue.wakeAll(~0);
        return found;
    }

    private int place(long type, int flags) {
        if ((flags & Ipc.MSG_COPY) != 0) {
            return type >= 0 && type < messages.size() ? (int) type : -1;
        }
        int best = -1;
        long limit = type == Long.MIN_VALUE ? Long.MAX_VALUE : -type;
        for (int i = 0; i < messages.size(); i++) {
            long own = messages.get(i).type;
            if (type < 0) {
                if (own <= limit && (best < 0 || own < messages.get(best).type)) {
                    best = i;
                }
            } else if (type == 0 || ((flags & Ipc.MSG_EXCEPT) != 0 ? own != type : own == type)) {
                return i;
            }
        }
        return best;
    }

    /** IPC_SET: owner, mode and size; EPERM for a larger one than usual. */
    public void set(Credentials creds, byte[] from) {
        long wanted = Bytes.getLong(from, 88);
        if (Long.compareUnsigned(wanted, MAX_BYTES) > 0 && !creds.has(Capability.CAP_SYS_RESOURCE)) {
            throw ErrnoException.of(Errno.EPERM);
        }
        setPerm(from);
        synchronized (this) {
            maxBytes = Math.max(0, Math.min(wanted, 1 << 24));
        }
        queue.wakeAll(~0);
    }

    /** IPC_RMID. */
    public void remove() {
        ids.remove(this);
        synchronized (this) {
            removed = true;
            messages.clear();
        }
        queue.wakeAll(~0);
    }

    @Override
    public synchronized byte[] stat() {
        byte[] out = new byte[STAT_BYTES];
        encodePerm(out);
        Bytes.putLong(out, 48, sent);
        Bytes.putLong(out, 56, received);
        Bytes.putLong(out, 64, changed);
        Bytes.putLong(out, 72, bytes);
        Bytes.putLong(out, 80, messages.size());
        Bytes.putLong(out, 88, maxBytes);
        Bytes.putInt(out, 96, lastSender);
        Bytes.putInt(out, 100, lastReceiver);
        return out;
    }
}
