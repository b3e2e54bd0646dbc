package gvj.agent.install;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs programs of the host: by {@code host-exec}, which enters the namespaces of the host's first process. */
class Commands {
    private static final long PATIENCE_SECONDS = 120;
    private static final int MAX_OUTPUT = 1 << 20;

    private final List<String> prefix;

    /** By {@code hostExec}; directly if that is empty, for an agent that runs on the host itself. */
    Commands(String hostExec) {
        prefix = hostExec.isEmpty() ? List.of() : List.of(hostExec);
    }

    /** How a program ended. */
    record Outcome(int status, String output) {}

    /** Runs {@code words} to its end; 127 if there is no such program. */
    Outcome run(List<String> words) throws IOException, InstallException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(words);
        Path output = Files.createTempFile("gvj-agent", ".out");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .start();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new InstallException(
                        String.join(" ", words) + " did not end in " + PATIENCE_SECONDS + " seconds");
            }
            return new Outcome(process.exitValue(), text(output));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InstallException("interrupted");
        } catch (IOException e) {
            return new Outcome(127, e.getMessage());
        } finally {
            Files.deleteIfExists(output);
        }
    }

    private static String text(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MAX_OUTPUT), StandardCharsets.UTF_8);
        }
    }
}
