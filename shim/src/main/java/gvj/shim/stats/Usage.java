package gvj.shim.stats;

import gvj.boot.BootException;
import gvj.boot.Control;
import gvj.runtime.Cgroups;
import gvj.runtime.Container;
import gvj.runtime.ControlClient;
import gvj.runtime.Json;
import gvj.runtime.ToolException;
import java.util.List;
import java.util.Map;

/**
 * What one container uses. A container with a sandbox of its own has the host's cgroups for itself, and they count the Sentry,
 * too, which limits apply to. In a pod the Sentry's account of the container counts: everything runs in the cgroups of the
 * first one, and those of the others hold only their monitors.
 */
public final class Usage {
    private static final long MICROSECOND_NANOS = 1000;

    final long cpuUser;
    final long cpuSystem;
    final long cpuTotal;
    final long memory;
    final long memoryLimit;
    final long memoryPeak;
    final long inactiveFile;
    final long anonymous;
    final long pageFaults;
    final long majorFaults;
    final long tasks;
    final long taskLimit;
    final long oomKills;
    final long periods;
    final long throttledPeriods;
    final long throttledNanos;

    Usage(Cgroups host, Json sentry, long otherTasks) throws BootException {
        Json memoryAccount = sentry.get("memory");
        Json cpu = sentry.get("cpu");
        long user = whole(cpu.get("user"));
        long system = whole(cpu.get("system"));
        Map<String, Object> details = host.memoryDetails();
        cpuUser = first(host.cpuUser(), user);
        cpuSystem = first(host.cpuKernel(), system);
        cpuTotal = first(host.cpuTotal(), Cgroups.sum(user, system));
        memory = first(host.memoryUsage(), whole(memoryAccount.get("usage")));
        memoryLimit = first(host.memoryLimit(), whole(memoryAccount.get("limit")));
        memoryPeak = first(host.memoryPeak(), whole(memoryAccount.get("peak")));
        inactiveFile =
                detail(details, "total_inactive_file", "inactive_file", whole(memoryAccount.get("inactive_file")));
        anonymous = detail(details, "total_rss", "anon", whole(memoryAccount.get("anon")));
        pageFaults = detail(details, "total_pgfault", "pgfault", whole(sentry.get("page_faults")));
        majorFaults = detail(details, "total_pgmajfault", "pgmajfault", whole(memoryAccount.get("pgmajfault")));
        tasks = whole(sentry.get("pids").get("current")) + otherTasks;
        taskLimit = whole(sentry.get("pids").get("limit"));
        oomKills = whole(memoryAccount.get("oom_kill"));
        Map<String, Object> throttling = host.throttling();
        periods = number(throttling.get("periods"), whole(cpu.get("periods")));
        throttledPeriods = number(throttling.get("throttledPeriods"), whole(cpu.get("throttled_periods")));
        throttledNanos = number(throttling.get("throttledTime"), whole(cpu.get("throttled_time")));
    }

    /** What the Sentry and the host say of {@code container} now. */
    public static Usage of(Container container) throws ToolException {
        return of(container, container.cgroups(), 0);
    }

    /** The same of a pod as a whole, Sentry and gofer included. */
    public static Usage ofPod(Container first, List<Container> others) throws ToolException {
        long tasks = 0;
        for (Container other : others) {
            tasks += of(other).tasks;
        }
        return of(first, first.hostCgroups(), tasks);
    }

    private static Usage of(Container container, Cgroups host, long otherTasks) throws ToolException {
        try (ControlClient client = container.connect()) {
            return new Usage(host, client.read(Control.STATS), otherTasks);
        } catch (BootException e) {
            throw new ToolException(e.getMessage());
        }
    }

    long micros(long nanos) {
        return nanos / MICROSECOND_NANOS;
    }

    private static long detail(Map<String, Object> details, String one, String other, long otherwise) {
        return number(details.get(one), number(details.get(other), otherwise));
    }

    private static long number(Object value, long otherwise) {
        return value instanceof Long number ? number : otherwise;
    }

    private static long first(long one, long other) {
        return one >= 0 ? one : other;
    }

    private static long whole(Json number) throws BootException {
        return number.integer(0, 0, Long.MAX_VALUE);
    }
}
