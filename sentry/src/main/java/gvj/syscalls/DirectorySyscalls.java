package gvj.syscalls;

import gvj.abi.Bytes;
import gvj.abi.Capability;
import gvj.abi.DirentLayout;
import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.StatLayout;
import gvj.abi.SyscallNumbers;
import gvj.kernel.Task;
import gvj.mm.MemoryManager;
import gvj.vfs.Caller;
import gvj.vfs.DirectorySink;
import gvj.vfs.FileDescription;
import gvj.vfs.Inode;
import gvj.vfs.Names;
import gvj.vfs.Path;
import gvj.vfs.PathNames;
import gvj.vfs.PathWalker;
import gvj.vfs.Permissions;
import gvj.vfs.Renames;

/** Directories and names: getdents(2), mkdir(2), link(2), rename(2), chdir(2), getcwd(2) and so on. */
final class DirectorySyscalls {
    private static final int BUFFER = 32 << 10;
    private static final int CWD = Fcntl.AT_FDCWD;

    private DirectorySyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_getdents, "getdents", DirectorySyscalls::getdents);
        t.add(SyscallNumbers.SYS_getdents64, "getdents64", DirectorySyscalls::getdents64);
        t.add(SyscallNumbers.SYS_mkdir, "mkdir", DirectorySyscalls::mkdir);
        t.add(SyscallNumbers.SYS_mkdirat, "mkdirat", DirectorySyscalls::mkdirat);
        t.add(SyscallNumbers.SYS_rmdir, "rmdir", DirectorySyscalls::rmdir);
        t.add(SyscallNumbers.SYS_mknod, "mknod", DirectorySyscalls::mknod);
        t.add(SyscallNumbers.SYS_mknodat, "mknodat", DirectorySyscalls::mknodat);
        t.add(SyscallNumbers.SYS_link, "link", DirectorySyscalls::link);
        t.add(SyscallNumbers.SYS_linkat, "linkat", DirectorySyscalls::linkat);
        t.add(SyscallNumbers.SYS_unlink, "unlink", DirectorySyscalls::unlink);
        t.add(SyscallNumbers.SYS_unlinkat, "unlinkat", DirectorySyscalls::unlinkat);
        t.add(SyscallNumbers.SYS_symlink, "symlink", DirectorySyscalls::symlink);
        t.add(SyscallNumbers.SYS_symlinkat, "symlinkat", DirectorySyscalls::symlinkat);
        t.add(SyscallNumbers.SYS_readlink, "readlink", DirectorySyscalls::readlink);
        t.add(SyscallNumbers.SYS_readlinkat, "readlinkat", DirectorySyscalls::readlinkat);
        t.add(SyscallNumbers.SYS_rename, "rename", DirectorySyscalls::rename);
        t.add(SyscallNumbers.SYS_renameat, "renameat", DirectorySyscalls::renameat);
        t.add(SyscallNumbers.SYS_renameat2, "renameat2", DirectorySyscalls::renameat2);
        t.add(SyscallNumbers.SYS_chdir, "chdir", DirectorySyscalls::chdir);
        t.add(SyscallNumbers.SYS_fchdir, "fchdir", DirectorySyscalls::fchdir);
        t.add(SyscallNumbers.SYS_chroot, "chroot", DirectorySyscalls::chroot);
        t.add(SyscallNumbers.SYS_getcwd, "getcwd", DirectorySyscalls::getcwd);
    }

    /** Packs entries into an array, the newer layout or the older. */
    private static final class Packer implements DirectorySink {
        private final byte[] bytes;
        private final int limit;
        private final boolean wide;
        private int used;
        private boolean refused;

        Packer(int limit, boolean wide) {
            this.bytes = new byte[limit];
            this.limit = limit;
            this.wide = wide;
        }

        @Override
        public boolean add(String name, long ino, int type, long nextPosition) {
            int length = name.length();
            int record = (wide ? DirentLayout.NAME64 + length + 1 : DirentLayout.NAME_OLD + length + 2) + 7 & ~7;
            if (record > limit - used) {
                refused = true;
                return false;
            }
            Bytes.putLong(bytes, used + DirentLayout.INO, ino);
            Bytes.putLong(bytes, used + DirentLayout.OFF, nextPosition);
            Bytes.putShort(bytes, used + DirentLayout.RECLEN, record);
            bytes[used + (wide ? DirentLayout.TYPE64 : record - 1)] = (byte) type;
            Text.put(name, bytes, used + (wide ? DirentLayout.NAME64 : DirentLayout.NAME_OLD));
            used += record;
            return true;
        }
    }

    static long getdents(Task task, long fd, long address, long count) {
        return list(task, fd, address, count, false);
    }

    static long getdents64(Task task, long fd, long address, long count) {
        return list(task, fd, address, count, true);
    }

    private static long list(Task task, long fd, long address, long countBits, boolean wide) {
        int count = (int) Math.min(countBits & 0xffffffffL, BUFFER);
        FileDescription file = task.file(fd);
        try {
            Packer packer = new Packer(count, wide);
            long before = file.position();
            int result = file.readdir(task, packer);
            if (result < 0) {
                return result;
            }
            if (packer.used == 0) {
                return packer.refused ? -Errno.EINVAL : 0;
            }
            try {
                task.mm().copyOut(address, packer.bytes, 0, packer.used);
            } catch (gvj.kernel.ErrnoException e) {
                file.seek(task, before, Fcntl.SEEK_SET);
                throw e;
            }
            return packer.used;
        } finally {
            file.decRef();
        }
    }

    static long mkdir(Task task, long path, long mode) {
        return mkdirat(task, CWD, path, mode);
    }

    static long mkdirat(Task task, long dirfd, long path, long mode) {
        Names.mkdir(Caller.of(task), (int) dirfd, task.mm().readPath(path), (int) mode);
        return 0;
    }

    static long rmdir(Task task, long path) {
        Names.rmdir(Caller.of(task), CWD, task.mm().readPath(path));
        return 0;
    }

    static long mknod(Task task, long path, long mode, long dev) {
        return mknodat(task, CWD, path, mode, dev);
    }

    static long mknodat(Task task, long dirfd, long path, long mode, long devBits) {
        int dev = (int) devBits;
        String name = task.mm().readPath(path);
        Names.mknod(
                Caller.of(task), (int) dirfd, name, (int) mode & 0xffff, StatLayout.major(dev), StatLayout.minor(dev));
        return 0;
    }

    static long link(Task task, long oldPath, long newPath) {
        return linkat(task, CWD, oldPath, CWD, newPath, 0);
    }

    static long linkat(Task task, long oldDirfd, long oldPath, long newDirfd, long newPath, long flagBits) {
        int flags = (int) flagBits;
        if ((flags & ~(Fcntl.AT_SYMLINK_FOLLOW | Fcntl.AT_EMPTY_PATH)) != 0) {
            return -Errno.EINVAL;
        }
        Caller caller = Caller.of(task);
        String from = task.mm().readPath(oldPath);
        if (from.isEmpty() && !Permissions.capable(caller.creds(), Capability.CAP_DAC_READ_SEARCH)) {
            return -Errno.ENOENT;
        }
        Path target = caller.lookup((int) oldDirfd, from, Names.linkFlags(flags));
        Names.link(caller, target, (int) newDirfd, task.mm().readPath(newPath));
        return 0;
    }

    static long unlink(Task task, long path) {
        return unlinkat(task, CWD, path, 0);
    }

    static long unlinkat(Task task, long dirfd, long path, long flagBits) {
        int flags = (int) flagBits;
        if ((flags & ~Fcntl.AT_REMOVEDIR) != 0) {
            return -Errno.EINVAL;
        }
        String name = task.mm().readPath(path);
        if (flags == 0) {
            Names.unlink(Caller.of(task), (int) dirfd, name);
        } else {
            Names.rmdir(Caller.of(task), (int) dirfd, name);
        }
        return 0;
    }

    static long symlink(Task task, long target, long path) {
        return symlinkat(task, target, CWD, path);
    }

    static long symlinkat(Task task, long target, long dirfd, long path) {
        MemoryManager mm = task.mm();
        Names.symlink(Caller.of(task), mm.readPath(target), (int) dirfd, mm.readPath(path));
        return 0;
    }

    static long readlink(Task task, long path, long to, long size) {
        return readlinkat(task, CWD, path, to, size);
    }

    static long readlinkat(Task task, long dirfd, long path, long to, long sizeBits) {
        int size = (int) sizeBits;
        if (size <= 0) {
            return -Errno.EINVAL;
        }
        String name = task.mm().readPath(path);
        Caller caller = Caller.of(task);
        Path found = name.isEmpty() ? caller.directory((int) dirfd) : caller.lookup((int) dirfd, name, 0);
        Inode inode = found.inode();
        if (!inode.isSymlink()) {
            return name.isEmpty() ? -Errno.ENOENT : -Errno.EINVAL;
        }
        String target = inode.readlink(task);
        int length = Math.min(target.length(), size);
        byte[] bytes = new byte[target.length()];
        Text.put(target, bytes, 0);
        task.mm().copyOut(to, bytes, 0, length);
        return length;
    }

    static long rename(Task task, long oldPath, long newPath) {
        return renameat2(task, CWD, oldPath, CWD, newPath, 0);
    }

    static long renameat(Task task, long oldDirfd, long oldPath, long newDirfd, long newPath) {
        return renameat2(task, oldDirfd, oldPath, newDirfd, newPath, 0);
    }

    static long renameat2(Task task, long oldDirfd, long oldPath, long newDirfd, long newPath, long flags) {
        String from = task.mm().readPath(oldPath);
        String to = task.mm().readPath(newPath);
        Renames.rename(Caller.of(task), (int) oldDirfd, from, (int) newDirfd, to, (int) flags);
        return 0;
    }

    static long chdir(Task task, long path) {
        Caller caller = Caller.of(task);
        Path found = caller.lookup(CWD, task.mm().readPath(path), PathWalker.FOLLOW | PathWalker.DIRECTORY);
        Permissions.check(caller.creds(), found, Fcntl.X_OK);
        task.fs().setWorkingDirectory(found);
        return 0;
    }

    static long fchdir(Task task, long fd) {
        FileDescription file = task.fds().get((int) fd);
        try {
            if (!file.inode().isDirectory()) {
                return -Errno.ENOTDIR;
            }
            Permissions.check(task.credentials(), file.path(), Fcntl.X_OK);
            task.fs().setWorkingDirectory(file.path());
            return 0;
        } finally {
            file.decRef();
        }
    }

    static long chroot(Task task, long path) {
        Caller caller = Caller.of(task);
        Path found = caller.lookup(CWD, task.mm().readPath(path), PathWalker.FOLLOW | PathWalker.DIRECTORY);
        Permissions.check(caller.creds(), found, Fcntl.X_OK);
        if (!caller.creds().has(Capability.CAP_SYS_CHROOT)) {
            return -Errno.EPERM;
        }
        task.fs().setRoot(found);
        return 0;
    }

    static long getcwd(Task task, long address, long size) {
        String name = PathNames.workingDirectory(
                task.fs().workingDirectory(), task.fs().root());
        if (name == null) {
            return -Errno.ENOENT;
        }
        if (name.length() >= gvj.abi.Stat.PATH_MAX) {
            return -Errno.ENAMETOOLONG;
        }
        if (Long.compareUnsigned(name.length() + 1L, size) > 0) {
            return -Errno.ERANGE;
        }
        byte[] bytes = new byte[name.length() + 1];
        Text.put(name, bytes, 0);
        task.mm().copyOut(address, bytes, 0, bytes.length);
        return bytes.length;
    }
}
