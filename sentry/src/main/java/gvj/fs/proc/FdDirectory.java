package gvj.fs.proc;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Stat;
import gvj.fs.pseudo.DirectoryEntry;
import gvj.fs.pseudo.PseudoDirectory;
import gvj.fs.pseudo.PseudoSymlink;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.vfs.FdTable;
import gvj.vfs.FileDescription;
import gvj.vfs.Inode;
import gvj.vfs.Path;
import gvj.vfs.PathNames;
import java.util.ArrayList;
import java.util.List;

/** {@code /proc/PID/fd} and {@code /proc/PID/fdinfo}. */
final class FdDirectory extends PseudoDirectory {
    private static final int FIRST_FD = 1000;

    private final ProcFs fs;
    private final Task task;
    private final boolean info;

    FdDirectory(ProcFs fs, Task task, boolean info) {
        super(fs, TaskInode.ino(task.tid, info ? 3 : 2), info ? 0555 : 0500);
        this.fs = fs;
        this.task = task;
        this.info = info;
    }

    @Override
    public Inode lookup(String name) {
        int fd = name.equals("0") ? 0 : ProcFs.parseId(name);
        FdTable table = task.fds();
        FileDescription file = fd < 0 || table == null ? null : table.getOrNull(fd);
        if (file == null) {
            return null;
        }
        file.decRef();
        return info ? infoFile(fd) : new FdLink(fd);
    }

    @Override
    public List<DirectoryEntry> entries(Task reader) {
        List<DirectoryEntry> list = new ArrayList<>();
        FdTable table = task.fds();
        if (table == null) {
            return list;
        }
        for (int fd = table.next(0); fd >= 0; fd = table.next(fd + 1)) {
            long ino = TaskInode.ino(task.tid, FIRST_FD + 2 * fd + (info ? 1 : 0));
            list.add(new DirectoryEntry(Integer.toString(fd), ino, info ? Stat.DT_REG : Stat.DT_LNK));
        }
        return list;
    }

    @Override
    public int uid() {
        return TaskInode.uid(task);
    }

    @Override
    public int gid() {
        return TaskInode.gid(task);
    }

    @Override
    public boolean cacheable() {
        return false;
    }

    @Override
    protected int links() {
        return 2;
    }

    /** The description with a reference; ENOENT if it was closed meanwhile. */
    private FileDescription description(int fd) {
        FdTable table = task.fds();
        FileDescription file = table == null ? null : table.getOrNull(fd);
        if (file == null) {
            throw ErrnoException.of(Errno.ENOENT);
        }
        return file;
    }

    private Inode infoFile(int fd) {
        return new TaskFile(fs, task, FIRST_FD + 2 * fd + 1, 0444, (owner, reader) -> info(fd), null);
    }

    private String info(int fd) {
        FileDescription file = description(fd);
        try {
            boolean cloexec = task.fds().closeOnExec(fd);
            int flags = file.flags() | (cloexec ? Fcntl.O_CLOEXEC : 0);
            return "pos:\t" + file.position() + "\nflags:\t0" + Integer.toOctalString(flags) + "\nmnt_id:\t"
                    + file.path().mount().id() + "\nino:\t" + file.inode().ino() + "\n" + file.fdInfo();
        } finally {
            file.decRef();
        }
    }

    /** A link to an open file: following it leads to the file itself, even when its name is gone. */
    private final class FdLink extends PseudoSymlink {
        private final int fd;

        FdLink(int fd) {
            super(fs, TaskInode.ino(task.tid, FIRST_FD + 2 * fd), "");
            this.fd = fd;
        }

        /** The permission bits show how the file was opened. */
        @Override
        public int mode() {
            FdTable table = task.fds();
            FileDescription file = table == null ? null : table.getOrNull(fd);
            if (file == null) {
                return Stat.S_IFLNK;
            }
            try {
                int access = file.flags() & Fcntl.O_ACCMODE;
                boolean pathOnly = (file.flags() & Fcntl.O_PATH) != 0;
                boolean read = !pathOnly && access != Fcntl.O_WRONLY;
                boolean write = !pathOnly && access != Fcntl.O_RDONLY;
                return Stat.S_IFLNK | 0100 | (read ? 0400 : 0) | (write ? 0200 : 0);
            } finally {
                file.decRef();
            }
        }

        @Override
        protected long size() {
            return 64;
        }

        @Override
        public String readlink(Task reader) {
            FileDescription file = description(fd);
            try {
                return PathNames.of(file.path(), reader.fs().root());
            } finally {
                file.decRef();
            }
        }

        @Override
        public Path followMagic(Task reader) {
            FileDescription file = description(fd);
            try {
                return file.path();
            } finally {
                file.decRef();
            }
        }

        @Override
        public boolean cacheable() {
            return false;
        }

        @Override
        public int uid() {
            return TaskInode.uid(task);
        }

        @Override
        public int gid() {
            return TaskInode.gid(task);
        }
    }
}
