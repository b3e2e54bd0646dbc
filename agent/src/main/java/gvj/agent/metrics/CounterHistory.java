package gvj.agent.metrics;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What every counter said last: one that goes back would look like a restart to Prometheus and be counted again, so a
 * value below the last one is dropped and the last one stands. A container made anew begins anew. Not thread safe.
 */
final class CounterHistory {
    private final Map<String, Map<String, Long>> last = new HashMap<>();
    private final ScrapeErrors errors;

    CounterHistory(ScrapeErrors errors) {
        this.errors = errors;
    }

    /** The counter {@code name} of {@code incarnation}, never below what it was. */
    double next(String incarnation, String name, long value) {
        Map<String, Long> values = last.computeIfAbsent(incarnation, key -> new HashMap<>());
        Long before = values.get(name);
        if (before != null && value < before) {
            errors.count(ScrapeErrors.DECREASE);
            return before;
        }
        values.put(name, value);
        return value;
    }

    /** Forgets what is gone: {@code alive} incarnations stay, asked for or not. */
    void keep(Set<String> alive) {
        last.keySet().retainAll(alive);
    }
}
