package gvj.fs.proc;

import gvj.abi.Errno;
import gvj.fs.pseudo.PseudoSymlink;
import gvj.kernel.ErrnoException;
import gvj.kernel.FsContext;
import gvj.kernel.Task;
import gvj.mm.MemoryManager;
import gvj.vfs.FileDescription;
import gvj.vfs.Path;
import gvj.vfs.PathNames;

/** exe, cwd and root of {@code /proc/PID}. */
final class TaskLink extends PseudoSymlink {
    private final Task task;
    private final String name;

    TaskLink(ProcFs fs, Task task, String name) {
        super(fs, TaskInode.ino(task.tid, 5 + name.charAt(0) % 3), "");
        this.task = task;
        this.name = name;
    }

    @Override
    public Path followMagic(Task reader) {
        FsContext context = task.fs();
        if (context == null) {
            throw ErrnoException.of(Errno.ENOENT);
        }
        return switch (name) {
            case "cwd" -> context.workingDirectory();
            case "root" -> context.root();
            default -> executable();
        };
    }

    private Path executable() {
        MemoryManager mm = task.threadGroup().isZombie() ? null : task.mm();
        if (mm == null || !(mm.layout().executable instanceof FileDescription file)) {
            throw ErrnoException.of(Errno.ENOENT);
        }
        return file.path();
    }

    @Override
    public String readlink(Task reader) {
        return PathNames.of(followMagic(reader), reader.fs().root());
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
