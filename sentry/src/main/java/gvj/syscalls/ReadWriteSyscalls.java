package gvj.syscalls;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.MiscFlags;
import gvj.abi.Poll;
import gvj.abi.SyscallNumbers;
import gvj.kernel.Blocking;
import gvj.kernel.Task;
import gvj.mm.IoBuffer;
import gvj.vfs.FileDescription;
import gvj.vfs.Notify;

/** read(2), write(2), pread(2), readv(2), preadv2(2) and their kin, lseek(2). */
final class ReadWriteSyscalls {
    /** No call moves more: Linux's MAX_RW_COUNT. */
    private static final long MAX_COUNT = 0x7ffff000L;

    private static final int RWF_KNOWN = MiscFlags.RWF_SUPPORTED | MiscFlags.RWF_NOAPPEND;

    private ReadWriteSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_read, "read", ReadWriteSyscalls::read);
        t.add(SyscallNumbers.SYS_write, "write", ReadWriteSyscalls::write);
        t.add(SyscallNumbers.SYS_pread64, "pread64", ReadWriteSyscalls::pread64);
        t.add(SyscallNumbers.SYS_pwrite64, "pwrite64", ReadWriteSyscalls::pwrite64);
        t.add(SyscallNumbers.SYS_readv, "readv", ReadWriteSyscalls::readv);
        t.add(SyscallNumbers.SYS_writev, "writev", ReadWriteSyscalls::writev);
        t.add(SyscallNumbers.SYS_preadv, "preadv", ReadWriteSyscalls::preadv);
        t.add(SyscallNumbers.SYS_pwritev, "pwritev", ReadWriteSyscalls::pwritev);
        t.add(SyscallNumbers.SYS_preadv2, "preadv2", ReadWriteSyscalls::preadv2);
        t.add(SyscallNumbers.SYS_pwritev2, "pwritev2", ReadWriteSyscalls::pwritev2);
        t.add(SyscallNumbers.SYS_lseek, "lseek", ReadWriteSyscalls::lseek);
    }

    private static IoBuffer buffer(Task task, long address, long count) {
        return task.mm().buffer(address, count < 0 ? count : Math.min(count, MAX_COUNT));
    }

    private static FileDescription readable(Task task, long fd) {
        FileDescription file = task.file(fd);
        if (!file.isReadable()) {
            file.decRef();
            throw gvj.kernel.ErrnoException.of(Errno.EBADF);
        }
        return file;
    }

    private static FileDescription writable(Task task, long fd) {
        FileDescription file = task.file(fd);
        if (!file.isWritable()) {
            file.decRef();
            throw gvj.kernel.ErrnoException.of(Errno.EBADF);
        }
        return file;
    }

    private static long didRead(FileDescription file, long n) {
        if (n > 0) {
            Notify.file(file.path().dentry(), Poll.IN_ACCESS);
        }
        return n;
    }

    private static long didWrite(FileDescription file, long n) {
        if (n > 0) {
            Notify.file(file.path().dentry(), Poll.IN_MODIFY);
        }
        return n;
    }

    static long read(Task task, long fd, long address, long count) {
        FileDescription file = readable(task, fd);
        try {
            return didRead(file, Blocking.read(task, file, buffer(task, address, count)));
        } finally {
            file.decRef();
        }
    }

    static long write(Task task, long fd, long address, long count) {
        FileDescription file = writable(task, fd);
        try {
            return didWrite(file, Blocking.write(task, file, buffer(task, address, count)));
        } finally {
            file.decRef();
        }
    }

    static long pread64(Task task, long fd, long address, long count, long offset) {
        if (offset < 0) {
            return -Errno.EINVAL;
        }
        FileDescription file = readable(task, fd);
        try {
            return didRead(file, file.pread(task, buffer(task, address, count), offset));
        } finally {
            file.decRef();
        }
    }

    static long pwrite64(Task task, long fd, long address, long count, long offset) {
        if (offset < 0) {
            return -Errno.EINVAL;
        }
        FileDescription file = writable(task, fd);
        try {
            return didWrite(file, file.pwrite(task, buffer(task, address, count), offset));
        } finally {
            file.decRef();
        }
    }

    static long readv(Task task, long fd, long iov, long count) {
        FileDescription file = readable(task, fd);
        try {
            return didRead(file, Blocking.read(task, file, task.mm().iovec(iov, count(count))));
        } finally {
            file.decRef();
        }
    }

    static long writev(Task task, long fd, long iov, long count) {
        FileDescription file = writable(task, fd);
        try {
            return didWrite(file, Blocking.write(task, file, task.mm().iovec(iov, count(count))));
        } finally {
            file.decRef();
        }
    }

    /** iovcnt is an unsigned long in the kernel: what does not fit an int is too large anyway. */
    private static int count(long count) {
        return (int) Math.max(-1, Math.min(count, Integer.MAX_VALUE));
    }

    static long preadv(Task task, long fd, long iov, long count, long offset, long high) {
        return offset < 0 ? -Errno.EINVAL : readAt(task, fd, iov, count, offset, 0);
    }

    static long pwritev(Task task, long fd, long iov, long count, long offset, long high) {
        return offset < 0 ? -Errno.EINVAL : writeAt(task, fd, iov, count, offset, 0);
    }

    private static long readAt(Task task, long fd, long iov, long count, long offset, int flags) {
        FileDescription file = readable(task, fd);
        try {
            if ((flags & ~RWF_KNOWN) != 0) {
                return -Errno.EOPNOTSUPP;
            }
            IoBuffer to = task.mm().iovec(iov, count(count));
            if (offset != -1) {
                return didRead(file, file.pread(task, to, offset));
            }
            boolean nonBlocking = file.isNonBlocking() || (flags & MiscFlags.RWF_NOWAIT) != 0;
            return didRead(file, Blocking.read(task, file, to, nonBlocking));
        } finally {
            file.decRef();
        }
    }

    static long preadv2(Task task, long fd, long iov, long count, long offset, long high, long flags) {
        return offset < -1 ? -Errno.EINVAL : readAt(task, fd, iov, count, offset, (int) flags);
    }

    static long pwritev2(Task task, long fd, long iov, long count, long offset, long high, long flags) {
        return offset < -1 ? -Errno.EINVAL : writeAt(task, fd, iov, count, offset, (int) flags);
    }

    private static long writeAt(Task task, long fd, long iov, long count, long offset, int flags) {
        FileDescription file = writable(task, fd);
        try {
            int both = MiscFlags.RWF_APPEND | MiscFlags.RWF_NOAPPEND;
            if ((flags & ~RWF_KNOWN) != 0) {
                return -Errno.EOPNOTSUPP;
            }
            if ((flags & both) == both) {
                return -Errno.EINVAL;
            }
            IoBuffer from = task.mm().iovec(iov, count(count));
            boolean append = (flags & MiscFlags.RWF_NOAPPEND) == 0
                    && ((flags & MiscFlags.RWF_APPEND) != 0 || (file.flags() & Fcntl.O_APPEND) != 0);
            boolean nonBlocking = file.isNonBlocking() || (flags & MiscFlags.RWF_NOWAIT) != 0;
            long n = offset == -1
                    ? Blocking.write(task, file, from, nonBlocking)
                    : file.write(task, from, offset, append);
            if (n > 0 && (flags & (MiscFlags.RWF_SYNC | MiscFlags.RWF_DSYNC)) != 0) {
                long error = file.fsync(task, (flags & MiscFlags.RWF_SYNC) == 0);
                n = error < 0 ? error : n;
            }
            return didWrite(file, n);
        } finally {
            file.decRef();
        }
    }

    static long lseek(Task task, long fd, long offset, long whence) {
        FileDescription file = task.file(fd);
        try {
            int how = (int) whence;
            return how < 0 || how > 4 ? -Errno.EINVAL : file.seek(task, offset, how);
        } finally {
            file.decRef();
        }
    }
}
