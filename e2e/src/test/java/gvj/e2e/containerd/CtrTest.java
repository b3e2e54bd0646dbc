package gvj.e2e.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import gvj.e2e.Result;
import gvj.e2e.Run;
import gvj.e2e.oci.Work;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tasks without a pod, as {@code ctr} has them: where output goes, and what CRI never asks for. */
@OneContainerd
class CtrTest extends ContainerdTest {
    private final List<String> tasks = new ArrayList<>();

    @AfterEach
    void removeTasks() {
        for (String task : tasks) {
            containerd.ctr("task", "delete", "-f", task);
            containerd.ctr("container", "rm", task);
        }
    }

    private void run(String id, String script, String... options) {
        tasks.add(id);
        List<String> all = new ArrayList<>(List.of("-d"));
        all.addAll(List.of(options));
        Result result = containerd.run(node.handler(), all, id, script);
        assertThat(result.status()).as(result.err() + containerd.log()).isZero();
    }

    private static String ok(String... words) {
        Result result = containerd.ctr(words);
        assertThat(result.status())
                .as(String.join(" ", words) + ": " + result.err())
                .isZero();
        return result.out();
    }

    private static void awaitStatus(String id, String status) {
        Work.until(
                id + " is " + status,
                () -> ok("task", "ls").lines().anyMatch(line -> line.startsWith(id + " ") && line.endsWith(status)));
    }

    /** Deletes it when it has ended. ctr does not say how. */
    private static void delete(String id) {
        awaitStatus(id, "STOPPED");
        ok("task", "delete", id);
    }

    private static Path logger(String script) {
        return Work.script(Work.directory(Work.temporary("logger")).resolve("logger"), script);
    }

    @Test
    void outputGoesToALogger() throws Exception {
        Path logger = logger("""
                exec >>"$(dirname "$0")/log"
                echo $CONTAINER_NAMESPACE $CONTAINER_ID $1 $2
                exec 5>&-
                sed -u 's/^/out: /' <&3 & sed -u 's/^/err: /' <&4 & wait
                """);
        run("logged", "echo one; echo two >&2", "--log-uri", "binary://" + logger + "?key=value");
        Path log = logger.resolveSibling("log");
        Work.until("all is logged", () -> Files.readAllLines(log).size() == 3);
        assertThat(Files.readAllLines(log))
                .containsExactlyInAnyOrder("k8s.io logged key value", "out: one", "err: two");
        delete("logged");
    }

    @Test
    void aTaskOutlivesItsLogger() throws Exception {
        Path logger = logger("exec 5>&-; head -n 1 <&3 >\"$(dirname \"$0\")/log\"; : >\"$(dirname \"$0\")/dead\"\n");
        Path volume = PodTest.volume();
        run(
                "unlogged",
                "echo one; until [ -e /v/dead ]; do sleep 0.02; done; echo two; echo three >&2; echo >/v/end",
                "--log-uri",
                "binary://" + logger,
                "--mount",
                "type=bind,src=" + volume + ",dst=/v,options=rbind:rw");
        Work.until("the logger is gone", () -> Files.exists(logger.resolveSibling("dead")));
        Files.createFile(volume.resolve("dead"));
        delete("unlogged");
        assertThat(volume.resolve("end")).exists();
        assertThat(logger.resolveSibling("log")).hasContent("one\n");
    }

    @Test
    void outputGoesToAFile() throws Exception {
        Path log = Work.directory(Work.temporary("log")).resolve("of/tasks/log");
        run("filed", "echo one; echo two >&2", "--log-uri", "file://" + log);
        delete("filed");
        assertThat(Files.readAllLines(log))
                .containsExactlyInAnyOrder("one", "two"); // runc's shim copies each by itself
    }

    @Test
    void inTheForegroundAllIsHeard() {
        tasks.add("heard");
        Result result =
                containerd.run(node.handler(), List.of("--rm"), "heard", "echo one; echo two >&2; seq 20000; exit 5");
        assertThat(result.status()).isEqualTo(5);
        assertThat(result.err()).isEqualTo("two\n");
        assertThat(result.out()).startsWith("one\n1\n2\n").endsWith("\n20000\n");
    }

    @Test
    void aTaskIsPausedMeasuredAndEntered() throws Exception {
        Path volume = PodTest.volume();
        String mount = "type=bind,src=" + volume + ",dst=/v,options=rbind:rw";
        run("lives", "while :; do echo >>/v/beat; sleep 0.02; done", "--null-io", "--mount", mount);
        Path beat = volume.resolve("beat");
        Work.until("it beats", () -> Files.exists(beat));
        awaitStatus("lives", "RUNNING");

        ok("task", "pause", "lives");
        awaitStatus("lives", "PAUSED");
        long size = Files.size(beat);
        Thread.sleep(200);
        assertThat(Files.size(beat)).isEqualTo(size);
        ok("task", "resume", "lives");
        Work.until("it beats again", () -> Files.size(beat) > size);
        assertThat(ok("task", "metrics", "lives")).containsPattern("memory\\.usage(_in_bytes)?\\s+[1-9]");

        List<String> command = new ArrayList<>(
                List.of("python3", Run.ROOT.resolve("e2e/terminal.py").toString()));
        command.addAll(containerd.ctrCommand("task", "exec", "-t", "--exec-id", "e", "lives", "sh"));
        Result terminal = Run.command(command.toArray(String[]::new))
                .input("expect #\n"
                        + "send until stty size | grep '24 8'0; do :; done\\n\n"
                        + "expect 24 80\n"
                        + "resize 33 101\n"
                        + "send until stty size | grep '33 10'1; do :; done; exit 6\\n\n"
                        + "expect 33 101\n"
                        + "status 6\n")
                .run();
        assertThat(terminal.status()).as(terminal.out() + terminal.err()).isZero();
        assertThat(containerd
                        .ctr("task", "exec", "--exec-id", "f", "lives", "sh", "-c", "cat /none; exit 7")
                        .status())
                .isEqualTo(7);

        ok("task", "kill", "-s", "9", "lives");
        delete("lives");
    }
}
