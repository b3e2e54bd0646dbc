package gvj.kernel.ipc;

import gvj.abi.Bytes;
import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Ipc;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.FileText;
import gvj.kernel.PidEntry;
import gvj.kernel.PidNamespace;
import gvj.kernel.Task;
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

    /** What an empty queue costs. */
    private static final int QUEUE_COST = 512;

    /** What a message costs besides its bytes. */
    private static final int OVERHEAD = 64;

    /** One message. */
    public record Message(long type, byte[] text) {}

    /** Whoever sleeps in msgrcv(2): the sender of a message that fits gives it to the first one. */
    private final class Receiver extends IpcWaiter {
        final PidEntry pid;
        final long type;
        final long room;
        final int flags;
        Message message;

        Receiver(Task task, long type, long room, int flags) {
            super(task);
            this.pid = task.threadGroup().pidEntry();
            this.type = type;
            this.room = room;
            this.flags = flags;
        }

        boolean wants(Message sent) {
            if (type < 0) {
                return type == Long.MIN_VALUE || sent.type <= -type;
            }
            return type == 0 || ((flags & Ipc.MSG_EXCEPT) != 0 ? sent.type != type : sent.type == type);
        }

        @Override
        void forget() {
            receivers.remove(this);
        }
    }

    private final IpcIds<MessageQueue> ids;
    /** Where senders wait for room. */
    private final WaitQueue queue = new WaitQueue();

    private final List<Receiver> receivers = new ArrayList<>();
    private final List<Message> messages = new ArrayList<>();
    private long bytes;
    private long maxBytes;
    private long sent;
    private long received;
    private PidEntry lastSender;
    private PidEntry lastReceiver;

    /** An empty queue for {@code maxBytes} bytes; ENOMEM. */
    public MessageQueue(IpcIds<MessageQueue> ids, int key, int mode, Credentials creds, long maxBytes) {
        super(key, mode, creds);
        IpcBudget.charge(QUEUE_COST);
        this.ids = ids;
        this.maxBytes = maxBytes;
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

    /** msgsnd(2): 0, EAGAIN when full, EIDRM; throws ENOMEM. */
    public long send(Message message, PidEntry pid) {
        synchronized (this) {
            if (removed) {
                return -Errno.EIDRM;
            }
            if (bytes + message.text.length > maxBytes || messages.size() + 1 > maxBytes) {
                return -Errno.EAGAIN;
            }
            if (!handOver(message)) {
                IpcBudget.charge(OVERHEAD + message.text.length);
                messages.add(message);
                bytes += message.text.length;
            }
            lastSender = pid;
            sent = seconds();
        }
        return 0;
    }

    /** Gives the message to the first who waits for its type; one without room for it fails with E2BIG. */
    private boolean handOver(Message message) {
        for (int i = 0; i < receivers.size(); ) {
            Receiver receiver = receivers.get(i);
            if (!receiver.wants(message)) {
                i++;
                continue;
            }
            receivers.remove(i);
            if (message.text.length > receiver.room && (receiver.flags & Ipc.MSG_NOERROR) == 0) {
                receiver.complete(-Errno.E2BIG);
                continue;
            }
            receiver.message = message;
            lastReceiver = receiver.pid;
            received = seconds();
            receiver.complete(0);
            return true;
        }
        return false;
    }

    /**
     * msgrcv(2): the message, after sleeping if need be; EIDRM, E2BIG, ENOMSG with IPC_NOWAIT, EINTR.
     *
     * @param flags IPC_NOWAIT, MSG_EXCEPT, MSG_NOERROR, MSG_COPY (type is a place then)
     */
    public Message receive(Task task, long type, long room, int flags) {
        Receiver receiver;
        synchronized (this) {
            Message there = poll(type, room, flags, task.threadGroup().pidEntry());
            if (there != null) {
                return there;
            }
            if ((flags & Ipc.IPC_NOWAIT) != 0) {
                throw ErrnoException.of(Errno.ENOMSG);
            }
            receiver = new Receiver(task, type, room, flags);
            receivers.add(receiver);
        }
        ErrnoException.check(receiver.await(this, Task.FOREVER));
        return receiver.message;
    }

    /** The message if one is there, else null; EIDRM, E2BIG. */
    synchronized Message poll(long type, long room, int flags, PidEntry pid) {
        if (removed) {
            throw ErrnoException.of(Errno.EIDRM);
        }
        int at = place(type, flags);
        return at >= 0 ? take(at, room, flags, pid) : null;
    }

    private Message take(int at, long room, int flags, PidEntry pid) {
        Message found = messages.get(at);
        if (found.text.length > room && (flags & Ipc.MSG_NOERROR) == 0) {
            throw ErrnoException.of(Errno.E2BIG);
        }
        if ((flags & Ipc.MSG_COPY) != 0) {
            return found;
        }
        messages.remove(at);
        bytes -= found.text.length;
        IpcBudget.release(OVERHEAD + found.text.length);
        lastReceiver = pid;
        received = seconds();
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

    /** IPC_SET: owner, mode and size; EPERM for one larger than {@code usual}. */
    public void set(Credentials creds, byte[] from, long usual) {
        long wanted = Bytes.getLong(from, 88);
        if (Long.compareUnsigned(wanted, usual) > 0 && !creds.has(Capability.CAP_SYS_RESOURCE)) {
            throw ErrnoException.of(Errno.EPERM);
        }
        setPerm(from);
        synchronized (this) {
            maxBytes = wanted < 0 ? Long.MAX_VALUE - MAX_MESSAGE : Math.min(wanted, Long.MAX_VALUE - MAX_MESSAGE);
        }
        queue.wakeAll(~0);
    }

    /** IPC_RMID. */
    public void remove() {
        ids.remove(this);
        synchronized (this) {
            if (removed) {
                return;
            }
            removed = true;
            IpcBudget.release(bytes + (long) OVERHEAD * messages.size() + QUEUE_COST);
            messages.clear();
            for (Receiver receiver : receivers) {
                receiver.complete(-Errno.EIDRM);
            }
            receivers.clear();
        }
        queue.wakeAll(~0);
    }

    @Override
    public synchronized byte[] stat(PidNamespace reader) {
        byte[] out = new byte[STAT_BYTES];
        encodePerm(out);
        Bytes.putLong(out, 48, sent);
        Bytes.putLong(out, 56, received);
        Bytes.putLong(out, 64, changed);
        Bytes.putLong(out, 72, bytes);
        Bytes.putLong(out, 80, messages.size());
        Bytes.putLong(out, 88, maxBytes);
        Bytes.putInt(out, 96, numberIn(lastSender, reader));
        Bytes.putInt(out, 100, numberIn(lastReceiver, reader));
        return out;
    }

    @Override
    public synchronized String procLine(PidNamespace reader) {
        return FileText.format(
                "%10d %10d  %4o  %10d %10d %5d %5d %5d %5d %5d %5d %10d %10d %10d\n",
                key(),
                id(),
                mode,
                bytes,
                messages.size(),
                numberIn(lastSender, reader),
                numberIn(lastReceiver, reader),
                Integer.toUnsignedLong(uid),
                Integer.toUnsignedLong(gid),
                Integer.toUnsignedLong(creatorUid),
                Integer.toUnsignedLong(creatorGid),
                sent,
                received,
                changed);
    }
}
