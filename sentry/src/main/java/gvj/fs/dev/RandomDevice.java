package gvj.fs.dev;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.kernel.RandomSource;
import gvj.kernel.Task;
import gvj.mm.IoBuffer;
import gvj.vfs.FileDescription;
import gvj.vfs.Path;

/** random(4): both devices give the host's random numbers and take any entropy without using it. */
final class RandomDevice extends FileDescription {
    private static final int RNDGETENTCNT = 0x80045200;
    private static final int CHUNK = 4096;

    RandomDevice(Path path, int flags) {
        super(path, flags);
    }

    @Override
    public long read(Task task, IoBuffer to) {
        byte[] chunk = new byte[(int) Math.min(CHUNK, to.remaining())];
        long done = 0;
        while (to.remaining() > 0) {
            int length = (int) Math.min(chunk.length, to.remaining());
            RandomSource.fill(chunk, length);
            int n = to.copyOut(chunk, 0, length);
            done += n;
            if (n < length) {
                break;
            }
        }
        return done;
    }

    @Override
    public long write(Task task, IoBuffer from) {
        long n = from.remaining();
        from.skip(n);
        return n;
    }

    @Override
    public long pread(Task task, IoBuffer to, long offset) {
        return read(task, to);
    }

    @Override
    public long pwrite(Task task, IoBuffer from, long offset) {
        return write(task, from);
    }

    @Override
    public long seek(Task task, long offset, int whence) {
        return whence == Fcntl.SEEK_SET || whence == Fcntl.SEEK_CUR || whence == Fcntl.SEEK_END ? 0 : -Errno.EINVAL;
    }

    @Override
    public long ioctl(Task task, int request, long argument) {
        if (request != RNDGETENTCNT) {
            return -Errno.EINVAL;
        }
        task.mm().writeInt(argument, 256);
        return 0;
    }
}
