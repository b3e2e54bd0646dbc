package gvj.kernel;

import gvj.abi.Errno;
import gvj.abi.Stat;
import gvj.vfs.Dentry;
import gvj.vfs.FileDescription;
import gvj.vfs.FileSystem;
import gvj.vfs.Inode;
import gvj.vfs.Kstat;
import gvj.vfs.Mount;
import gvj.vfs.Path;

/** An open {@code /proc/PID/ns/NAME}: a handle on a namespace for setns(2), namespaces(7). */
public final class NamespaceFile extends FileDescription {
    private static final NsFs FILE_SYSTEM = new NsFs();

    private final Object namespace;

    private NamespaceFile(Path path, int flags, Object namespace) {
        super(path, flags);
        this.namespace = namespace;
    }

    /** The namespace: a {@link UtsNamespace}, {@link IpcNamespace}, {@link PidNamespace} and so on. */
    public Object namespace() {
        return namespace;
    }

    /** The place of a task's namespace on nsfs; {@code name} as in /proc/PID/ns. */
    public static Path path(Task task, String name) {
        Namespaces all = task.namespaces();
        return switch (name) {
            case "uts" -> place("uts", all.uts(), all.uts().inode);
            case "ipc" -> place("ipc", all.ipc(), all.ipc().inode);
            case "net" -> place("net", all.net(), all.net().inode);
            case "pid" -> place("pid", task.pidNamespace(), task.pidNamespace().inode);
            case "pid_for_children" -> place("pid", all.pidForChildren(), all.pidForChildren().inode);
            case "user" -> {
                UserNamespace user = task.credentials().userNamespace();
                yield place("user", user, user.inode);
            }
            case "mnt" -> place("mnt", all.mount(), all.mount().inode);
            default -> throw ErrnoException.of(Errno.ENOENT);
        };
    }

    private static Path place(String kind, Object namespace, long ino) {
        NsInode inode = new NsInode(namespace, ino);
        return new Path(FILE_SYSTEM.mount, new Dentry(null, kind + ":[" + ino + "]", inode));
    }

    /** nsfs. */
    private static final class NsFs extends FileSystem {
        private final Mount mount = new Mount(this, new Dentry(null, "/", new NsInode(this, 1)));

        @Override
        public String type() {
            return "nsfs";
        }

        @Override
        public long magic() {
            return 0x6e736673L;
        }

        @Override
        public Inode root() {
            return mount.root().inode();
        }
    }

    private static final class NsInode extends Inode {
        private final Object namespace;
        private final long ino;

        NsInode(NsFs fs, long ino) {
            super(fs);
            this.namespace = fs;
            this.ino = ino;
        }

        NsInode(Object namespace, long ino) {
            super(FILE_SYSTEM);
            this.namespace = namespace;
            this.ino = ino;
        }

        @Override
        public long ino() {
            return ino;
        }

        @Override
        public int mode() {
            return Stat.S_IFREG | 0444;
        }

        @Override
        public int uid() {
            return 0;
        }

        @Override
        public int gid() {
            return 0;
        }

        @Override
        public void stat(Kstat out) {
            out.ino = ino;
            out.mode = mode();
            out.nlink = 1;
            out.uid = 0;
            out.gid = 0;
            out.rdevMajor = 0;
            out.rdevMinor = 0;
            out.size = 0;
            out.blockSize = 4096;
            out.blocks = 0;
            out.atime = 0;
            out.mtime = 0;
            out.ctime = 0;
            out.btime = 0;
            out.attributes = 0;
        }

        @Override
        public FileDescription open(Task task, Path path, int flags) {
            return new NamespaceFile(path, flags, namespace);
        }
    }
}
