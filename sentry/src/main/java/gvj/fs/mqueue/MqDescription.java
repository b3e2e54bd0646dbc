package gvj.fs.mqueue;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.kernel.Task;
import gvj.kernel.ThreadGroup;
import gvj.kernel.WaitEntry;
import gvj.kernel.WaitQueue;
import gvj.mm.IoBuffer;
import gvj.net.netlink.NotifyCookie;
import gvj.vfs.FileDescription;
import gvj.vfs.Path;
import java.nio.charset.StandardCharsets;

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
    public long askForNotice(ThreadGroup process, int how, int signal, long value, NotifyCookie cookie) {
        return messages.askForNotice(process, how, signal, value, cookie);
    }

    /** mq_notify(2) with no event: what the caller asked for is withdrawn. */
    public void withdrawNotice(ThreadGroup process) {
        messages.withdrawNotice(process);
    }

    @Override
    public void flush(Task task) {
        messages.withdrawNotice(task.threadGroup());
    }

    @Override
    protected void release() {
        messages.closed();
    }

    @Override
    public long read(Task task, IoBuffer to) {
        synchronized (this) {
            long n = pread(task, to, position);
            position += Math.max(n, 0);
            return n;
        }
    }

    @Override
    public long pread(Task task, IoBuffer to, long offset) {
        byte[] text = messages.describe(task.pidNamespace()).getBytes(StandardCharsets.ISO_8859_1);
        if (offset >= text.length) {
            return 0;
        }
        return to.copyOut(text, (int) offset, (int) Math.min(text.length - offset, to.remaining()));
    }

    @Override
    public long seek(Task task, long offset, int whence) {
        synchronized (this) {
            long target = whence == Fcntl.SEEK_SET ? offset : whence == Fcntl.SEEK_CUR ? position + offset : -1;
            if (target < 0) {
                return -Errno.EINVAL;
            }
            position = target;
            return target;
        }
    }

    @Override
    public synchronized long position() {
        return position;
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
