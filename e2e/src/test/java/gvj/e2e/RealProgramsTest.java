package gvj.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The scripts of {@code e2e/programs}, which use programs people use: each runs natively and in a sandbox, both times in
 * the same empty directory, and output and status must be the same.
 */
@ExtendWith(PlatformCondition.class)
class RealProgramsTest {
    private static final Path SCRIPTS = Run.ROOT.resolve("e2e/programs");
    private static final Path WORK = Run.ROOT.resolve("build/e2e-work");
    private static final int TIMEOUT = 300;

    /** Minutes of the Sentry's work, and of waiting, which ask nothing of a platform that shorter ones do not: on one suffices. */
    private static final Set<String> ON_SYSTRAP_ONLY = Set.of(
            "find-everything.sh",
            "python-test-os.sh",
            "python-test-signal.sh",
            "python-test-socket.sh",
            "python-test-subprocess.sh",
            "python-test-threading.sh");

    static List<String> scripts() throws IOException {
        try (Stream<Path> files = Files.list(SCRIPTS)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(RealProgramsTest::runsHere)
                    .sorted()
                    .toList();
        }
    }

    /** Two at a time: much of it is waiting. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("scripts")
    @Execution(ExecutionMode.CONCURRENT)
    void script(String name) throws Exception {
        Again.once(name, () -> same(SCRIPTS.resolve(name)));
    }

    private static boolean runsHere(String name) {
        return name.endsWith(".sh") && (Run.PLATFORM.equals("systrap") || !ON_SYSTRAP_ONLY.contains(name));
    }

    private static void same(Path script) throws IOException {
        String interpreter = Files.readString(script).startsWith("#!/bin/bash") ? "bash" : "sh";
        Path work = WORK.resolve(script.getFileName().toString());
        Result expected = run(work, Run.command(interpreter, script.toString()));
        assertThat(expected.status()).as("natively: " + expected.err()).isZero();
        Result actual = run(work, Run.sandboxed("--", interpreter, script.toString()));
        assertThat(actual.out())
                .as(script.getFileName() + ", standard error: " + actual.err())
                .isEqualTo(expected.out());
        assertThat(actual.status()).as(script.getFileName().toString()).isEqualTo(expected.status());
        assertThat(numbersAside(actual.err()))
                .as(script.getFileName().toString())
                .isEqualTo(numbersAside(expected.err()));
    }

    /** Process numbers in messages differ. */
    private static String numbersAside(String text) {
        return text.replaceAll("[0-9]+", "N");
    }

    private static Result run(Path work, Run run) throws IOException {
        delete(work);
        Files.createDirectories(work);
        try {
            return run.in(work)
                    .with("JAVA_HOME", System.getProperty("java.home"))
                    .timeout(TIMEOUT)
                    .run();
        } finally {
            delete(work);
        }
    }

    private static void delete(Path tree) throws IOException {
        if (Files.exists(tree)) {
            try (Stream<Path> files = Files.walk(tree)) {
                files.sorted(Comparator.reverseOrder()).forEach(RealProgramsTest::deleteOne);
            }
        }
    }

    private static void deleteOne(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
