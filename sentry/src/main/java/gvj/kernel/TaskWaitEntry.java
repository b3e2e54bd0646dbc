package gvj.kernel;

/** A sleeping task on a queue: waking it lets its {@link Task#park} return. */
public final class TaskWaitEntry extends WaitEntry {
    private final Task task;

    public TaskWaitEntry(Task task) {
        this.task = task;
    }

    @Override
    protected boolean wake(int happened) {
        task.wakeUp();
        return true;
    }
}
