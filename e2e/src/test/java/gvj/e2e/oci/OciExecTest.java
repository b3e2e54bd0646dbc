package gvj.e2e.oci;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import gvj.e2e.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code exec}: a second process in a container that runs. */
class OciExecTest extends OciTest {
    private Container container;

    @BeforeEach
    void makeContainer() {
        container = container().create().start();
    }

    private Result exec(String... words) {
        List<String> all = new ArrayList<>(List.of("exec"));
        all.addAll(List.of(words));
        return container.command(all.toArray(String[]::new)).run();
    }

    /** With a file that describes the process, as a shim does it. */
    private ObjectNode process(String... args) {
        ObjectNode process = (ObjectNode) Work.parse("""
                {"cwd": "/", "env": ["PATH=/bin"], "user": {"uid": 0, "gid": 0}}""");
        for (String arg : args) {
            process.withArray("/args").add(arg);
        }
        return process;
    }

    private String file(ObjectNode process) {
        return Work.write(container.bundle().resolve("process.json"), process.toString())
                .toString();
    }

    @Test
    void itRunsInTheContainer() {
        assertThat(container.exec("hostname; cat /proc/1/comm; echo $$ | grep -vx 1 >/tmp/x && echo other"))
                .isEqualTo("boxed\nsleep\nother\n");
    }

    @ParameterizedTest
    @CsvSource({"exit 0,0", "exit 7,7", "exit 255,255", "kill -9 $$,137", "kill -15 $$,143"})
    void theStatusIsTheProgramsOwn(String script, int status) {
        assertThat(exec(container.id, "/bin/sh", "-c", script).status()).isEqualTo(status);
    }

    @Test
    void streamsAreWired() {
        Result result = container
                .command("exec", container.id, "/bin/sh", "-c", "cat; echo err >&2")
                .input("text\n")
                .run();
        assertThat(result).isEqualTo(new Result(0, "text\n", "err\n"));
    }

    @ParameterizedTest
    @CsvSource({"/no/such/program", "no-such-program", "/etc/passwd"})
    void aProgramThatCannotRunIsStatus255(String program) {
        Result result = exec(container.id, program);
        assertThat(result.status()).isEqualTo(255);
        assertThat(result.err()).contains(program);
    }

    @Test
    void anUnknownContainer() {
        Result result = exec("nobody", "/bin/true");
        assertThat(result.status()).isNotZero();
        assertThat(result.err()).contains("does not exist");
    }

    @Test
    void noWords() {
        assertThat(exec(container.id).status()).isNotZero();
    }

    @Test
    void aStoppedContainerIsRefused() {
        container.kill("KILL").await("stopped");
        Result result = exec(container.id, "/bin/true");
        assertThat(result.status()).isEqualTo(255);
        assertThat(result.err()).contains("stopped");
    }

    @Test
    void aCreatedContainerIsTaken() {
        Container created = container().create();
        assertThat(created.exec("hostname")).isEqualTo("boxed\n");
        assertThat(created.status()).isEqualTo("created");
        created.start();
        assertThat(created.status()).isEqualTo("running");
    }

    @Test
    void aUser() {
        assertThat(exec("--user", "1000:1001", container.id, "/bin/sh", "-c", "id -u; id -g")
                        .out())
                .isEqualTo("1000\n1001\n");
    }

    @Test
    void additionalGroups() {
        assertThat(exec("--user=1:2", "--additional-gids=3", "--additional-gids=4", container.id, "/bin/id", "-G")
                        .out()
                        .strip())
                .isEqualTo("2 3 4");
    }

    @Test
    void aWorkingDirectory() {
        assertThat(exec("--cwd", "/var", container.id, "/bin/pwd").out()).isEqualTo("/var\n");
    }

    @Test
    void anEnvironment() {
        String out =
                exec("--env", "A=1", "--env", "B=x y", container.id, "/bin/env").out();
        assertThat(out.lines()).contains("A=1", "B=x y", "PATH=/bin");
    }

    @Test
    void aCapability() {
        Container poor = container();
        poor.process().putObject("capabilities");
        poor.create().start();
        assertThat(poor.exec("grep ^CapEff /proc/self/status")).isEqualTo("CapEff:\t0000000000000000\n");
        Result result = poor.command("exec", "--cap", "CAP_KILL", poor.id, "/bin/grep", "^CapEff", "/proc/self/status")
                .run();
        assertThat(result.out()).as(result.err()).isEqualTo("CapEff:\t0000000000000020\n");
    }

    @Test
    void aProcessFile() {
        ObjectNode process = process("/bin/sh", "-c", "id -u; pwd; echo $A");
        process.put("cwd", "/var").putArray("env").add("PATH=/bin").add("A=file");
        ((ObjectNode) process.path("user")).put("uid", 7).put("gid", 8);
        assertThat(exec("--process", file(process), container.id).out()).isEqualTo("7\n/var\nfile\n");
    }

    @Test
    void aProcessFileWithLimits() {
        ObjectNode process = process("/bin/sh", "-c", "ulimit -n; grep NoNewPrivs /proc/self/status");
        process.put("noNewPrivileges", true).set("rlimits", Work.parse("""
                [{"type": "RLIMIT_NOFILE", "soft": 123, "hard": 123}]"""));
        assertThat(exec("--process", file(process), container.id).out()).isEqualTo("123\nNoNewPrivs:\t1\n");
    }

    @Test
    void aBadProcessFile() {
        String bad = Work.write(container.bundle().resolve("bad.json"), "{").toString();
        assertThat(exec("--process", bad, container.id).status()).isNotZero();
        assertThat(exec("--process", "/no/such/file", container.id).status()).isNotZero();
        assertThat(exec("--process", file(process()), container.id).status()).isNotZero();
        assertThat(container.status()).isEqualTo("running");
    }

    @Test
    void detached() {
        Path pidFile = container.bundle().resolve("exec.pid");
        Result result = container
                .command(
                        "exec",
                        "--process",
                        file(process("/bin/sh", "-c", "echo in; exec sleep 100")),
                        "--detach",
                        "--pid-file",
                        pidFile.toString(),
                        container.id)
                .output("exec.out", "exec.err")
                .run();
        assertThat(result.status()).as(result.err()).isZero();
        Work.until(
                "it wrote",
                () -> Work.read(container.bundle().resolve("exec.out")).equals("in\n"));
        assertThat(Work.read(pidFile)).matches("\\d+");
        assertThat(Path.of("/proc/" + Work.read(pidFile))).exists();
        container.kill("KILL").await("stopped");
        Work.until("the second process ends, too", () -> gone(Work.read(pidFile)));
    }

    /** Ended; a zombie is the machine's first process's to reap. */
    private static boolean gone(String pid) throws java.io.IOException {
        Path status = Path.of("/proc/" + pid + "/status");
        return Files.notExists(status) || Work.read(status).contains("State:\tZ");
    }

    /** What a shim does when its caller cancels: kills the process of the pid file. */
    @Test
    void aDetachedOneIsKilledByItsPid() throws Exception {
        Result result = container
                .command("exec", "--detach", "--pid-file=exec.pid", container.id, "/bin/sleep", "100")
                .output("exec.out", "exec.err")
                .run();
        assertThat(result.status()).as(result.err()).isZero();
        String pid = Work.read(container.bundle().resolve("exec.pid"));
        ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly();
        Work.until("it is gone", () -> gone(pid));
        Work.until(
                "the container knows",
                () -> container
                                .exec("ps")
                                .lines()
                                .filter(line -> line.contains("sleep"))
                                .count()
                        == 1);
        assertThat(container.status()).isEqualTo("running");
    }

    @Test
    void itsDescriptorsAreThree() {
        assertThat(exec(container.id, "/bin/ls", "/proc/self/fd").out()).isEqualTo("0\n1\n2\n3\n");
    }

    @Test
    void itSeesTheSameFiles() {
        container.exec("echo x >/tmp/shared");
        assertThat(container.exec("cat /tmp/shared; ls /proc/1/root/tmp")).isEqualTo("x\nshared\n");
    }

    @Test
    void itSignalsTheFirstProcess() {
        Container trapping = container()
                .script("trap 'echo got; exit 0' USR1; echo ready; while :; do sleep 0.05; done")
                .create()
                .start();
        Work.until("it is ready", () -> trapping.written().contains("ready"));
        trapping.exec("kill -USR1 1");
        trapping.await("stopped");
        assertThat(trapping.written()).isEqualTo("ready\ngot\n");
    }

    @Test
    void manyAtOnce() {
        List<Call> calls = new ArrayList<>();
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Call call =
                    container.command("exec", container.id, "/bin/sh", "-c", "echo " + i + "; sleep 0.2; exit " + i);
            calls.add(call);
            processes.add(call.start());
        }
        for (int i = 0; i < 8; i++) {
            assertThat(calls.get(i).end(processes.get(i))).isEqualTo(new Result(i, i + "\n", ""));
        }
    }

    @Test
    void signalsReachIt() throws Exception {
        Call call = container
                .command(
                        "exec",
                        container.id,
                        "/bin/sh",
                        "-c",
                        "trap 'echo got; exit 5' TERM; echo ready; while :; do sleep 0.05; done")
                .output("exec.out", "exec.err");
        Process process = call.start();
        Work.until(
                "it is ready",
                () -> Work.read(container.bundle().resolve("exec.out")).contains("ready"));
        process.destroy();
        assertThat(call.end(process)).isEqualTo(new Result(5, "ready\ngot\n", ""));
    }

    @Test
    void itEndsWithTheContainer() {
        Call call = container.command("exec", container.id, "/bin/sleep", "100");
        Process process = call.start();
        Work.until(
                "it runs",
                () -> container
                                .exec("ps")
                                .lines()
                                .filter(line -> line.contains("sleep"))
                                .count()
                        == 2);
        container.kill("KILL").await("stopped");
        assertThat(call.end(process).status()).isEqualTo(137);
    }
}
