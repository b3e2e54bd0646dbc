package gvj.syscalls;

import gvj.abi.Bytes;
import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Poll;
import gvj.abi.SyscallNumbers;
import gvj.abi.Time;
import gvj.fs.eventfd.EventFd;
import gvj.fs.timerfd.TimerFd;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.vfs.FileDescription;

/** eventfd(2), timerfd_create(2) and its kin. */
final class EventSyscalls {
    private static final int ITIMERSPEC_BYTES = 32;
    private static final long SECOND = 1_000_000_000L;

    private EventSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_eventfd, "eventfd", EventSyscalls::eventfd);
        t.add(SyscallNumbers.SYS_eventfd2, "eventfd2", EventSyscalls::eventfd2);
        t.add(SyscallNumbers.SYS_timerfd_create, "timerfd_create", EventSyscalls::timerfdCreate);
        t.add(SyscallNumbers.SYS_timerfd_settime, "timerfd_settime", EventSyscalls::timerfdSettime);
        t.add(SyscallNumbers.SYS_timerfd_gettime, "timerfd_gettime", EventSyscalls::timerfdGettime);
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
}
