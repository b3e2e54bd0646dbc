package gvj.net.host;

import gvj.abi.Errno;
import gvj.abi.Socket;
import gvj.host.Host;
import gvj.host.HostNet;
import gvj.host.Mem;
import gvj.kernel.Task;
import gvj.mm.IoBuffer;
import gvj.net.Message;

/**
 * Moves data between a socket of the host and the application's pages, without a copy in between. What it needs beside is in
 * {@link Task#hostScratch}: the vectors, and a message block behind them.
 */
public final class HostTransfer {
    /** Where the message block begins in {@link Task#hostScratch}. */
    private static final int MESSAGE = HostNet.MAX_VECTORS * 16;

    private final int fd;
    private final boolean stream;

    /** For the host's socket {@code fd}, which may be without message boundaries. */
    public HostTransfer(int fd, boolean stream) {
        this.fd = fd;
        this.stream = stream;
    }

    /** Puts a canonical address into the task's scratch memory. */
    public static long place(Task task, byte[] address) {
        long at = task.hostScratch() + MESSAGE + HostNet.MESSAGE_NAME;
        Mem.copy(address, 0, at, address.length);
        return at;
    }

    /**
     * One send of the host.
     *
     * @param message what goes with it, null for nothing
     * @param to a canonical address, null for none
     * @param most bytes
     */
    public long send(Task task, IoBuffer from, Message message, byte[] to, int flags, long most) {
        long scratch = task.hostScratch();
        if (message != null) {
            describe(scratch + MESSAGE, message, to);
        }
        int count = from.pin(scratch, HostNet.MAX_VECTORS, most, false, true);
        if (count < 0) {
            return sendCopied(task, from, message, flags, most);
        }
        long n = 0;
        try {
            n = !stream && from.pinned() < Math.min(most, from.remaining())
                    ? -Errno.EFAULT
                    : transmit(scratch, count, message, flags);
        } finally {
            from.unpin(Math.max(n, 0));
        }
        return n;
    }

    private long transmit(long scratch, int count, Message message, int flags) {
        return message == null
                ? HostNet.send(fd, scratch, count, flags)
                : HostNet.sendmsg(fd, scratch, count, scratch + MESSAGE, flags);
    }

    private static void describe(long block, Message message, byte[] to) {
        int name = to == null ? 0 : to.length;
        Mem.putInt(block + HostNet.MESSAGE_NAME_LENGTH, name);
        if (name > 0) {
            Mem.copy(to, 0, block + HostNet.MESSAGE_NAME, name);
        }
        Mem.putInt(block + HostNet.MESSAGE_CONTROL_LENGTH, message.control.length);
        Mem.copy(message.control, 0, block + HostNet.MESSAGE_CONTROL, message.control.length);
    }

    /** As {@link #send} for buffers that are not in the application's memory, or in too many pieces. */
    private long sendCopied(Task task, IoBuffer from, Message message, int flags, long most) {
        long length = Math.min(most, from.remaining());
        long copy = Host.malloc(length);
        if (copy < 0) {
            return copy;
        }
        try {
            long before = from.transferred();
            long got = from.copyIn(copy, length);
            if (got < length && !stream) {
                return -Errno.EFAULT;
            }
            long n = transmit(oneVector(task, copy, got), 1, message, flags);
            from.rewind(before + Math.max(n, 0));
            return n;
        } finally {
            Host.free(copy);
        }
    }

    private static long oneVector(Task task, long address, long length) {
        long scratch = task.hostScratch();
        Mem.putLong(scratch, address);
        Mem.putLong(scratch + 8, length);
        return scratch;
    }

    /** How much room the host's last receive had. */
    public static long lastRoom(Task task) {
        return Mem.getLong(task.hostScratch() + MESSAGE + HostNet.MESSAGE_BYTES);
    }

    /**
     * One receive of the host.
     *
     * @param message takes what comes with it, null if nobody cares
     * @param most bytes
     * @param whole all of the buffer must be at hand: a message would be cut
     */
    public long receive(Task task, IoBuffer to, Message message, int flags, long most, boolean whole) {
        long scratch = task.hostScratch();
        int count = to.pin(scratch, HostNet.MAX_VECTORS, most, true, whole);
        if (count < 0) {
            return receiveCopied(task, to, message, flags, most);
        }
        long n = 0;
        try {
            Mem.putLong(scratch + MESSAGE + HostNet.MESSAGE_BYTES, to.pinned());
            n = fetch(scratch, count, message, flags);
        } finally {
            to.unpin(Math.clamp(n, 0, to.pinned()));
        }
        if (n >= 0 && message != null) {
            take(message, scratch + MESSAGE);
        }
        return n;
    }

    private long fetch(long scratch, int count, Message message, int flags) {
        return message == null
                ? HostNet.receive(fd, scratch, count, flags)
                : HostNet.recvmsg(fd, scratch, count, scratch + MESSAGE, flags);
    }

    private static void take(Message message, long block) {
        int length = Math.min(Mem.getInt(block + HostNet.MESSAGE_NAME_LENGTH), HostNet.MAX_ADDRESS);
        message.address = null;
        if (length > 0) {
            message.address = new byte[length];
            Mem.copy(block + HostNet.MESSAGE_NAME, message.address, 0, length);
        }
        message.control = ReceivedControl.of(block);
        message.flags = Mem.getInt(block + HostNet.MESSAGE_FLAGS)
                & (Socket.MSG_TRUNC | Socket.MSG_CTRUNC | Socket.MSG_EOR | Socket.MSG_OOB | Socket.MSG_ERRQUEUE);
    }

    /** As {@link #receive} by a copy; a stream's MSG_TRUNC throws away. */
    public long receiveCopied(Task task, IoBuffer to, Message message, int flags, long most) {
        long length = Math.min(most, to.remaining());
        long copy = Host.malloc(length);
        if (copy < 0) {
            return copy;
        }
        try {
            long scratch = oneVector(task, copy, length);
            Mem.putLong(scratch + MESSAGE + HostNet.MESSAGE_BYTES, length);
            long n = fetch(scratch, 1, message, flags);
            if (n >= 0 && message != null) {
                take(message, scratch + MESSAGE);
            }
            if (n > 0 && stream && (flags & Socket.MSG_TRUNC) != 0) {
                to.skip(n);
            } else if (n > 0) {
                to.copyOut(copy, Math.min(n, length));
            }
            return n;
        } finally {
            Host.free(copy);
        }
    }
}
