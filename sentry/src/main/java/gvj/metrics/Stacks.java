package gvj.metrics;

import gvj.kernel.Kernel;
import gvj.kernel.Task;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What each thread of the Sentry does right now, as text. */
public final class Stacks {
    private static final int MAX_FRAMES = 64;
    private static final int MAX_TEXT = 4 << 20;

    private Stacks() {}

    /**
     * For each thread its name and state, the task that it runs with the system call that it is in, and its frames:
     *
     * <pre>
     * "nginx 7" WAITING, task 7:7 of web, nginx, in epoll_wait
     *     at gvj.kernel.Blocking.park(Blocking.java:88)
     * </pre>
     */
    public static String text(Kernel kernel) {
        Map<Thread, StackTraceElement[]> stacks = Thread.getAllStackTraces();
        Map<Thread, Task> tasks = tasks(kernel);
        List<Thread> threads = new ArrayList<>(stacks.keySet());
        threads.sort((a, b) -> Long.compare(a.threadId(), b.threadId()));
        StringBuilder text = new StringBuilder();
        text.append(threads.size()).append(" threads, ").append(tasks.size()).append(" of them tasks\n");
        for (Thread thread : threads) {
            if (text.length() > MAX_TEXT) {
                text.append("\n... and more\n");
                break;
            }
            text.append("\n\"").append(thread.getName()).append("\" ").append(thread.getState());
            describe(text, tasks.get(thread));
            text.append('\n');
            frames(text, stacks.get(thread));
        }
        return text.toString();
    }

    /** The tasks by the threads that run them. */
    static Map<Thread, Task> tasks(Kernel kernel) {
        Map<Thread, Task> tasks = new HashMap<>();
        for (Task task : kernel.tasks.values()) {
            Thread thread = task.thread();
            if (thread != null) {
                tasks.put(thread, task);
            }
        }
        return tasks;
    }

    private static void describe(StringBuilder text, Task task) {
        if (task == null) {
            return;
        }
        text.append(", task ").append(task.ownPid()).append(':').append(task.ownTid());
        if (!task.cgroup.name.isEmpty()) {
            text.append(" of ").append(task.cgroup.name);
        }
        text.append(", ").append(task.name);
        long call = task.currentSyscall();
        text.append(call < 0 ? "" : ", in " + task.kernel.syscalls.name(call));
    }

    private static void frames(StringBuilder text, StackTraceElement[] frames) {
        for (int i = 0; i < frames.length; i++) {
            if (i == MAX_FRAMES) {
                text.append("    ... ").append(frames.length - i).append(" more\n");
                return;
            }
            text.append("    at ").append(frames[i]).append('\n');
        }
    }
}
