package gvj.fs.mqueue;

import gvj.abi.Errno;
import gvj.abi.Poll;
import gvj.abi.Signals;
import gvj.kernel.SignalInfo;
import gvj.kernel.Task;
import gvj.kernel.ThreadGroup;
import gvj.kernel.WaitQueue;
import java.util.PriorityQueue;

/** One message queue, named or unlinked. Its monitor guards it. */
public final class PosixQueue {
    /** Highest priority and one (MQ_PRIO_MAX). */
    public static final int PRIORITIES = 32768;

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
    final int mode;
    final int uid;
    final int gid;
    final WaitQueue queue = new WaitQueue();

    private final PriorityQueue<Message> messages = new PriorityQueue<>();
    private long bytes;
    private long sent;
    private int receivers;

    private ThreadGroup notified;
    private MqDescription notifiedThrough;
    private int notifySignal;
    private long notifyValue;

    PosixQueue(int maxMessages, int messageSize, int mode, int uid, int gid) {
        this.maxMessages = maxMessages;
        this.messageSize = messageSize;
        this.mode = mode;
        this.uid = uid;
        this.gid = gid;
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
        synchronized (this) {
            if (messages.size() >= maxMessages) {
                return -Errno.EAGAIN;
            }
            if (messages.isEmpty() && receivers == 0 && notified != null) {
                tell = notified;
                if (notifySignal != 0) {
                    info = SignalInfo.user(
                            notifySignal,
                            Signals.SI_MESGQ,
                            task.threadGroup().pid,
                            task.credentials().uid());
                    info.value = notifyValue;
                }
                notified = null;
                notifiedThrough = null;
            }
            messages.add(new Message(data, priority, sent++));
            bytes += data.length;
        }
        queue.wake(Poll.POLLIN | Poll.POLLRDNORM);
        if (tell != null && info != null) {
            tell.sendSignal(info);
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
        }
        queue.wake(Poll.POLLOUT | Poll.POLLWRNORM);
        return first;
    }

    /** Somebody waits to receive, or stops: notification is only for when nobody does. */
    public synchronized void waitsToReceive(boolean begins) {
        receivers += begins ? 1 : -1;
    }

    /** mq_notify(2): EBUSY. A signal of 0 tells nobody anything. */
    synchronized long askForNotice(MqDescription through, ThreadGroup process, int signal, long value) {
        if (notified != null) {
            return -Errno.EBUSY;
        }
        notified = process;
        notifiedThrough = through;
        notifySignal = signal;
        notifyValue = value;
        return 0;
    }

    /** Withdraws what {@code process} asked for, or what was asked through a description that goes. */
    synchronized void withdrawNotice(MqDescription through, ThreadGroup process) {
        if (notified != null && (process == null || notified == process)
                && (through == null || notifiedThrough == through)) {
            notified = null;
            notifiedThrough = null;
        }
    }

    synchronized int notifySignal() {
        return notified == null ? 0 : notifySignal;
    }

    synchronized int notifyPid() {
        return notified == null ? 0 : notified.pid;
    }

    synchronized int poll() {
        return (messages.isEmpty() ? 0 : Poll.POLLIN | Poll.POLLRDNORM)
                | (messages.size() < maxMessages ? Poll.POLLOUT | Poll.POLLWRNORM : 0);
    }
}
