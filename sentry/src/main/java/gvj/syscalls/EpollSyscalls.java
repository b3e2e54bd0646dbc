package gvj.syscalls;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Poll;
import gvj.abi.SyscallNumbers;
import gvj.fs.epoll.Epoll;
import gvj.kernel.Task;
import gvj.kernel.TaskWaitEntry;
import gvj.vfs.FileDescription;

/** epoll_create(2), epoll_ctl(2), epoll_wait(2). */
final class EpollSyscalls {
    private static final int MAX_EVENTS = Integer.MAX_VALUE / Epoll.EVENT_BYTES;
    /** The most events one call answers with. */
    private static final int BATCH = 16 << 10;

    private EpollSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_epoll_create, "epoll_create", EpollSyscalls::epollCreate);
        t.add(SyscallNumbers.SYS_epoll_create1, "epoll_create1", EpollSyscalls::epollCreate1);
        t.add(SyscallNumbers.SYS_epoll_ctl, "epoll_ctl", EpollSyscalls::epollCtl);
        t.add(SyscallNumbers.SYS_epoll_wait, "epoll_wait", EpollSyscalls::epollWait);
        t.add(SyscallNumbers.SYS_epoll_pwait, "epoll_pwait", EpollSyscalls::epollPwait);
        t.add(SyscallNumbers.SYS_epoll_pwait2, "epoll_pwait2", EpollSyscalls::epollPwait2);
    }

    static long epollCreate(Task task, long size) {
        return (int) size <= 0 ? -Errno.EINVAL : epollCreate1(task, 0);
    }

    static long epollCreate1(Task task, long flags) {
        if (((int) flags & ~Poll.EPOLL_CLOEXEC) != 0) {
            return -Errno.EINVAL;
        }
        return Descriptors.install(task, new Epoll(task.kernel), ((int) flags & Poll.EPOLL_CLOEXEC) != 0);
    }

    static long epollCtl(Task task, long epfd, long operation, long fd, long event) {
        int op = (int) operation;
        int events = 0;
        long data = 0;
        if (op != Poll.EPOLL_CTL_DEL) {
            byte[] bytes = task.scratch(Epoll.EVENT_BYTES);
            task.mm().copyIn(event, bytes, 0, Epoll.EVENT_BYTES);
            events = Bytes.getInt(bytes, 0);
            data = Bytes.getLong(bytes, 4);
        }
        FileDescription file = task.file(epfd);
        try {
            FileDescription target = task.file(fd);
            try {
                if (!target.isPollable()) {
                    return -Errno.EPERM;
                }
                if (file == target) {
                    return -Errno.EINVAL;
                }
                Epoll epoll = Epoll.of(file);
                return switch (op) {
                    case Poll.EPOLL_CTL_ADD -> epoll.add((int) fd, target, events, data);
                    case Poll.EPOLL_CTL_MOD -> epoll.modify((int) fd, target, events, data);
                    case Poll.EPOLL_CTL_DEL -> epoll.delete((int) fd, target);
                    default -> -Errno.EINVAL;
                };
            } finally {
                target.decRef();
            }
        } finally {
            file.decRef();
        }
    }

    static long epollWait(Task task, long epfd, long events, long max, long timeoutMillis) {
        return wait(task, epfd, events, (int) max, nanos((int) timeoutMillis));
    }

    static long epollPwait(Task task, long epfd, long events, long max, long timeout, long mask, long maskBytes) {
        PollSyscalls.setMask(task, mask, maskBytes);
        return wait(task, epfd, events, (int) max, nanos((int) timeout));
    }

    static long epollPwait2(Task task, long epfd, long events, long max, long timeout, long mask, long maskBytes) {
        long nanos = timeout == 0 ? Long.MAX_VALUE : Timeouts.timespec(task, timeout);
        PollSyscalls.setMask(task, mask, maskBytes);
        return wait(task, epfd, events, (int) max, nanos);
    }

    private static long nanos(int millis) {
        return millis < 0 ? Long.MAX_VALUE : millis * 1_000_000L;
    }

    private static long wait(Task task, long epfd, long address, int max, long nanos) {
        if (max <= 0 || max > MAX_EVENTS) {
            return -Errno.EINVAL;
        }
        FileDescription file = task.file(epfd);
        try {
            Epoll epoll = Epoll.of(file);
            long n = collect(task, epoll, address, max);
            if (n == 0 && nanos != 0) {
                n = sleep(task, epoll, address, max, Timeouts.deadline(nanos));
            }
            return n;
        } finally {
            file.decRef();
        }
    }

    private static long collect(Task task, Epoll epoll, long address, int max) {
        int expected = Math.min(Math.min(max, BATCH), epoll.expected());
        if (expected == 0) {
            return 0;
        }
        byte[] out = task.scratch(expected * Epoll.EVENT_BYTES);
        int n = epoll.collect(out, expected);
        if (n > 0) {
            task.mm().copyOut(address, out, 0, n * Epoll.EVENT_BYTES);
        }
        return n;
    }

    private static long sleep(Task task, Epoll epoll, long address, int max, long deadline) {
        TaskWaitEntry entry = new TaskWaitEntry(task);
        entry.exclusive = true;
        epoll.waiters.add(entry);
        try {
            while (true) {
                task.prepareToWait();
                long n = collect(task, epoll, address, max);
                if (n != 0) {
                    return n;
                }
                switch (task.park(deadline)) {
                    case Task.TIMED_OUT -> {
                        return collect(task, epoll, address, max);
                    }
                    case Task.INTERRUPTED -> {
                        return -Errno.EINTR;
                    }
                    default -> {}
                }
            }
        } finally {
            epoll.waiters.remove(entry);
            epoll.passOn();
        }
    }
}
