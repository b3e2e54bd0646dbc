package gvj.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hostile programs: the Sentry answers as Linux does, survives, and finds nothing unexpected in itself. */
@ExtendWith(PlatformCondition.class)
class HardeningTest {
    private static final Path STRESS = Run.ROOT.resolve("build/guest/stress");

    @BeforeAll
    static void build() {
        GuestProgramsTest.build();
    }

    private static String program(String name) {
        return STRESS.resolve(name).toString();
    }

    private static void assertNothingUnexpected(Result result) {
        assertThat(result.err()).doesNotContain("internal error", "Exception", "the Sentry");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bad_pointers",
                "stack_overflow",
                "open_close",
                "fork_bomb",
                "many_forks",
                "many_threads",
                "garbage_elf",
                "memory_hog",
                "mm_races"
            })
    void likeNatively(String name) {
        Result expected = Run.command(program(name)).timeout(120).run();
        Result result = Run.sandboxed("--", program(name)).timeout(120).run();
        assertThat(result.out()).isEqualTo(expected.out());
        assertThat(result.status()).isEqualTo(expected.status());
        assertNothingUnexpected(result);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "4"})
    void fuzzedSystemCalls(String seed) {
        Result result = Run.sandboxed("--env", "GVJ_FUZZ_HERE=1", "--", program("fuzz_syscalls"), seed, "60000")
                .timeout(150)
                .run();
        assertThat(result.out()).contains("fuzz " + seed + ": 60000 calls");
        assertThat(result.status()).isZero();
        assertNothingUnexpected(result);
    }

    /** Attacks on what the systrap platform has in every process; with others, on nothing. */
    @Test
    void anAttackedStubHurtsNobodyElse() {
        Result result =
                Run.sandboxed("--", program("hostile_stub"), "6").timeout(120).run();
        assertThat(result.out()).isEqualTo("the victim kept its memory\n");
        assertThat(result.status()).isZero();
        assertNothingUnexpected(result);
    }

    @Test
    void damagedProgramsOfAnotherSeed() {
        Result result = Run.sandboxed("--", program("garbage_elf"), "2", "1000")
                .timeout(120)
                .run();
        assertThat(result.out()).isEqualTo("1000 damaged programs\n");
        assertThat(result.status()).isZero();
        assertNothingUnexpected(result);
    }

    @Test
    void outOfMemoryKillsOneProcess() {
        Result result = Run.sandboxed("--memory=64m", "--", program("memory_hog"), "200")
                .run();
        assertThat(result.out()).isEqualTo("hog: signal 9\nother: exit 7\n");
        assertThat(result.status()).isZero();
        assertThat(result.err()).matches("gvj: memory_hog\\[\\d+]: out of memory, killed\n");
    }

    /** Not the one that asks for more but the largest dies, and that one waits and has its memory. */
    @Test
    void outOfMemoryKillsTheLargest() {
        String script = "head -c 40m /dev/zero | tail -c 40m | { sleep 100; cat; } & sleep 3; "
                + "head -c 20m /dev/zero | tail -c 20m | wc -c; grep oom_kill /sys/fs/cgroup/memory.events";
        Result result = Run.sandboxed("--memory=64m", "--", "sh", "-c", "mount -t cgroup2 c /sys/fs/cgroup; " + script)
                .run();
        assertThat(result.out()).isEqualTo("20971520\noom_kill 1\n");
        assertThat(result.err()).matches("gvj: tail\\[\\d+]: out of memory, killed\n");
    }

    @Test
    void outOfKernelMemoryKillsOneProcess() {
        Result result = Run.sandboxed("--", program("memory_hog"), "0", "sockets")
                .timeout(120)
                .run();
        assertThat(result.out()).isEqualTo("hog: signal 9\nother: exit 7\n");
        assertThat(result.status()).isZero();
        assertThat(result.err()).matches("gvj: memory_hog\\[\\d+]: out of kernel memory, killed\n");
    }

    /** What the program asks of its kernel is nowhere among what our processes ask of the host's. */
    @Test
    void systemCallsNeverReachTheHost(@TempDir Path directory) throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/strace")), "no strace");
        Path trace = directory.resolve("trace");
        Result result = Run.command(
                        "strace",
                        "-f",
                        "-qq",
                        "-o",
                        trace.toString(),
                        Run.GVJ,
                        "do",
                        "--platform=" + Run.PLATFORM,
                        "--",
                        program("distinctive_calls"))
                .timeout(120)
                .run();
        assertThat(result.out()).isEqualTo("done\n");
        assertThat(result.status()).isZero();
        List<String> calls = Files.readAllLines(trace);
        if (Run.PLATFORM.equals("kvm")) {
            assertThat(calls).anyMatch(call -> call.contains("KVM_RUN"));
        } else {
            calls = withoutTrapped(calls);
        }
        assertThat(calls).noneMatch(call -> call.contains("123456789"));
        assertThat(calls).noneMatch(call -> call.contains("0x5ca1ab1e") || call.contains("0x3e7"));
        assertThat(calls).noneMatch(call -> call.matches("\\d+ +(mkdir|rmdir|open)(at)?\\(.*gvj-distinctive.*"));
        assertThat(Path.of("/tmp/gvj-distinctive")).doesNotExist();
    }

    /** A system call that a filter turned into a signal was never made: strace shows the attempt, and SIGSYS behind it. */
    private static List<String> withoutTrapped(List<String> lines) {
        Map<String, String> attempts = new HashMap<>();
        List<String> made = new ArrayList<>();
        int trapped = 0;
        for (String line : lines) {
            String pid = line.substring(0, line.indexOf(' '));
            if (line.contains("--- SIGSYS {")) {
                attempts.remove(pid);
                trapped++;
            } else if (!line.contains(" resumed>")) { // the other half of a line that is known
                String before = attempts.put(pid, line);
                if (before != null) {
                    made.add(before);
                }
            }
        }
        assertThat(trapped).as("trapped system calls").isPositive();
        made.addAll(attempts.values());
        return made;
    }
}
