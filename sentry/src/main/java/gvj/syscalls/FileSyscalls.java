package gvj.syscalls;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Ioctl;
import gvj.abi.MiscFlags;
import gvj.abi.Sched;
import gvj.abi.SyscallNumbers;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.vfs.Attributes;
import gvj.vfs.Caller;
import gvj.vfs.FdTable;
import gvj.vfs.FileDescription;
import gvj.vfs.Kstat;
import gvj.vfs.Opener;

/** open(2), close(2), dup(2), and the requests of ioctl(2) that every file knows. fcntl(2) is {@link FcntlSyscalls}. */
final class FileSyscalls {
    private static final int RESOLVE_ALL = Fcntl.RESOLVE_NO_XDEV
            | Fcntl.RESOLVE_NO_MAGICLINKS
            | Fcntl.RESOLVE_NO_SYMLINKS
            | Fcntl.RESOLVE_BENEATH
            | Fcntl.RESOLVE_IN_ROOT
            | Fcntl.RESOLVE_CACHED;
    /** struct open_how: flags, mode, resolve. */
    private static final int OPEN_HOW = 24;

    private static final int PAGE = 4096;

    private FileSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_open, "open", FileSyscalls::open);
        t.add(SyscallNumbers.SYS_openat, "openat", FileSyscalls::openat);
        t.add(SyscallNumbers.SYS_openat2, "openat2", FileSyscalls::openat2);
        t.add(SyscallNumbers.SYS_creat, "creat", FileSyscalls::creat);
        t.add(SyscallNumbers.SYS_close, "close", FileSyscalls::close);
        t.add(SyscallNumbers.SYS_close_range, "close_range", FileSyscalls::closeRange);
        t.add(SyscallNumbers.SYS_dup, "dup", FileSyscalls::dup);
        t.add(SyscallNumbers.SYS_dup2, "dup2", FileSyscalls::dup2);
        t.add(SyscallNumbers.SYS_dup3, "dup3", FileSyscalls::dup3);
        t.add(SyscallNumbers.SYS_ioctl, "ioctl", FileSyscalls::ioctl);
        t.partial(SyscallNumbers.SYS_ioctl, "interfaces can be asked, not changed (EOPNOTSUPP, EPERM)");
        t.none(
                SyscallNumbers.SYS_name_to_handle_at,
                "name_to_handle_at",
                Errno.EOPNOTSUPP,
                "no exportable file system");
        t.none(SyscallNumbers.SYS_open_by_handle_at, "open_by_handle_at", Errno.EPERM, "no exportable file system");
    }

    static long open(Task task, long path, long flags, long mode) {
        return openAt(task, Fcntl.AT_FDCWD, path, (int) flags, (int) mode);
    }

    static long openat(Task task, long dirfd, long path, long flags, long mode) {
        return openAt(task, (int) dirfd, path, (int) flags, (int) mode);
    }

    static long creat(Task task, long path, long mode) {
        return openAt(task, Fcntl.AT_FDCWD, path, Fcntl.O_CREAT | Fcntl.O_WRONLY | Fcntl.O_TRUNC, (int) mode);
    }

    private static long openAt(Task task, int dirfd, long path, int flags, int mode) {
        return openAt(task, dirfd, task.mm().readPath(path), flags, mode, 0);
    }

    private static long openAt(Task task, int dirfd, String path, int flags, int mode, int resolve) {
        FileDescription file = Opener.open(Caller.of(task), dirfd, path, flags, mode, resolve);
        return Descriptors.install(task, file, (flags & Fcntl.O_CLOEXEC) != 0);
    }

    static long openat2(Task task, long dirfd, long path, long how, long size) {
        if (size < OPEN_HOW) {
            return -Errno.EINVAL;
        }
        if (Long.compareUnsigned(size, PAGE) > 0) {
            return -Errno.E2BIG;
        }
        long flags = task.mm().readLong(how);
        long mode = task.mm().readLong(how + 8);
        long resolve = task.mm().readLong(how + 16);
        for (long at = OPEN_HOW; at < size; at++) {
            if (task.mm().readByte(how + at) != 0) {
                return -Errno.E2BIG;
            }
        }
        boolean makes = (flags & (Fcntl.O_CREAT | Fcntl.O_TMPFILE & ~Fcntl.O_DIRECTORY)) != 0;
        int pathOnly = Fcntl.O_DIRECTORY | Fcntl.O_NOFOLLOW | Fcntl.O_PATH | Fcntl.O_CLOEXEC;
        int scope = Fcntl.RESOLVE_BENEATH | Fcntl.RESOLVE_IN_ROOT;
        if ((flags & ~(long) Opener.VALID_FLAGS) != 0
                || (resolve & ~(long) RESOLVE_ALL) != 0
                || (resolve & scope) == scope
                || (makes ? (mode & ~07777L) != 0 : mode != 0)
                || (flags & Fcntl.O_PATH) != 0 && (flags & ~(long) pathOnly) != 0) {
            return -Errno.EINVAL;
        }
        return openAt(task, (int) dirfd, task.mm().readPath(path), (int) flags, (int) mode, (int) resolve);
    }

    static long close(Task task, long fd) {
        FdTable table = task.fds();
        table.close(table.remove((int) fd), task);
        return 0;
    }

    static long closeRange(Task task, long first, long last, long flagBits) {
        int flags = (int) flagBits;
        long from = first & 0xffffffffL;
        long to = last & 0xffffffffL;
        if ((flags & ~(MiscFlags.CLOSE_RANGE_CLOEXEC | MiscFlags.CLOSE_RANGE_UNSHARE)) != 0 || from > to) {
            return -Errno.EINVAL;
        }
        if ((flags & MiscFlags.CLOSE_RANGE_UNSHARE) != 0) {
            unshare(task);
        }
        FdTable table = task.fds();
        for (int fd = nextIn(table, from, to); fd >= 0; fd = nextIn(table, fd + 1L, to)) {
            closeOne(task, table, fd, (flags & MiscFlags.CLOSE_RANGE_CLOEXEC) != 0);
        }
        return 0;
    }

    private static void unshare(Task task) {
        if (task.fds().users() > 1) {
            task.setFds(task.fds().copy());
        }
    }

    private static int nextIn(FdTable table, long from, long to) {
        int fd = from > Integer.MAX_VALUE ? -1 : table.next((int) from);
        return fd > to ? -1 : fd;
    }

    private static void closeOne(Task task, FdTable table, int fd, boolean mark) {
        try {
            if (mark) {
                table.setCloseOnExec(fd, true);
            } else {
                table.close(table.remove(fd), task);
            }
        } catch (ErrnoException e) {
            // another thread closed it in between
            return;
        }
    }

    static long dup(Task task, long fd) {
        return Descriptors.install(task, task.fds().get((int) fd), false);
    }

    static long dup2(Task task, long oldFd, long newFd) {
        if ((int) oldFd == (int) newFd) {
            task.fds().get((int) oldFd).decRef();
            return (int) newFd;
        }
        return duplicate(task, (int) oldFd, (int) newFd, false);
    }

    static long dup3(Task task, long oldFd, long newFd, long flags) {
        if (((int) flags & ~Fcntl.O_CLOEXEC) != 0 || (int) oldFd == (int) newFd) {
            return -Errno.EINVAL;
        }
        return duplicate(task, (int) oldFd, (int) newFd, (int) flags != 0);
    }

    private static long duplicate(Task task, int oldFd, int newFd, boolean cloexec) {
        long limit = task.rlimit(Sched.RLIMIT_NOFILE);
        if (newFd < 0 || newFd >= (limit < 0 ? FdTable.NR_OPEN : Math.min(limit, FdTable.NR_OPEN))) {
            return -Errno.EBADF;
        }
        FdTable table = task.fds();
        FileDescription old = table.replace(newFd, table.get(oldFd), cloexec);
        if (old != null) {
            table.close(old, task);
        }
        return newFd;
    }

    static long ioctl(Task task, long fd, long requestBits, long argument) {
        int request = (int) requestBits;
        FileDescription file = task.file(fd);
        try {
            switch (request) {
                case Ioctl.FIOCLEX, Ioctl.FIONCLEX -> {
                    task.fds().setCloseOnExec((int) fd, request == Ioctl.FIOCLEX);
                    return 0;
                }
                case Ioctl.FIONBIO, Ioctl.FIOASYNC -> {
                    int bit = request == Ioctl.FIONBIO ? Fcntl.O_NONBLOCK : Fcntl.O_ASYNC;
                    boolean on = task.mm().readInt(argument) != 0;
                    file.setFlags(on ? file.flags() | bit : file.flags() & ~bit);
                    file.updateAsync(task, (int) fd);
                    return 0;
                }
                case Ioctl.FIOQSIZE -> {
                    return size(task, file, argument);
                }
                case Ioctl.FIONREAD -> {
                    return file.inode().isRegular()
                            ? unread(task, file, argument)
                            : file.ioctl(task, request, argument);
                }
                default -> {
                    return file.ioctl(task, request, argument);
                }
            }
        } finally {
            file.decRef();
        }
    }

    private static long size(Task task, FileDescription file, long argument) {
        if (!file.inode().isRegular()
                && !file.inode().isDirectory()
                && !file.inode().isSymlink()) {
            return -Errno.ENOTTY;
        }
        Kstat stat = new Kstat();
        Attributes.stat(file.path(), stat);
        task.mm().writeLong(argument, stat.blocks * 512);
        return 0;
    }

    private static long unread(Task task, FileDescription file, long argument) {
        Kstat stat = new Kstat();
        Attributes.stat(file.path(), stat);
        task.mm().writeInt(argument, (int) Math.min(stat.size - file.position(), Integer.MAX_VALUE));
        return 0;
    }
}
