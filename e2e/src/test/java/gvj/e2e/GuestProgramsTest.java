package gvj.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The C programs of {@code e2e/guest}: each runs natively, then in a sandbox. A case that passes natively must pass there,
 * and all output must be the same.
 */
@ExtendWith(PlatformCondition.class)
class GuestProgramsTest {
    private static final Path PROGRAMS = Run.ROOT.resolve("build/guest");
    private static final int TIMEOUT = 150;
    private static final List<String> VOLUME = List.of("files", "dirs", "links_rename", "xattr", "locks", "aio", "mm");
    /** {@code PROGRAM CASE} of what is known to differ, with the reason in the file. */
    private static final Set<String> KNOWN = known();

    @TempDir
    private Path volume;

    private static Set<String> known() {
        try (Stream<String> lines = Files.lines(Run.ROOT.resolve("e2e/guest/known-differences"))) {
            return lines.filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> line.replaceFirst("\\s*#.*", ""))
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @BeforeAll
    static void build() {
        Result made = Run.command(
                        "make", "-s", "-C", Run.ROOT.resolve("e2e/guest").toString(), "OUT=" + PROGRAMS, "-j2")
                .timeout(300)
                .run();
        assertThat(made.status()).as(made.err()).isZero();
    }

    /** Programs with cases: a container each, and a test for each case. */
    @TestFactory
    Stream<DynamicNode> cases() throws IOException {
        return programs(PROGRAMS).map(GuestProgramsTest::container);
    }

    /** Programs without cases, which use as little of a kernel as they can. */
    @TestFactory
    Stream<DynamicNode> first() throws IOException {
        return programs(PROGRAMS.resolve("first"))
                .map(program -> DynamicTest.dynamicTest(program.getFileName().toString(), () -> same(program)));
    }

    /** The programs about files once more, with their scratch directories on a volume of the host. */
    @TestFactory
    Stream<DynamicTest> onAVolume() {
        return VOLUME.stream()
                .map(name -> DynamicTest.dynamicTest(name, () -> Again.once(name, () -> compareOn(name))));
    }

    private void compareOn(String name) throws IOException {
        Path program = PROGRAMS.resolve(name);
        List<String> command = new ArrayList<>(List.of("--env=TMPDIR=/mnt", "--", program.toString()));
        List<String> cases = Run.command(program.toString(), "--list")
                .run()
                .out()
                .lines()
                .filter(each -> !KNOWN.contains(name + " " + each) && !KNOWN.contains("volume " + name + " " + each))
                .toList();
        Path host = Files.createDirectory(volume.resolve(name));
        command.add(0, "--volume=" + host + ":/mnt");
        command.addAll(cases);
        List<String> natively = new ArrayList<>(cases);
        natively.add(0, program.toString());
        Result expected = Run.command(natively.toArray(String[]::new))
                .with("TMPDIR", host.toString())
                .timeout(TIMEOUT)
                .run();
        assertThat(Run.sandboxed(command.toArray(String[]::new))
                        .timeout(TIMEOUT)
                        .run())
                .isEqualTo(expected);
    }

    private static Stream<Path> programs(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return Stream.empty();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files
                    .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    private static void same(Path program) throws Exception {
        Again.once(program.getFileName().toString(), () -> compare(program));
    }

    private static void compare(Path program) {
        String[] command = {program.toString(), "one", "two words"};
        String input = "line 1\nline 2\n";
        Result expected = Run.command(command).input(input).run();
        String[] words = {"--", command[0], command[1], command[2]};
        assertThat(Run.sandboxed(words).input(input).run())
                .as(program.getFileName().toString())
                .isEqualTo(expected);
    }

    private static DynamicContainer container(Path program) {
        String programName = program.getFileName().toString();
        List<String> names = new ArrayList<>();
        List<DynamicTest> tests = new ArrayList<>();
        Run.command(program.toString(), "--list").run().out().lines().forEach(names::add);
        for (String name : List.copyOf(names)) {
            if (KNOWN.contains(programName + " " + name)) {
                names.remove(name);
                tests.add(DynamicTest.dynamicTest(name + " (known difference)", () -> stillDiffers(program, name)));
            }
        }
        Both both = new Both(program, names);
        names.forEach(name -> tests.add(DynamicTest.dynamicTest(name, () -> both.check(name))));
        if (names.isEmpty()) {
            return DynamicContainer.dynamicContainer(programName, tests);
        }
        tests.add(DynamicTest.dynamicTest("output and status", both::checkAll));
        return DynamicContainer.dynamicContainer(programName, tests);
    }

    /** The list of known differences must not outlive them. */
    private static void stillDiffers(Path program, String name) {
        Result result = Run.sandboxed("--net-raw", "--", program.toString(), name)
                .timeout(60)
                .run();
        assertThat(result.out())
                .as("it works now: take it out of known-differences")
                .contains("FAIL " + name);
    }

    /** One program's two runs, made when the first of its tests asks. */
    private static final class Both {
        private final Path program;
        private final List<String> cases;
        private Result nativeResult;
        private Result sandboxResult;
        private AssertionError failure;

        Both(Path program, List<String> cases) {
            this.program = program;
            this.cases = cases;
        }

        private String[] command(String... before) {
            List<String> words = new ArrayList<>(List.of(before));
            words.add(program.toString());
            words.addAll(cases);
            return words.toArray(String[]::new);
        }

        private void run() {
            if (failure == null && sandboxResult == null) {
                try {
                    nativeResult = Run.command(command()).timeout(TIMEOUT).run();
                    sandboxResult = Run.sandboxed(command("--net-raw", "--"))
                            .timeout(TIMEOUT)
                            .run();
                    if (!sandboxResult.equals(nativeResult)) {
                        System.out.println("e2e: " + program.getFileName() + " differs and is tried again:\n"
                                + sandboxResult.out() + sandboxResult.err());
                        nativeResult = Run.command(command()).timeout(TIMEOUT).run();
                        sandboxResult = Run.sandboxed(command("--net-raw", "--"))
                                .timeout(TIMEOUT)
                                .run();
                    }
                } catch (AssertionError e) {
                    failure = e;
                }
            }
            if (failure != null) {
                throw failure;
            }
        }

        void check(String name) {
            run();
            assertThat(lines(nativeResult))
                    .as(program.getFileName() + " natively")
                    .contains("ok " + name);
            if (!lines(sandboxResult).contains("ok " + name)) {
                throw new AssertionError(program.getFileName() + " " + name + ": not ok in the sandbox:\n"
                        + complaint(name) + sandboxResult.err());
            }
        }

        /** The lines between the last verdict and this case's. */
        private String complaint(String name) {
            StringBuilder text = new StringBuilder();
            for (String line : lines(sandboxResult)) {
                boolean verdict = line.startsWith("ok ") || line.startsWith("FAIL ");
                if (verdict && !line.equals("FAIL " + name)) {
                    text.setLength(0);
                } else {
                    text.append(line).append('\n');
                    if (verdict) {
                        return text.toString();
                    }
                }
            }
            return "no verdict; status " + sandboxResult.status() + "; last: " + text;
        }

        void checkAll() {
            run();
            assertThat(sandboxResult).as(program.getFileName().toString()).isEqualTo(nativeResult);
        }

        private static List<String> lines(Result result) {
            return result.out().lines().toList();
        }
    }
}
