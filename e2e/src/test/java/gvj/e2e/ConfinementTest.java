package gvj.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code docs/security.md} says of the Sentry and the gofer, looked at from outside and tried from inside. */
@ExtendWith(PlatformCondition.class)
class ConfinementTest {
    private static final String SENTRY = "gvj.runtime.SandboxMain";
    private static final String GOFER = "gvj.gofer.Main";
    private static final String NONE = "0000000000000000";
    /** CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER, FSETID. */
    private static final String OF_FILES = "000000000000001f";

    private static Process launcher;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root can look");
        launcher = LeftoversTest.running();
    }

    @AfterAll
    static void end() throws InterruptedException {
        if (launcher != null) {
            launcher.destroyForcibly().waitFor();
        }
    }

    private static Path proc(String mainClass) throws IOException {
        return Path.of("/proc/" + LeftoversTest.child(launcher, mainClass).pid());
    }

    private static Map<String, String> status(Path process) throws IOException {
        Map<String, String> fields = new TreeMap<>();
        for (String line : Files.readAllLines(process.resolve("status"), StandardCharsets.ISO_8859_1)) {
            int colon = line.indexOf(':');
            fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
        }
        return fields;
    }

    private static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        }
    }

    // ---- seen from outside ----

    @ParameterizedTest
    @CsvSource({SENTRY + ",65534," + NONE, GOFER + ",0," + OF_FILES})
    void everyThreadHasOnlyTheseRights(String mainClass, String uid, String capabilities) throws IOException {
        for (Path thread : list(proc(mainClass).resolve("task"))) {
            Map<String, String> status = status(thread);
            assertThat(status).containsEntry("Seccomp", "2").containsEntry("NoNewPrivs", "1");
            assertThat(status.get("Uid").split("\t")).containsOnly(uid);
            assertThat(status.get("Gid").split("\t")).containsOnly(uid);
            for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
                assertThat(status).containsEntry(set, capabilities);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {SENTRY, GOFER})
    void itsRootHoldsWhatItRunsFromAndNothingElse(String mainClass) throws IOException {
        Path home = Run.DIST.toRealPath();
        List<String> allowed = List.of(
                "/",
                home.resolve("jre").toString(),
                home.resolve("lib").toString(),
                "/lib64/ld-linux-x86-64.so.2",
                "/proc/cpuinfo",
                mainClass.equals(SENTRY) ? "/proc/sys/net" : "/proc/self",
                "/proc/self");
        for (String line : Files.readAllLines(proc(mainClass).resolve("mountinfo"))) {
            String[] fields = line.split(" ");
            assertThat(allowed.contains(fields[4]) || fields[4].matches("/(usr/)?lib(64)?/.*\\.so\\.[0-9]+"))
                    .as(line)
                    .isTrue();
            assertThat(fields[5].split(",")).as(line).contains("ro", "nosuid", "nodev");
        }
    }

    @Test
    void namespacesAreItsOwn() throws IOException {
        for (String name : List.of("mnt", "pid", "ipc", "uts", "user")) {
            assertThat(namespace(proc(SENTRY), name)).as(name).isNotEqualTo(namespace(Path.of("/proc/self"), name));
        }
        for (String name : List.of("mnt", "pid", "ipc", "uts", "net")) {
            assertThat(namespace(proc(GOFER), name))
                    .as(name)
                    .isNotEqualTo(namespace(Path.of("/proc/self"), name))
                    .isNotEqualTo(namespace(proc(SENTRY), name));
        }
    }

    private static String namespace(Path process, String name) throws IOException {
        return Files.readSymbolicLink(process.resolve("ns").resolve(name)).toString();
    }

    /** No directory, no device but KVM's, nothing that may be written but the program's own output and its memory. */
    @Test
    void theSentryHoldsNothingThatLeadsElsewhere() throws IOException {
        String home = Run.DIST.toRealPath().toString();
        for (Path fd : list(proc(SENTRY).resolve("fd"))) {
            String what = Files.readSymbolicLink(fd).toString();
            assertThat(Files.isDirectory(fd)).as(what).isFalse();
            if (what.equals("/proc/self/smaps")) {
                continue; // its own, to see what it can give back
            }
            assertThat(what).isNotEqualTo("/dev/kvm").doesNotMatch("/(proc|sys)/.*");
            if (what.startsWith("/") && !what.startsWith("/memfd:") && !what.startsWith(home)) {
                // a file of the root, which the gofer opened to be read
                assertThat(flags(fd) & 3).as(what).isZero();
            }
        }
    }

    private static int flags(Path fd) throws IOException {
        String info = Files.readString(fd.getParent().resolveSibling("fdinfo").resolve(fd.getFileName()));
        MatchResult match = Pattern.compile("flags:\\s+(\\d+)")
                .matcher(info)
                .results()
                .findFirst()
                .orElseThrow();
        return Integer.parseInt(match.group(1), 8);
    }

    @Test
    void theTreesAreDetachedAndReadOnly() throws IOException {
        Path gofer = proc(GOFER);
        for (Path fd : list(gofer.resolve("fd"))) {
            if (Files.isDirectory(fd)) {
                String info = Files.readString(gofer.resolve("fdinfo").resolve(fd.getFileName()));
                MatchResult mount = Pattern.compile("mnt_id:\\s+(\\d+)")
                        .matcher(info)
                        .results()
                        .findFirst()
                        .orElseThrow();
                assertThat(Files.readString(gofer.resolve("mountinfo"))).doesNotContain("\n" + mount.group(1) + " ");
            }
        }
    }

    /** Process 1 of a namespace does not hear a terminal's stop, so the launcher passes it on in another form. */
    @Test
    void aStopStopsBoth() throws Exception {
        signal("TSTP");
        awaitState(true);
        signal("CONT");
        awaitState(false);
    }

    private static void signal(String name) {
        Run.command("kill", "-" + name, Long.toString(launcher.pid())).run();
    }

    private static void awaitState(boolean stopped) throws Exception {
        for (String mainClass : List.of(SENTRY, GOFER)) {
            for (int i = 0; status(proc(mainClass)).get("State").startsWith("T") != stopped; i++) {
                assertThat(i).as(mainClass).isLessThan(200);
                Thread.sleep(50);
            }
        }
    }

    // ---- tried from inside ----

    /** The names in probe.c. */
    static List<String> forbidden() throws IOException {
        List<String> names = new ArrayList<>(List.of("int80"));
        String source = Files.readString(Run.ROOT.resolve("host/src/main/c/probe.c"));
        Pattern.compile("^    \\{\"([^\"]+)\"", Pattern.MULTILINE)
                .matcher(source)
                .results()
                .forEach(match -> names.add(match.group(1)));
        assertThat(names).hasSizeGreaterThan(50);
        return names;
    }

    @ParameterizedTest
    @MethodSource("forbidden")
    void aForbiddenCallEndsTheSentry(String call) {
        assertEnds("Sentry", call);
    }

    @ParameterizedTest
    @MethodSource("forbidden")
    void aForbiddenCallEndsTheGofer(String call) {
        assertEnds("gofer", call);
    }

    private static void assertEnds(String process, String call) {
        Result result = Run.gvj(
                        "--probe=" + process + ":" + call, "do", "--platform=" + Run.PLATFORM, "--", "echo", "ran")
                .run();
        assertThat(result.err()).contains("gvj: the " + process + " made a forbidden system call: ");
        assertThat(result.out()).isEmpty();
        assertThat(result.status()).isEqualTo(125);
    }

    @Test
    void theLineNamesTheCall() {
        Result result = Run.gvj("--probe=Sentry:openat", "do", "--platform=" + Run.PLATFORM, "--", "true")
                .run();
        assertThat(result.err()).contains("gvj: the Sentry made a forbidden system call: openat (257)\n");
    }

    // ---- other ways to start ----

    @Test
    void withoutTheJailThereIsStillTheFilter() {
        Result result = Run.gvj("--probe=Sentry:execve", "--jail=off", "do", "--platform=" + Run.PLATFORM, "--", "true")
                .run();
        assertThat(result.err()).contains("forbidden system call: execve (59)");
    }

    @Test
    void anOrdinaryUserGetsASandbox() {
        Result result = asUser(
                "do", "--platform=systrap", "--", "sh", "-c", "id -u; cat /etc/hostname >/dev/null && echo read");
        assumeTrue(!result.err().contains("may not make user namespaces"), result.err());
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).isEqualTo("1000\nread\n");
    }

    private static Result asUser(String... words) {
        List<String> all =
                new ArrayList<>(List.of("setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", Run.GVJ));
        all.addAll(List.of(words));
        Result reachable = Run.command(
                        "setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", "test", "-x", Run.GVJ)
                .run();
        assumeTrue(reachable.status() == 0, "the distribution is not readable for everybody");
        return Run.command(all.toArray(new String[0])).run();
    }
}
