package gvj.syscalls;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Mount;
import gvj.abi.SyscallNumbers;
import gvj.kernel.ErrnoException;
import gvj.kernel.FsContext;
import gvj.kernel.Task;
import gvj.vfs.Caller;
import gvj.vfs.FileSystem;
import gvj.vfs.MountNamespace;
import gvj.vfs.Path;
import gvj.vfs.PathWalker;
import gvj.vfs.Permissions;

/** mount(2), umount2(2), pivot_root(2). The calls with descriptors for mounts are in {@link MountApiSyscalls}. */
final class MountSyscalls {
    private static final int PAGE = 4096;
    private static final int PROPAGATION = Mount.MS_SHARED | Mount.MS_PRIVATE | Mount.MS_SLAVE | Mount.MS_UNBINDABLE;
    private static final int UMOUNT_FLAGS =
            Mount.MNT_FORCE | Mount.MNT_DETACH | Mount.MNT_EXPIRE | Mount.UMOUNT_NOFOLLOW;

    private MountSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_mount, "mount", MountSyscalls::mount);
        t.add(SyscallNumbers.SYS_umount2, "umount2", MountSyscalls::umount2);
        t.add(SyscallNumbers.SYS_pivot_root, "pivot_root", MountSyscalls::pivotRoot);
    }

    /** The caller's mount namespace; EINVAL if its root is mounted nowhere any more. */
    static MountNamespace namespace(Task task) {
        MountNamespace namespace = task.fs().root().mount().namespace();
        if (namespace == null) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        return namespace;
    }

    /** EPERM unless the caller may mount. */
    static void requireMount(Task task) {
        MountNamespace namespace = namespace(task);
        if (!Permissions.capableIn(task.credentials(), namespace.owner(), Capability.CAP_SYS_ADMIN)) {
            throw ErrnoException.of(Errno.EPERM);
        }
    }

    private static String string(Task task, long address) {
        return address == 0 ? null : task.mm().readCString(address, PAGE, Errno.EINVAL);
    }

    static long mount(Task task, long sourceAddress, long targetAddress, long typeAddress, long flagBits, long data) {
        String type = string(task, typeAddress);
        String source = string(task, sourceAddress);
        String options = data == 0 ? "" : string(task, data);
        int flags = (int) flagBits;
        if ((flags & Mount.MS_MGC_MSK) == Mount.MS_MGC_VAL) {
            flags &= ~Mount.MS_MGC_MSK;
        }
        Caller caller = Caller.of(task);
        Path target = caller.lookup(Fcntl.AT_FDCWD, task.mm().readPath(targetAddress), PathWalker.FOLLOW);
        requireMount(task);
        if ((flags & Mount.MS_REMOUNT) != 0) {
            remount(target, flags, options);
        } else if ((flags & Mount.MS_BIND) != 0) {
            bind(task, caller, source, target, (flags & Mount.MS_REC) != 0);
        } else if ((flags & PROPAGATION) != 0) {
            changeType(task, target, flags);
        } else if ((flags & Mount.MS_MOVE) != 0) {
            if (source == null || source.isEmpty()) {
                return -Errno.EINVAL;
            }
            namespace(task).move(caller.lookup(Fcntl.AT_FDCWD, source, PathWalker.FOLLOW), target);
        } else {
            if (type == null) {
                return -Errno.EINVAL;
            }
            FileSystem fs = task.kernel.vfs.make(type, task, source == null ? "none" : source, options);
            fs.setReadOnly((flags & Mount.MS_RDONLY) != 0);
            namespace(task).attach(gvj.vfs.Mount.of(fs, source == null ? "none" : source, mountFlags(flags)), target);
        }
        return 0;
    }

    /** From MS_* to the flags of a mount; atimes are relative unless something else is said. */
    static int mountFlags(int ms) {
        int flags = 0;
        if ((ms & Mount.MS_RDONLY) != 0) {
            flags |= gvj.vfs.Mount.RDONLY;
        }
        if ((ms & Mount.MS_NOSUID) != 0) {
            flags |= gvj.vfs.Mount.NOSUID;
        }
        if ((ms & Mount.MS_NODEV) != 0) {
            flags |= gvj.vfs.Mount.NODEV;
        }
        if ((ms & Mount.MS_NOEXEC) != 0) {
            flags |= gvj.vfs.Mount.NOEXEC;
        }
        if ((ms & Mount.MS_NODIRATIME) != 0) {
            flags |= gvj.vfs.Mount.NODIRATIME;
        }
        if ((ms & Mount.MS_NOSYMFOLLOW) != 0) {
            flags |= gvj.vfs.Mount.NOSYMFOLLOW;
        }
        if ((ms & Mount.MS_STRICTATIME) != 0) {
            return flags;
        }
        return flags | ((ms & Mount.MS_NOATIME) != 0 ? gvj.vfs.Mount.NOATIME : gvj.vfs.Mount.RELATIME);
    }

    private static void remount(Path target, int ms, String options) {
        gvj.vfs.Mount mount = target.mount();
        if (target.dentry() != mount.root()) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        int flags = mountFlags(ms);
        int atimes = Mount.MS_NOATIME | Mount.MS_NODIRATIME | Mount.MS_RELATIME | Mount.MS_STRICTATIME;
        if ((ms & atimes) == 0) {
            int kept = gvj.vfs.Mount.NOATIME | gvj.vfs.Mount.NODIRATIME | gvj.vfs.Mount.RELATIME;
            flags = flags & ~kept | mount.flags() & kept;
        }
        boolean readOnly = (ms & Mount.MS_RDONLY) != 0;
        if (readOnly) {
            mount.makeReadOnly();
        }
        if ((ms & Mount.MS_BIND) == 0) {
            mount.fileSystem().remount(options);
            mount.fileSystem().setReadOnly(readOnly);
        }
        mount.setFlags(flags);
    }

    private static void bind(Task task, Caller caller, String source, Path target, boolean recursive) {
        if (source == null || source.isEmpty()) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        Path from = caller.lookup(Fcntl.AT_FDCWD, source, PathWalker.FOLLOW);
        MountNamespace namespace = namespace(task);
        gvj.vfs.Mount copy = namespace.copyForBind(from, recursive);
        try {
            namespace.attach(copy, target);
        } catch (ErrnoException e) {
            namespace.discard(copy);
            throw e;
        }
    }

    private static void changeType(Task task, Path target, int flags) {
        int type = flags & ~(Mount.MS_REC | Mount.MS_SILENT);
        if (Integer.bitCount(type) != 1 || (type & PROPAGATION) == 0) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        namespace(task).setPropagation(target, type, (flags & Mount.MS_REC) != 0);
    }

    static long umount2(Task task, long path, long flagBits) {
        int flags = (int) flagBits;
        if ((flags & ~UMOUNT_FLAGS) != 0) {
            return -Errno.EINVAL;
        }
        Caller caller = Caller.of(task);
        int walk = (flags & Mount.UMOUNT_NOFOLLOW) != 0 ? 0 : PathWalker.FOLLOW;
        Path found = caller.lookup(Fcntl.AT_FDCWD, task.mm().readPath(path), walk);
        requireMount(task);
        gvj.vfs.Mount mount = found.mount();
        if (found.dentry() != mount.root()) {
            return -Errno.EINVAL;
        }
        boolean detach = (flags & Mount.MNT_DETACH) != 0;
        if ((flags & Mount.MNT_EXPIRE) != 0) {
            if ((flags & (Mount.MNT_FORCE | Mount.MNT_DETACH)) != 0
                    || mount == caller.root().mount()) {
                return -Errno.EINVAL;
            }
            if (mount.isBusy()) {
                return -Errno.EBUSY;
            }
            if (!mount.expire()) {
                return -Errno.EAGAIN;
            }
        }
        if (!detach && mount == caller.root().mount()) {
            mount.makeReadOnly();
            mount.fileSystem().setReadOnly(true);
            return 0;
        }
        namespace(task).unmount(mount, detach);
        return 0;
    }

    static long pivotRoot(Task task, long newRootAddress, long putOldAddress) {
        requireMount(task);
        Caller caller = Caller.of(task);
        int walk = PathWalker.FOLLOW | PathWalker.DIRECTORY;
        Path newRoot = caller.lookup(Fcntl.AT_FDCWD, task.mm().readPath(newRootAddress), walk);
        Path putOld = caller.lookup(Fcntl.AT_FDCWD, task.mm().readPath(putOldAddress), walk);
        Path oldRoot = caller.root();
        namespace(task).pivotRoot(oldRoot, newRoot, putOld);
        for (Task other : task.kernel.tasks.values()) {
            FsContext fs = other.fs();
            if (fs != null) {
                fs.replace(oldRoot, newRoot);
            }
        }
        return 0;
    }
}
