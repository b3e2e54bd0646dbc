package gvj.e2e.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import gvj.e2e.Result;
import gvj.e2e.Run;
import gvj.e2e.oci.Work;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import io.fabric8.kubernetes.client.dsl.LogWatch;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What goes to and comes from containers while they run: attach, exec, logs, cp. */
@Execution(ExecutionMode.CONCURRENT)
class StreamsTest extends KubernetesTest {
    private static void say(ExecWatch to, String text) throws Exception {
        to.getInput().write(text.getBytes(StandardCharsets.UTF_8));
        to.getInput().flush();
    }

    private static void await(ByteArrayOutputStream out, String text) {
        Cluster.until(
                20,
                text + " in what it says",
                () -> out.toString(StandardCharsets.UTF_8).contains(text));
    }

    @Test
    void whoAttachesIsHeardAndHears() throws Exception {
        Pod pod = ready(pod("""
                containers:
                  - name: one
                    stdin: true
                    command: [sh, -c, "while read line; do echo out $line; echo err $line >&2; done; echo end of input"]
                """));
        for (String word : new String[] {"first", "second"}) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            try (ExecWatch attached = container(pod, "one")
                    .redirectingInput()
                    .writingOutput(out)
                    .writingError(err)
                    .attach()) {
                say(attached, word + "\n");
                await(out, "out " + word + "\n");
                await(err, "err " + word + "\n");
            }
        }
        assertThat(log(pod, "one")).contains("out first\n", "err second\n").doesNotContain("end of input");
    }

    @Test
    void theOnlyInputEndsWithWhoAttached() throws Exception {
        Pod pod = ready(pod("""
                containers: [{name: one, stdin: true, stdinOnce: true, command: [sh, -c, "wc -c; exit 4"]}]
                """));
        Path input = Work.write(Work.temporary("input"), "x".repeat(300_000));
        Result result = Run.command(
                        "sh",
                        "-c",
                        cluster.kubectl() + " --kubeconfig=" + cluster.kubeconfig() + " attach -i "
                                + pod.getMetadata().getName() + " <" + input)
                .run();
        assertThat(result.out()).as(result.err()).endsWith("300000\n");
        assertThat(awaitEnd(pod)).isEqualTo("Failed");
        assertThat(state(pod, "one").getTerminated().getExitCode()).isEqualTo(4);
    }

    @Test
    void aTerminalIsAttachedToAndResized() throws Exception {
        Pod pod = ready(pod("""
                containers:
                  - name: one
                    stdin: true
                    tty: true
                    command: [sh, -c, "trap 'stty size' WINCH; while :; do read line && echo got $line && tty; done"]
                """));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ExecWatch attached = container(pod, "one")
                .redirectingInput()
                .writingOutput(out)
                .withTTY()
                .attach()) {
            say(attached, "text\n");
            await(out, "got text\r\n/dev/");
            attached.resize(123, 45);
            Cluster.until(20, "the new size", () -> {
                say(attached, "\n");
                return out.toString(StandardCharsets.UTF_8).contains("45 123");
            });
        }
    }

    @Test
    void aCommandHasATerminalOfItsOwn() throws Exception {
        Pod pod = ready(pod("containers: [{name: one, command: [sleep, '1000']}]"));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ExecWatch watch = container(pod, "one")
                .redirectingInput()
                .writingOutput(out)
                .withTTY()
                .exec("sh", "-c", "tty; read word; echo got $word; exec sleep 1000")) {
            await(out, "/dev/pts/");
            say(watch, "text\n");
            await(out, "got text");
            say(watch, "\u0003"); // interrupts what is in the foreground
            assertThat(watch.exitCode().get(20, TimeUnit.SECONDS)).isEqualTo(130);
        }
    }

    @Test
    void logsAreFollowedWhileTheyAreWritten() throws Exception {
        Pod pod = ready(pod("""
                containers:
                  - name: one
                    command: [sh, -c, "printf %040000d 0; echo; i=0; until [ -e /end ]; do i=$((i + 1)); echo line $i; sleep 0.5; done; echo last"]
                """));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (LogWatch watch = container(pod, "one").watchLog(out)) {
            assertThat(watch).isNotNull();
            await(out, "0".repeat(40_000) + "\nline 1\nline 2\n");
            assertThat(exec(pod, "one", "touch /end")).isEqualTo("=0");
            awaitEnd(pod);
            await(out, "last\n");
        }
        assertThat(container(pod, "one").tailingLines(1).getLog()).isEqualTo("last\n");
    }

    @Test
    void treesAreCopiedThereAndBack() throws Exception {
        Pod pod = ready(pod("containers: [{name: one, command: [sleep, '1000']}]"));
        String name = pod.getMetadata().getName();
        Path tree = Work.directory(Work.temporary("tree"));
        Work.write(Work.directory(tree.resolve("deep/er")).resolve("file"), "text of a file\n".repeat(50_000));
        Work.write(tree.resolve("empty"), "");
        Result there = kubectl("cp", tree.toString(), name + ":/tmp/tree");
        assertThat(there.status()).as(there.err()).isZero();
        assertThat(exec(pod, "one", "find /tmp/tree | sort; wc -c </tmp/tree/deep/er/file"))
                .isEqualTo(
                        "/tmp/tree\n/tmp/tree/deep\n/tmp/tree/deep/er\n/tmp/tree/deep/er/file\n/tmp/tree/empty\n750000\n=0");
        Path copy = Work.temporary("copy");
        Result back = kubectl("cp", name + ":tmp/tree", copy.toString());
        assertThat(back.status()).as(back.err()).isZero();
        assertThat(Files.mismatch(tree.resolve("deep/er/file"), copy.resolve("deep/er/file")))
                .isEqualTo(-1);
        assertThat(copy.resolve("empty")).isEmptyFile();
    }
}
