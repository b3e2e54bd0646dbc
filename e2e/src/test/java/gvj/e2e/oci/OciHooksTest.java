package gvj.e2e.oci;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gvj.e2e.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hooks: which run when, in what order, with what on their standard input, and what a failing one does. */
class OciHooksTest extends OciTest {
    private Container container;
    private Path log;

    @BeforeEach
    void makeContainer() {
        container = container();
        log = container.bundle().resolve("hooks");
    }

    private ArrayNode hooks(String kind) {
        ObjectNode hooks = container.config.withObject("/hooks");
        return hooks.has(kind) ? (ArrayNode) hooks.path(kind) : hooks.putArray(kind);
    }

    /** A hook that is a shell on the host. */
    private ObjectNode hook(String kind, String script) {
        ObjectNode hook = hooks(kind).addObject().put("path", "/bin/sh");
        hook.putArray("args").add("sh").add("-c").add(script);
        return hook;
    }

    private String written() {
        return Work.read(log);
    }

    @Test
    void everyKindRunsInItsPlace() {
        for (String kind : new String[] {"poststop", "poststart", "createContainer", "createRuntime", "prestart"}) {
            hook(kind, "echo " + kind + " >>" + log);
        }
        container.script("exec sleep 100").create();
        // runc before 1.2 runs poststart here already
        assertThat(written().replace("poststart\n", "")).isEqualTo("prestart\ncreateRuntime\ncreateContainer\n");
        container.start();
        Work.until("poststart", () -> written().endsWith("poststart\n"));
        container.kill("KILL").await("stopped");
        assertThat(written()).doesNotContain("poststop");
        container.delete();
        assertThat(written()).isEqualTo("prestart\ncreateRuntime\ncreateContainer\npoststart\npoststop\n");
    }

    /** startContainer is the one hook whose path is in the container. */
    @Test
    void startContainerRunsInside() {
        Path shared = Work.directory(container.bundle().resolve("shared"));
        container.mount("/mnt", "bind", shared.toString(), "bind", "rw");
        hook("startContainer", "hostname >/mnt/name").put("path", "/bin/sh");
        container.script("cat /mnt/name").create();
        assertThat(shared.resolve("name")).doesNotExist();
        container.start().await("stopped");
        assertThat(container.written()).isEqualTo("boxed\n");
    }

    @Test
    void hooksOfAKindRunInOrder() {
        for (int i = 1; i <= 5; i++) {
            hook("createRuntime", "sleep 0.0" + (5 - i) + "; echo " + i + " >>" + log);
        }
        container.create();
        assertThat(written()).isEqualTo("1\n2\n3\n4\n5\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"prestart", "createRuntime", "poststart", "poststop"})
    void theStateIsOnStandardInput(String kind) {
        container.config.putObject("annotations").put("key", "value");
        hook(kind, "cat >" + log);
        container.create("--pid-file=pid");
        container.start();
        Work.until("hook", () -> kind.equals("poststop") || !written().isEmpty());
        container.kill("KILL").await("stopped").delete();
        JsonNode state = Work.parse(written());
        assertThat(state.path("ociVersion").asText()).startsWith("1.");
        assertThat(state.path("id").asText()).isEqualTo(container.id);
        assertThat(state.path("bundle").asText()).isEqualTo(container.bundle().toString());
        assertThat(state.at("/annotations/key").asText()).isEqualTo("value");
        if (kind.startsWith("post")) {
            assertThat(state.path("status").asText())
                    .isIn(kind.equals("poststop") ? List.of("stopped") : List.of("running", "created"));
        }
        if (!kind.equals("poststop")) {
            assertThat(state.path("pid").asLong())
                    .isEqualTo(Long.parseLong(Work.read(container.bundle().resolve("pid"))));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"prestart", "createRuntime", "createContainer"})
    void aFailingHookFailsTheCreation(String kind) {
        hook(kind, "echo complaint of a hook >&2; exit 3");
        hook("poststop", "echo poststop >>" + log);
        Result result = container.tryCreate();
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err()).contains("hook");
        assertThat(container.command("state", container.id).run().err()).contains("does not exist");
    }

    @Test
    void afterAFailingHookNoOtherRuns() {
        hook("createRuntime", "exit 1");
        hook("createRuntime", "echo second >>" + log);
        assertThat(container.tryCreate().status()).isEqualTo(1);
        assertThat(written()).isEmpty();
    }

    @Test
    void aFailingPoststopIsNoReasonToStay() {
        hook("poststop", "exit 1");
        container.create().start().kill("KILL").await("stopped");
        container.command("delete", container.id).run();
        assertThat(container.command("state", container.id).run().err()).contains("does not exist");
    }

    @Test
    void aHookThatIsNotThereFailsTheCreation() {
        hooks("prestart").addObject().put("path", "/no/such/hook");
        Result result = container.tryCreate();
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err()).contains("/no/such/hook");
    }

    @Test
    void aHookHasATimeout() {
        hook("createRuntime", "exec sleep 100").put("timeout", 1);
        long before = System.nanoTime();
        assertThat(container.tryCreate().status()).isEqualTo(1);
        assertThat(System.nanoTime() - before).isLessThan(10_000_000_000L);
    }

    @Test
    void aHookHasItsOwnEnvironment() {
        ObjectNode hook = hook("createRuntime", "echo \"$A|$HOME|$0\" >>" + log);
        hook.putArray("env").add("A=b c");
        container.create();
        assertThat(written()).isEqualTo("b c||sh\n");
    }

    @Test
    void hooksOfTheHostSeeTheHost() throws Exception {
        hook("createRuntime", "readlink /proc/self/ns/pid >>" + log + "; ls " + container.bundle() + " >>" + log);
        container.create();
        assertThat(written())
                .contains(Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString(), "config.json");
    }

    @Test
    void runRunsThemAll() {
        for (String kind : new String[] {"prestart", "createRuntime", "createContainer", "poststart", "poststop"}) {
            hook(kind, "echo " + kind + " >>" + log);
        }
        assertThat(container.script("sleep 0.2; echo hi").out()).isEqualTo("hi\n");
        assertThat(written()).isEqualTo("prestart\ncreateRuntime\ncreateContainer\npoststart\npoststop\n");
    }
}
