package gvj.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricsServerTest {
    private static final long DEADLINE_NANOS = 500_000_000;

    /** A sample of Prometheus's text format: a name, labels, a number. */
    private static final Pattern SAMPLE = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*"
            + "(\\{[a-zA-Z_][a-zA-Z0-9_]*=\"([^\"\\\\\n]|\\\\.)*\"(,[a-zA-Z_][a-zA-Z0-9_]*=\"([^\"\\\\\n]|\\\\.)*\")*\\})?"
            + " (NaN|[+-]?Inf|[+-]?[0-9.]+([eE][+-]?[0-9]+)?)");

    static final String GOOD = """
            {"sandbox":"s1","platform":"systrap","version":"0.1.0","uptime":2500000000,
             "phases":{"jvm":40000000,"kernel":1,"mounts":2,"program":3,"ready":4},
             "heap":{"used":1000,"max":2000},"threads":9,"log_lines":3,"memory":{"usage":5,"limit":0,"peak":6},
             "gofer":{"walk":11},
             "containers":[{"id":"s1","state":"running","tasks":1,"processes":1,"open_files":2},
              {"id":"c1","state":"running","tasks":4,"processes":2,"open_files":7,"page_faults":100,"entries":50,
               "memory":{"usage":4096,"limit":1048576,"peak":8192,"oom_kill":1},"cpu":{"user":1500000000,"system":5},
               "syscalls":{"getpid":1000,"452":2},"errors":{"ENOENT":12},"unimplemented":{"userfaultfd":3,"452":2}}]}
            """;

    @TempDir
    Path root;

    private MetricsServer server;

    @BeforeEach
    void aPodOfTwo() throws IOException {
        server = new MetricsServer(new InetSocketAddress("127.0.0.1", 0), root + "/*", DEADLINE_NANOS);
        state("k8s.io/s1", "POD", "");
        state("k8s.io/c1", "cart", ",\"sandbox\":\"s1\"");
        Files.createSymbolicLink(root.resolve("k8s.io/c1/control.sock"), Path.of("../s1/control.sock"));
    }

    @AfterEach
    void end() {
        server.close();
    }

    private void state(String directory, String name, String more) throws IOException {
        Files.createDirectories(root.resolve(directory));
        String container = name.equals("POD") ? "" : ",\"io.kubernetes.cri.container-name\":\"" + name + "\"";
        Files.writeString(
                root.resolve(directory).resolve("state.json"),
                "{\"pid\":1,\"init_process_start\":7,\"created\":\"now\"" + more
                        + ",\"annotations\":{\"io.kubernetes.cri.sandbox-namespace\":\"shop\","
                        + "\"io.kubernetes.cri.sandbox-name\":\"cart-0\"" + container + "}}");
    }

    private StandInSentry sentry(String answer) throws Exception {
        try {
            return new StandInSentry(root.resolve("k8s.io/s1"), answer);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private String get(String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).isEqualTo(200);
            return response.body();
        }
    }

    private static String labels(String container, String id, String more) {
        return "{container=\"" + container + "\",id=\"" + id + "\",namespace=\"shop\",pod=\"cart-0\"" + more + "}";
    }

    @Test
    void tellsEveryContainersCounters() throws Exception {
        try (StandInSentry _ = sentry(GOOD)) {
            String text = get("/metrics");
            assertThat(text.lines())
                    .contains(
                            "gvj_syscalls_total{container=\"cart\",id=\"c1\",namespace=\"shop\",pod=\"cart-0\",syscall=\"getpid\"} 1000.0",
                            "gvj_syscalls_total{container=\"cart\",id=\"c1\",namespace=\"shop\",pod=\"cart-0\",syscall=\"452\"} 2.0",
                            "gvj_syscall_errors_total{container=\"cart\",errno=\"ENOENT\",id=\"c1\",namespace=\"shop\",pod=\"cart-0\"} 12.0",
                            "gvj_page_faults_total" + labels("cart", "c1", "") + " 100.0",
                            "gvj_exits_total" + labels("cart", "c1", "") + " 50.0",
                            "gvj_oom_kills_total" + labels("cart", "c1", "") + " 1.0",
                            "gvj_tasks" + labels("cart", "c1", "") + " 4.0",
                            "gvj_open_files" + labels("cart", "c1", "") + " 7.0",
                            "gvj_sandbox_up" + labels("POD", "s1", "") + " 1.0",
                            "gvj_sandbox_uptime_seconds" + labels("POD", "s1", "") + " 2.5",
                            "gvj_sandboxes 1.0")
                    .anyMatch(line -> line.startsWith("gvj_cpu_seconds_total") && line.endsWith(" 1.5"))
                    .anyMatch(line -> line.startsWith("gvj_memory_bytes") && line.contains("kind=\"limit\""))
                    .anyMatch(
                            line -> line.startsWith("gvj_gofer_requests_total") && line.contains("operation=\"walk\""))
                    .anyMatch(line -> line.startsWith("gvj_sandbox_start_seconds") && line.contains("phase=\"jvm\""))
                    .anyMatch(line -> line.startsWith("gvj_unimplemented_syscalls_total"));
            wellFormed(text);
        }
        assertThat(get("/healthz")).isEqualTo("ok\n");
    }

    @Test
    void aSandboxThatIsGoneTakesItsSeriesAlong() throws Exception {
        try (StandInSentry _ = sentry(GOOD)) {
            assertThat(get("/metrics")).contains("gvj_tasks{");
        }
        assertThat(get("/metrics")).doesNotContain("gvj_tasks{").contains("gvj_sandboxes 0.0");
    }

    @Test
    void aCounterThatGoesBackStands() throws Exception {
        try (StandInSentry sentry = sentry(GOOD)) {
            get("/metrics");
            sentry.answer = GOOD.replace("\"getpid\":1000", "\"getpid\":5");
            assertThat(get("/metrics")).contains("syscall=\"getpid\"} 1000.0");
            assertThat(server.errors().value(ScrapeErrors.DECREASE)).isEqualTo(1);
            state("k8s.io/c1", "cart", ",\"sandbox\":\"s1\",\"created\":\"later\"");
            assertThat(get("/metrics")).contains("syscall=\"getpid\"} 5.0");
        }
    }

    @Test
    void aSandboxThatDoesNotAnswerHoldsNobodyUp() throws Exception {
        try (StandInSentry _ = sentry(null)) {
            long start = System.nanoTime();
            assertThat(get("/metrics")).contains("gvj_sandbox_up" + labels("POD", "s1", "") + " 0.0");
            assertThat(System.nanoTime() - start).isLessThan(8 * DEADLINE_NANOS);
            assertThat(server.errors().value(ScrapeErrors.TIMEOUT)
                            + server.errors().value(ScrapeErrors.REFUSED))
                    .isGreaterThanOrEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"getpid\":1000 | \"evil{x}\":1 | unknown_name",
                "\"getpid\":1000 | \"99999\":1 | unknown_name",
                "\"ENOENT\":12 | \"EVIL\":12 | unknown_name",
                "\"walk\":11 | \"rob\":11 | unknown_name",
                "\"getpid\":1000 | \"getpid\":-1 | malformed",
                "\"getpid\":1000 | \"getpid\":1.5 | malformed",
                "\"getpid\":1000 | \"getpid\":1e400 | malformed",
                "\"getpid\":1000 | \"getpid\":\"many\" | malformed",
                "\"uptime\":2500000000 | \"uptime\":99999999999999999999 | malformed",
                "\"tasks\":4 | \"tasks\":[] | malformed",
                "\"id\":\"c1\" | \"id\":\"s1\" | malformed",
                "{\"sandbox\" | [[[[\"sandbox\" | refused",
            })
    void whatAHostileSentrySaysIsDroppedAndCounted(String good, String bad, String reason) throws Exception {
        try (StandInSentry _ = sentry(GOOD.replace(good, bad))) {
            String text = get("/metrics");
            assertThat(text)
                    .doesNotContain("gvj_tasks{", "evil", "EVIL")
                    .contains("gvj_scrape_errors_total{reason=\"" + reason + "\"} 1.0");
            wellFormed(text);
        }
    }

    @Test
    void aDocumentWithoutEndIsNotRead() throws Exception {
        try (StandInSentry _ = sentry(GOOD + " ".repeat(2 << 20))) {
            assertThat(get("/metrics")).doesNotContain("gvj_tasks{");
            assertThat(server.errors().value(ScrapeErrors.REFUSED)).isEqualTo(1);
        }
    }

    @Test
    void aContainerThatTheStateDoesNotKnowIsNotTold() throws Exception {
        try (StandInSentry _ = sentry(GOOD.replace("\"id\":\"c1\"", "\"id\":\"neighbour\""))) {
            assertThat(get("/metrics"))
                    .contains("gvj_tasks" + labels("POD", "s1", ""))
                    .doesNotContain("neighbour");
        }
    }

    /** Each line is a sample or a comment, and no series comes twice. */
    private static void wellFormed(String text) {
        Set<String> series = new HashSet<>();
        assertThat(text.lines().filter(line -> !line.startsWith("# HELP ") && !line.startsWith("# TYPE ")))
                .allMatch(line -> SAMPLE.matcher(line).matches())
                .allMatch(line -> series.add(line.substring(0, line.lastIndexOf(' '))));
    }
}
