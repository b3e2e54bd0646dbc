package gvj.metrics;

import gvj.kernel.Kernel;
import gvj.kernel.Task;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Where the Sentry's time goes: looks at its threads again and again, and counts what it sees. The result is folded
 * stacks, outermost frame first, as flame graph tools read them:
 *
 * <pre>nginx;gvj.kernel.TaskLoop.run;gvj.kernel.TaskLoop.syscall;gvj.syscalls.FileSyscalls.read 17</pre>
 *
 * <p>Threads that sleep are not counted, and those that wait for a lock end in {@code [waits for a lock]}. A thread in
 * application code, or in a call of the host, is where it left Java.
 */
public final class Profile {
    private static final long INTERVAL_NANOS = 10_000_000L;
    private static final int MAX_FRAMES = 128;
    private static final int MAX_STACKS = 20_000;
    /** What is one too many. */
    private static final String OTHERS = "[other stacks]";

    /** Native methods that sleep in the host, or in the JVM. */
    private static final Set<String> WAITS =
            Set.of("accept4", "epollWait", "eventfdRead", "poll", "recvmsg", "waitForReferencePendingList");

    private final Kernel kernel;
    private final Map<String, long[]> counts = new HashMap<>();

    private Profile(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Looks for {@code millis} milliseconds, every 10 of them: the lines. */
    public static String text(Kernel kernel, long millis) throws InterruptedException {
        Profile profile = new Profile(kernel);
        long now = System.nanoTime();
        long end = now + millis * 1_000_000;
        for (long next = now; next < end; next += INTERVAL_NANOS) {
            long wait = next - System.nanoTime();
            if (wait > 0) {
                Thread.sleep(wait / 1_000_000, (int) (wait % 1_000_000));
            }
            profile.look();
        }
        return profile.text();
    }

    private void look() {
        Map<Thread, Task> tasks = Stacks.tasks(kernel);
        for (Thread thread : threads()) {
            if (thread == null || thread == Thread.currentThread()) {
                continue;
            }
            Thread.State state = thread.getState();
            if (state == Thread.State.RUNNABLE || state == Thread.State.BLOCKED) {
                Task task = tasks.get(thread);
                String name = task == null ? thread.getName() : task.name;
                count(name, thread.getStackTrace(), state == Thread.State.BLOCKED);
            }
        }
    }

    /** All threads, and maybe nulls behind them. */
    private static Thread[] threads() {
        Thread[] threads = new Thread[top().activeCount() + 16];
        top().enumerate(threads);
        return threads;
    }

    /** The group that every thread is in. */
    static ThreadGroup top() {
        ThreadGroup top = Thread.currentThread().getThreadGroup();
        while (top.getParent() != null) {
            top = top.getParent();
        }
        return top;
    }

    private void count(String thread, StackTraceElement[] frames, boolean blocked) {
        if (frames.length == 0 || isIdle(frames[0])) {
            return; // no frames: it has ended, or is the JVM's own
        }
        StringBuilder line = new StringBuilder(thread.replace(';', ':').replace('\n', ' '));
        for (int i = Math.min(frames.length, MAX_FRAMES) - 1; i >= 0; i--) {
            line.append(';').append(frames[i].getClassName()).append('.').append(frames[i].getMethodName());
        }
        line.append(blocked ? ";[waits for a lock]" : "");
        String stack = line.toString();
        if (counts.size() >= MAX_STACKS && !counts.containsKey(stack)) {
            stack = OTHERS;
        }
        counts.computeIfAbsent(stack, key -> new long[1])[0]++;
    }

    /** The thread waits for somebody outside, or for garbage. */
    private static boolean isIdle(StackTraceElement innermost) {
        return innermost.isNativeMethod() && WAITS.contains(innermost.getMethodName());
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, long[]> entry : counts.entrySet()) {
            text.append(entry.getKey()).append(' ').append(entry.getValue()[0]).append('\n');
        }
        return text.toString();
    }
}
