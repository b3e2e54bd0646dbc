package gvj.fs.pipe;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.kernel.Blocking;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.vfs.FileDescription;
import gvj.vfs.Path;

/** What stands behind a fifo(7) of any file system: an inode of that type holds one and opens through it. */
public final class Fifo {
    private final Pipe pipe = new Pipe();

    /**
     * open(2) of the fifo. Sleeps until somebody opens the other side unless {@code flags} say O_NONBLOCK or O_RDWR: no
     * lock may be held. ENXIO for O_WRONLY | O_NONBLOCK without a reader; ERESTARTSYS when interrupted.
     */
    public FileDescription open(Task task, Path path, int flags) {
        return open(task, path, flags, pipe);
    }

    /** open(2) of an anonymous pipe by its name in /proc/PID/fd: it has been open before, so waits for nobody. */
    static FileDescription reopen(Path path, int flags, Pipe pipe) {
        int access = flags & Fcntl.O_ACCMODE;
        if (access == Fcntl.O_ACCMODE) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        pipe.opened(access != Fcntl.O_WRONLY, access != Fcntl.O_RDONLY);
        return new PipeEnd(path, flags, pipe, 0);
    }

    private static FileDescription open(Task task, Path path, int flags, Pipe pipe) {
        boolean nonBlocking = (flags & Fcntl.O_NONBLOCK) != 0;
        switch (flags & Fcntl.O_ACCMODE) {
            case Fcntl.O_RDONLY -> {
                long writersBefore;
                // one step: a writer that waits for us may be done and gone as soon as we are counted
                synchronized (pipe) {
                    pipe.opened(true, false);
                    if (pipe.hasWriters()) {
                        break;
                    }
                    writersBefore = pipe.writersEver();
                }
                if (nonBlocking) {
                    return new PipeEnd(path, flags, pipe, writersBefore);
                }
                waitForOther(task, pipe, true, writersBefore);
            }
            case Fcntl.O_WRONLY -> {
                long readersBefore;
                synchronized (pipe) {
                    if (nonBlocking && !pipe.hasReaders()) {
                        throw ErrnoException.of(Errno.ENXIO);
                    }
                    pipe.opened(false, true);
                    if (pipe.hasReaders()) {
                        break;
                    }
                    readersBefore = pipe.readersEver();
                }
                waitForOther(task, pipe, false, readersBefore);
            }
            case Fcntl.O_RDWR -> pipe.opened(true, true);
            default -> throw ErrnoException.of(Errno.EINVAL);
        }
        return new PipeEnd(path, flags, pipe, 0);
    }

    /** Sleeps until the other side is opened, even if it is closed again at once. */
    private static void waitForOther(Task task, Pipe pipe, boolean reading, long before) {
        long result = Blocking.await(task, pipe.queue, ~0, 0, new Blocking.Attempt() {
            @Override
            protected long once() {
                return (reading ? pipe.writersEver() : pipe.readersEver()) != before ? 0 : -Errno.EAGAIN;
            }
        });
        if (result < 0) {
            pipe.closed(reading, !reading);
            throw ErrnoException.of((int) -result);
        }
    }
}
