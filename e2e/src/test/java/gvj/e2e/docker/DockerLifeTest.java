package gvj.e2e.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import gvj.e2e.Image;
import gvj.e2e.Result;
import gvj.e2e.oci.Work;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What is done to a container that runs: exec, stop, kill, pause, logs, top, stats, cp, wait, restart, and redis in one. */
class DockerLifeTest extends DockerTest {
    private static final String ON_TERM = "trap 'echo got TERM; exit 7' TERM; echo ready; while :; do sleep 0.1; done";

    @Test
    void exec() {
        detached("exec sleep 100");
        assertThat(out("exec", name, "sh", "-c", "hostname; cat /proc/1/comm"))
                .isEqualTo(inspect(".Config.Hostname") + "\nsleep\n");
        assertThat(docker("exec", name, "sh", "-c", "exit 7").status()).isEqualTo(7);
        Result result = DockerDaemon.docker("exec", "-i", name, "sh", "-c", "cat; echo err >&2")
                .input("text\n")
                .run();
        assertThat(result).isEqualTo(new Result(0, "text\n", "err\n"));
    }

    @Test
    void execWithOptions() {
        detached("exec sleep 100");
        assertThat(out("exec", "-u", "1000:1001", name, "sh", "-c", "id -u; id -g"))
                .isEqualTo("1000\n1001\n");
        assertThat(out("exec", "-e", "A=b", "-w", "/var", name, "sh", "-c", "echo $A; pwd"))
                .isEqualTo("b\n/var\n");
        assertThat(docker("exec", name, "/no/such").status()).isIn(126, 127);
    }

    @Test
    void execInteractive() {
        detached("exec sleep 100");
        terminal(
                DockerDaemon.command("exec", "-it", "-e", "PS1=> ", name, "sh"),
                "expect > ",
                "send tty; stty size\\r",
                "expect /dev/pts/",
                "expect 24 80",
                "send exit 3\\r",
                "status 3",
                "cooked");
    }

    @Test
    void execDetached() {
        detached("while ! [ -e /tmp/go ]; do sleep 0.1; done; cat /tmp/go");
        out("exec", "-d", name, "sh", "-c", "echo from exec >/tmp/x; mv /tmp/x /tmp/go");
        awaitLog("from exec");
    }

    @Test
    void aStoppedContainerRunsNoExec() {
        detached("exit 0");
        out("wait", name);
        assertThat(docker("exec", name, "true").err()).contains("is not running");
    }

    @Test
    void stopSendsTerm() {
        detached(ON_TERM);
        awaitLog("ready");
        out("stop", name);
        assertThat(logs()).isEqualTo("ready\ngot TERM\n");
        assertThat(inspect(".State.ExitCode")).isEqualTo("7");
    }

    @Test
    void stopKillsAfterItsTime() {
        detached("trap '' TERM; echo ready; while :; do sleep 0.1; done");
        awaitLog("ready");
        long before = System.nanoTime();
        out("stop", "--time", "1", name);
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(6));
        assertThat(inspect(".State.ExitCode")).isEqualTo("137");
    }

    @Test
    void kill() {
        detached("trap 'echo got HUP' HUP; echo ready; while :; do sleep 0.1; done");
        awaitLog("ready");
        out("kill", "--signal=HUP", name);
        awaitLog("got HUP");
        out("kill", name);
        assertThat(out("wait", name)).isEqualTo("137\n");
    }

    @Test
    void pauseAndUnpause() throws Exception {
        detached("i=0; while :; do echo beat; sleep 0.05; done");
        awaitLog("beat");
        out("pause", name);
        assertThat(inspect(".State.Status")).isEqualTo("paused");
        Thread.sleep(200);
        String before = logs();
        Thread.sleep(400);
        assertThat(logs()).isEqualTo(before);
        assertThat(docker("exec", name, "true").status()).isNotZero();
        out("unpause", name);
        Work.until("it beats again", () -> !logs().equals(before));
    }

    @Test
    void logsHoldBothStreams() {
        detached("echo out; echo err >&2");
        out("wait", name);
        assertThat(docker("logs", name)).isEqualTo(new Result(0, "out\n", "err\n"));
        assertThat(out("logs", "--tail=1", "--timestamps", name)).matches("(\\d{4}-\\S+Z out\n)?");
    }

    @Test
    void muchOutputArrives() {
        detached("seq 1 50000");
        out("wait", name);
        String log = docker("logs", name).out();
        assertThat(log.lines().count()).isEqualTo(50_000);
        assertThat(log).endsWith("\n50000\n");
    }

    @Test
    void topShowsProcesses() {
        detached("exec sleep 100");
        String top = out("top", name);
        assertThat(top.lines().findFirst().orElseThrow()).contains("PID", "CMD");
        assertThat(top).contains("sleep 100");
    }

    @Test
    void statsAreThere() {
        detached("while :; do :; done");
        JsonNode stats = Work.parse(out("stats", "--no-stream", "--format", "{{json .}}", name));
        assertThat(stats.path("Name").asText()).isEqualTo(name);
        assertThat(stats.path("CPUPerc").asText()).matches("\\d+\\.\\d+%").isNotEqualTo("0.00%");
        assertThat(stats.path("MemUsage").asText()).doesNotStartWith("0B");
        assertThat(Integer.parseInt(stats.path("PIDs").asText())).isPositive();
    }

    @Test
    void cpGoesBothWays() throws IOException {
        detached("echo inside >/file; mkdir /dir; echo deep >/dir/deep; echo ready; exec sleep 100");
        awaitLog("ready");
        out("cp", name + ":/file", volume + "/out");
        assertThat(Files.readString(volume.resolve("out"))).isEqualTo("inside\n");
        out("cp", name + ":/dir", volume.toString());
        assertThat(Files.readString(volume.resolve("dir/deep"))).isEqualTo("deep\n");
        Work.write(volume.resolve("in"), "outside\n");
        out("cp", volume + "/in", name + ":/dir/in");
        assertThat(out("exec", name, "cat", "/dir/in")).isEqualTo("outside\n");
    }

    @Test
    void diffShowsChanges() {
        detached("echo x >/new; rm /etc/group; echo ready; exec sleep 100");
        awaitLog("ready");
        assertThat(out("diff", name).lines()).contains("A /new", "D /etc/group");
    }

    @Test
    void aContainerBecomesAnImage() {
        detached("echo kept >/kept");
        out("wait", name);
        out("commit", name, "committed");
        assertThat(out("run", "--rm", "committed", "cat", "/kept")).isEqualTo("kept\n");
        out("rmi", "committed");
    }

    @Test
    void waitTellsTheStatus() {
        detached("sleep 0.3; exit 9");
        assertThat(out("wait", name)).isEqualTo("9\n");
        assertThat(inspect(".State.Status")).isEqualTo("exited");
    }

    @Test
    void startAgainKeepsTheFiles() {
        detached("echo line >>/file; cat /file");
        out("wait", name);
        out("start", name);
        out("wait", name);
        assertThat(logs()).isEqualTo("line\nline\nline\n");
    }

    @Test
    void restart() {
        detached("echo start; exec sleep 100");
        awaitLog("start");
        out("restart", "--time=0", name);
        Work.until("it started twice", () -> logs().equals("start\nstart\n"));
        assertThat(inspect(".State.Running")).isEqualTo("true");
    }

    @Test
    void restartOnFailure() {
        detached("echo start; exit 3", "--restart=on-failure:2");
        Work.until("it gives up", () -> inspect(".State.Status").equals("exited"));
        assertThat(inspect(".RestartCount")).isEqualTo("2");
        assertThat(logs()).isEqualTo("start\nstart\nstart\n");
    }

    @Test
    void restartAlwaysAfterItsProcessWasKilled() {
        detached("echo start; exec sleep 100", "--restart=always");
        awaitLog("start");
        ProcessHandle.of(Long.parseLong(inspect(".State.Pid"))).orElseThrow().destroyForcibly();
        Work.until("it started twice", () -> logs().equals("start\nstart\n"));
        assertThat(inspect(".RestartCount")).isEqualTo("1");
    }

    @Test
    void createdAndStartedLater() {
        out("create", "--name", name, Image.BUSYBOX, "echo", "later");
        assertThat(inspect(".State.Status")).isEqualTo("created");
        assertThat(out("start", "--attach", name)).isEqualTo("later\n");
    }

    @Test
    void removeByForce() {
        detached("exec sleep 100");
        assertThat(docker("rm", name).status()).isNotZero();
        out("rm", "--force", name);
        assertThat(docker("inspect", name).status()).isNotZero();
    }

    @Test
    void updateChangesLimits() {
        detached("exec sleep 100", "--memory=300m", "--memory-swap=300m");
        out("update", "--memory=400m", "--memory-swap=400m", "--cpus=0.7", name);
        assertThat(inspect(".HostConfig.Memory")).isEqualTo(Long.toString(400L << 20));
    }

    @Test
    void redisKeepsItsDataOnAVolume() {
        String[] start = {
            "run",
            "-d",
            "--name",
            name,
            "-v",
            volume + ":/data",
            "-w",
            "/data",
            Image.REDIS,
            "redis-server",
            "--appendonly",
            "yes"
        };
        out(start);
        awaitLog("Ready to accept connections");
        assertThat(out("exec", name, "redis-cli", "set", "key", "kept")).isEqualTo("OK\n");
        out("restart", name);
        Work.until("it is back", () -> logs().split("Ready to accept").length == 3);
        assertThat(out("exec", name, "redis-cli", "get", "key")).isEqualTo("kept\n");
        out("rm", "-f", name);
        out(start);
        awaitLog("Ready to accept connections");
        assertThat(out("exec", name, "redis-cli", "get", "key")).isEqualTo("kept\n");
        assertThat(Path.of(volume + "/appendonlydir")).isDirectory();
    }
}
