package gvj.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A command to run on this machine: natively, or in a sandbox by {@link #sandboxed}. */
public final class Run {
    /** Where the distribution under test is. */
    public static final Path DIST = Path.of(System.getProperty("gvj.dist"));
    /** The checkout. */
    public static final Path ROOT = Path.of(System.getProperty("gvj.root"));

    public static final String GVJ = DIST.resolve("bin/gvj").toString();
    /** Every class runs once for each platform: see pom.xml. */
    public static final String PLATFORM = System.getProperty("gvj.platform", "systrap");

    private final List<String> command;
    private final Map<String, String> environment = new HashMap<>();
    private byte[] input = new byte[0];
    private Path directory = Path.of("/tmp");
    private long timeoutSeconds = 60;

    private Run(List<String> command) {
        this.command = command;
        environment.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        environment.put("HOME", "/tmp");
        environment.put("LC_ALL", "C.UTF-8");
    }

    /** The command as it is. */
    public static Run command(String... command) {
        return new Run(List.of(command));
    }

    /** {@code gvj} with these words. */
    public static Run gvj(String... words) {
        List<String> all = new ArrayList<>(List.of(GVJ));
        Collections.addAll(all, words);
        return new Run(all);
    }

    /** {@code gvj do} with these words. */
    public static Run sandboxed(String... words) {
        List<String> all = new ArrayList<>(List.of("do", "--platform=" + PLATFORM));
        Collections.addAll(all, words);
        return gvj(all.toArray(new String[0]));
    }

    public Run in(Path newDirectory) {
        directory = newDirectory;
        return this;
    }

    public Run with(String name, String value) {
        environment.put(name, value);
        return this;
    }

    public Run input(String text) {
        input = text.getBytes(StandardCharsets.ISO_8859_1);
        return this;
    }

    public Run timeout(long seconds) {
        timeoutSeconds = seconds;
        return this;
    }

    /** Starts it, with pipes. */
    public Process start() {
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs it to its end; one that takes too long is killed and fails the test. */
    public Result run() {
        Process process = start();
        Drain out = new Drain(process.getInputStream());
        Drain err = new Drain(process.getErrorStream());
        Thread feeder = Thread.ofVirtual().start(() -> feed(process.getOutputStream()));
        try {
            if (!process.waitFor(timeoutSeconds, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError("no end after " + timeoutSeconds + " s: " + command + "\nout: " + out.text()
                        + "\nerr: " + err.text());
            }
            feeder.join();
            return new Result(process.exitValue(), out.text(), err.text());
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw new IllegalStateException(e);
        }
    }

    private void feed(OutputStream to) {
        try (to) {
            to.write(input);
        } catch (IOException e) {
            // a command need not read its input
        }
    }

    /** Collects a stream while the command runs. */
    private static final class Drain {
        private final Thread thread;
        private volatile byte[] bytes = new byte[0];

        Drain(InputStream from) {
            thread = Thread.ofVirtual().start(() -> {
                try (from) {
                    bytes = from.readAllBytes();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }

        String text() throws InterruptedException {
            thread.join(5000);
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }
}
