package gvj.fs.proc;

import gvj.abi.Errno;
import gvj.abi.Stat;
import gvj.fs.pseudo.DirectoryEntry;
import gvj.fs.pseudo.PseudoDirectory;
import gvj.kernel.ErrnoException;
import gvj.kernel.ProcessHandle;
import gvj.kernel.Task;
import gvj.kernel.ThreadGroup;
import gvj.vfs.Inode;
import java.util.ArrayList;
import java.util.List;

/** {@code /proc/PID}, or {@code /proc/PID/task/TID} for one thread. */
final class ProcessDirectory extends PseudoDirectory implements ProcessHandle {
    private final ProcFs fs;
    private final Task task;
    private final boolean thread;

    ProcessDirectory(ProcFs fs, Task task, boolean thread) {
        super(fs, TaskInode.ino(task.tid, thread ? 500 : 0), 0555);
        this.fs = fs;
        this.task = task;
        this.thread = thread;
    }

    @Override
    public ThreadGroup process() {
        return thread ? null : task.threadGroup();
    }

    @Override
    public Inode lookup(String name) {
        if (task.threadGroup().isReaped()) {
            throw ErrnoException.of(Errno.ESRCH);
        }
        return switch (name) {
            case "task" -> thread ? null : new ThreadsDirectory();
            case "fd" -> new FdDirectory(fs, task, false);
            case "fdinfo" -> new FdDirectory(fs, task, true);
            case "ns" -> new NamespaceLinks(fs, task);
            case "net" -> new NetDirectory(fs, task);
            case "exe", "cwd", "root" -> new TaskLink(fs, task, name);
            case "mem" -> new MemFile(fs, task);
            default -> TaskFiles.lookup(fs, task, name, thread);
        };
    }

    @Override
    public List<DirectoryEntry> entries(Task reader) {
        List<DirectoryEntry> list = new ArrayList<>();
        for (String name : new String[] {"fd", "fdinfo", "ns", "net"}) {
            list.add(entry(name, Stat.DT_DIR));
        }
        if (!thread) {
            list.add(entry("task", Stat.DT_DIR));
        }
        for (String name : new String[] {"exe", "cwd", "root"}) {
            list.add(entry(name, Stat.DT_LNK));
        }
        list.add(entry("mem", Stat.DT_REG));
        for (String name : TaskFiles.names()) {
            list.add(entry(name, Stat.DT_REG));
        }
        return list;
    }

    private DirectoryEntry entry(String name, int type) {
        return new DirectoryEntry(name, lookup(name).ino(), type);
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
        return thread ? 7 : 9;
    }

    @Override
    protected boolean mayChangeAttributes() {
        return false;
    }

    /** {@code /proc/PID/task}. */
    private final class ThreadsDirectory extends PseudoDirectory {
        ThreadsDirectory() {
            super(fs, TaskInode.ino(task.tid, 1), 0555);
        }

        @Override
        public Inode lookup(String name) {
            int id = ProcFs.parseId(name);
            Task found = id < 0 ? null : fs.pids().task(id);
            boolean mine = found != null && found.threadGroup() == task.threadGroup();
            return mine ? new ProcessDirectory(fs, found, true) : null;
        }

        @Override
        public List<DirectoryEntry> entries(Task reader) {
            List<DirectoryEntry> list = new ArrayList<>();
            for (Task one : task.threadGroup().threads()) {
                String id = Integer.toString(fs.pids().idOf(one));
                list.add(new DirectoryEntry(id, TaskInode.ino(one.tid, 500), Stat.DT_DIR));
            }
            return list;
        }

        @Override
        public boolean cacheable() {
            return false;
        }

        @Override
        protected int links() {
            return 2 + task.threadGroup().threads().size();
        }
    }
}
