package gvj.kernel;

/** pid_namespaces(7): the ids that tasks, groups and sessions have as its members see them; 0 for what it cannot see. */
public final class PidNamespace {
    /** The thread id of {@code task} here. */
    public int idOf(Task task) {
        throw new UnsupportedOperationException();
    }

    /** The pid of {@code process} here. */
    public int idOf(ThreadGroup process) {
        throw new UnsupportedOperationException();
    }

    public int idOf(ProcessGroup group) {
        throw new UnsupportedOperationException();
    }

    public int idOf(Session session) {
        throw new UnsupportedOperationException();
    }

    /** The task with thread id {@code id} here, or null. */
    public Task task(int id) {
        throw new UnsupportedOperationException();
    }

    /** The process with pid {@code id} here, or null. */
    public ThreadGroup threadGroup(int id) {
        throw new UnsupportedOperationException();
    }

    /** The process group with id {@code id} here, or null. */
    public ProcessGroup processGroup(int id) {
        throw new UnsupportedOperationException();
    }
}
