package gvj.fs.proc;

import gvj.abi.Errno;
import gvj.abi.Stat;
import gvj.fs.pseudo.DirectoryEntry;
import gvj.fs.pseudo.PseudoDirectory;
import gvj.fs.pseudo.PseudoSymlink;
import gvj.kernel.ErrnoException;
import gvj.kernel.NamespaceFile;
import gvj.kernel.Task;
import gvj.vfs.Inode;
import gvj.vfs.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code /proc/PID/ns}, namespaces(7): links that name a namespace and open as a handle for setns(2). */
final class NamespaceLinks extends PseudoDirectory {
    private static final String[] NAMES = {"ipc", "mnt", "net", "pid", "pid_for_children", "user", "uts"};

    private final ProcFs fs;
    private final Task task;

    NamespaceLinks(ProcFs fs, Task task) {
        super(fs, TaskInode.ino(task.tid, 8), 0511);
        this.fs = fs;
        this.task = task;
    }

    @Override
    public Inode lookup(String name) {
        for (int i = 0; i < NAMES.length; i++) {
            if (NAMES[i].equals(name)) {
                return new Link(i);
            }
        }
        return null;
    }

    @Override
    public List<DirectoryEntry> entries(Task reader) {
        List<DirectoryEntry> list = new ArrayList<>();
        for (int i = 0; i < NAMES.length; i++) {
            list.add(new DirectoryEntry(NAMES[i], TaskInode.ino(task.tid, 400 + i), Stat.DT_LNK));
        }
        return list;
    }

    @Override
    public boolean cacheable() {
        return false;
    }

    private final class Link extends PseudoSymlink {
        private final int index;

        Link(int index) {
            super(fs, TaskInode.ino(task.tid, 400 + index), "");
            this.index = index;
        }

        @Override
        public String readlink(Task reader) {
            return followMagic(reader).dentry().name();
        }

        @Override
        public Path followMagic(Task reader) {
            if (task.threadGroup().isZombie()) {
                throw ErrnoException.of(Errno.ENOENT);
            }
            return NamespaceFile.path(task, NAMES[index]);
        }

        @Override
        public boolean cacheable() {
            return false;
        }
    }
}
