package gvj.syscalls;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Poll;
import gvj.abi.Sched;
import gvj.abi.SyscallNumbers;
import gvj.kernel.ErrnoException;
import gvj.kernel.RestartBlock;
import gvj.kernel.Task;
import gvj.vfs.FileDescription;

/** poll(2), ppoll(2), select(2), pselect6(2). */
final class PollSyscalls {
    private static final int POLLFD_BYTES = 8;
    private static final int SIGSET_BYTES = 8;
    private static final int ALWAYS = Poll.POLLERR | Poll.POLLHUP;

    /** What makes a descriptor of select's first, second and third set ready. */
    private static final int[] SELECT_READY = {
        Poll.POLLRDNORM | Poll.POLLRDBAND | Poll.POLLIN | Poll.POLLHUP | Poll.POLLERR,
        Poll.POLLWRBAND | Poll.POLLWRNORM | Poll.POLLOUT | Poll.POLLERR,
        Poll.POLLPRI
    };

    private PollSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_poll, "poll", PollSyscalls::poll);
        t.add(SyscallNumbers.SYS_ppoll, "ppoll", PollSyscalls::ppoll);
        t.add(SyscallNumbers.SYS_select, "select", PollSyscalls::select);
        t.add(SyscallNumbers.SYS_pselect6, "pselect6", PollSyscalls::pselect6);
    }

    static long poll(Task task, long fds, long count, long timeoutMillis) {
        int millis = (int) timeoutMillis;
        long deadline = millis < 0 ? Task.FOREVER : Timeouts.deadline(millis * 1_000_000L);
        return restartablePoll(task, fds, (int) count, deadline, millis != 0);
    }

    private static long restartablePoll(Task task, long fds, int count, long deadline, boolean sleep) {
        long result = pollFiles(task, fds, count, deadline, sleep);
        if (result == -Errno.ERESTARTNOHAND) {
            task.setRestart(new RestartBlock() {
                @Override
                public long restart(Task restarted) {
                    return restartablePoll(restarted, fds, count, deadline, true);
                }
            });
            return -Errno.ERESTART_RESTARTBLOCK;
        }
        return result;
    }

    static long ppoll(Task task, long fds, long count, long timeout, long mask, long maskBytes) {
        long nanos = timeout == 0 ? Long.MAX_VALUE : Timeouts.timespec(task, timeout);
        long deadline = Timeouts.deadline(nanos);
        setMask(task, mask, maskBytes);
        long result = pollFiles(task, fds, (int) count, deadline, nanos != 0);
        return timeout == 0 ? result : putLeft(task, timeout, deadline, false, result);
    }

    /** Blocks the mask at {@code address} for this call, if there is one; EINVAL, EFAULT. */
    static void setMask(Task task, long address, long bytes) {
        if (address != 0) {
            if (bytes != SIGSET_BYTES) {
                throw ErrnoException.of(Errno.EINVAL);
            }
            task.setTemporaryMask(task.mm().readLong(address));
        }
    }

    /** Tells the caller what is left of the timeout, which the call goes on with after a restart. */
    private static long putLeft(Task task, long address, long deadline, boolean timeval, long result) {
        long left = deadline == Task.FOREVER ? 0 : Timeouts.left(deadline);
        if (deadline == Task.FOREVER) {
            return result;
        }
        try {
            if (timeval) {
                Timeouts.putTimeval(task, address, left);
            } else {
                Timeouts.putTimespec(task, address, left);
            }
        } catch (ErrnoException e) {
            // Linux forgives a timeout that cannot be written, but cannot restart then
            return result == -Errno.ERESTARTNOHAND ? -Errno.EINTR : result;
        }
        return result;
    }

    private static long pollFiles(Task task, long address, int count, long deadline, boolean sleep) {
        long limit = task.rlimit(Sched.RLIMIT_NOFILE);
        if (Integer.compareUnsigned(count, (int) Math.min(limit < 0 ? Integer.MAX_VALUE : limit, 1 << 20)) > 0) {
            return -Errno.EINVAL;
        }
        int bytes = count * POLLFD_BYTES;
        byte[] fds = bytes <= 4096 ? task.scratch(bytes) : new byte[bytes];
        task.mm().copyIn(address, fds, 0, bytes);
        PollSet set = PollSet.open();
        try {
            for (int at = 0; at < bytes; at += POLLFD_BYTES) {
                addPollFd(task, set, Bytes.getInt(fds, at), Bytes.getShort(fds, at + 4));
            }
            long result = set.await(task, deadline, sleep);
            if (result >= 0) {
                for (int i = 0; i < count; i++) {
                    Bytes.putShort(fds, i * POLLFD_BYTES + 6, set.found(i));
                }
                task.mm().copyOut(address, fds, 0, bytes);
            }
            return result;
        } finally {
            set.close();
        }
    }

    private static void addPollFd(Task task, PollSet set, int fd, int events) {
        if (fd < 0) {
            set.addFixed(0);
            return;
        }
        FileDescription file = open(task, fd);
        if (file == null) {
            set.addFixed(Poll.POLLNVAL);
        } else {
            set.add(file, events & 0xffff | ALWAYS);
        }
    }

    /** The open file, or null also for one that is only a place (O_PATH). */
    private static FileDescription open(Task task, int fd) {
        FileDescription file = task.fds().getOrNull(fd);
        if (file != null && (file.flags() & Fcntl.O_PATH) != 0) {
            file.decRef();
            return null;
        }
        return file;
    }

    static long select(Task task, long n, long in, long out, long except, long timeout) {
        long nanos = timeout == 0 ? Long.MAX_VALUE : Timeouts.timeval(task, timeout);
        long deadline = Timeouts.deadline(nanos);
        long result = selectFiles(task, (int) n, in, out, except, deadline, nanos != 0);
        return timeout == 0 ? result : putLeft(task, timeout, deadline, true, result);
    }

    static long pselect6(Task task, long n, long in, long out, long except, long timeout, long maskArgument) {
        long nanos = timeout == 0 ? Long.MAX_VALUE : Timeouts.timespec(task, timeout);
        long deadline = Timeouts.deadline(nanos);
        if (maskArgument != 0) {
            long mask = task.mm().readLong(maskArgument);
            setMask(task, mask, task.mm().readLong(maskArgument + 8));
        }
        long result = selectFiles(task, (int) n, in, out, except, deadline, nanos != 0);
        return timeout == 0 ? result : putLeft(task, timeout, deadline, false, result);
    }

    private static long selectFiles(Task task, int n, long in, long out, long except, long deadline, boolean sleep) {
        if (n < 0) {
            return -Errno.EINVAL;
        }
        int count = Math.min(n, task.fds().capacity());
        int bytes = (count + 63) / 64 * 8;
        byte[] sets = new byte[bytes * 3];
        copySet(task, in, sets, 0, bytes);
        copySet(task, out, sets, bytes, bytes);
        copySet(task, except, sets, 2 * bytes, bytes);
        PollSet set = PollSet.open();
        try {
            if (!addSelected(task, set, sets, bytes, count)) {
                return -Errno.EBADF;
            }
            long result = set.await(task, deadline, sleep);
            if (result < 0) {
                return result;
            }
            int ready = keepReady(set, sets, bytes, count);
            putSet(task, in, sets, 0, bytes);
            putSet(task, out, sets, bytes, bytes);
            putSet(task, except, sets, 2 * bytes, bytes);
            return ready;
        } finally {
            set.close();
        }
    }

    private static void copySet(Task task, long address, byte[] sets, int offset, int bytes) {
        if (address != 0) {
            task.mm().copyIn(address, sets, offset, bytes);
        }
    }

    private static void putSet(Task task, long address, byte[] sets, int offset, int bytes) {
        if (address != 0) {
            task.mm().copyOut(address, sets, offset, bytes);
        }
    }

    private static boolean isSet(byte[] sets, int offset, int fd) {
        return (sets[offset + (fd >> 3)] >> (fd & 7) & 1) != 0;
    }

    /** The events that descriptor {@code fd} is asked for; 0 if it is in no set. */
    private static int selected(byte[] sets, int bytes, int fd) {
        int events = 0;
        for (int i = 0; i < 3; i++) {
            events |= isSet(sets, i * bytes, fd) ? SELECT_READY[i] : 0;
        }
        return events;
    }

    private static boolean isEmptyWord(byte[] sets, int bytes, int fd) {
        int at = fd >> 3;
        return (Bytes.getLong(sets, at) | Bytes.getLong(sets, bytes + at) | Bytes.getLong(sets, 2 * bytes + at)) == 0;
    }

    private static boolean addSelected(Task task, PollSet set, byte[] sets, int bytes, int count) {
        for (int fd = 0; fd < count; fd++) {
            if ((fd & 63) == 0 && isEmptyWord(sets, bytes, fd)) {
                fd += 63;
                continue;
            }
            int events = selected(sets, bytes, fd);
            if (events != 0) {
                FileDescription file = open(task, fd);
                if (file == null) {
                    return false;
                }
                set.add(file, events | ALWAYS);
            }
        }
        return true;
    }

    /** Clears the bits of what is not ready; the number of bits left. */
    private static int keepReady(PollSet set, byte[] sets, int bytes, int count) {
        int ready = 0;
        int index = 0;
        for (int fd = 0; fd < bytes * 8; fd++) {
            if ((fd & 63) == 0 && isEmptyWord(sets, bytes, fd)) {
                fd += 63;
                continue;
            }
            boolean counted = fd < count && selected(sets, bytes, fd) != 0;
            int found = counted ? set.found(index) : 0;
            for (int i = 0; i < 3; i++) {
                if (isSet(sets, i * bytes, fd)) {
                    if ((found & SELECT_READY[i]) != 0) {
                        ready++;
                    } else {
                        sets[i * bytes + (fd >> 3)] &= (byte) ~(1 << (fd & 7));
                    }
                }
            }
            index += counted ? 1 : 0;
        }
        return ready;
    }
}
