package gvj.fs.pipe;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.kernel.Blocking;
import gvj.kernel.Task;
import gvj.net.Sock;
import gvj.vfs.FileDescription;

/** Moving data between a pipe and another file: splice(2), tee(2). */
public final class Splice {
    /** The most that one call moves: MAX_RW_COUNT. */
    private static final long MAX = 0x7ffff000L;

    private Splice() {}

    /**
     * splice(2) with checked flags.
     *
     * @param inOffset where to read a file that is no pipe, or -1 for its position
     * @param outOffset where to write, or -1
     * @return bytes moved, 0 at the end of the input, -errno
     */
    public static long splice(
            Task task,
            FileDescription in,
            long inOffset,
            FileDescription out,
            long outOffset,
            long length,
            boolean nonBlocking) {
        long max = Math.min(length, MAX);
        Pipe from = in instanceof PipeEnd end ? end.pipe : null;
        Pipe to = out instanceof PipeEnd end ? end.pipe : null;
        if (from != null && to != null) {
            boolean wait = !nonBlocking && !in.isNonBlocking() && !out.isNonBlocking();
            return from == to ? -Errno.EINVAL : pipeToPipe(task, in, out, max, true, wait);
        }
        if (from != null) {
            if ((out.flags() & Fcntl.O_APPEND) != 0) {
                return -Errno.EINVAL;
            }
            return pipeToFile(task, in, out, outOffset, max, !nonBlocking && !in.isNonBlocking());
        }
        if (to != null) {
            return fileToPipe(task, in, inOffset, out, max, !nonBlocking && !out.isNonBlocking());
        }
        return -Errno.EINVAL;
    }

    /** tee(2). */
    public static long tee(Task task, FileDescription in, FileDescription out, long length, boolean nonBlocking) {
        if (!(in instanceof PipeEnd from) || !(out instanceof PipeEnd to) || from.pipe == to.pipe) {
            return -Errno.EINVAL;
        }
        boolean wait = !nonBlocking && !in.isNonBlocking() && !out.isNonBlocking();
        return pipeToPipe(task, in, out, Math.min(length, MAX), false, wait);
    }

    private static long pipeToPipe(
            Task task, FileDescription in, FileDescription out, long max, boolean consume, boolean wait) {
        Pipe from = ((PipeEnd) in).pipe;
        Pipe to = ((PipeEnd) out).pipe;
        while (true) {
            long n = Pipe.transfer(from, to, max, consume);
            if (n != -Errno.EAGAIN || !wait) {
                return n;
            }
            boolean dry = from.isDry();
            n = Blocking.await(task, dry ? in : out, ~0, 0, new Blocking.Attempt() {
                @Override
                protected long once() {
                    return (dry ? from.isDry() : to.isFull()) ? -Errno.EAGAIN : 0;
                }
            });
            if (n < 0) {
                return n;
            }
        }
    }

    private static long pipeToFile(
            Task task, FileDescription in, FileDescription out, long offset, long max, boolean wait) {
        Pipe from = ((PipeEnd) in).pipe;
        while (true) {
            long n = from.drainTo(task, out, max, offset);
            if (n != -Errno.EAGAIN) {
                return n;
            }
            boolean dry = from.isDry();
            if (dry ? !wait : out.isNonBlocking()) {
                return n;
            }
            FileDescription slow = dry ? in : out;
            n = Blocking.await(
                    task, slow, dry ? Blocking.READ_EVENTS : Blocking.WRITE_EVENTS, 0, new Blocking.Attempt() {
                        private boolean waited;

                        @Override
                        protected long once() {
                            boolean again = dry ? from.isDry() : !waited && (out.poll(Blocking.WRITE_EVENTS) == 0);
                            waited = true;
                            return again ? -Errno.EAGAIN : 0;
                        }
                    });
            if (n < 0) {
                return n;
            }
        }
    }

    private static long fileToPipe(
            Task task, FileDescription in, long offset, FileDescription out, long max, boolean wait) {
        Pipe to = ((PipeEnd) out).pipe;
        while (true) {
            long n = to.fillFrom(task, in, max, offset);
            if (n != -Errno.EAGAIN) {
                return n;
            }
            boolean full = to.isFull();
            // SPLICE_F_NONBLOCK is for the pipe, but a socket heeds it too
            if (full || in instanceof Sock ? !wait : in.isNonBlocking()) {
                return n;
            }
            if (in.isNonBlocking() && !full) {
                return n;
            }
            FileDescription slow = full ? out : in;
            n = Blocking.await(
                    task, slow, full ? Blocking.WRITE_EVENTS : Blocking.READ_EVENTS, 0, new Blocking.Attempt() {
                        private boolean waited;

                        @Override
                        protected long once() {
                            boolean again = full ? to.isFull() : !waited && (in.poll(Blocking.READ_EVENTS) == 0);
                            waited = true;
                            return again ? -Errno.EAGAIN : 0;
                        }
                    });
            if (n < 0) {
                return n;
            }
        }
    }
}
