package gvj.syscalls;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Mount;
import gvj.abi.SyscallNumbers;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.vfs.Caller;
import gvj.vfs.FileDescription;
import gvj.vfs.FileSystem;
import gvj.vfs.MountNamespace;
import gvj.vfs.Opener;
import gvj.vfs.Path;
import gvj.vfs.PathWalker;

/** fsopen(2), fsconfig(2), fsmount(2), open_tree(2), move_mount(2), mount_setattr(2). */
final class MountApiSyscalls {
    private static final int FSCONFIG_SET_FLAG = 0;
    private static final int FSCONFIG_SET_STRING = 1;
    private static final int FSCONFIG_CMD_CREATE = 6;
    private static final int FSCONFIG_LAST = 8;
    private static final int MAX_STRING = 256;
    private static final int SETATTR_FLAGS =
            Fcntl.AT_EMPTY_PATH | Fcntl.AT_SYMLINK_NOFOLLOW | Fcntl.AT_NO_AUTOMOUNT | Fcntl.AT_RECURSIVE;
    /** The attributes with a meaning here. */
    private static final int ATTRIBUTES = Mount.MOUNT_ATTR_RDONLY
            | Mount.MOUNT_ATTR_NOSUID
            | Mount.MOUNT_ATTR_NODEV
            | Mount.MOUNT_ATTR_NOEXEC
            | Mount.MOUNT_ATTR__ATIME
            | Mount.MOUNT_ATTR_NODIRATIME
            | Mount.MOUNT_ATTR_NOSYMFOLLOW;

    private MountApiSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_fsopen, "fsopen", MountApiSyscalls::fsopen);
        t.add(SyscallNumbers.SYS_fsconfig, "fsconfig", MountApiSyscalls::fsconfig);
        t.add(SyscallNumbers.SYS_fsmount, "fsmount", MountApiSyscalls::fsmount);
        t.add(SyscallNumbers.SYS_open_tree, "open_tree", MountApiSyscalls::openTree);
        t.add(SyscallNumbers.SYS_move_mount, "move_mount", MountApiSyscalls::moveMount);
        t.add(SyscallNumbers.SYS_mount_setattr, "mount_setattr", MountApiSyscalls::mountSetattr);
        t.none(SyscallNumbers.SYS_fspick, "fspick", Errno.EOPNOTSUPP, "file systems are reconfigured with mount(2)");
        t.partial(SyscallNumbers.SYS_fsconfig, "no parameters by descriptor, no reconfiguration");
        t.partial(SyscallNumbers.SYS_mount_setattr, "no id-mapped mounts");
    }

    /** A file system being configured. Its monitor guards it. */
    private static final class Context extends FileDescription {
        private final String type;
        private final StringBuilder options = new StringBuilder();
        private String source = "none";
        private boolean readOnly;
        private FileSystem made;

        Context(Task task, String type) {
            super(task.kernel.anonFs.newPath("anon_inode:[fscontext]", 0600, 0, 0), Fcntl.O_RDWR);
            this.type = type;
        }
    }

    static long fsopen(Task task, long name, long flags) {
        MountSyscalls.requireMount(task);
        if (((int) flags & ~Mount.FSOPEN_CLOEXEC) != 0) {
            return -Errno.EINVAL;
        }
        String type = task.mm().readCString(name, MAX_STRING, Errno.EINVAL);
        if (!task.kernel.vfs.typeNames().contains(type)) {
            return -Errno.ENODEV;
        }
        return Descriptors.install(task, new Context(task, type), (int) flags != 0);
    }

    static long fsconfig(Task task, long fd, long commandBits, long keyAddress, long value, long aux) {
        int command = (int) commandBits;
        if ((int) fd < 0 || command < 0 || command > FSCONFIG_LAST) {
            return (int) fd < 0 ? -Errno.EINVAL : -Errno.EOPNOTSUPP;
        }
        FileDescription file = task.file(fd);
        try {
            if (!(file instanceof Context context)) {
                return -Errno.EINVAL;
            }
            synchronized (context) {
                return configure(task, context, command, keyAddress, value, (int) aux);
            }
        } finally {
            file.decRef();
        }
    }

    private static long configure(Task task, Context context, int command, long keyAddress, long value, int aux) {
        switch (command) {
            case FSCONFIG_SET_FLAG, FSCONFIG_SET_STRING -> {
                boolean flag = command == FSCONFIG_SET_FLAG;
                if (keyAddress == 0 || flag != (value == 0) || aux != 0) {
                    return -Errno.EINVAL;
                }
                if (context.made != null) {
                    return -Errno.EBUSY;
                }
                String key = task.mm().readCString(keyAddress, MAX_STRING, Errno.EINVAL);
                set(context, key, flag ? null : task.mm().readCString(value, MAX_STRING, Errno.EINVAL));
                return 0;
            }
            case FSCONFIG_CMD_CREATE -> {
                if (keyAddress != 0 || value != 0 || aux != 0) {
                    return -Errno.EINVAL;
                }
                if (context.made != null) {
                    return -Errno.EBUSY;
                }
                context.made = task.kernel.vfs.make(context.type, task, context.source, context.options.toString());
                context.made.setReadOnly(context.readOnly);
                return 0;
            }
            default -> {
                return -Errno.EOPNOTSUPP;
            }
        }
    }

    private static void set(Context context, String key, String value) {
        switch (key) {
            case "source" -> context.source = value == null ? "none" : value;
            case "ro" -> context.readOnly = true;
            case "rw" -> context.readOnly = false;
            default -> {
                if (key.indexOf(',') >= 0 || value != null && value.indexOf(',') >= 0) {
                    throw ErrnoException.of(Errno.EINVAL);
                }
                context.options.append(context.options.isEmpty() ? "" : ",").append(key);
                if (value != null) {
                    context.options.append('=').append(value);
                }
            }
        }
    }

    static long fsmount(Task task, long fd, long flags, long attributeBits) {
        int attributes = (int) attributeBits;
        MountSyscalls.requireMount(task);
        if (((int) flags & ~Mount.FSMOUNT_CLOEXEC) != 0 || (attributes & ~ATTRIBUTES) != 0) {
            return -Errno.EINVAL;
        }
        FileDescription file = task.file(fd);
        try {
            if (!(file instanceof Context context)) {
                return -Errno.EINVAL;
            }
            synchronized (context) {
                if (context.made == null) {
                    return -Errno.EINVAL;
                }
                gvj.vfs.Mount mount = gvj.vfs.Mount.of(context.made, context.source, fromAttributes(attributes));
                return openRoot(task, mount, (int) flags != 0);
            }
        } finally {
            file.decRef();
        }
    }

    private static long openRoot(Task task, gvj.vfs.Mount mount, boolean cloexec) {
        Path root = new Path(mount, mount.root());
        return Descriptors.install(task, Opener.open(Caller.of(task), root, Fcntl.O_PATH), cloexec);
    }

    /** From MOUNT_ATTR_* to the flags of a mount. */
    private static int fromAttributes(int attributes) {
        int flags =
                attributes & (gvj.vfs.Mount.RDONLY | gvj.vfs.Mount.NOSUID | gvj.vfs.Mount.NODEV | gvj.vfs.Mount.NOEXEC);
        switch (attributes & Mount.MOUNT_ATTR__ATIME) {
            case Mount.MOUNT_ATTR_RELATIME -> flags |= gvj.vfs.Mount.RELATIME;
            case Mount.MOUNT_ATTR_NOATIME -> flags |= gvj.vfs.Mount.NOATIME;
            case Mount.MOUNT_ATTR_STRICTATIME -> {}
            default -> throw ErrnoException.of(Errno.EINVAL);
        }
        if ((attributes & Mount.MOUNT_ATTR_NODIRATIME) != 0) {
            flags |= gvj.vfs.Mount.NODIRATIME;
        }
        return (attributes & Mount.MOUNT_ATTR_NOSYMFOLLOW) != 0 ? flags | gvj.vfs.Mount.NOSYMFOLLOW : flags;
    }

    static long openTree(Task task, long dirfd, long path, long flagBits) {
        int flags = (int) flagBits;
        int known = Fcntl.AT_EMPTY_PATH
                | Fcntl.AT_NO_AUTOMOUNT
                | Fcntl.AT_RECURSIVE
                | Fcntl.AT_SYMLINK_NOFOLLOW
                | Mount.OPEN_TREE_CLONE
                | Mount.OPEN_TREE_CLOEXEC;
        boolean clone = (flags & Mount.OPEN_TREE_CLONE) != 0;
        boolean recursive = (flags & Fcntl.AT_RECURSIVE) != 0;
        if ((flags & ~known) != 0 || recursive && !clone) {
            return -Errno.EINVAL;
        }
        if (clone) {
            MountSyscalls.requireMount(task);
        }
        Path found = StatSyscalls.lookup(task, (int) dirfd, path, flags);
        boolean cloexec = (flags & Mount.OPEN_TREE_CLOEXEC) != 0;
        if (!clone) {
            return Descriptors.install(task, Opener.open(Caller.of(task), found, Fcntl.O_PATH), cloexec);
        }
        return openRoot(task, MountSyscalls.namespace(task).copyForBind(found, recursive), cloexec);
    }

    static long moveMount(Task task, long fromFd, long fromPath, long toFd, long toPath, long flagBits) {
        int flags = (int) flagBits;
        MountSyscalls.requireMount(task);
        if ((flags & ~Mount.MOVE_MOUNT__MASK) != 0) {
            return -Errno.EINVAL;
        }
        if ((flags & Mount.MOVE_MOUNT_SET_GROUP) != 0) {
            return -Errno.EOPNOTSUPP;
        }
        Path from = place(task, fromFd, fromPath, flags, Mount.MOVE_MOUNT_F_SYMLINKS, Mount.MOVE_MOUNT_F_EMPTY_PATH);
        Path to = place(task, toFd, toPath, flags, Mount.MOVE_MOUNT_T_SYMLINKS, Mount.MOVE_MOUNT_T_EMPTY_PATH);
        MountNamespace namespace = MountSyscalls.namespace(task);
        if (from.dentry() != from.mount().root()) {
            return -Errno.EINVAL;
        }
        if (from.mount().namespace() == null) {
            namespace.attach(from.mount(), to);
        } else {
            namespace.move(from, to);
        }
        return 0;
    }

    private static Path place(Task task, long fd, long address, int flags, int follow, int empty) {
        String path = task.mm().readPath(address);
        boolean emptyAllowed = (flags & empty) != 0;
        Caller caller = Caller.of(task);
        int walk = ((flags & follow) != 0 ? PathWalker.FOLLOW : 0) | (emptyAllowed ? PathWalker.EMPTY : 0);
        return path.isEmpty() && emptyAllowed ? caller.directory((int) fd) : caller.lookup((int) fd, path, walk);
    }

    static long mountSetattr(Task task, long dirfd, long path, long flagBits, long attr, long size) {
        int flags = (int) flagBits;
        if ((flags & ~SETATTR_FLAGS) != 0 || size < Mount.MOUNT_ATTR_SIZE_VER0) {
            return -Errno.EINVAL;
        }
        if (size > Mount.MOUNT_ATTR_SIZE_VER0) {
            return -Errno.E2BIG;
        }
        MountSyscalls.requireMount(task);
        long set = task.mm().readLong(attr);
        long clear = task.mm().readLong(attr + 8);
        long propagation = task.mm().readLong(attr + 16);
        long known = ATTRIBUTES & 0xffffffffL;
        if (((set | clear) & ~known) != 0 || task.mm().readLong(attr + 24) != 0) {
            return -Errno.EINVAL;
        }
        boolean atime = (clear & Mount.MOUNT_ATTR__ATIME) == Mount.MOUNT_ATTR__ATIME;
        if (!atime && ((set | clear) & Mount.MOUNT_ATTR__ATIME) != 0) {
            return -Errno.EINVAL;
        }
        Path found = StatSyscalls.lookup(task, (int) dirfd, path, flags & ~Fcntl.AT_RECURSIVE);
        if (found.dentry() != found.mount().root()) {
            return -Errno.EINVAL;
        }
        boolean recursive = (flags & Fcntl.AT_RECURSIVE) != 0;
        for (gvj.vfs.Mount mount : MountNamespace.treeOf(found.mount(), recursive)) {
            change(mount, (int) set, (int) clear);
        }
        if (propagation != 0) {
            MountSyscalls.namespace(task).setPropagation(found, (int) propagation, recursive);
        }
        return 0;
    }

    private static void change(gvj.vfs.Mount mount, int set, int clear) {
        int atimes = gvj.vfs.Mount.NOATIME | gvj.vfs.Mount.RELATIME;
        int cleared = fromAttributes(clear & ~Mount.MOUNT_ATTR__ATIME) & ~atimes;
        int added = fromAttributes(set);
        boolean changesAtime = (clear & Mount.MOUNT_ATTR__ATIME) != 0;
        if ((set & Mount.MOUNT_ATTR_RDONLY) != 0) {
            mount.makeReadOnly();
        }
        int flags = mount.flags() & ~cleared;
        flags = changesAtime ? flags & ~atimes | added : flags | added & ~atimes;
        mount.setFlags(flags);
    }
}
