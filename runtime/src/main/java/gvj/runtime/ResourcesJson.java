package gvj.runtime;

import gvj.boot.BootException;
import gvj.boot.BootSpec;
import gvj.boot.LimitsParser;

/**
 * What of {@code linux.resources} the Sentry shows and enforces inside. The host's cgroups, which hold the whole sandbox,
 * are the launcher's.
 */
final class ResourcesJson implements LimitsParser {
    private static final long DEFAULT_PERIOD = 100_000;
    /** Microseconds, as Linux has it. */
    private static final long MAX_PERIOD = 1_000_000;

    private static final long MAX_QUOTA = 1L << 44;

    @Override
    public BootSpec.Limits parse(byte[] json, BootSpec.Limits current) throws BootException {
        return limits(Json.parse("resources", json), current);
    }

    /** {@code current} with what {@code resources} names; a limit of -1 is none: as many bytes as there can be. */
    static BootSpec.Limits limits(Json resources, BootSpec.Limits current) throws BootException {
        Json cpu = resources.get("cpu");
        long period = cpu.get("period").integer(0, 0, Long.MAX_VALUE);
        return new BootSpec.Limits(
                memory(resources.get("memory").get("limit"), current.memory()),
                cpus(cpu, current.cpus()),
                pids(resources.get("pids").get("limit"), current.pids()),
                quota(cpu.get("quota"), current.cpuQuota()),
                period == 0 ? current.cpuPeriod() : Math.min(period, MAX_PERIOD));
    }

    private static long quota(Json quota, long otherwise) throws BootException {
        long micros = quota.integer(0, Long.MIN_VALUE, Long.MAX_VALUE);
        return micros == 0 ? otherwise : Math.max(Math.min(micros, MAX_QUOTA), 0);
    }

    private static long memory(Json limit, long otherwise) throws BootException {
        long bytes = limit.integer(0, -1, Long.MAX_VALUE);
        if (bytes == 0) {
            return otherwise;
        }
        return bytes < 0 ? Long.MAX_VALUE : bytes;
    }

    private static int pids(Json limit, int otherwise) throws BootException {
        long pids = limit.integer(0, Long.MIN_VALUE, Long.MAX_VALUE);
        if (!limit.present()) {
            return otherwise;
        }
        return pids <= 0 ? 0 : (int) Math.min(pids, Integer.MAX_VALUE);
    }

    /** As many as the quota could keep busy, and no more than the set has; what says nothing changes nothing. */
    private static int cpus(Json cpu, int otherwise) throws BootException {
        Json quotaJson = cpu.get("quota");
        long quota = quotaJson.integer(0, Long.MIN_VALUE, Long.MAX_VALUE);
        long period = cpu.get("period").integer(0, 0, Long.MAX_VALUE);
        period = period == 0 ? DEFAULT_PERIOD : period;
        int set = count(cpu.get("cpus"));
        int busy = quota > 0 ? (int) Math.min(Integer.MAX_VALUE, (quota - 1) / period + 1) : 0;
        if (set == 0 && busy == 0) {
            return quotaJson.present() && quota < 0 ? 0 : otherwise;
        }
        return set == 0 || busy == 0 ? Math.max(set, busy) : Math.min(set, busy);
    }

    /** How many CPUs a list as in cpuset(7) has: {@code 0-3,7}; 0 for an empty one. */
    private static int count(Json list) throws BootException {
        String text = list.bytes("").strip();
        int count = 0;
        int from = 0;
        while (from < text.length()) {
            int to = text.indexOf(',', from);
            to = to < 0 ? text.length() : to;
            count += range(list, text.substring(from, to).strip());
            from = to + 1;
        }
        return count;
    }

    private static int range(Json list, String range) throws BootException {
        try {
            int dash = range.indexOf('-');
            int first = Integer.parseInt(dash < 0 ? range : range.substring(0, dash));
            int last = dash < 0 ? first : Integer.parseInt(range.substring(dash + 1));
            if (first >= 0 && last >= first && last <= 0xffff) {
                return last - first + 1;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw list.wrong("is no list of CPUs like 0-3,7");
    }
}
