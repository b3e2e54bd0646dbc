package gvj.syscalls;

import gvj.abi.Errno;
import gvj.abi.Poll;
import gvj.kernel.Task;
import gvj.kernel.TaskWaitEntry;
import gvj.vfs.FileDescription;
import java.util.Arrays;

/** The files that one poll(2) or select(2) asks about, and what was found. Kept by each task for its next call. */
final class PollSet {
    private static final ThreadLocal<PollSet> MINE = ThreadLocal.withInitial(PollSet::new);
    /** Sets larger than this are not kept. */
    private static final int KEEP = 1024;

    private FileDescription[] files = new FileDescription[16];
    private int[] wanted = new int[16];
    private int[] found = new int[16];
    private TaskWaitEntry[] entries = new TaskWaitEntry[0];
    private int size;

    private PollSet() {}

    /** An empty set. */
    static PollSet open() {
        return MINE.get();
    }

    int size() {
        return size;
    }

    int found(int index) {
        return found[index];
    }

    /** Adds a file, whose reference moves here. */
    void add(FileDescription file, int events) {
        if (size == files.length) {
            files = Arrays.copyOf(files, size * 2);
            wanted = Arrays.copyOf(wanted, size * 2);
            found = Arrays.copyOf(found, size * 2);
        }
        files[size] = file;
        wanted[size] = events;
        found[size] = 0;
        size++;
    }

    /** Adds something with a fixed answer: POLLNVAL, or 0 for what is to be ignored. */
    void addFixed(int answer) {
        add(null, 0);
        found[size - 1] = answer;
    }

    private int look() {
        int ready = 0;
        for (int i = 0; i < size; i++) {
            FileDescription file = files[i];
            if (file != null) {
                found[i] = file.poll(wanted[i]) & wanted[i];
            }
            ready += found[i] != 0 ? 1 : 0;
        }
        return ready;
    }

    /**
     * Looks, and sleeps until there is something to see.
     *
     * @param deadline as {@link Task#park} takes it; what has passed means not to sleep
     * @return how many have something, 0 at the deadline, or -ERESTARTNOHAND
     */
    long await(Task task, long deadline, boolean sleep) {
        int ready = look();
        if (ready > 0 || !sleep) {
            return ready;
        }
        if (size == 1 && files[0] != null && files[0].hostDescriptor() >= 0) {
            return awaitHost(task, files[0].hostDescriptor(), deadline);
        }
        register(task);
        try {
            while (true) {
                task.prepareToWait();
                ready = look();
                if (ready > 0) {
                    return ready;
                }
                switch (task.park(deadline)) {
                    case Task.TIMED_OUT -> {
                        return 0;
                    }
                    case Task.INTERRUPTED -> {
                        return -Errno.ERESTARTNOHAND;
                    }
                    default -> {}
                }
            }
        } finally {
            unregister();
        }
    }

    /** One socket of the host: no need to be woken by the poller. */
    private long awaitHost(Task task, int fd, long deadline) {
        while (true) {
            switch (task.parkInHost(fd, wanted[0], deadline)) {
                case Task.TIMED_OUT -> {
                    return 0;
                }
                case Task.INTERRUPTED -> {
                    return -Errno.ERESTARTNOHAND;
                }
                default -> {
                    int ready = look();
                    if (ready > 0) {
                        return ready;
                    }
                }
            }
        }
    }

    private void register(Task task) {
        if (entries.length < size) {
            int had = entries.length;
            entries = Arrays.copyOf(entries, files.length);
            for (int i = had; i < entries.length; i++) {
                entries[i] = new TaskWaitEntry(task);
            }
        }
        for (int i = 0; i < size; i++) {
            if (files[i] != null) {
                entries[i].events = wanted[i] | Poll.POLLERR | Poll.POLLHUP;
                files[i].addWaiter(entries[i]);
            }
        }
    }

    private void unregister() {
        for (int i = 0; i < size; i++) {
            if (files[i] != null) {
                files[i].removeWaiter(entries[i]);
            }
        }
    }

    /** Drops the references. */
    void close() {
        for (int i = 0; i < size; i++) {
            if (files[i] != null) {
                FileDescription file = files[i];
                files[i] = null;
                file.decRef();
            }
        }
        size = 0;
        if (files.length > KEEP) {
            MINE.remove();
        }
    }
}
