package gvj.syscalls;

import gvj.abi.Bytes;
import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Poll;
import gvj.abi.SyscallNumbers;
import gvj.abi.Time;
import gvj.fs.eventfd.EventFd;
import gvj.fs.inotify.Inotify;
import gvj.fs.signalfd.SignalFd;
import gvj.fs.timerfd.TimerFd;
import gvj.kernel.ErrnoException;
import gvj.kernel.SignalSets;
import gvj.kernel.Task;
import gvj.vfs.Caller;
import gvj.vfs.FileDescription;
import gvj.vfs.Path;
import gvj.vfs.PathWalker;
import gvj.vfs.Permissions;

/** eventfd(2), timerfd_create(2), signalfd(2), inotify(7). */
final class EventSyscalls {
    private static final int ITIMERSPEC_BYTES = 32;
    private static final long SECOND = 1_000_000_000L;

    /** Everything inotify_add_watch(2) takes. */
    private static final int INOTIFY_BITS = Poll.IN_ALL_EVENTS
            | Poll.IN_UNMOUNT
            | Poll.IN_Q_OVERFLOW
            | Poll.IN_IGNORED
            | Poll.IN_ONLYDIR
            | Poll.IN_DONT_FOLLOW
            | Poll.IN_EXCL_UNLINK
            | Poll.IN_MASK_ADD
            | Poll.IN_MASK_CREATE
            | Poll.IN_ISDIR
            | Poll.IN_ONESHOT;

    private EventSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_eventfd, "eventfd", EventSyscalls::eventfd);
        t.add(SyscallNumbers.SYS_eventfd2, "eventfd2", EventSyscalls::eventfd2);
        t.add(SyscallNumbers.SYS_timerfd_create, "timerfd_create", EventSyscalls::timerfdCreate);
        t.add(SyscallNumbers.SYS_timerfd_settime, "timerfd_settime", EventSyscalls::timerfdSettime);
        t.add(SyscallNumbers.SYS_timerfd_gettime, "timerfd_gettime", EventSyscalls::timerfdGettime);
        t.add(SyscallNumbers.SYS_signalfd, "signalfd", EventSyscalls::signalfd);
        t.add(SyscallNumbers.SYS_signalfd4, "signalfd4", EventSyscalls::signalfd4);
        t.add(SyscallNumbers.SYS_inotify_init, "inotify_init", EventSyscalls::inotifyInit);
        t.add(SyscallNumbers.SYS_inotify_init1, "inotify_init1", EventSyscalls::inotifyInit1);
        t.add(SyscallNumbers.SYS_inotify_add_watch, "inotify_add_watch", EventSyscalls::inotifyAddWatch);
        t.add(SyscallNumbers.SYS_inotify_rm_watch, "inotify_rm_watch", EventSyscalls::inotifyRmWatch);
    }

    static long eventfd(Task task, long initial) {
        return eventfd2(task, initial, 0);
    }

    static long eventfd2(Task task, long initial, long flagBits) {
        int flags = (int) flagBits;
        if ((flags & ~(Poll.EFD_CLOEXEC | Poll.EFD_NONBLOCK | Poll.EFD_SEMAPHORE)) != 0) {
            return -Errno.EINVAL;
        }
        EventFd file = new EventFd(task.kernel, (int) initial, flags);
        return Descriptors.install(task, file, (flags & Poll.EFD_CLOEXEC) != 0);
    }

    static long timerfdCreate(Task task, long clockId, long flagBits) {
        int flags = (int) flagBits;
        int clock = (int) clockId;
        if ((flags & ~(Poll.TFD_CLOEXEC | Poll.TFD_NONBLOCK)) != 0) {
            return -Errno.EINVAL;
        }
        switch (clock) {
            case Time.CLOCK_REALTIME, Time.CLOCK_MONOTONIC, Time.CLOCK_BOOTTIME -> {}
            case Time.CLOCK_REALTIME_ALARM, Time.CLOCK_BOOTTIME_ALARM -> {
                if (!task.credentials().has(Capability.CAP_WAKE_ALARM)) {
                    return -Errno.EPERM;
                }
            }
            default -> {
                return -Errno.EINVAL;
            }
        }
        TimerFd file = new TimerFd(task.kernel, clock, flags);
        return Descriptors.install(task, file, (flags & Poll.TFD_CLOEXEC) != 0);
    }

    static long timerfdSettime(Task task, long fd, long flagBits, long newValue, long oldValue) {
        byte[] bytes = task.scratch(ITIMERSPEC_BYTES);
        task.mm().copyIn(newValue, bytes, 0, ITIMERSPEC_BYTES);
        int flags = (int) flagBits;
        if ((flags & ~(Poll.TFD_TIMER_ABSTIME | Poll.TFD_TIMER_CANCEL_ON_SET)) != 0) {
            return -Errno.EINVAL;
        }
        long interval = Timeouts.nanos(Bytes.getLong(bytes, 0), Bytes.getLong(bytes, 8));
        long value = Timeouts.nanos(Bytes.getLong(bytes, 16), Bytes.getLong(bytes, 24));
        FileDescription file = task.file(fd);
        try {
            TimerFd.Setting old = timer(file).set(new TimerFd.Setting(value, interval), flags);
            if (oldValue != 0) {
                put(task, oldValue, old);
            }
            return 0;
        } finally {
            file.decRef();
        }
    }

    static long timerfdGettime(Task task, long fd, long value) {
        FileDescription file = task.file(fd);
        try {
            put(task, value, timer(file).get());
            return 0;
        } finally {
            file.decRef();
        }
    }

    private static TimerFd timer(FileDescription file) {
        if (file instanceof TimerFd timer) {
            return timer;
        }
        throw ErrnoException.of(Errno.EINVAL);
    }

    private static void put(Task task, long address, TimerFd.Setting setting) {
        byte[] bytes = task.scratch(ITIMERSPEC_BYTES);
        Bytes.putLong(bytes, 0, setting.interval() / SECOND);
        Bytes.putLong(bytes, 8, setting.interval() % SECOND);
        Bytes.putLong(bytes, 16, setting.value() / SECOND);
        Bytes.putLong(bytes, 24, setting.value() % SECOND);
        task.mm().copyOut(address, bytes, 0, ITIMERSPEC_BYTES);
    }

    static long signalfd(Task task, long fd, long mask, long maskBytes) {
        return signalfd4(task, fd, mask, maskBytes, 0);
    }

    static long signalfd4(Task task, long fd, long maskAddress, long maskBytes, long flagBits) {
        int flags = (int) flagBits;
        if (maskBytes != 8 || (flags & ~(Poll.SFD_CLOEXEC | Poll.SFD_NONBLOCK)) != 0) {
            return -Errno.EINVAL;
        }
        long mask = task.mm().readLong(maskAddress) & ~SignalSets.UNBLOCKABLE;
        if ((int) fd == -1) {
            SignalFd file = new SignalFd(task.kernel, mask, flags);
            return Descriptors.install(task, file, (flags & Poll.SFD_CLOEXEC) != 0);
        }
        FileDescription file = task.file(fd);
        try {
            if (!(file instanceof SignalFd signals)) {
                return -Errno.EINVAL;
            }
            signals.setMask(task, mask);
            return (int) fd;
        } finally {
            file.decRef();
        }
    }

    static long inotifyInit(Task task) {
        return inotifyInit1(task, 0);
    }

    static long inotifyInit1(Task task, long flagBits) {
        int flags = (int) flagBits;
        if ((flags & ~(Poll.IN_CLOEXEC | Poll.IN_NONBLOCK)) != 0) {
            return -Errno.EINVAL;
        }
        return Descriptors.install(task, Inotify.create(task.kernel, flags), (flags & Poll.IN_CLOEXEC) != 0);
    }

    static long inotifyAddWatch(Task task, long fd, long pathAddress, long maskBits) {
        int mask = (int) maskBits;
        if (mask == 0 || (mask & ~INOTIFY_BITS) != 0) {
            return -Errno.EINVAL;
        }
        FileDescription file = task.file(fd);
        try {
            if ((mask & Poll.IN_MASK_ADD) != 0 && (mask & Poll.IN_MASK_CREATE) != 0
                    || !(file instanceof Inotify inotify)) {
                return -Errno.EINVAL;
            }
            int walk = (mask & Poll.IN_DONT_FOLLOW) != 0 ? 0 : PathWalker.FOLLOW;
            walk |= (mask & Poll.IN_ONLYDIR) != 0 ? PathWalker.DIRECTORY : 0;
            Path path = Caller.of(task).lookup(Fcntl.AT_FDCWD, task.mm().readPath(pathAddress), walk);
            Permissions.check(task.credentials(), path, Fcntl.R_OK);
            return inotify.add(path, mask);
        } finally {
            file.decRef();
        }
    }

    static long inotifyRmWatch(Task task, long fd, long descriptor) {
        FileDescription file = task.file(fd);
        try {
            return file instanceof Inotify inotify ? inotify.remove((int) descriptor) : -Errno.EINVAL;
        } finally {
            file.decRef();
        }
    }
}
