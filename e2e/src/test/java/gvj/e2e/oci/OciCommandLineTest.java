package gvj.e2e.oci;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import gvj.e2e.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line as containerd and dockerd use it: what is printed where, and the exit statuses. */
class OciCommandLineTest extends OciTest {
    private Result call(String... words) {
        List<String> all = new ArrayList<>(runtime.command());
        all.addAll(List.of(words));
        return new Call(all, Work.ROOT).run();
    }

    @Test
    void theVersionNamesTheSpecification() {
        Result result = call("--version");
        assertThat(result.status()).isZero();
        assertThat(result.out()).startsWith(runtime + " ");
        assertThat(result.out()).containsPattern("(?m)^spec: 1\\.\\d+\\.\\d+");
    }

    @Test
    void featuresAreAJsonObject() {
        JsonNode features = Work.parse(call("features").out());
        assertThat(features.path("ociVersionMin").asText()).startsWith("1.0.");
        assertThat(features.path("ociVersionMax").asText()).startsWith("1.");
        assertThat(features.path("hooks").toString())
                .contains("prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop");
        assertThat(features.path("mountOptions").toString()).contains("\"ro\"", "\"rbind\"", "\"nosuid\"");
        assertThat(features.at("/linux/namespaces").toString()).contains("network", "pid", "mount");
        assertThat(features.at("/linux/capabilities").toString()).contains("CAP_SYS_ADMIN");
    }

    @Test
    void helpGoesToStandardOutput() {
        Result result = call("--help");
        assertThat(result.status()).isZero();
        assertThat(result.out()).contains("create", "start", "state", "kill", "delete", "exec");
    }

    @ParameterizedTest
    @ValueSource(strings = {"create", "start", "state", "kill", "delete", "exec", "ps", "pause", "resume", "events"})
    void aCommandNeedsAnId(String command) {
        Result result = call("--root=" + Work.ROOT.resolve("state"), command);
        assertThat(result.status()).isNotZero();
        assertThat(result.err()).isNotEmpty();
    }

    @Test
    void anUnknownCommandFails() {
        assertThat(call("nonsense").status()).isNotZero();
    }

    @Test
    void anUnknownFlagFails() {
        assertThat(call("--nonsense", "list").status()).isNotZero();
        assertThat(container().command("state", "--nonsense", "x").run().status())
                .isNotZero();
    }

    @Test
    void anUnknownLogFormatFails() {
        Result result = call("--log-format=xml", "list");
        assertThat(result.status()).isNotZero();
        assertThat(result.err()).contains("xml");
    }

    @Test
    void specWritesAConfigurationThatRuns() throws IOException {
        Container container = container();
        Result result = container.command("spec").run();
        assertThat(result.status()).as(result.err()).isZero();
        JsonNode config = Work.parse(Files.readString(container.bundle().resolve("config.json")));
        assertThat(config.at("/process/args").toString()).isEqualTo("[\"sh\"]");
        assertThat(config.at("/process/terminal").asBoolean()).isTrue();
        assertThat(config.at("/root/path").asText()).isEqualTo("rootfs");
        assertThat(config.path("ociVersion").asText()).startsWith("1.");
        container.config.setAll((com.fasterxml.jackson.databind.node.ObjectNode) config);
        container.ownRootfs();
        container.process().put("terminal", false);
        assertThat(container.script("echo ran").out()).isEqualTo("ran\n");
    }

    @Test
    void specOverwritesNothing() {
        Container container = container().write();
        assertThat(container.command("spec").run().status()).isEqualTo(1);
        assertThat(Work.read(container.bundle().resolve("config.json"))).contains("boxed");
    }

    @Test
    void specWritesWhereItIsTold() {
        Container container = container();
        Path there = Work.directory(container.bundle().resolve("there"));
        assertThat(container.command("spec", "--bundle", there.toString()).run().status())
                .isZero();
        assertThat(there.resolve("config.json")).exists();
    }

    @Test
    void anErrorIsALineOnStandardErrorAndStatus1() {
        Result result = container().command("state", "nobody").run();
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err().strip()).contains("does not exist").doesNotContain("\n");
    }

    @Test
    void theLogGetsJsonLines() {
        Container container = container();
        String log = container.bundle().resolve("log.json").toString();
        Result result = container
                .command("--log", log, "--log-format", "json", "state", "nobody")
                .run();
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err()).contains("does not exist");
        container
                .command("--log=" + log, "--log-format=json", "start", "nobody")
                .run();
        List<String> lines = Work.read(Path.of(log)).lines().toList();
        assertThat(lines).hasSize(2); // the second call appends
        for (String line : lines) {
            JsonNode entry = Work.parse(line);
            assertThat(entry.path("level").asText()).isEqualTo("error");
            assertThat(entry.path("msg").asText()).contains("does not exist");
            assertThat(entry.path("time").asText())
                    .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)");
        }
    }

    @Test
    void theLogGetsTextLinesWithoutAFormat() {
        Container container = container();
        Path log = container.bundle().resolve("log");
        assertThat(container
                        .command("--log", log.toString(), "state", "nobody")
                        .run()
                        .status())
                .isEqualTo(1);
        assertThat(Work.read(log)).contains("level=error", "does not exist");
    }

    @Test
    void aSuccessLogsNoError() {
        Container container = container().write();
        Path log = container.bundle().resolve("log.json");
        Result result = container
                .command("--log=" + log, "--log-format=json", "create", "--bundle=" + container.bundle(), container.id)
                .output("out", "err")
                .run();
        assertThat(result.status()).as(result.err()).isZero();
        assertThat(Work.read(log)).doesNotContain("\"level\":\"error\"");
    }

    @Test
    void checkpointAndRestoreSayThatTheyCannot() {
        Container container = container().create().start();
        Result result = container.command("checkpoint", container.id).run();
        assertThat(result.status()).isNotZero();
        assertThat(result.err()).isNotEmpty();
        assertThat(container.status()).isEqualTo("running");
        Result restored = container
                .command("restore", "--bundle", container.bundle().toString(), "other")
                .run();
        assertThat(restored.status()).isNotZero();
    }

    @Test
    void rootsAreWorldsOfTheirOwn() {
        Container container = container().create();
        Container elsewhere = container().root(container.bundle().resolve("other"));
        assertThat(elsewhere.command("state", container.id).run().err()).contains("does not exist");
        assertThat(elsewhere.command("list", "-q").run().out()).isEmpty();
        assertThat(container.command("list", "-q").run().out()).contains(container.id);
    }

    @Test
    void debugSaysMoreAndChangesNothing() {
        Container container = container().script("echo hi");
        container.write();
        Result result = container
                .command(
                        "--debug",
                        "--log=" + container.bundle().resolve("log"),
                        "run",
                        "--bundle=" + container.bundle(),
                        container.id)
                .run();
        assertThat(result.status()).as(result.err()).isZero();
        assertThat(result.out()).isEqualTo("hi\n");
    }
}
