package gvj.fs.proc;

import gvj.abi.Errno;
import gvj.fs.pseudo.PseudoFile;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;

/** A file about one task. Reading one of a task that is gone gives ESRCH. */
class TaskFile extends PseudoFile {
    /** Makes the content: {@code task} is whom it is about, {@code reader} who asks. */
    @FunctionalInterface
    interface Content {
        String of(Task task, Task reader);
    }

    /** Takes a write. */
    @FunctionalInterface
    interface Sink {
        void take(Task task, Task writer, String text);
    }

    private final Task task;
    private final Content content;
    private final Sink sink;

    TaskFile(ProcFs fs, Task task, int index, int permissions, Content content, Sink sink) {
        super(fs, TaskInode.ino(task.tid, index), permissions);
        this.task = task;
        this.content = content;
        this.sink = sink;
    }

    @Override
    protected String content(Task reader) {
        if (task.threadGroup().isReaped()) {
            throw ErrnoException.of(Errno.ESRCH);
        }
        return content.of(task, reader);
    }

    @Override
    protected void write(Task writer, String text) {
        if (sink == null) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        sink.take(task, writer, text);
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
    protected boolean mayChangeAttributes() {
        return false;
    }
}
