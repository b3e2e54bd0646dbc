package gvj.e2e.oci;

import gvj.e2e.Run;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code gvj-agent metrics} of the distribution, over the containers of one state directory, with the flags of its image. */
final class Exporter implements AutoCloseable {
    private static final Pattern LISTENS = Pattern.compile("metrics at port (\\d+)");

    private final Path out = Work.temporary("exporter");
    private final Process process;
    private final HttpClient http = HttpClient.newHttpClient();
    private final URI uri;

    /** Starts it, and waits until it listens. */
    Exporter(Path stateRoot) {
        Path java = Path.of(System.getProperty("java.home")).resolve("bin/java");
        ProcessBuilder builder = new ProcessBuilder(
                java.toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "--enable-native-access=ALL-UNNAMED",
                "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                "-Dgvj.native=" + Run.DIST.resolve("lib"),
                "-cp",
                Run.DIST.resolve("agent/lib") + "/*",
                "gvj.agent.Main",
                "metrics",
                "--listen=127.0.0.1:0",
                "--roots=" + stateRoot);
        builder.redirectErrorStream(true).redirectOutput(out.toFile());
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Work.until(
                "the exporter listens",
                () -> !process.isAlive() || LISTENS.matcher(Work.read(out)).find());
        Matcher port = LISTENS.matcher(Work.read(out));
        if (!port.find()) {
            throw new AssertionError("the exporter has ended: " + Work.read(out));
        }
        uri = URI.create("http://127.0.0.1:" + port.group(1) + "/metrics");
    }

    /** Every series of {@code name} about {@code container} as it is now, by the other labels: {@code syscall="read"}, or "". */
    Map<String, Long> values(String name, Container container) throws IOException, InterruptedException {
        Map<String, Long> found = new HashMap<>();
        for (String line : scrape()) {
            int open = line.indexOf('{');
            if (open < 0 || !line.substring(0, open).equals(name) || !line.contains("id=\"" + container.id + "\"")) {
                continue;
            }
            int close = line.lastIndexOf('}');
            String labels = line.substring(open + 1, close)
                    .replaceAll("(container|id|namespace|pod)=\"[^\"]*\",?", "")
                    .replaceAll(",$", "");
            found.put(labels, (long) Double.parseDouble(line.substring(close + 2)));
        }
        return found;
    }

    private List<String> scrape() throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build();
        return http.send(request, BodyHandlers.ofString()).body().lines().toList();
    }

    @Override
    public void close() {
        http.close();
        process.destroy();
        process.onExit().join();
    }
}
