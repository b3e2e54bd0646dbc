package gvj.syscalls;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Signals;
import gvj.abi.SyscallNumbers;
import gvj.fs.mqueue.MqDescription;
import gvj.fs.mqueue.PosixQueue;
import gvj.fs.mqueue.PosixQueues;
import gvj.kernel.Blocking;
import gvj.kernel.Clock;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.net.netlink.NotifyCookie;
import gvj.vfs.FileDescription;

/** mq_open(2) and its kin. */
final class MqueueSyscalls {
    /** Bytes of a struct mq_attr: flags, maximum, size, messages now, four reserved. */
    private static final int ATTR_BYTES = 64;

    private static final int SIGEVENT_BYTES = 64;

    private MqueueSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_mq_open, "mq_open", MqueueSyscalls::mqOpen);
        t.add(SyscallNumbers.SYS_mq_unlink, "mq_unlink", MqueueSyscalls::mqUnlink);
        t.add(SyscallNumbers.SYS_mq_timedsend, "mq_timedsend", MqueueSyscalls::mqTimedsend);
        t.add(SyscallNumbers.SYS_mq_timedreceive, "mq_timedreceive", MqueueSyscalls::mqTimedreceive);
        t.add(SyscallNumbers.SYS_mq_notify, "mq_notify", MqueueSyscalls::mqNotify);
        t.add(SyscallNumbers.SYS_mq_getsetattr, "mq_getsetattr", MqueueSyscalls::mqGetsetattr);
    }

    static long mqOpen(Task task, long name, long flagBits, long mode, long attributes) {
        int flags = (int) flagBits;
        long[] wanted = null;
        if (attributes != 0) {
            byte[] bytes = new byte[ATTR_BYTES];
            task.mm().copyIn(attributes, bytes, 0, ATTR_BYTES);
            wanted = new long[] {Bytes.getLong(bytes, 8), Bytes.getLong(bytes, 16)};
        }
        String path = task.mm().readPath(name);
        FileDescription file = PosixQueues.of(task).open(task, path, flags, (int) mode, wanted);
        // always close-on-exec, mq_open(3)
        return Descriptors.install(task, file, true);
    }

    static long mqUnlink(Task task, long name) {
        PosixQueues.of(task).unlink(task, task.mm().readPath(name));
        return 0;
    }

    private static MqDescription queue(Task task, long fd) {
        FileDescription file = task.file(fd);
        if (file instanceof MqDescription queue) {
            return queue;
        }
        file.decRef();
        throw ErrnoException.of(Errno.EBADF);
    }

    /** Nanoseconds until an absolute time of CLOCK_REALTIME: 0 for no timeout, at least 1 otherwise. */
    private static long timeout(Task task, long address) {
        return address == 0 ? 0 : Math.max(1, Timeouts.timespec(task, address) - Clock.realtime());
    }

    static long mqTimedsend(Task task, long fd, long address, long size, long priority, long timeout) {
        long nanos = timeout(task, timeout);
        if ((priority & 0xffffffffL) >= PosixQueue.PRIORITIES) {
            return -Errno.EINVAL;
        }
        MqDescription file = queue(task, fd);
        try {
            if (!file.isWritable()) {
                return -Errno.EBADF;
            }
            if (Long.compareUnsigned(size, file.messages().messageSize) > 0) {
                return -Errno.EMSGSIZE;
            }
            byte[] data = new byte[(int) size];
            if (size > 0) {
                task.mm().copyIn(address, data, 0, data.length);
            }
            long result = file.messages().send(task, data, (int) priority);
            if (result != -Errno.EAGAIN || file.isNonBlocking()) {
                return result;
            }
            return waited(Blocking.await(task, file, Blocking.WRITE_EVENTS, nanos, new Blocking.Attempt() {
                @Override
                protected long once() {
                    return file.messages().send(task, data, (int) priority);
                }
            }));
        } finally {
            file.decRef();
        }
    }

    /** The deadline is absolute, so that an interrupted call may simply be restarted. */
    private static long waited(long result) {
        if (result == -Errno.EAGAIN) {
            return -Errno.ETIMEDOUT;
        }
        return result == -Errno.EINTR ? -Errno.ERESTARTSYS : result;
    }

    static long mqTimedreceive(Task task, long fd, long address, long size, long priority, long timeout) {
        long nanos = timeout(task, timeout);
        MqDescription file = queue(task, fd);
        try {
            if (!file.isReadable()) {
                return -Errno.EBADF;
            }
            if (Long.compareUnsigned(size, file.messages().messageSize) < 0) {
                return -Errno.EMSGSIZE;
            }
            MqDescription.Received message = file.receive();
            if (message == null) {
                if (file.isNonBlocking()) {
                    return -Errno.EAGAIN;
                }
                message = await(task, file, nanos);
            }
            byte[] data = message.data();
            if (data.length > 0) {
                task.mm().copyOut(address, data, 0, data.length);
            }
            if (priority != 0) {
                task.mm().writeInt(priority, message.priority());
            }
            return data.length;
        } finally {
            file.decRef();
        }
    }

    private static MqDescription.Received await(Task task, MqDescription file, long nanos) {
        MqDescription.Received[] received = new MqDescription.Received[1];
        file.messages().waitsToReceive(true);
        try {
            ErrnoException.check(waited(Blocking.await(task, file, Blocking.READ_EVENTS, nanos, new Blocking.Attempt() {
                @Override
                protected long once() {
                    received[0] = file.receive();
                    return received[0] == null ? -Errno.EAGAIN : 0;
                }
            })));
        } finally {
            file.messages().waitsToReceive(false);
        }
        return received[0];
    }

    static long mqNotify(Task task, long fd, long event) {
        byte[] bytes = new byte[SIGEVENT_BYTES];
        if (event == 0) {
            MqDescription file = queue(task, fd);
            file.withdrawNotice(task.threadGroup());
            file.decRef();
            return 0;
        }
        task.mm().copyIn(event, bytes, 0, SIGEVENT_BYTES);
        long value = Bytes.getLong(bytes, 0);
        int signal = Bytes.getInt(bytes, 8);
        int how = Bytes.getInt(bytes, 12);
        switch (how) {
            case Signals.SIGEV_NONE -> signal = 0;
            case Signals.SIGEV_SIGNAL -> {
                if (signal < 0 || signal > Signals.SIGRTMAX) {
                    return -Errno.EINVAL;
                }
            }
            case Signals.SIGEV_THREAD -> {
                return notifyThread(task, fd, signal, value);
            }
            default -> {
                return -Errno.EINVAL;
            }
        }
        MqDescription file = queue(task, fd);
        try {
            return file.askForNotice(task.threadGroup(), how, signal, value, null);
        } finally {
            file.decRef();
        }
    }

    /** What the C library makes of SIGEV_THREAD: the signal is a netlink socket, the value points to what it gets back. */
    private static long notifyThread(Task task, long fd, int socket, long address) {
        byte[] bytes = new byte[NotifyCookie.BYTES];
        task.mm().copyIn(address, bytes, 0, bytes.length);
        NotifyCookie cookie = NotifyCookie.of(task.file(socket), bytes);
        long result = -Errno.EBADF;
        try {
            MqDescription file = queue(task, fd);
            try {
                result = file.askForNotice(task.threadGroup(), Signals.SIGEV_THREAD, 0, address, cookie);
            } finally {
                file.decRef();
            }
        } finally {
            if (result < 0) {
                cookie.drop();
            }
        }
        return result;
    }

    static long mqGetsetattr(Task task, long fd, long newAttributes, long oldAttributes) {
        byte[] bytes = new byte[ATTR_BYTES];
        long flags = 0;
        if (newAttributes != 0) {
            task.mm().copyIn(newAttributes, bytes, 0, ATTR_BYTES);
            flags = Bytes.getLong(bytes, 0);
            if ((flags & ~Fcntl.O_NONBLOCK) != 0) {
                return -Errno.EINVAL;
            }
        }
        MqDescription file = queue(task, fd);
        try {
            if (oldAttributes != 0) {
                byte[] old = new byte[ATTR_BYTES];
                Bytes.putLong(old, 0, file.flags() & Fcntl.O_NONBLOCK);
                Bytes.putLong(old, 8, file.messages().maxMessages);
                Bytes.putLong(old, 16, file.messages().messageSize);
                Bytes.putLong(old, 24, file.count());
                task.mm().copyOut(oldAttributes, old, 0, ATTR_BYTES);
            }
            if (newAttributes != 0) {
                file.setFlags(file.flags() & ~Fcntl.O_NONBLOCK | (int) flags);
            }
            return 0;
        } finally {
            file.decRef();
        }
    }
}
