package gvj.syscalls;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Poll;
import gvj.abi.SyscallNumbers;
import gvj.fs.pipe.PipeEnd;
import gvj.fs.pipe.Splice;
import gvj.kernel.Blocking;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.mm.ArrayIoBuffer;
import gvj.mm.IoBuffer;
import gvj.vfs.FileDescription;
import gvj.vfs.Notify;

/** pipe(2), splice(2), tee(2), vmsplice(2), sendfile(2). */
final class PipeSyscalls {
    private static final int SPLICE_FLAGS =
            Fcntl.SPLICE_F_MOVE | Fcntl.SPLICE_F_NONBLOCK | Fcntl.SPLICE_F_MORE | Fcntl.SPLICE_F_GIFT;
    private static final int CHUNK = 64 << 10;
    private static final long MAX_COUNT = 0x7ffff000L;

    private PipeSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_pipe, "pipe", PipeSyscalls::pipe);
        t.add(SyscallNumbers.SYS_pipe2, "pipe2", PipeSyscalls::pipe2);
        t.add(SyscallNumbers.SYS_splice, "splice", PipeSyscalls::splice);
        t.add(SyscallNumbers.SYS_tee, "tee", PipeSyscalls::tee);
        t.add(SyscallNumbers.SYS_vmsplice, "vmsplice", PipeSyscalls::vmsplice);
        t.add(SyscallNumbers.SYS_sendfile, "sendfile", PipeSyscalls::sendfile);
    }

    static long pipe(Task task, long fds) {
        return pipe2(task, fds, 0);
    }

    static long pipe2(Task task, long fds, long flagBits) {
        int flags = (int) flagBits;
        if ((flags & ~(Fcntl.O_CLOEXEC | Fcntl.O_NONBLOCK | Fcntl.O_DIRECT)) != 0) {
            return -Errno.EINVAL;
        }
        PipeEnd[] ends = PipeEnd.pair(task, flags & (Fcntl.O_NONBLOCK | Fcntl.O_DIRECT));
        return Descriptors.installPair(task, ends[0], ends[1], (flags & Fcntl.O_CLOEXEC) != 0, fds);
    }

    static long splice(Task task, long inFd, long inOffset, long outFd, long outOffset, long length, long flags) {
        if (length == 0) {
            return 0;
        }
        if (((int) flags & ~SPLICE_FLAGS) != 0) {
            return -Errno.EINVAL;
        }
        FileDescription in = task.file(inFd);
        try {
            FileDescription out = task.file(outFd);
            try {
                return splice(task, in, inOffset, out, outOffset, length, flags);
            } finally {
                out.decRef();
            }
        } finally {
            in.decRef();
        }
    }

    private static long splice(
            Task task,
            FileDescription in,
            long inAddress,
            FileDescription out,
            long outAddress,
            long length,
            long flags) {
        if (!in.isReadable() || !out.isWritable()) {
            return -Errno.EBADF;
        }
        boolean inIsPipe = in instanceof PipeEnd;
        boolean outIsPipe = out instanceof PipeEnd;
        if (inIsPipe && inAddress != 0 || outIsPipe && outAddress != 0) {
            return -Errno.ESPIPE;
        }
        if (length < 0 || !inIsPipe && !outIsPipe) {
            return -Errno.EINVAL;
        }
        long inOffset = offset(task, inAddress);
        long outOffset = offset(task, outAddress);
        boolean nonBlocking = (flags & Fcntl.SPLICE_F_NONBLOCK) != 0;
        long n = Splice.splice(task, in, inOffset, out, outOffset, length, nonBlocking);
        if (n > 0 && inAddress != 0) {
            task.mm().writeLong(inAddress, inOffset + n);
        }
        if (n > 0 && outAddress != 0) {
            task.mm().writeLong(outAddress, outOffset + n);
        }
        if (n == -Errno.EPIPE && out.raisesSigpipe()) {
            Blocking.raiseSigpipe(task);
        }
        if (n > 0) {
            notifyMoved(in, out);
        }
        // a file that cannot be read at a place
        return n == -Errno.ESPIPE ? -Errno.EINVAL : n;
    }

    /** The offset that {@code address} points to; -1 for no pointer. */
    private static long offset(Task task, long address) {
        if (address == 0) {
            return -1;
        }
        long offset = task.mm().readLong(address);
        if (offset < 0) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        return offset;
    }

    static long tee(Task task, long inFd, long outFd, long length, long flags) {
        if (((int) flags & ~SPLICE_FLAGS) != 0) {
            return -Errno.EINVAL;
        }
        if (length == 0) {
            return 0;
        }
        FileDescription in = task.file(inFd);
        try {
            FileDescription out = task.file(outFd);
            try {
                if (!in.isReadable() || !out.isWritable()) {
                    return -Errno.EBADF;
                }
                boolean nonBlocking = (flags & Fcntl.SPLICE_F_NONBLOCK) != 0;
                long n = length < 0 ? -Errno.EINVAL : Splice.tee(task, in, out, length, nonBlocking);
                if (n == -Errno.EPIPE) {
                    Blocking.raiseSigpipe(task);
                }
                return n;
            } finally {
                out.decRef();
            }
        } finally {
            in.decRef();
        }
    }

    static long vmsplice(Task task, long fd, long iov, long count, long flags) {
        if (((int) flags & ~SPLICE_FLAGS) != 0) {
            return -Errno.EINVAL;
        }
        FileDescription file = task.file(fd);
        try {
            if (!(file instanceof PipeEnd) || !file.isWritable() && !file.isReadable()) {
                return -Errno.EBADF;
            }
            if (count < 0 || count > 1024) {
                return -Errno.EINVAL;
            }
            IoBuffer data = task.mm().iovec(iov, (int) count);
            boolean nonBlocking = file.isNonBlocking() || (flags & Fcntl.SPLICE_F_NONBLOCK) != 0;
            return file.isWritable()
                    ? Blocking.write(task, file, data, nonBlocking)
                    : Blocking.read(task, file, data, nonBlocking);
        } finally {
            file.decRef();
        }
    }

    static long sendfile(Task task, long outFd, long inFd, long offsetAddress, long count) {
        long start = offsetAddress == 0 ? -1 : task.mm().readLong(offsetAddress);
        FileDescription in = task.file(inFd);
        try {
            if (!in.isReadable()) {
                return -Errno.EBADF;
            }
            if (offsetAddress != 0 && start < 0 || count < 0) {
                return -Errno.EINVAL;
            }
            FileDescription out = task.file(outFd);
            try {
                if (!out.isWritable()) {
                    return -Errno.EBADF;
                }
                if ((out.flags() & Fcntl.O_APPEND) != 0) {
                    return -Errno.EINVAL;
                }
                return copyFile(task, out, in, start, offsetAddress, Math.min(count, MAX_COUNT));
            } finally {
                out.decRef();
            }
        } finally {
            in.decRef();
        }
    }

    private static long copyFile(
            Task task, FileDescription out, FileDescription in, long start, long offsetAddress, long count) {
        long from = start >= 0 ? start : in.position();
        byte[] chunk = new byte[(int) Math.min(count, CHUNK)];
        long moved = 0;
        long error = 0;
        while (moved < count) {
            int wanted = (int) Math.min(chunk.length, count - moved);
            long n = in.pread(task, new ArrayIoBuffer(chunk, 0, wanted), from + moved);
            if (n <= 0) {
                // no place to read from: a file with an offset given says so, one without cannot be an input at all
                error = n == -Errno.ESPIPE && start < 0 ? -Errno.EINVAL : n;
                break;
            }
            long written = Blocking.write(task, out, new ArrayIoBuffer(chunk, 0, (int) n));
            if (written < 0) {
                error = written;
                break;
            }
            moved += written;
            if (written < n) {
                break;
            }
        }
        if (moved > 0 && offsetAddress == 0) {
            in.seek(task, from + moved, Fcntl.SEEK_SET);
        }
        if (offsetAddress != 0) {
            task.mm().writeLong(offsetAddress, from + moved);
        }
        if (moved > 0) {
            notifyMoved(in, out);
        }
        return moved > 0 ? moved : error;
    }

    private static void notifyMoved(FileDescription in, FileDescription out) {
        Notify.file(in.path().dentry(), Poll.IN_ACCESS);
        Notify.file(out.path().dentry(), Poll.IN_MODIFY);
    }
}
