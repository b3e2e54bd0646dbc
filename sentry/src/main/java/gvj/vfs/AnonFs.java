package gvj.vfs;

import gvj.abi.Stat;
import gvj.kernel.Task;
import java.util.concurrent.atomic.AtomicLong;

/** Where pipes, sockets, eventfds and the like live: files without a name in any directory. */
public final class AnonFs extends FileSystem {
    /** Inode numbers, shared so that no two anonymous files have the same. */
    private static final AtomicLong NEXT_INO = new AtomicLong(1000);

    private final String type;
    private final long magic;
    private final Mount mount;

    /**
     * One kind.
     *
     * @param type pipefs, sockfs, anon_inodefs
     */
    public AnonFs(String type, long magic) {
        this.type = type;
        this.magic = magic;
        this.mount = new Mount(
                this, new Dentry(null, "/", new AnonInode(this, Stat.S_IFDIR | 0555, 0, 0, AnonFs::noSuchDevice)));
    }

    /**
     * A place for a new anonymous file.
     *
     * @param label what /proc/PID/fd shows: "anon_inode:[eventpoll]", or with a {@code #} that becomes the inode number:
     *     "pipe:[#]"
     * @param mode type and permission bits
     */
    public Path newPath(String label, int mode, int uid, int gid) {
        return newPath(label, mode, uid, gid, AnonFs::noSuchDevice);
    }

    /** As {@link #newPath(String, int, int, int)}; {@code opener} answers open(2) through /proc/PID/fd. */
    public Path newPath(String label, int mode, int uid, int gid, DeviceRegistry.Opener opener) {
        AnonInode inode = new AnonInode(this, mode, uid, gid, opener);
        return new Path(mount, new Dentry(null, label.replace("#", Long.toString(inode.ino())), inode));
    }

    private static FileDescription noSuchDevice(Task task, Path path, int flags) {
        throw gvj.kernel.ErrnoException.of(gvj.abi.Errno.ENXIO);
    }

    @Override
    public String type() {
        return type;
    }

    @Override
    public long magic() {
        return magic;
    }

    @Override
    public Inode root() {
        return mount.root().inode();
    }

    /** An inode that only has attributes. */
    private static final class AnonInode extends Inode {
        private final long ino = NEXT_INO.getAndIncrement();
        private final long created = gvj.kernel.Clock.realtime();
        private volatile int mode;
        private volatile int uid;
        private volatile int gid;

        private final DeviceRegistry.Opener opener;

        AnonInode(FileSystem fs, int mode, int uid, int gid, DeviceRegistry.Opener opener) {
            super(fs);
            this.opener = opener;
            this.mode = mode;
            this.uid = uid;
            this.gid = gid;
        }

        @Override
        public long ino() {
            return ino;
        }

        @Override
        public int mode() {
            return mode;
        }

        @Override
        public int uid() {
            return uid;
        }

        @Override
        public int gid() {
            return gid;
        }

        @Override
        public void stat(Kstat out) {
            out.ino = ino;
            out.mode = mode;
            out.nlink = 1;
            out.uid = uid;
            out.gid = gid;
            out.rdevMajor = 0;
            out.rdevMinor = 0;
            out.size = 0;
            out.blockSize = 4096;
            out.blocks = 0;
            out.atime = created;
            out.mtime = created;
            out.ctime = created;
            out.btime = 0;
            out.attributes = 0;
        }

        @Override
        public void setAttr(SetAttr change) {
            if ((change.mask & SetAttr.MODE) != 0) {
                mode = mode & Stat.S_IFMT | change.mode & 07777;
            }
            if ((change.mask & SetAttr.UID) != 0) {
                uid = change.uid;
            }
            if ((change.mask & SetAttr.GID) != 0) {
                gid = change.gid;
            }
        }

        @Override
        public FileDescription open(Task task, Path path, int flags) {
            return opener.open(task, path, flags);
        }
    }
}
