package gvj.syscalls;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Mman;
import gvj.abi.SyscallNumbers;
import gvj.fs.eventfd.EventFd;
import gvj.kernel.AioContext;
import gvj.kernel.Blocking;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.mm.IoBuffer;
import gvj.mm.MemoryFile;
import gvj.vfs.FileDescription;

/** io_setup(2), io_submit(2), io_getevents(2), io_cancel(2), io_destroy(2). */
final class AioSyscalls {
    private static final int IOCB_BYTES = 64;
    private static final int IOCB_CMD_PREAD = 0;
    private static final int IOCB_CMD_PWRITE = 1;
    private static final int IOCB_CMD_FSYNC = 2;
    private static final int IOCB_CMD_FDSYNC = 3;
    private static final int IOCB_CMD_PREADV = 7;
    private static final int IOCB_CMD_PWRITEV = 8;
    private static final int IOCB_FLAG_RESFD = 1;
    private static final int IOCB_FLAG_IOPRIO = 2;
    private static final long MAX_COUNT = 0x7ffff000L;

    private AioSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_io_setup, "io_setup", AioSyscalls::ioSetup);
        t.add(SyscallNumbers.SYS_io_destroy, "io_destroy", AioSyscalls::ioDestroy);
        t.add(SyscallNumbers.SYS_io_submit, "io_submit", AioSyscalls::ioSubmit);
        t.add(SyscallNumbers.SYS_io_cancel, "io_cancel", AioSyscalls::ioCancel);
        t.add(SyscallNumbers.SYS_io_getevents, "io_getevents", AioSyscalls::ioGetevents);
        t.add(SyscallNumbers.SYS_io_pgetevents, "io_pgetevents", AioSyscalls::ioPgetevents);
        t.partial(SyscallNumbers.SYS_io_submit, "operations are done at once; IOCB_CMD_POLL answers EINVAL");
    }

    /** The name of a context is an address, where libaio looks for a ring; a page of zeros tells it that there is none. */
    static long ioSetup(Task task, long eventBits, long address) {
        long events = eventBits & 0xffffffffL;
        if (task.mm().readLong(address) != 0 || events == 0) {
            return -Errno.EINVAL;
        }
        int flags = Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS;
        long id = task.mm().mmap(0, MemoryFile.PAGE, Mman.PROT_READ, flags, null, null, 0);
        try {
            ErrnoException.check(AioContext.create(task.mm(), id, events));
            task.mm().writeLong(address, id);
            return 0;
        } catch (ErrnoException e) {
            task.mm().munmap(id, MemoryFile.PAGE);
            throw e;
        }
    }

    static long ioDestroy(Task task, long id) {
        AioContext.destroy(task.mm(), id);
        task.mm().munmap(id, MemoryFile.PAGE);
        return 0;
    }

    static long ioSubmit(Task task, long id, long count, long pointers) {
        AioContext context = AioContext.find(task.mm(), id);
        if (count < 0) {
            return -Errno.EINVAL;
        }
        long submitted = 0;
        try {
            while (submitted < Math.min(count, context.capacity())) {
                long iocb = task.mm().readLong(pointers + submitted * 8);
                submit(task, context, iocb);
                submitted++;
            }
        } catch (ErrnoException e) {
            return submitted > 0 ? submitted : -e.errno();
        }
        return submitted;
    }

    private static void submit(Task task, AioContext context, long address) {
        byte[] iocb = new byte[IOCB_BYTES];
        task.mm().copyIn(address, iocb, 0, IOCB_BYTES);
        int flags = Bytes.getInt(iocb, 56);
        boolean badLength = Bytes.getLong(iocb, 32) < 0;
        if (Bytes.getLong(iocb, 48) != 0 || (flags & ~(IOCB_FLAG_RESFD | IOCB_FLAG_IOPRIO)) != 0 || badLength) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        if (!context.reserve()) {
            throw ErrnoException.of(Errno.EAGAIN);
        }
        boolean done = false;
        FileDescription file = null;
        FileDescription told = null;
        try {
            file = task.file(Bytes.getInt(iocb, 20));
            if ((flags & IOCB_FLAG_RESFD) != 0) {
                told = task.file(Bytes.getInt(iocb, 60));
                if (!(told instanceof EventFd)) {
                    throw ErrnoException.of(Errno.EINVAL);
                }
            }
            task.mm().writeInt(address + 8, 0);
            long result = perform(task, file, iocb);
            context.complete(Bytes.getLong(iocb, 0), address, result);
            done = true;
            if (told instanceof EventFd event) {
                event.signal(1);
            }
        } finally {
            if (!done) {
                context.unreserve();
            }
            if (file != null) {
                file.decRef();
            }
            if (told != null) {
                told.decRef();
            }
        }
    }

    /** Carries an operation out: what the event will say; throws what io_submit(2) itself answers. */
    private static long perform(Task task, FileDescription file, byte[] iocb) {
        int opcode = Bytes.getShort(iocb, 16) & 0xffff;
        long buffer = Bytes.getLong(iocb, 24);
        long bytes = Bytes.getLong(iocb, 32);
        long offset = Bytes.getLong(iocb, 40);
        switch (opcode) {
            case IOCB_CMD_PREAD, IOCB_CMD_PREADV -> {
                if (!file.isReadable()) {
                    throw ErrnoException.of(Errno.EBADF);
                }
                return transfer(task, file, data(task, opcode == IOCB_CMD_PREADV, buffer, bytes), offset, true);
            }
            case IOCB_CMD_PWRITE, IOCB_CMD_PWRITEV -> {
                if (!file.isWritable()) {
                    throw ErrnoException.of(Errno.EBADF);
                }
                return transfer(task, file, data(task, opcode == IOCB_CMD_PWRITEV, buffer, bytes), offset, false);
            }
            case IOCB_CMD_FSYNC, IOCB_CMD_FDSYNC -> {
                long result = file.fsync(task, opcode == IOCB_CMD_FDSYNC);
                if (result == -Errno.EINVAL) {
                    throw ErrnoException.of(Errno.EINVAL);
                }
                return result;
            }
            default -> throw ErrnoException.of(Errno.EINVAL);
        }
    }

    private static IoBuffer data(Task task, boolean vector, long address, long length) {
        if (vector) {
            if (length > 1024) {
                throw ErrnoException.of(Errno.EINVAL);
            }
            return task.mm().iovec(address, (int) length);
        }
        return task.mm().buffer(address, Math.min(length, MAX_COUNT));
    }

    private static long transfer(Task task, FileDescription file, IoBuffer data, long offset, boolean read) {
        if (offset < 0) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        long n;
        try {
            n = read ? file.pread(task, data, offset) : file.pwrite(task, data, offset);
            if (n == -Errno.ESPIPE) {
                n = read ? Blocking.read(task, file, data) : Blocking.write(task, file, data);
            }
        } catch (ErrnoException e) {
            n = -e.errno();
        }
        // an operation cannot be restarted once it was submitted
        return n == -Errno.ERESTARTSYS ? -Errno.EINTR : n;
    }

    /** Nothing is ever on its way. */
    static long ioCancel(Task task, long id, long iocb, long result) {
        task.mm().readInt(iocb + 8);
        AioContext.find(task.mm(), id);
        return -Errno.EINVAL;
    }

    static long ioGetevents(Task task, long id, long min, long max, long events, long timeout) {
        long nanos = timeout == 0 ? Long.MAX_VALUE : Timeouts.timespec(task, timeout);
        return getEvents(task, id, min, max, events, nanos);
    }

    static long ioPgetevents(Task task, long id, long min, long max, long events, long timeout, long maskArgument) {
        long nanos = timeout == 0 ? Long.MAX_VALUE : Timeouts.timespec(task, timeout);
        if (maskArgument != 0) {
            long mask = task.mm().readLong(maskArgument);
            PollSyscalls.setMask(task, mask, task.mm().readLong(maskArgument + 8));
        }
        return getEvents(task, id, min, max, events, nanos);
    }

    private static long getEvents(Task task, long id, long min, long max, long address, long nanos) {
        AioContext context = AioContext.find(task.mm(), id);
        if (min < 0 || max < 0 || min > max) {
            return -Errno.EINVAL;
        }
        int limit = (int) Math.min(max, context.capacity());
        byte[] out = new byte[limit * AioContext.EVENT_BYTES];
        int[] taken = {context.take(out, 0, limit)};
        long wanted = Math.min(min, limit);
        long result = 0;
        if (taken[0] < wanted && nanos != 0) {
            long timeout = nanos == Long.MAX_VALUE ? 0 : nanos;
            result = Blocking.await(task, context.queue(), ~0, timeout, new Blocking.Attempt() {
                @Override
                protected long once() {
                    if (context.isDestroyed()) {
                        return -Errno.EINVAL;
                    }
                    taken[0] += context.take(out, taken[0] * AioContext.EVENT_BYTES, limit - taken[0]);
                    return taken[0] >= wanted ? 0 : -Errno.EAGAIN;
                }
            });
        }
        if (taken[0] > 0) {
            task.mm().copyOut(address, out, 0, taken[0] * AioContext.EVENT_BYTES);
            return taken[0];
        }
        if (result == -Errno.EAGAIN) {
            return 0;
        }
        return result == -Errno.ERESTARTSYS ? -Errno.EINTR : result;
    }
}
