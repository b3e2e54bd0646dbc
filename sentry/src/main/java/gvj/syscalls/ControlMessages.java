package gvj.syscalls;

import gvj.abi.Bytes;
import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Socket;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.kernel.ThreadGroup;
import gvj.net.Message;
import gvj.net.Sock;
import gvj.net.SocketCredentials;
import gvj.vfs.FileDescription;
import java.util.Arrays;

/** Ancillary data of sendmsg(2) and recvmsg(2), cmsg(3): SCM_RIGHTS and SCM_CREDENTIALS. */
final class ControlMessages {
    /** Bytes of a struct cmsghdr: length, level, type. */
    private static final int HEADER = 16;
    /** Files one message may carry. */
    private static final int SCM_MAX_FD = 253;
    /** net.core.optmem_max. */
    static final int MAX_BYTES = 128 << 10;

    private ControlMessages() {}

    private static int align(int bytes) {
        return bytes + 7 & ~7;
    }

    /** Takes the control bytes of a send apart into {@code message}: EINVAL, EBADF, EPERM, ESRCH, ETOOMANYREFS. */
    static void parse(Task task, Sock sock, byte[] control, Message message) {
        int at = 0;
        while (control.length - at >= HEADER) {
            long length = Bytes.getLong(control, at);
            if (length < HEADER || length > control.length - at) {
                throw ErrnoException.of(Errno.EINVAL);
            }
            int level = Bytes.getInt(control, at + 8);
            int type = Bytes.getInt(control, at + 12);
            int bytes = (int) length - HEADER;
            if (!sock.passesFiles() || level != Socket.SOL_SOCKET) {
                sock.addControl(message, level, type, control, at + HEADER, bytes);
            } else if (type == Socket.SCM_RIGHTS) {
                addFiles(task, control, at + HEADER, bytes / 4, message);
            } else if (type == Socket.SCM_CREDENTIALS) {
                addCredentials(task, control, at + HEADER, bytes, message);
            } else {
                throw ErrnoException.of(Errno.EINVAL);
            }
            at += align((int) length);
        }
    }

    private static void addFiles(Task task, byte[] control, int at, int count, Message message) {
        if (count + message.files.length > SCM_MAX_FD) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        int had = message.files.length;
        FileDescription[] files = Arrays.copyOf(message.files, had + count);
        for (int i = 0; i < count; i++) {
            FileDescription file = task.fds().getOrNull(Bytes.getInt(control, at + i * 4));
            if (file == null) {
                message.files = Arrays.copyOf(files, had + i);
                throw ErrnoException.of(Errno.EBADF);
            }
            files[had + i] = file;
        }
        message.files = files;
    }

    private static void addCredentials(Task task, byte[] control, int at, int bytes, Message message) {
        if (bytes != SocketCredentials.BYTES) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        int pid = Bytes.getInt(control, at);
        int uid = Bytes.getInt(control, at + 4);
        int gid = Bytes.getInt(control, at + 8);
        Credentials own = task.credentials();
        ThreadGroup process = task.threadGroup();
        boolean mayPid = pid == task.pidNamespace().idOf(process) || own.has(Capability.CAP_SYS_ADMIN);
        boolean mayUid = uid == own.uid() || uid == own.euid() || uid == own.suid() || own.has(Capability.CAP_SETUID);
        boolean mayGid = gid == own.gid() || gid == own.egid() || gid == own.sgid() || own.has(Capability.CAP_SETGID);
        if (!mayPid || !mayUid || !mayGid) {
            throw ErrnoException.of(Errno.EPERM);
        }
        if (pid != task.pidNamespace().idOf(process)) {
            process = task.pidNamespace().threadGroup(pid);
            if (process == null) {
                throw ErrnoException.of(Errno.ESRCH);
            }
        }
        message.credentials = new SocketCredentials(process, uid, gid, own.groups());
    }

    /**
     * Writes what came with a message to the application, as much as there is room for; the rest is dropped with
     * MSG_CTRUNC in {@code message.flags}.
     *
     * @return bytes used of the control buffer
     */
    static int deliver(Task task, Sock sock, Message message, long address, long room, int flags) {
        boolean wantsCredentials = sock.options.passesCredentials() && message.credentials != null;
        if (address == 0 || room <= 0) {
            if (wantsCredentials || message.files.length > 0 || message.control.length > 0) {
                message.flags |= Socket.MSG_CTRUNC;
            }
            message.close();
            return 0;
        }
        int left = (int) Math.min(room, Integer.MAX_VALUE);
        int used = 0;
        if (wantsCredentials) {
            byte[] ucred = new byte[SocketCredentials.BYTES];
            message.credentials.encode(task, ucred, 0);
            used = put(task, message, address, left, Socket.SCM_CREDENTIALS, ucred);
        }
        if (message.files.length > 0) {
            used += putFiles(task, message, address + used, left - used, flags);
        }
        return used + putControl(task, message, address + used, left - used);
    }

    /** One control message, cut off where the room ends; the bytes used with padding. */
    private static int put(Task task, Message message, long address, int room, int type, byte[] data) {
        if (room < HEADER) {
            message.flags |= Socket.MSG_CTRUNC;
            return 0;
        }
        int length = HEADER + data.length;
        if (room < length) {
            message.flags |= Socket.MSG_CTRUNC;
            length = room;
        }
        byte[] bytes = Arrays.copyOf(header(length, type, data.length), length);
        System.arraycopy(data, 0, bytes, HEADER, length - HEADER);
        task.mm().copyOut(address, bytes, 0, length);
        return Math.min(align(length), room);
    }

    /** The family's own ones, one after the other. */
    private static int putControl(Task task, Message message, long address, int room) {
        byte[] control = message.control;
        int used = 0;
        for (int at = 0; at < control.length; ) {
            int length = (int) Bytes.getLong(control, at);
            int fits = Math.min(length, room - used);
            if (fits < length) {
                message.flags |= Socket.MSG_CTRUNC;
            }
            if (fits < HEADER) {
                break;
            }
            byte[] bytes = Arrays.copyOfRange(control, at, at + fits);
            Bytes.putLong(bytes, 0, fits);
            task.mm().copyOut(address + used, bytes, 0, fits);
            used += Math.min(align(fits), room - used);
            at += align(length);
        }
        return used;
    }

    private static byte[] header(int length, int type, int dataBytes) {
        byte[] bytes = new byte[HEADER + dataBytes];
        Bytes.putLong(bytes, 0, length);
        Bytes.putInt(bytes, 8, Socket.SOL_SOCKET);
        Bytes.putInt(bytes, 12, type);
        return bytes;
    }

    private static int putFiles(Task task, Message message, long address, int room, int flags) {
        FileDescription[] files = message.takeFiles();
        int fits = Math.max(0, Math.min(files.length, (room - HEADER) / 4));
        byte[] data = new byte[fits * 4];
        int count = 0;
        int next = 0;
        try {
            while (count < fits) {
                FileDescription file = files[next++];
                Bytes.putInt(data, count * 4, Descriptors.install(task, file, (flags & Socket.MSG_CMSG_CLOEXEC) != 0));
                count++;
            }
        } catch (ErrnoException e) {
            // no descriptor is left: the rest is cut off
        }
        for (int i = next; i < files.length; i++) {
            files[i].decRef();
        }
        int used = 0;
        if (count > 0) {
            used = put(task, message, address, room, Socket.SCM_RIGHTS, Arrays.copyOf(data, count * 4));
        }
        if (count < files.length) {
            message.flags |= Socket.MSG_CTRUNC;
        }
        return used;
    }
}
