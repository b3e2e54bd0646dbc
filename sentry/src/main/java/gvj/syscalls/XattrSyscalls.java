package gvj.syscalls;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Stat;
import gvj.abi.SyscallNumbers;
import gvj.kernel.Task;
import gvj.vfs.FileDescription;
import gvj.vfs.Path;
import gvj.vfs.Xattrs;

/** Extended attributes: setxattr(2), getxattr(2), listxattr(2), removexattr(2) and their l- and f-forms. */
final class XattrSyscalls {
    private static final int NOFOLLOW = Fcntl.AT_SYMLINK_NOFOLLOW;

    private XattrSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_setxattr, "setxattr", XattrSyscalls::setxattr);
        t.add(SyscallNumbers.SYS_lsetxattr, "lsetxattr", XattrSyscalls::lsetxattr);
        t.add(SyscallNumbers.SYS_fsetxattr, "fsetxattr", XattrSyscalls::fsetxattr);
        t.add(SyscallNumbers.SYS_getxattr, "getxattr", XattrSyscalls::getxattr);
        t.add(SyscallNumbers.SYS_lgetxattr, "lgetxattr", XattrSyscalls::lgetxattr);
        t.add(SyscallNumbers.SYS_fgetxattr, "fgetxattr", XattrSyscalls::fgetxattr);
        t.add(SyscallNumbers.SYS_listxattr, "listxattr", XattrSyscalls::listxattr);
        t.add(SyscallNumbers.SYS_llistxattr, "llistxattr", XattrSyscalls::llistxattr);
        t.add(SyscallNumbers.SYS_flistxattr, "flistxattr", XattrSyscalls::flistxattr);
        t.add(SyscallNumbers.SYS_removexattr, "removexattr", XattrSyscalls::removexattr);
        t.add(SyscallNumbers.SYS_lremovexattr, "lremovexattr", XattrSyscalls::lremovexattr);
        t.add(SyscallNumbers.SYS_fremovexattr, "fremovexattr", XattrSyscalls::fremovexattr);
    }

    private static Path at(Task task, long path, int flags) {
        return StatSyscalls.lookup(task, Fcntl.AT_FDCWD, path, flags);
    }

    private static Path of(Task task, long fd) {
        FileDescription file = task.file(fd);
        try {
            return file.path();
        } finally {
            file.decRef();
        }
    }

    private static String name(Task task, long address) {
        String name = task.mm().readCString(address, Stat.XATTR_NAME_MAX + 1, Errno.ERANGE);
        if (name.isEmpty()) {
            throw gvj.kernel.ErrnoException.of(Errno.ERANGE);
        }
        return name;
    }

    private static long set(Task task, Path path, long nameAddress, long value, long size, long flagBits) {
        int flags = (int) flagBits;
        if ((flags & ~(Stat.XATTR_CREATE | Stat.XATTR_REPLACE)) != 0) {
            return -Errno.EINVAL;
        }
        String name = name(task, nameAddress);
        if (Long.compareUnsigned(size, Stat.XATTR_SIZE_MAX) > 0) {
            return -Errno.E2BIG;
        }
        byte[] bytes = new byte[(int) size];
        task.mm().copyIn(value, bytes, 0, bytes.length);
        Xattrs.set(task.credentials(), path, name, bytes, flags);
        return 0;
    }

    static long setxattr(Task task, long path, long name, long value, long size, long flags) {
        return set(task, at(task, path, 0), name, value, size, flags);
    }

    static long lsetxattr(Task task, long path, long name, long value, long size, long flags) {
        return set(task, at(task, path, NOFOLLOW), name, value, size, flags);
    }

    static long fsetxattr(Task task, long fd, long name, long value, long size, long flags) {
        return set(task, of(task, fd), name, value, size, flags);
    }

    private static long get(Task task, Path path, long nameAddress, long to, long size) {
        byte[] value = Xattrs.get(task.credentials(), path, name(task, nameAddress));
        return give(task, value, to, size);
    }

    private static long give(Task task, byte[] bytes, long to, long size) {
        if (size == 0) {
            return bytes.length;
        }
        if (Long.compareUnsigned(size, bytes.length) < 0) {
            return -Errno.ERANGE;
        }
        task.mm().copyOut(to, bytes, 0, bytes.length);
        return bytes.length;
    }

    static long getxattr(Task task, long path, long name, long value, long size) {
        return get(task, at(task, path, 0), name, value, size);
    }

    static long lgetxattr(Task task, long path, long name, long value, long size) {
        return get(task, at(task, path, NOFOLLOW), name, value, size);
    }

    static long fgetxattr(Task task, long fd, long name, long value, long size) {
        return get(task, of(task, fd), name, value, size);
    }

    private static long list(Task task, Path path, long to, long size) {
        StringBuilder names = new StringBuilder();
        for (String name : Xattrs.list(task.credentials(), path)) {
            names.append(name).append('\0');
        }
        if (names.length() > Stat.XATTR_LIST_MAX) {
            return -Errno.E2BIG;
        }
        return give(task, Text.bytes(names.toString()), to, size);
    }

    static long listxattr(Task task, long path, long to, long size) {
        return list(task, at(task, path, 0), to, size);
    }

    static long llistxattr(Task task, long path, long to, long size) {
        return list(task, at(task, path, NOFOLLOW), to, size);
    }

    static long flistxattr(Task task, long fd, long to, long size) {
        return list(task, of(task, fd), to, size);
    }

    private static long remove(Task task, Path path, long nameAddress) {
        Xattrs.remove(task.credentials(), path, name(task, nameAddress));
        return 0;
    }

    static long removexattr(Task task, long path, long name) {
        return remove(task, at(task, path, 0), name);
    }

    static long lremovexattr(Task task, long path, long name) {
        return remove(task, at(task, path, NOFOLLOW), name);
    }

    static long fremovexattr(Task task, long fd, long name) {
        return remove(task, of(task, fd), name);
    }
}
