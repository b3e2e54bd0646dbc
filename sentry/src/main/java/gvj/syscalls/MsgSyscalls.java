package gvj.syscalls;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Ipc;
import gvj.abi.SyscallNumbers;
import gvj.kernel.Blocking;
import gvj.kernel.PidEntry;
import gvj.kernel.Task;
import gvj.kernel.ipc.MessageQueue;
import gvj.kernel.ipc.SysvIpc;

/** msgget(2), msgsnd(2), msgrcv(2), msgctl(2). */
final class MsgSyscalls {
    private static final int DS_BYTES = 120;

    private MsgSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_msgget, "msgget", MsgSyscalls::msgget);
        t.add(SyscallNumbers.SYS_msgsnd, "msgsnd", MsgSyscalls::msgsnd);
        t.add(SyscallNumbers.SYS_msgrcv, "msgrcv", MsgSyscalls::msgrcv);
        t.add(SyscallNumbers.SYS_msgctl, "msgctl", MsgSyscalls::msgctl);
    }

    static long msgget(Task task, long key, long flags) {
        SysvIpc ipc = SysvIpc.of(task);
        return ipc.msg
                .get(
                        task.credentials(),
                        (int) key,
                        (int) flags,
                        known -> {},
                        () -> new MessageQueue(ipc.msg, (int) key, (int) flags, task.credentials(), ipc.msgmnb))
                .id();
    }

    static long msgsnd(Task task, long id, long address, long size, long flags) {
        long type = task.mm().readLong(address);
        if (size < 0 || size > SysvIpc.of(task).msgmax || (int) id < 0 || type < 1) {
            return -Errno.EINVAL;
        }
        byte[] text = new byte[(int) size];
        if (size > 0) {
            task.mm().copyIn(address + 8, text, 0, text.length);
        }
        MessageQueue queue = SysvIpc.of(task).msg.find((int) id);
        queue.checkAccess(task.credentials(), 0222);
        MessageQueue.Message message = new MessageQueue.Message(type, text);
        PidEntry pid = task.threadGroup().pidEntry();
        long result = queue.send(message, pid);
        if (result != -Errno.EAGAIN || (flags & Ipc.IPC_NOWAIT) != 0) {
            return result;
        }
        result = Blocking.await(task, queue.queue(), ~0, 0, new Blocking.Attempt() {
            @Override
            protected long once() {
                return queue.send(message, pid);
            }
        });
        return result == -Errno.ERESTARTSYS ? -Errno.EINTR : result;
    }

    static long msgrcv(Task task, long id, long address, long size, long type, long flagBits) {
        int flags = (int) flagBits;
        if ((int) id < 0 || size < 0) {
            return -Errno.EINVAL;
        }
        if ((flags & Ipc.MSG_COPY) != 0 && ((flags & Ipc.MSG_EXCEPT) != 0 || (flags & Ipc.IPC_NOWAIT) == 0)) {
            return -Errno.EINVAL;
        }
        MessageQueue queue = SysvIpc.of(task).msg.find((int) id);
        queue.checkAccess(task.credentials(), 0444);
        MessageQueue.Message found = queue.receive(task, type, size, flags);
        int n = (int) Math.min(size, found.text().length);
        task.mm().writeLong(address, found.type());
        if (n > 0) {
            task.mm().copyOut(address + 8, found.text(), 0, n);
        }
        return n;
    }

    static long msgctl(Task task, long id, long command, long buffer) {
        SysvIpc ipc = SysvIpc.of(task);
        int cmd = (int) command;
        switch (cmd) {
            case Ipc.IPC_INFO, Ipc.MSG_INFO -> {
                return info(task, ipc, cmd, buffer);
            }
            case Ipc.IPC_STAT, Ipc.MSG_STAT, Ipc.MSG_STAT_ANY -> {
                MessageQueue queue = cmd == Ipc.IPC_STAT ? ipc.msg.find((int) id) : ipc.msg.at((int) id);
                if (cmd != Ipc.MSG_STAT_ANY) {
                    queue.checkAccess(task.credentials(), 0444);
                }
                byte[] ds = queue.stat(task.pidNamespace());
                task.mm().copyOut(buffer, ds, 0, ds.length);
                return cmd == Ipc.IPC_STAT ? 0 : queue.id();
            }
            case Ipc.IPC_SET -> {
                byte[] ds = new byte[DS_BYTES];
                task.mm().copyIn(buffer, ds, 0, ds.length);
                MessageQueue queue = ipc.msg.find((int) id);
                queue.checkMayChange(task.credentials());
                queue.set(task.credentials(), ds, ipc.msgmnb);
                return 0;
            }
            case Ipc.IPC_RMID -> {
                MessageQueue queue = ipc.msg.find((int) id);
                queue.checkMayChange(task.credentials());
                queue.remove();
                return 0;
            }
            default -> {
                return -Errno.EINVAL;
            }
        }
    }

    private static long info(Task task, SysvIpc ipc, int cmd, long address) {
        int queues = 0;
        int messages = 0;
        long bytes = 0;
        for (MessageQueue queue : ipc.msg.all()) {
            queues++;
            messages += queue.count();
            bytes += queue.bytes();
        }
        boolean used = cmd == Ipc.MSG_INFO;
        // struct msginfo: msgpool msgmap msgmax msgmnb msgmni msgssz msgtql, and a short msgseg
        byte[] out = new byte[32];
        Bytes.putInt(out, 0, used ? queues : ipc.msg.limit() * ipc.msgmnb / 1024);
        Bytes.putInt(out, 4, used ? messages : ipc.msgmnb);
        Bytes.putInt(out, 8, ipc.msgmax);
        Bytes.putInt(out, 12, ipc.msgmnb);
        Bytes.putInt(out, 16, ipc.msg.limit());
        Bytes.putInt(out, 20, 16);
        Bytes.putInt(out, 24, used ? (int) bytes : ipc.msgmnb);
        Bytes.putShort(out, 28, 0xffff);
        task.mm().copyOut(address, out, 0, out.length);
        return ipc.msg.highest();
    }
}
