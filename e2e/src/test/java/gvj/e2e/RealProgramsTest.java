package gvj.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

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
            "python-test-signal.sh",
            "python-test-socket.sh",
            "python-test-subprocess.sh",
            "python-test-threading.sh");

    @TestFactory
    Stream<DynamicTest> scripts() throws IOException {
        try (Stream<Path> files = Files.list(SCRIPTS)) {
            return files.filter(RealProgramsTest::runsHere).sorted().toList().stream()
                    .map(script -> DynamicTest.dynamicTest(
                            script.getFileName().toString(),
                            () -> Again.once(script.getFileName().toString(), () -> same(script))));
        }
    }

    private static boolean runsHere(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".sh") && (Run.PLATFORM.equals("systrap") || !ON_SYSTRAP_ONLY.contains(name));
    }

    private static void same(Path script) throws IOException {
        String interpreter = Files.readString(script).startsWith("#!/bin/bash") ? "bash" : "sh";
        Result expected = run(Run.command(interpreter, script.toString()));
        assertThat(expected.status()).as("natively: " + expected.err()).isZero();
        Result actual = run(Run.sandboxed("--", interpreter, script.toString()));
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

    private static Result run(Run run) throws IOException {
        delete(WORK);
        Files.createDirectories(WORK);
        try {
            return run.in(WORK)
                    .with("JAVA_HOME", System.getProperty("java.home"))
                    .timeout(TIMEOUT)
                    .run();
        } finally {
            delete(WORK);
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
