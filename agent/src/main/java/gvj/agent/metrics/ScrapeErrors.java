package gvj.agent.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code gvj_scrape_errors_total}: answers that were dropped, by reason. */
final class ScrapeErrors {
    /** The state directory cannot be read. */
    static final String STATE = "state";
    /** Two sandboxes have one id; the second is not asked. */
    static final String DUPLICATE = "duplicate";
    /** No answer in time, now or since an earlier scrape. */
    static final String TIMEOUT = "timeout";
    /** No Sentry, one that refuses, or one whose document is too large or no JSON. */
    static final String REFUSED = "refused";
    /** JSON of another shape, or a number out of range. */
    static final String MALFORMED = "malformed";
    /** A system call, errno, operation, phase or container that there is not. */
    static final String UNKNOWN_NAME = "unknown_name";
    /** A counter that has gone back; what it was before stands. */
    static final String DECREASE = "decrease";

    private static final String[] REASONS = {STATE, DUPLICATE, TIMEOUT, REFUSED, MALFORMED, UNKNOWN_NAME, DECREASE};

    private final Map<String, Counter> counters = new LinkedHashMap<>();

    ScrapeErrors(MeterRegistry registry) {
        for (String reason : REASONS) {
            counters.put(
                    reason,
                    Counter.builder("gvj.scrape.errors")
                            .description("Answers of sandboxes that were dropped")
                            .tag("reason", reason)
                            .register(registry));
        }
    }

    void count(String reason) {
        counters.get(reason).increment();
    }

    double value(String reason) {
        return counters.get(reason).count();
    }
}
