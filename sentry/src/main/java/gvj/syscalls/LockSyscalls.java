package gvj.syscalls;

import gvj.abi.Bytes;
import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.FlockLayout;
import gvj.abi.SyscallNumbers;
import gvj.kernel.Blocking;
import gvj.kernel.Task;
import gvj.vfs.Attributes;
import gvj.vfs.FileDescription;
import gvj.vfs.FileLocks;
import gvj.vfs.Kstat;

/** flock(2), and the record locks of fcntl_locking(2). */
final class LockSyscalls {
    private LockSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_flock, "flock", LockSyscalls::flock);
    }

    static long flock(Task task, long fd, long operationBits) {
        int operation = (int) operationBits;
        int kind = operation & ~Fcntl.LOCK_NB;
        if (kind != Fcntl.LOCK_SH && kind != Fcntl.LOCK_EX && kind != Fcntl.LOCK_UN) {
            return -Errno.EINVAL;
        }
        FileDescription file = task.file(fd);
        try {
            FileLocks locks = file.locks();
            int now = locks.flock(file, kind);
            if (now != -Errno.EAGAIN || (operation & Fcntl.LOCK_NB) != 0) {
                return now;
            }
            return Blocking.await(task, locks.queue, ~0, 0, new Blocking.Attempt() {
                @Override
                protected long once() {
                    return locks.flock(file, kind);
                }
            });
        } finally {
            file.decRef();
        }
    }

    /** F_GETLK, F_SETLK, F_SETLKW and their OFD kin. */
    static long record(Task task, FileDescription file, int command, long address) {
        byte[] b = task.scratch(FlockLayout.SIZE);
        task.mm().copyIn(address, b, 0, FlockLayout.SIZE);
        int type = Bytes.getShort(b, FlockLayout.TYPE);
        boolean ofd = command >= Fcntl.F_OFD_GETLK;
        boolean get = command == Fcntl.F_GETLK || command == Fcntl.F_OFD_GETLK;
        if (ofd && Bytes.getInt(b, FlockLayout.PID) != 0) {
            return -Errno.EINVAL;
        }
        if (type != Fcntl.F_RDLCK && type != Fcntl.F_WRLCK && (type != Fcntl.F_UNLCK || get)) {
            return -Errno.EINVAL;
        }
        long base = base(file, Bytes.getShort(b, FlockLayout.WHENCE));
        long length = Bytes.getLong(b, FlockLayout.LEN);
        long offset = Bytes.getLong(b, FlockLayout.START);
        if (base < 0) {
            return base;
        }
        if (offset > Long.MAX_VALUE - base) {
            return -Errno.EOVERFLOW;
        }
        long start = base + offset;
        long end;
        if (start < 0) {
            return -Errno.EINVAL;
        }
        if (length > 0) {
            if (length - 1 > Long.MAX_VALUE - start) {
                return -Errno.EOVERFLOW;
            }
            end = start + length - 1;
        } else if (length < 0) {
            end = start - 1;
            start += length;
            if (start < 0) {
                return -Errno.EINVAL;
            }
        } else {
            end = Long.MAX_VALUE;
        }
        Object owner = ofd ? file : task.fds();
        if (get) {
            return tell(task, file.locks().conflict(owner, type, start, end), b, address);
        }
        if (type == Fcntl.F_RDLCK && !file.isReadable() || type == Fcntl.F_WRLCK && !file.isWritable()) {
            return -Errno.EBADF;
        }
        boolean wait = command == Fcntl.F_SETLKW || command == Fcntl.F_OFD_SETLKW;
        return set(task, file.locks(), owner, ofd ? -1 : task.threadGroup().pid, type, start, end, wait);
    }

    private static long base(FileDescription file, int whence) {
        switch (whence) {
            case Fcntl.SEEK_SET -> {
                return 0;
            }
            case Fcntl.SEEK_CUR -> {
                return file.position();
            }
            case Fcntl.SEEK_END -> {
                Kstat stat = new Kstat();
                Attributes.stat(file.path(), stat);
                return stat.size;
            }
            default -> {
                return -Errno.EINVAL;
            }
        }
    }

    private static long tell(Task task, FileLocks.Range conflict, byte[] b, long address) {
        if (conflict == null) {
            Bytes.putShort(b, FlockLayout.TYPE, Fcntl.F_UNLCK);
        } else {
            Bytes.putShort(b, FlockLayout.TYPE, conflict.type());
            Bytes.putShort(b, FlockLayout.WHENCE, Fcntl.SEEK_SET);
            Bytes.putLong(b, FlockLayout.START, conflict.start());
            long length = conflict.end() == Long.MAX_VALUE ? 0 : conflict.end() - conflict.start() + 1;
            Bytes.putLong(b, FlockLayout.LEN, length);
            Bytes.putInt(b, FlockLayout.PID, conflict.pid());
        }
        task.mm().copyOut(address, b, 0, FlockLayout.SIZE);
        return 0;
    }

    private static long set(
            Task task, FileLocks locks, Object owner, int pid, int type, long start, long end, boolean wait) {
        int now = locks.set(owner, pid, type, start, end);
        if (now != -Errno.EAGAIN || !wait) {
            return now;
        }
        boolean detects = pid >= 0;
        try {
            return Blocking.await(task, locks.queue, ~0, 0, new Blocking.Attempt() {
                @Override
                protected long once() {
                    FileLocks.unblock(owner);
                    int result = locks.set(owner, pid, type, start, end);
                    if (result != -Errno.EAGAIN || !detects) {
                        return result;
                    }
                    FileLocks.Range conflict = locks.conflict(owner, type, start, end);
                    int deadlock = conflict == null ? 0 : locks.block(owner, conflict);
                    return conflict == null
                            ? locks.set(owner, pid, type, start, end)
                            : deadlock < 0 ? deadlock : -Errno.EAGAIN;
                }
            });
        } finally {
            if (detects) {
                FileLocks.unblock(owner);
            }
        }
    }

    /**
     * F_SETLEASE: no file system here supports leases, which Linux answers with EINVAL; there is never one to give up
     * (EAGAIN).
     */
    static long setLease(Task task, FileDescription file, int type) {
        if (type != Fcntl.F_RDLCK && type != Fcntl.F_WRLCK && type != Fcntl.F_UNLCK) {
            return -Errno.EINVAL;
        }
        if (task.credentials().fsuid() != file.inode().uid()
                && !task.credentials().has(Capability.CAP_LEASE)) {
            return -Errno.EACCES;
        }
        if (!file.inode().isRegular()) {
            return -Errno.EINVAL;
        }
        return type == Fcntl.F_UNLCK ? -Errno.EAGAIN : -Errno.EINVAL;
    }
}
