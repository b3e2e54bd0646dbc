package gvj.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import gvj.boot.BootException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that only look at containers. */
class ToolsTest {
    @TempDir
    Path root;

    private String answer(String... words) throws Exception {
        return Main.answer(List.of(words));
    }

    private void container(String id, String state) throws Exception {
        Files.createDirectories(root.resolve(id));
        Files.writeString(root.resolve(id).resolve("state.json"), state.replace('\'', '"'));
    }

    private static Json json(String text) throws BootException {
        return Json.parse("x", text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void listShowsStoppedAndHalfMadeContainers() throws Exception {
        container(
                "b",
                "{'id': 'b', 'pid': 1, 'init_process_start': 1, 'bundle': '/b', 'created': 'then',"
                        + " 'annotations': {'a': 'ü'}}");
        Files.createDirectories(root.resolve("a"));
        String rootFlag = "--root=" + root;
        assertThat(answer(rootFlag, "list", "-q")).isEqualTo("a\nb\n");
        assertThat(answer(rootFlag, "list"))
                .containsPattern("ID +PID +STATUS +BUNDLE +CREATED +OWNER\n")
                .containsPattern("a +0 +creating +")
                .containsPattern("b +0 +stopped +/b +then +");
        Json list = json(answer(rootFlag, "list", "--format", "json"));
        assertThat(list.elements()).hasSize(2);
        Json second = list.elements().get(1);
        assertThat(second.get("status").bytes("")).isEqualTo("stopped");
        assertThat(second.get("pid").integer(9, 0, 9)).isZero();
        assertThat(second.get("annotations").get("a").chars("")).isEqualTo("ü");
        assertThat(answer("--root=" + root.resolve("nobody"), "list")).startsWith("ID ");
        assertThat(answer("--root=" + root.resolve("nobody"), "list", "-f", "json"))
                .isEqualTo("[]\n");
    }

    @Test
    void whatIsNotThereIsSaid() throws Exception {
        container("b", "{'id': 'b', 'pid': 1, 'init_process_start': 1}");
        String rootFlag = "--root=" + root;
        assertThatThrownBy(() -> answer(rootFlag, "ps", "a")).hasMessage("container does not exist: a");
        assertThatThrownBy(() -> answer(rootFlag, "ps", "b")).hasMessage("container not running: b");
        assertThatThrownBy(() -> answer(rootFlag, "ps", "../b")).hasMessage("invalid container id \"../b\"");
        assertThatThrownBy(() -> answer(rootFlag, "ps")).hasMessageContaining("a container id is needed");
        assertThatThrownBy(() -> answer("checkpoint", "a")).hasMessageContaining("cannot be saved");
        container("c", "{'id'");
        assertThatThrownBy(() -> answer(rootFlag, "list")).hasMessageContaining("state.json: line 1: ");
    }

    @Test
    void specIsABundleThatTheRuntimeTakes() throws Exception {
        answer("spec", "--bundle", root.toString());
        byte[] written = Files.readAllBytes(root.resolve("config.json"));
        Options options = CommandLine.parse(List.of("run", "x")).options();
        assertThat(Bundle.parse("/b", written)
                        .spec(options, BootMessageTest.message())
                        .first()
                        .mounts())
                .hasSize(7);
        assertThat(Bundle.parse("/b", SpecCommand.text(true).getBytes(StandardCharsets.UTF_8))
                        .spec(options, BootMessageTest.message())
                        .first()
                        .mounts())
                .hasSize(7);
        assertThatThrownBy(() -> answer("spec", "-b", root.toString())).hasMessageContaining("exists. Remove it first");
    }

    @Test
    void featuresAreTrue() throws Exception {
        Json features = json(answer("features"));
        assertThat(features.get("ociVersionMin").bytes("")).isEqualTo("1.0.0");
        for (Json option : features.get("mountOptions").elements()) {
            MountOptions options = MountOptions.of(json("['" + option.bytes("") + "']"), new Notes());
            assertThat(options.data()).as(option.bytes("")).isEmpty();
        }
        for (Json name : features.get("linux").get("capabilities").elements()) {
            assertThat(Names.capability(name.bytes(""))).isNotNegative();
        }
    }

    @Test
    void versionHasRuncsForm() throws Exception {
        assertThat(answer("--version")).matches("gvj version \\S+\nspec: 1\\.\\d+\\.\\d+\n");
        assertThat(answer("version")).isEqualTo(answer("-v"));
    }

    @Test
    void psShowsWhatTheSentrySays() throws Exception {
        assertThat(PsCommand.table(json("""
                [{'uid': 0, 'pid': 1, 'ppid': 0, 'state': 'S', 'start': 0, 'time': 3661000000000, 'command': 'sh',
                  'args': ['sh', '-c', 'a\\u001bb']},
                 {'uid': 5, 'pid': 12, 'ppid': 1, 'state': 'Z', 'start': 0, 'time': 0, 'command': 'true', 'args': []}]"""))).isEqualTo("""
                        UID  PID  PPID  STATE  STIME       TIME      CMD
                        0    1    0     S      1970-01-01  01:01:01  sh -c a b
                        5    12   1     Z      1970-01-01  00:00:00  [true]
                        """);
        assertThatThrownBy(() -> PsCommand.table(json("[{'pid': -1}]"))).isInstanceOf(BootException.class);
    }

    @Test
    void statsComeFromCgroupsOfEitherVersion() throws Exception {
        Json sentry = json("""
                {'memory': {'usage': 1, 'peak': 2, 'limit': 3, 'oom_kill': 4}, 'cpu': {'user': 5, 'system': 6},
                 'pids': {'current': 7, 'limit': 8}}""");
        assertThat(JsonWriter.compact(EventsCommand.data(new Cgroups(json("{}")), sentry)))
                .isEqualTo("""
                        {"cpu":{"usage":{"total":11,"kernel":6,"user":5},"throttling":{"periods":0,"throttledPeriods":0,"throttledTime":0}},\
                        "memory":{"usage":{"limit":3,"usage":1,"max":2,"failcnt":4}},"pids":{"current":7,"limit":8}}""");
        Files.writeString(root.resolve("cpu.stat"), "usage_usec 20\nuser_usec 15\nsystem_usec 5\nnr_periods 3\n");
        Files.writeString(root.resolve("memory.current"), "100\n");
        Files.writeString(root.resolve("memory.max"), "max\n");
        Files.writeString(root.resolve("memory.stat"), "anon 9\n");
        assertThat(JsonWriter.compact(EventsCommand.data(new Cgroups(json("{'': '" + root + "'}")), sentry)))
                .contains(
                        "\"total\":20000,\"kernel\":5000,\"user\":15000",
                        "\"periods\":3",
                        "\"usage\":100",
                        "\"limit\":3")
                .contains("\"raw\":{\"anon\":9}");
        Files.writeString(root.resolve("cpuacct.usage"), "77\n");
        Files.writeString(root.resolve("memory.usage_in_bytes"), "88\n");
        String both = "{'cpu,cpuacct': '" + root + "', 'memory': '" + root + "'}";
        assertThat(JsonWriter.compact(EventsCommand.data(new Cgroups(json(both)), sentry)))
                .contains("\"total\":77", "\"usage\":88");
    }

    @Test
    void intervalsHaveUnits() throws Exception {
        assertThat(interval("500ms")).isEqualTo(500_000_000L);
        assertThat(interval("5s")).isEqualTo(5_000_000_000L);
        assertThat(interval("2m")).isEqualTo(120_000_000_000L);
        for (String wrong : List.of("5", "s", "0s", "-1s", "x")) {
            assertThatThrownBy(() -> interval(wrong)).hasMessageContaining("is no duration like");
        }
    }

    private static long interval(String text) throws UsageException {
        return EventsCommand.interval(
                CommandLine.parse(List.of("events", "--interval", text, "x")).options());
    }
}
