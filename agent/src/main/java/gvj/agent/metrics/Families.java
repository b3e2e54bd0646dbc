package gvj.agent.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Metric families while they are put together: samples by name, each family with what it says of itself. */
final class Families {
    private final Map<String, CounterSnapshot.Builder> counters = new LinkedHashMap<>();
    private final Map<String, GaugeSnapshot.Builder> gauges = new LinkedHashMap<>();

    /** One sample of a counter; {@code name} is without {@code _total}. */
    void counter(String name, String help, Labels labels, double value) {
        counters.computeIfAbsent(
                        name, key -> CounterSnapshot.builder().name(key).help(help))
                .dataPoint(CounterDataPointSnapshot.builder()
                        .labels(labels)
                        .value(value)
                        .build());
    }

    /** One sample of a gauge. */
    void gauge(String name, String help, Labels labels, double value) {
        gauges.computeIfAbsent(name, key -> GaugeSnapshot.builder().name(key).help(help))
                .dataPoint(GaugeDataPointSnapshot.builder()
                        .labels(labels)
                        .value(value)
                        .build());
    }

    MetricSnapshots snapshots() {
        List<MetricSnapshot> all = new ArrayList<>();
        for (CounterSnapshot.Builder counter : counters.values()) {
            all.add(counter.build());
        }
        for (GaugeSnapshot.Builder gauge : gauges.values()) {
            all.add(gauge.build());
        }
        return new MetricSnapshots(all);
    }
}
