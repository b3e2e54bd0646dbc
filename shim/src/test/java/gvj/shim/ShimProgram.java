package gvj.shim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The installed program, run as containerd runs it. */
final class ShimProgram {
    static final String NAME = "containerd-shim-gvisor-java-v1";
    static final Path INSTALLED = Path.of(System.getProperty("gvj.dist", "build/dist"), "bin", NAME);

    /**
     * How it ended.
     *
     * @param output standard output and error, as containerd reads them: until nobody has them any more
     * @param hasRead whether it took all of its input
     */
    record Ended(int status, byte[] output, boolean hasRead) {
        String text() {
            return new String(output, StandardCharsets.UTF_8);
        }
    }

    private ShimProgram() {}

    /** Runs {@code program} in {@code bundle}; {@code environment} is added to ours. */
    static Ended run(Path program, Path bundle, byte[] input, Map<String, String> environment, String... arguments)
            throws Exception {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(bundle.toFile()).redirectErrorStream(true);
        builder.environment().remove("MAX_SHIM_VERSION");
        builder.environment().putAll(environment);
        Process process = builder.start();
        boolean hasRead = true;
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(input);
        } catch (IOException e) {
            hasRead = false;
        }
        byte[] output = process.getInputStream().readAllBytes();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), output, hasRead);
    }
}
