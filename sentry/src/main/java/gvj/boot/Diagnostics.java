package gvj.boot;

import gvj.abi.Errno;
import gvj.kernel.Kernel;
import gvj.metrics.Metrics;
import gvj.metrics.Profile;
import gvj.metrics.Stacks;
import gvj.trace.Strace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Tells operators how a running sandbox fares: metrics, traces, stacks, profiles. Nothing of it stops a program. */
final class Diagnostics {
    /** Each has a thread and a buffer. */
    private static final int MAX_TRACES = 16;

    private static final int MAX_PROFILE_MILLIS = 600_000;
    /** Names of {@link Control}'s STATE_ numbers. */
    private static final String[] STATES = {"created", "running", "paused", "stopped"};

    private final Kernel kernel;
    private final Containers containers;
    private final Strace strace;
    private final Metrics metrics;

    Diagnostics(Kernel kernel, Containers containers, Strace strace, Metrics metrics) {
        this.kernel = kernel;
        this.containers = containers;
        this.strace = strace;
        this.metrics = metrics;
    }

    /** Counters of the sandbox and all its containers. */
    String metrics() {
        List<Metrics.Subject> subjects = new ArrayList<>();
        for (Container container : containers.all()) {
            subjects.add(new Metrics.Subject(container.id(), STATES[container.state()], container.cgroup()));
        }
        return metrics.json(subjects);
    }

    /** What each thread does now. */
    String stacks() {
        return Stacks.text(kernel);
    }

    /** Looks at the threads for {@code millis} milliseconds, which is how long this takes. */
    String profile(int millis) throws ControlException {
        if (millis <= 0 || millis > MAX_PROFILE_MILLIS) {
            throw new ControlException(
                    Errno.EINVAL, "a profile takes from 1 to " + MAX_PROFILE_MILLIS + " milliseconds, not " + millis);
        }
        try {
            return Profile.text(kernel, millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ControlException(Errno.EINTR, "the profile was interrupted");
        }
    }

    /** From now on the calls of {@code container}'s tasks are written to the descriptor that came with the request. */
    synchronized Session trace(ControlSocket client, Container container) throws ControlException {
        List<Integer> descriptors = client.takeDescriptors();
        boolean begun = false;
        try {
            int fd = Attached.one(descriptors);
            if (strace.viewers() >= MAX_TRACES) {
                throw new ControlException(Errno.EAGAIN, "the sandbox is traced " + MAX_TRACES + " times already");
            }
            if (container.state() == Control.STATE_STOPPED) {
                throw new ControlException(Errno.ESRCH, "container not running");
            }
            Session session = new TraceSession(strace, container, calls(client.text()), fd);
            begun = true;
            client.send(Control.OK, 0);
            return session;
        } finally {
            if (!begun) {
                Attached.close(descriptors);
            }
        }
    }

    /** The names behind the id, separated by commas. */
    private static Set<String> calls(String text) {
        int at = text.indexOf(0);
        String names = at < 0 ? "" : text.substring(at + 1).replace("\0", "");
        return names.isEmpty() ? Set.of() : Set.copyOf(Arrays.asList(names.split(",", -1)));
    }
}
