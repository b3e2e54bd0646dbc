package gvj.fs.mqueue;

import gvj.abi.Errno;
import gvj.kernel.Task;
import gvj.kernel.ThreadGroup;
import gvj.kernel.WaitEntry;
import gvj.kernel.WaitQueue;
import gvj.mm.IoBuffer;
import gvj.vfs.FileDescription;
import gvj.vfs.Path;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** An open message queue. */
public final class MqDescription extends FileDescription {
    private final PosixQueue messages;
    private long position;

    MqDescription(Path path, int flags, PosixQueue messages) {
        super(path, flags);
        this.messages = messages;
    }

    public PosixQueue messages() {
        return messages;
    }

    /** Where senders and receivers wait. */
    public WaitQueue queue() {
        return messages.queue;
    }

    /** A message received. */
    public record Received(byte[] data, int priority) {}

    /** Takes the first message, or null. */
    public Received receive() {
        PosixQueue.Message message = messages.receive();
        return message == null ? null : new Received(message.data(), message.priority());
    }

    /** How many messages wait: mq_curmsgs. */
    public int count() {
        return messages.count();
    }

    /** mq_notify(2): EBUSY. */
    public long askForNotice(ThreadGroup process, int signal, long value) {
        return messages.askForNotice(this, process, signal, value);
    }

    /** mq_notify(2) with no event: what the caller asked for is withdrawn. */
    public void withdrawNotice(ThreadGroup process) {
        messages.withdrawNotice(null, process);
    }

    @Override
    public void flush(Task task) {
        messages.withdrawNotice(this, task.threadGroup());
    }

    /** As reading a file of a mounted mqueue file system: what is in it and who is to be told. */
    @Override
    public long read(Task task, IoBuffer to) {
        byte[] text = String.format(
                        Locale.ROOT,
                        "QSIZE:%-10d NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6d\n",
                        messages.bytes(),
                        0,
                        messages.notifySignal(),
                        messages.notifyPid())
                .getBytes(StandardCharsets.ISO_8859_1);
        synchronized (this) {
            if (position >= text.length) {
                return 0;
            }
            int n = to.copyOut(text, (int) position, (int) Math.min(text.length - position, to.remaining()));
            position += n;
            return n;
        }
    }

    @Override
    public long write(Task task, IoBuffer from) {
        return -Errno.EINVAL;
    }

    @Override
    public int poll(int mask) {
        return messages.poll() & mask;
    }

    @Override
    public boolean isPollable() {
        return true;
    }

    @Override
    public void addWaiter(WaitEntry entry) {
        messages.queue.add(entry);
    }

    @Override
    public void removeWaiter(WaitEntry entry) {
        messages.queue.remove(entry);
    }
}
