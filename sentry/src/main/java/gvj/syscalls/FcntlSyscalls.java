package gvj.syscalls;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Sched;
import gvj.abi.SyscallNumbers;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.vfs.FdTable;
import gvj.vfs.FileDescription;
import gvj.vfs.FileOwner;
import gvj.vfs.Permissions;
import gvj.vfs.Sealable;

/** fcntl(2). Its locks are in {@link LockSyscalls}. */
final class FcntlSyscalls {
    private static final int F_DUPFD_QUERY = 1027;

    private FcntlSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_fcntl, "fcntl", FcntlSyscalls::fcntl);
        t.partial(SyscallNumbers.SYS_fcntl, "no leases, no dnotify");
    }

    static long fcntl(Task task, long fdBits, long commandBits, long argument) {
        int fd = (int) fdBits;
        int command = (int) commandBits;
        FileDescription file = task.fds().get(fd);
        try {
            switch (command) {
                case Fcntl.F_DUPFD, Fcntl.F_DUPFD_CLOEXEC -> {
                    return duplicate(task, file, (int) argument, command == Fcntl.F_DUPFD_CLOEXEC);
                }
                case Fcntl.F_GETFD -> {
                    return task.fds().closeOnExec(fd) ? Fcntl.FD_CLOEXEC : 0;
                }
                case Fcntl.F_SETFD -> {
                    task.fds().setCloseOnExec(fd, (argument & Fcntl.FD_CLOEXEC) != 0);
                    return 0;
                }
                case Fcntl.F_GETFL -> {
                    return file.flags();
                }
                case F_DUPFD_QUERY -> {
                    return sameFile(task, file, (int) argument);
                }
                default -> {
                    return (file.flags() & Fcntl.O_PATH) != 0
                            ? -Errno.EBADF
                            : onFile(task, file, fd, command, argument);
                }
            }
        } finally {
            file.decRef();
        }
    }

    private static long duplicate(Task task, FileDescription file, int from, boolean cloexec) {
        long limit = task.rlimit(Sched.RLIMIT_NOFILE);
        long most = limit < 0 ? FdTable.NR_OPEN : Math.min(limit, FdTable.NR_OPEN);
        if (from < 0 || from >= most) {
            return -Errno.EINVAL;
        }
        file.incRef();
        try {
            return task.fds().install(file, from, cloexec, most);
        } catch (ErrnoException e) {
            file.decRef();
            throw e;
        }
    }

    private static long sameFile(Task task, FileDescription file, int other) {
        FileDescription second = task.fds().get(other);
        try {
            return second == file ? 1 : 0;
        } finally {
            second.decRef();
        }
    }

    private static long onFile(Task task, FileDescription file, int fd, int command, long argument) {
        switch (command) {
            case Fcntl.F_SETFL -> {
                return setFlags(task, file, fd, (int) argument);
            }
            case Fcntl.F_GETLK,
                    Fcntl.F_SETLK,
                    Fcntl.F_SETLKW,
                    Fcntl.F_OFD_GETLK,
                    Fcntl.F_OFD_SETLK,
                    Fcntl.F_OFD_SETLKW -> {
                return LockSyscalls.record(task, file, command, argument);
            }
            case Fcntl.F_SETOWN -> {
                file.setOwner(FileOwner.ofSetOwn(task, (int) argument, file.owner()));
                return 0;
            }
            case Fcntl.F_GETOWN -> {
                return file.owner() == null ? 0 : file.owner().getOwn();
            }
            case Fcntl.F_SETOWN_EX -> {
                int type = task.mm().readInt(argument);
                file.setOwner(FileOwner.of(task, type, task.mm().readInt(argument + 4), file.owner()));
                return 0;
            }
            case Fcntl.F_GETOWN_EX -> {
                FileOwner owner = file.owner();
                task.mm().writeInt(argument, owner == null ? 0 : owner.type());
                task.mm().writeInt(argument + 4, owner == null ? 0 : owner.id());
                return 0;
            }
            case Fcntl.F_SETSIG -> {
                if (argument < 0 || argument > 64) {
                    return -Errno.EINVAL;
                }
                file.setOwner(FileOwner.withSignal(file.owner(), (int) argument));
                return 0;
            }
            case Fcntl.F_GETSIG -> {
                return file.owner() == null ? 0 : file.owner().signal();
            }
            case Fcntl.F_SETPIPE_SZ -> {
                return file.setPipeSize(task, argument);
            }
            case Fcntl.F_GETPIPE_SZ -> {
                return file.pipeSize();
            }
            case Fcntl.F_ADD_SEALS, Fcntl.F_GET_SEALS -> {
                return seals(file, command, (int) argument);
            }
            case Fcntl.F_SETLEASE -> {
                return LockSyscalls.setLease(task, file, (int) argument);
            }
            case Fcntl.F_GETLEASE -> {
                return file.lease();
            }
            case Fcntl.F_GET_RW_HINT -> {
                task.mm().writeLong(argument, 0);
                return 0;
            }
            case Fcntl.F_SET_RW_HINT -> {
                long hint = task.mm().readLong(argument);
                return hint < 0 || hint > 5 ? -Errno.EINVAL : 0;
            }
            default -> {
                return -Errno.EINVAL;
            }
        }
    }

    private static long setFlags(Task task, FileDescription file, int fd, int flags) {
        boolean newlyNoAtime = (flags & Fcntl.O_NOATIME) != 0 && (file.flags() & Fcntl.O_NOATIME) == 0;
        if (newlyNoAtime && !Permissions.ownerOrCapable(task.credentials(), file.inode())) {
            return -Errno.EPERM;
        }
        file.setFlags(flags);
        file.updateAsync(task, fd);
        return 0;
    }

    private static long seals(FileDescription file, int command, int argument) {
        if (!(file.inode() instanceof Sealable sealable)) {
            return -Errno.EINVAL;
        }
        if (command == Fcntl.F_GET_SEALS) {
            return sealable.seals();
        }
        return file.isWritable() ? sealable.addSeals(argument) : -Errno.EPERM;
    }
}
