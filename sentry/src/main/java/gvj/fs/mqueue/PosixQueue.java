package gvj.fs.mqueue;

import gvj.abi.Errno;
import gvj.abi.Poll;
import gvj.abi.Signals;
import gvj.kernel.FileText;
import gvj.kernel.PidNamespace;
import gvj.kernel.SignalInfo;
import gvj.kernel.Task;
import gvj.kernel.ThreadGroup;
import gvj.kernel.WaitQueue;
import gvj.kernel.ipc.IpcBudget;
import gvj.net.netlink.NotifyCookie;
import java.util.PriorityQueue;

/** One message queue, named or unlinked. Its monitor guards it. */
public final class PosixQueue {
    /** Highest priority and one (MQ_PRIO_MAX). */
    public static final int PRIORITIES = 32768;

    /** What a message costs the Sentry besides its bytes. */
    private static final int OVERHEAD = 64;

    /** One message; the highest priority first, among equals the oldest. */
    record Message(byte[] data, int priority, long number) implements Comparable<Message> {
        @Override
        public int compareTo(Message other) {
            return priority != other.priority
                    ? Integer.compare(other.priority, priority)
                    : Long.compare(number, other.number);
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return Long.hashCode(number);
        }
    }

    public final int maxMessages;
    public final int messageSize;
    private final MqueueFs fs;
    /** Whose limit it counts against, and for how much. */
    private final int uid;

    private final long charged;
    private boolean unlinked;
    private int open;
    private boolean gone;

    final WaitQueue queue = new WaitQueue();

    private final PriorityQueue<Message> messages = new PriorityQueue<>();
    private long bytes;
    private long sent;
    private int receivers;

    private ThreadGroup notified;
    private int notifyHow;
    private int notifySignal;
    private long notifyValue;
    /** With SIGEV_THREAD, else null. */
    private NotifyCookie cookie;

    PosixQueue(MqueueFs fs, int maxMessages, int messageSize, int uid, long charged) {
        this.fs = fs;
        this.maxMessages = maxMessages;
        this.messageSize = messageSize;
        this.uid = uid;
        this.charged = charged;
    }

    MqueueFs fs() {
        return fs;
    }

    synchronized boolean isUnlinked() {
        return unlinked;
    }

    /** One more description is open. */
    synchronized void opened() {
        open++;
    }

    /** A description was closed. */
    synchronized void closed() {
        open--;
        freeIfUnused();
    }

    /** Its name is gone. */
    synchronized void unlinked() {
        unlinked = true;
        freeIfUnused();
    }

    private void freeIfUnused() {
        if (unlinked && open == 0 && !gone) {
            gone = true;
            IpcBudget.release(bytes + (long) OVERHEAD * messages.size());
            messages.clear();
            bytes = 0;
            PosixQueues.uncharge(uid, charged);
        }
    }

    synchronized int count() {
        return messages.size();
    }

    synchronized long bytes() {
        return bytes;
    }

    /** Adds a message: 0, or EAGAIN when full. Tells who asked if it was empty and nobody waits to receive. */
    public long send(Task task, byte[] data, int priority) {
        ThreadGroup tell = null;
        SignalInfo info = null;
        NotifyCookie back = null;
        synchronized (this) {
            if (messages.size() >= maxMessages) {
                return -Errno.EAGAIN;
            }
            IpcBudget.charge(OVERHEAD + data.length);
            if (messages.isEmpty() && receivers == 0 && notified != null) {
                tell = notified;
                back = cookie;
                if (notifySignal != 0) {
                    info = SignalInfo.user(
                            notifySignal,
                            Signals.SI_MESGQ,
                            task.threadGroup().pid,
                            task.credentials().uid());
                    info.value = notifyValue;
                }
                notified = null;
                cookie = null;
            }
            messages.add(new Message(data, priority, sent++));
            bytes += data.length;
        }
        queue.wake(Poll.POLLIN | Poll.POLLRDNORM);
        if (tell != null && info != null) {
            tell.sendSignal(info);
        }
        if (back != null) {
            back.tell(NotifyCookie.NOTIFY_WOKENUP);
        }
        return 0;
    }

    /** Takes the first message, or null. */
    Message receive() {
        Message first;
        synchronized (this) {
            first = messages.poll();
            if (first == null) {
                return null;
            }
            bytes -= first.data.length;
            IpcBudget.release(OVERHEAD + first.data.length);
        }
        queue.wake(Poll.POLLOUT | Poll.POLLWRNORM);
        return first;
    }

    /** Somebody waits to receive, or stops: notification is only for when nobody does. */
    public synchronized void waitsToReceive(boolean begins) {
        receivers += begins ? 1 : -1;
    }

    /** mq_notify(2): EBUSY. A signal of 0 tells nobody anything; {@code back} is null without SIGEV_THREAD. */
    synchronized long askForNotice(ThreadGroup process, int how, int signal, long value, NotifyCookie back) {
        if (notified != null) {
            return -Errno.EBUSY;
        }
        notified = process;
        notifyHow = how;
        notifySignal = signal;
        notifyValue = value;
        cookie = back;
        return 0;
    }

    /** Withdraws what {@code process} asked for. */
    void withdrawNotice(ThreadGroup process) {
        NotifyCookie back;
        synchronized (this) {
            if (notified != process) {
                return;
            }
            notified = null;
            back = cookie;
            cookie = null;
        }
        if (back != null) {
            back.tell(NotifyCookie.NOTIFY_REMOVED);
        }
    }

    /** What read(2) of the file shows: mq_overview(7). */
    synchronized String describe(PidNamespace reader) {
        return FileText.format(
                "QSIZE:%-10d NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6d\n",
                bytes,
                notified == null ? 0 : notifyHow,
                notified == null ? 0 : notifySignal,
                notified == null ? 0 : reader.idOf(notified));
    }

    synchronized int poll() {
        return (messages.isEmpty() ? 0 : Poll.POLLIN | Poll.POLLRDNORM)
                | (messages.size() < maxMessages ? Poll.POLLOUT | Poll.POLLWRNORM : 0);
    }
}
