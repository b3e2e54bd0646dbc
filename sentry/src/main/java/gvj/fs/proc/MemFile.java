package gvj.fs.proc;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Stat;
import gvj.fs.pseudo.PseudoInode;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.mm.IoBuffer;
import gvj.mm.MemoryManager;
import gvj.vfs.FileDescription;
import gvj.vfs.Path;

/** {@code /proc/PID/mem}: the memory of a process as a file, for debuggers; protections do not count. */
final class MemFile extends PseudoInode {
    private final Task task;

    MemFile(ProcFs fs, Task task) {
        super(fs, TaskInode.ino(task.tid, 9), Stat.S_IFREG | 0600);
        this.task = task;
    }

    @Override
    public int uid() {
        return TaskInode.uid(task);
    }

    @Override
    public int gid() {
        return TaskInode.gid(task);
    }

    @Override
    public boolean cacheable() {
        return false;
    }

    @Override
    public FileDescription open(Task opener, Path path, int flags) {
        MemoryManager mm = task.mm();
        if (mm == null) {
            throw ErrnoException.of(Errno.ESRCH);
        }
        if (task.threadGroup() != opener.threadGroup() && !gvj.kernel.PtraceAccess.allows(opener, task)) {
            throw ErrnoException.of(Errno.EACCES);
        }
        return new Memory(path, flags, mm);
    }

    /** The open file. Its monitor guards the position. */
    private static final class Memory extends FileDescription {
        private static final int CHUNK = 4096;

        private final MemoryManager mm;
        private long position;

        Memory(Path path, int flags, MemoryManager mm) {
            super(path, flags);
            this.mm = mm;
        }

        @Override
        public synchronized long read(Task reader, IoBuffer to) {
            long n = pread(reader, to, position);
            position += Math.max(n, 0);
            return n;
        }

        @Override
        public synchronized long write(Task writer, IoBuffer from) {
            long n = pwrite(writer, from, position);
            position += Math.max(n, 0);
            return n;
        }

        @Override
        public long pread(Task reader, IoBuffer to, long offset) {
            return transfer(to, offset, false);
        }

        @Override
        public long pwrite(Task writer, IoBuffer from, long offset) {
            return transfer(from, offset, true);
        }

        private long transfer(IoBuffer buffer, long offset, boolean write) {
            byte[] chunk = new byte[CHUNK];
            long done = 0;
            while (buffer.remaining() > 0) {
                int length = (int) Math.min(CHUNK - (offset + done & CHUNK - 1), buffer.remaining());
                if (write) {
                    length = buffer.copyIn(chunk, 0, length);
                    if (length == 0) {
                        return done > 0 ? done : -Errno.EFAULT;
                    }
                }
                int n = mm.accessForced(offset + done, chunk, 0, length, write);
                if (!write && n > 0) {
                    n = buffer.copyOut(chunk, 0, n);
                }
                done += n;
                if (n < length) {
                    return done > 0 ? done : -Errno.EIO;
                }
            }
            return done;
        }

        @Override
        public synchronized long seek(Task caller, long offset, int whence) {
            switch (whence) {
                case Fcntl.SEEK_SET -> position = offset;
                case Fcntl.SEEK_CUR -> position += offset;
                default -> {
                    return -Errno.EINVAL;
                }
            }
            return position;
        }
    }
}
