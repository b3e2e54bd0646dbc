package gvj.e2e.oci;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import gvj.e2e.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** create, start, state, kill, delete in the right order and in every wrong one. */
class OciLifecycleTest extends OciTest {
    private static final String ON_TERM = "trap 'echo got TERM; exit 3' TERM; echo ready; while :; do sleep 0.05; done";

    private static void refused(Result result, String words) {
        assertThat(result.status()).as(result.out() + result.err()).isEqualTo(1);
        assertThat(result.err()).isNotBlank().contains(words);
    }

    private static void refused(Result result) {
        refused(result, "");
    }

    @Test
    void aContainerGoesThroughItsStates() {
        Container container = container().script("echo started; exec sleep 100").create();
        assertThat(container.status()).isEqualTo("created");
        assertThat(container.written()).isEmpty();
        container.start();
        assertThat(container.status()).isEqualTo("running");
        Work.until("the program runs", () -> container.written().equals("started\n"));
        container.kill("KILL").await("stopped").delete();
        refused(container.command("state", container.id).run(), "does not exist");
    }

    @Test
    void theStateHasWhatTheSpecificationAsksFor() {
        Container container = container();
        container
                .config
                .putObject("annotations")
                .put("org.example.key", "a value")
                .put("other", "");
        container.create();
        JsonNode state = container.state();
        assertThat(state.path("ociVersion").asText()).startsWith("1.");
        assertThat(state.path("id").asText()).isEqualTo(container.id);
        assertThat(state.path("bundle").asText()).isEqualTo(container.bundle().toString());
        assertThat(state.path("rootfs").asText()).isEqualTo(container.rootfs().toString());
        assertThat(state.at("/annotations/org.example.key").asText()).isEqualTo("a value");
        assertThat(state.at("/annotations/other").isTextual()).isTrue();
        assertThat(Path.of("/proc/" + state.path("pid").asLong())).exists();
        OffsetDateTime created = OffsetDateTime.parse(state.path("created").asText());
        assertThat(Duration.between(created, OffsetDateTime.now()).abs()).isLessThan(Duration.ofMinutes(1));
    }

    @Test
    void theStateOfAStoppedContainerHasNoPid() {
        Container container = container().args("/bin/true").create().start().await("stopped");
        assertThat(container.pid()).isZero();
    }

    @Test
    void aProgramThatEndsStopsTheContainer() {
        Container container = container().script("exit 7").create().start().await("stopped");
        container.delete();
    }

    @Test
    void aPidFileHoldsThePidAndNothingElse() {
        Container container = container();
        Path file = container.bundle().resolve("init.pid");
        container.create("--pid-file", file.toString());
        assertThat(Work.read(file)).isEqualTo(Long.toString(container.pid()));
    }

    @Test
    void aPidFileMayBeRelative() {
        Container container = container().create("--pid-file=some.pid");
        assertThat(Work.read(container.bundle().resolve("some.pid"))).isEqualTo(Long.toString(container.pid()));
    }

    @Test
    void aPidFileWithoutADirectoryFailsTheCreation() {
        Container container = container();
        refused(container.tryCreate("--pid-file=/no/such/dir/pid"), "/no/such/dir");
        refused(container.command("state", container.id).run(), "does not exist");
    }

    @Test
    void theBundleIsTheWorkingDirectoryUnlessItIsNamed() {
        Container container = container().write();
        Result result =
                container.command("create", container.id).output("out", "err").run();
        assertThat(result.status()).as(result.err()).isZero();
        assertThat(container.state().path("bundle").asText())
                .isEqualTo(container.bundle().toString());
    }

    @Test
    void whatIsCreatedStaysWhenConfigJsonGoes() throws Exception {
        Container container = container().script("echo hi").create();
        Files.delete(container.bundle().resolve("config.json"));
        container.start().await("stopped");
        assertThat(container.written()).isEqualTo("hi\n");
    }

    @Test
    void anIdIsUsedOnce() {
        Container container = container().create();
        long pid = container.pid();
        refused(container.tryCreate(), "already exists");
        assertThat(container.pid()).isEqualTo(pid);
        container.start();
        refused(container.tryCreate(), "already exists");
        container.kill("KILL").await("stopped");
        refused(container.tryCreate(), "already exists");
        container.delete().create();
    }

    @Test
    void runIsRefusedAnIdThatIsUsed() {
        Container container = container().create();
        Result result = container.run();
        assertThat(result.status()).isNotZero();
        assertThat(result.err()).contains("already exists");
        assertThat(container.status()).isEqualTo("created");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "..", ".", "a/b", "a b", "../x", "a:b", "a\nb", "\u00e4"})
    void aBadIdIsRefused(String bad) {
        Container container = container().write();
        Result result = container
                .command("create", "--bundle", container.bundle().toString(), bad)
                .run();
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err()).isNotEmpty();
        assertThat(container.command("state", bad).run().status()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "A-b_c.d+e", "0123456789012345678901234567890123456789012345678901234567890123"})
    void aGoodIdIsTaken(String good) {
        Container container = container().root(Work.ROOT.resolve("state-" + Integer.toHexString(good.hashCode())));
        container.write();
        Result result = container
                .command("create", "--bundle", container.bundle().toString(), good)
                .output("out", "err")
                .run();
        assertThat(result.status()).as(result.err()).isZero();
        assertThat(container.command("list", "--quiet").run().out()).isEqualTo(good + "\n");
        assertThat(container.command("delete", "--force", good).run().status()).isZero();
    }

    @Test
    void startNeedsACreatedContainer() {
        Container container = container();
        refused(container.command("start", container.id).run(), "does not exist");
        container.create().start();
        refused(container.command("start", container.id).run());
        assertThat(container.status()).isEqualTo("running");
        container.kill("KILL").await("stopped");
        refused(container.command("start", container.id).run());
        assertThat(container.status()).isEqualTo("stopped");
    }

    @Test
    void deleteRefusesARunningContainer() {
        Container container = container().create().start();
        refused(container.command("delete", container.id).run(), "running");
        assertThat(container.status()).isEqualTo("running");
    }

    @Test
    void deleteTakesAContainerThatWasNeverStarted() {
        Container container = container().create();
        long pid = container.pid();
        container.delete();
        Work.until("the process is gone", () -> Files.notExists(Path.of("/proc/" + pid)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"created", "running", "stopped", "paused"})
    void forceDeletesInEveryState(String state) {
        Container container = container().create();
        if (!state.equals("created")) {
            container.start();
        }
        if (state.equals("stopped")) {
            container.kill("KILL").await("stopped");
        } else if (state.equals("paused")) {
            assertThat(container.command("pause", container.id).run().status()).isZero();
        }
        assertThat(container.status()).isEqualTo(state);
        assertThat(container.command("delete", "--force", container.id).run().status())
                .isZero();
        refused(container.command("state", container.id).run(), "does not exist");
    }

    @Test
    void deleteOfNobodyFailsUnlessForced() {
        Container container = container();
        refused(container.command("delete", container.id).run(), "does not exist");
        assertThat(container.command("delete", "-f", container.id).run().status())
                .isZero();
    }

    @Test
    void deleteLeavesTheBundle() {
        Container container =
                container().args("/bin/true").create().start().await("stopped").delete();
        assertThat(container.bundle().resolve("config.json")).exists();
        assertThat(container.rootfs().resolve("bin/busybox")).exists();
    }

    @Test
    void theIdMayBeUsedAgainAfterDelete() {
        Container container = container().args("/bin/true");
        for (int round = 0; round < 3; round++) {
            container.create().start().await("stopped").delete();
        }
    }

    @Test
    void twoForcedDeletesAtOnceBothSucceed() throws Exception {
        Container container = container().create().start();
        Call one = container.command("delete", "--force", container.id);
        Call two = container.command("delete", "--force", container.id);
        Process first = one.start();
        Process second = two.start();
        Result firstResult = one.end(first);
        Result secondResult = two.end(second);
        assertThat(firstResult.status() == 0 || secondResult.status() == 0)
                .as(firstResult + " " + secondResult)
                .isTrue();
        refused(container.command("state", container.id).run(), "does not exist");
    }

    @Test
    void twoCreationsAtOnceOneWins() {
        Container container = container().write();
        Call one = container.command("create", container.id).output("out", "err");
        Call two = container.command("create", container.id).output("out2", "err2");
        Process first = one.start();
        Process second = two.start();
        Result firstResult = one.end(first);
        Result secondResult = two.end(second);
        assertThat(firstResult.status() + secondResult.status())
                .as(firstResult + " " + secondResult)
                .isEqualTo(1);
        assertThat(container.status()).isEqualTo("created");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "SIGTERM", "15", "sigterm"})
    void aSignalHasANameAndANumber(String signal) {
        Container container = container().script(ON_TERM).create().start();
        Work.until("it is ready", () -> container.written().contains("ready"));
        container.kill(signal).await("stopped");
        assertThat(container.written()).isEqualTo("ready\ngot TERM\n");
    }

    @Test
    void killWithoutASignalSendsTerm() {
        Container container = container().script(ON_TERM).create().start();
        Work.until("it is ready", () -> container.written().contains("ready"));
        assertThat(container.command("kill", container.id).run().status()).isZero();
        container.await("stopped");
        assertThat(container.written()).contains("got TERM");
    }

    @ParameterizedTest
    @ValueSource(strings = {"NOSUCH", "-1", "999", "1x"})
    void aSignalThatIsNoneIsRefused(String signal) {
        Container container = container().create().start();
        assertThat(container.command("kill", container.id, signal).run().status())
                .isNotZero();
        assertThat(container.status()).isEqualTo("running");
    }

    @Test
    void aSignalThatIsIgnoredChangesNothing() {
        Container container = container()
                .script("trap '' HUP; echo ready; while :; do sleep 0.05; done")
                .create()
                .start();
        Work.until("it is ready", () -> container.written().contains("ready"));
        container.kill("HUP");
        assertThat(container.status()).isEqualTo("running");
    }

    @Test
    void aCreatedContainerCanBeKilled() {
        Container container = container().create().kill("KILL").await("stopped");
        refused(container.command("start", container.id).run());
        container.delete();
    }

    @Test
    void killOfNobodySaysWhatCallersLookFor() {
        Container container = container();
        refused(container.command("kill", container.id, "TERM").run(), "does not exist");
        container.args("/bin/true").create().start().await("stopped");
        Result result = container.command("kill", container.id, "KILL").run();
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err()).containsAnyOf("process already finished", "container not running", "no such process");
    }

    @Test
    void killAllReachesEveryProcess() {
        Container container = container()
                .script("sleep 1000 & sleep 1000 & echo ready; wait")
                .create()
                .start();
        Work.until("it is ready", () -> container.written().contains("ready"));
        assertThat(container
                        .command("kill", "--all", container.id, "KILL")
                        .run()
                        .status())
                .isZero();
        container.await("stopped").delete();
    }

    @Test
    void whenTheFirstProcessEndsAllEnd() throws Exception {
        Container container = container();
        Path beats = Work.write(container.bundle().resolve("beats"), "");
        container
                .mount("/beats", "bind", beats.toString(), "bind", "rw")
                .script("(while :; do echo >>/beats; sleep 0.02; done) & exec sleep 0.3")
                .create()
                .start()
                .await("stopped");
        long size = Files.size(beats);
        Thread.sleep(100);
        assertThat(Files.size(beats)).isEqualTo(size).isPositive();
    }

    @Test
    void missingBundlesAreNamed() {
        Container container = container();
        Result result = container
                .command("create", "--bundle", "/no/such/bundle", container.id)
                .run();
        refused(result, "/no/such/bundle");
        refused(container.command("state", container.id).run(), "does not exist");
    }
}
