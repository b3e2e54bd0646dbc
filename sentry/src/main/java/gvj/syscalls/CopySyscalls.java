package gvj.syscalls;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Mman;
import gvj.abi.Poll;
import gvj.abi.SyscallNumbers;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.mm.ArrayIoBuffer;
import gvj.vfs.FileDescription;
import gvj.vfs.Notify;
import gvj.vfs.Path;
import gvj.vfs.Sealable;

/** copy_file_range(2) and memfd_create(2). */
final class CopySyscalls {
    private static final int CHUNK = 64 << 10;
    private static final long MAX_COUNT = 0x7ffff000L;
    private static final int MFD_NOEXEC_SEAL = 8;
    private static final int MFD_EXEC = 0x10;
    /** NAME_MAX without "memfd:". */
    private static final int MEMFD_NAME_MAX = 249;

    private CopySyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_copy_file_range, "copy_file_range", CopySyscalls::copyFileRange);
        t.add(SyscallNumbers.SYS_memfd_create, "memfd_create", CopySyscalls::memfdCreate);
        t.partial(SyscallNumbers.SYS_memfd_create, "no MFD_HUGETLB");
    }

    static long copyFileRange(Task task, long inFd, long inAt, long outFd, long outAt, long length, long flags) {
        if ((int) flags != 0) {
            return -Errno.EINVAL;
        }
        FileDescription in = task.file(inFd);
        try {
            FileDescription out = task.file(outFd);
            try {
                return copy(task, in, inAt, out, outAt, length);
            } finally {
                out.decRef();
            }
        } finally {
            in.decRef();
        }
    }

    private static long copy(Task task, FileDescription in, long inAt, FileDescription out, long outAt, long length) {
        long from = inAt == 0 ? in.position() : task.mm().readLong(inAt);
        long to = outAt == 0 ? out.position() : task.mm().readLong(outAt);
        if (in.inode().isDirectory() || out.inode().isDirectory()) {
            return -Errno.EISDIR;
        }
        if (!in.inode().isRegular() || !out.inode().isRegular()) {
            return -Errno.EINVAL;
        }
        if (!in.isReadable() || !out.isWritable() || (out.flags() & Fcntl.O_APPEND) != 0) {
            return -Errno.EBADF;
        }
        if (from < 0 || to < 0 || length < 0) {
            return -Errno.EINVAL;
        }
        if (from > Long.MAX_VALUE - length || to > Long.MAX_VALUE - length) {
            return -Errno.EOVERFLOW;
        }
        if (in.inode() == out.inode() && from < to + length && to < from + length) {
            return -Errno.EINVAL;
        }
        long done = move(task, in, from, out, to, Math.min(length, MAX_COUNT));
        if (done > 0) {
            advance(task, in, inAt, from + done);
            advance(task, out, outAt, to + done);
            Notify.file(in.path().dentry(), Poll.IN_ACCESS);
            Notify.file(out.path().dentry(), Poll.IN_MODIFY);
        }
        return done;
    }

    private static void advance(Task task, FileDescription file, long address, long offset) {
        if (address == 0) {
            file.seek(task, offset, Fcntl.SEEK_SET);
        } else {
            task.mm().writeLong(address, offset);
        }
    }

    /** Copies through an array, stopping where one side does; an error counts only if nothing was copied. */
    private static long move(Task task, FileDescription in, long from, FileDescription out, long to, long length) {
        byte[] buffer = new byte[(int) Math.min(length, CHUNK)];
        long done = 0;
        while (done < length) {
            int wanted = (int) Math.min(buffer.length, length - done);
            long result;
            try {
                long n = in.pread(task, new ArrayIoBuffer(buffer, 0, wanted), from + done);
                result = n <= 0 ? n : out.pwrite(task, new ArrayIoBuffer(buffer, 0, (int) n), to + done);
            } catch (ErrnoException e) {
                result = -e.errno();
            }
            if (result <= 0) {
                return done > 0 ? done : result;
            }
            done += result;
        }
        return done;
    }

    static long memfdCreate(Task task, long nameAddress, long flagBits) {
        int flags = (int) flagBits;
        int known = Mman.MFD_CLOEXEC | Mman.MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL | MFD_EXEC;
        if ((flags & ~known) != 0 || (flags & MFD_EXEC) != 0 && (flags & MFD_NOEXEC_SEAL) != 0) {
            return -Errno.EINVAL;
        }
        String name = task.mm().readCString(nameAddress, MEMFD_NAME_MAX + 1, Errno.EINVAL);
        boolean noExec = (flags & MFD_NOEXEC_SEAL) != 0;
        Credentials creds = task.credentials();
        Path path =
                task.kernel.vfs.shmem().anonymous("/memfd:" + name, noExec ? 0666 : 0777, creds.fsuid(), creds.fsgid());
        FileDescription file = path.inode().open(task, path, Fcntl.O_RDWR | Fcntl.O_LARGEFILE);
        Sealable sealable = (Sealable) path.inode();
        if (noExec || (flags & Mman.MFD_ALLOW_SEALING) != 0) {
            sealable.allowSealing();
        }
        if (noExec) {
            sealable.addSeals(Sealable.F_SEAL_EXEC);
        }
        return Descriptors.install(task, file, (flags & Mman.MFD_CLOEXEC) != 0);
    }
}
