package gvj.agent.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** {@code /metrics} and {@code /healthz} over HTTP. */
public final class MetricsServer implements AutoCloseable {
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
    /** Prometheus asks one at a time; a few more are people. */
    private static final int THREADS = 4;

    private final PrometheusMeterRegistry registry;
    private final ScrapeErrors errors;
    private final Timer scrapes;
    private final SandboxCollector collector;
    private final HttpServer server;

    /**
     * Listens at once.
     *
     * @param roots patterns of state directories with commas between; empty for {@link StateRoots#USUAL}
     * @param deadlineNanos what a scrape may take, whatever sandboxes do
     */
    public MetricsServer(InetSocketAddress address, String roots, long deadlineNanos) throws IOException {
        PrometheusRegistry prometheus = new PrometheusRegistry();
        registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, prometheus, Clock.SYSTEM);
        errors = new ScrapeErrors(registry);
        scrapes = Timer.builder("gvj.scrape").description("What scrapes took").register(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        StateRoots state = new StateRoots(roots.isEmpty() ? StateRoots.USUAL : roots, errors);
        collector = new SandboxCollector(new Scrape(state, errors, deadlineNanos), new CounterHistory(errors));
        prometheus.register(collector);
        server = HttpServer.create(address, 16);
        server.setExecutor(Executors.newFixedThreadPool(
                THREADS, work -> Thread.ofPlatform().name("http").daemon().unstarted(work)));
        server.createContext("/metrics", this::metrics);
        server.createContext("/healthz", exchange -> answer(exchange, "/healthz", TEXT, "ok\n"));
        server.createContext("/", exchange -> answer(exchange, "/", TEXT, "/metrics /healthz\n"));
        server.start();
    }

    /** The port that it listens at. */
    public int port() {
        return server.getAddress().getPort();
    }

    ScrapeErrors errors() {
        return errors;
    }

    private void metrics(HttpExchange exchange) throws IOException {
        String accept = exchange.getRequestHeaders().getFirst("Accept");
        boolean open = accept != null && accept.contains("application/openmetrics-text");
        String type = open ? "application/openmetrics-text; version=1.0.0; charset=utf-8" : TEXT;
        long start = System.nanoTime();
        collector.ask();
        scrapes.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
        String text = registry.scrape(type);
        answer(exchange, "/metrics", type, text);
    }

    private static void answer(HttpExchange exchange, String path, String type, String text) throws IOException {
        try (exchange) {
            if (!exchange.getRequestURI().getPath().equals(path)) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            if (!exchange.getRequestMethod().equals("GET")
                    && !exchange.getRequestMethod().equals("HEAD")) {
                exchange.sendResponseHeaders(405, -1);
                return;
            }
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(200, head ? -1 : bytes.length);
            if (!head) {
                exchange.getResponseBody().write(bytes);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
        registry.close();
    }
}
