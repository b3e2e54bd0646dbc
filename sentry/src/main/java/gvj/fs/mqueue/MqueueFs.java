package gvj.fs.mqueue;

import gvj.abi.Errno;
import gvj.abi.Stat;
import gvj.fs.pseudo.DirectoryEntry;
import gvj.fs.pseudo.PseudoDirectory;
import gvj.fs.pseudo.PseudoFileSystem;
import gvj.fs.pseudo.PseudoInode;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.vfs.FileDescription;
import gvj.vfs.Inode;
import gvj.vfs.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The message queue file system of one IPC namespace: one flat directory, mq_overview(7). Every mount in the namespace
 * shows this same one. The monitor of {@link #queues} guards the names.
 */
final class MqueueFs extends PseudoFileSystem {
    /** st_size of every queue. */
    private static final int FILE_SIZE = 80;

    private final PosixQueues limits;
    private final Map<String, QueueInode> queues = new TreeMap<>();

    MqueueFs(PosixQueues limits) {
        super("mqueue", 0x19800202);
        this.limits = limits;
        setRoot(new Root());
    }

    @Override
    public int createErrno(boolean entry) {
        return 0;
    }

    /** The directory. */
    private final class Root extends PseudoDirectory {
        Root() {
            super(MqueueFs.this, Stat.S_ISVTX | 0777);
        }

        @Override
        public Inode lookup(String name) {
            synchronized (queues) {
                return queues.get(name);
            }
        }

        @Override
        public List<DirectoryEntry> entries(Task reader) {
            List<DirectoryEntry> list = new ArrayList<>();
            synchronized (queues) {
                queues.forEach((name, inode) -> list.add(DirectoryEntry.of(name, inode)));
            }
            return list;
        }

        @Override
        public Inode create(String name, int mode, int rdevMajor, int rdevMinor, Credentials creds) {
            if ((mode & Stat.S_IFMT) != Stat.S_IFREG) {
                throw ErrnoException.of(Errno.EPERM);
            }
            synchronized (queues) {
                PosixQueue queue = limits.make(Task.current(), queues.size());
                QueueInode inode = new QueueInode(queue, mode);
                inode.owner(creds.fsuid(), creds.fsgid());
                queues.put(name, inode);
                return inode;
            }
        }

        @Override
        public void unlink(String name, Inode child) {
            QueueInode gone;
            synchronized (queues) {
                gone = queues.remove(name);
            }
            if (gone != null) {
                gone.queue.unlinked();
            }
        }
    }

    /** A queue as a file. */
    private static final class QueueInode extends PseudoInode {
        private final PosixQueue queue;

        QueueInode(PosixQueue queue, int mode) {
            super(queue.fs(), mode);
            this.queue = queue;
        }

        @Override
        protected long size() {
            return FILE_SIZE;
        }

        @Override
        protected int links() {
            return queue.isUnlinked() ? 0 : 1;
        }

        @Override
        public FileDescription open(Task task, Path path, int flags) {
            queue.opened();
            return new MqDescription(path, flags, queue);
        }
    }
}
