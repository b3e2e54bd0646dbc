package gvj.e2e.docker;

import static org.assertj.core.api.Assertions.assertThat;

import gvj.e2e.Image;
import gvj.e2e.Result;
import gvj.e2e.oci.Work;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code docker run} and {@code docker build}: what a person types, and what a program in the container sees of it. */
class DockerRunTest extends DockerTest {
    @Test
    void hello() {
        assertThat(out("run", "--rm", Image.BUSYBOX, "echo", "hello")).isEqualTo("hello\n");
    }

    @Test
    void theRuntimeIsNamed() {
        assertThat(out("info", "--format", "{{.DefaultRuntime}}")).isEqualTo(runtime + "\n");
        assertThat(out("run", "--rm", "--runtime=" + runtime, Image.BUSYBOX, "echo", "hi"))
                .isEqualTo("hi\n");
        detached("exec sleep 100", "--runtime=" + runtime);
        assertThat(inspect(".HostConfig.Runtime")).isEqualTo(runtime.toString());
    }

    @ParameterizedTest
    @CsvSource({"exit 0,0", "exit 42,42", "kill -9 $$ | sleep 5,0", "nosuchcommand,127"})
    void theStatusIsTheProgramsOwn(String script, int status) {
        assertThat(run(script).status()).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({"/no/such/program,127", "no-such-program,127", "/etc/passwd,126", "/etc,126"})
    void aProgramThatCannotRun(String program, int status) {
        Result result = docker("run", "--rm", Image.BUSYBOX, program);
        assertThat(result.status()).as(result.err()).isEqualTo(status);
        assertThat(result.err()).contains(program);
    }

    @Test
    void streamsAreWired() {
        Result result = DockerDaemon.docker("run", "--rm", "-i", Image.BUSYBOX, "sh", "-c", "cat; echo err >&2")
                .input("line 1\nline 2\n")
                .run();
        assertThat(result).isEqualTo(new Result(0, "line 1\nline 2\n", "err\n"));
    }

    @Test
    void interactive() {
        terminal(
                DockerDaemon.command("run", "--rm", "-it", "-e", "PS1=> ", Image.BUSYBOX, "sh"),
                "expect > ",
                "send tty; stty size\\r",
                "expect /dev/pts/0",
                "expect 24 80",
                "resize 30 100",
                "wait 0.5",
                "send stty size\\r",
                "expect 30 100",
                "send sleep 100\\r",
                "wait 0.3",
                "send \\x03",
                "send echo st=$?\\r",
                "expect st=130",
                "send exit 3\\r",
                "status 3",
                "cooked");
    }

    @Test
    void aVolumeIsWritten() throws IOException {
        Work.write(volume.resolve("in"), "from the host\n");
        assertThat(print("cat /data/in; echo back >/data/out", "-v", volume + ":/data"))
                .isEqualTo("from the host\n");
        assertThat(Files.readString(volume.resolve("out"))).isEqualTo("back\n");
    }

    @Test
    void aVolumeIsReadOnly() {
        Work.write(volume.resolve("in"), "from the host\n");
        Result result = run("cat /data/in; echo x >/data/out", "-v", volume + ":/data:ro");
        assertThat(result.status()).isNotZero();
        assertThat(result.out()).isEqualTo("from the host\n");
        assertThat(result.err()).contains("Read-only file system");
        assertThat(volume.resolve("out")).doesNotExist();
    }

    @Test
    void aNamedVolumeKeepsData() {
        out("volume", "create", "keep");
        print("echo kept >/data/file", "-v", "keep:/data");
        assertThat(print("cat /data/file", "-v", "keep:/data")).isEqualTo("kept\n");
        out("volume", "rm", "keep");
    }

    @Test
    void environmentDirectoryAndUser() {
        String out = print("echo $A; pwd; id -u; id -g", "-e", "A=b c", "-w", "/var", "-u", "1000:1001");
        assertThat(out).isEqualTo("b c\n/var\n1000\n1001\n");
        assertThat(print("id -un; echo $HOME", "-u", "user")).isEqualTo("user\n/tmp\n");
        assertThat(print("id -G", "--group-add", "7").strip()).endsWith(" 7");
    }

    @Test
    void namesOfTheHost() {
        String out = print(
                "hostname; cat /etc/hosts /etc/resolv.conf",
                "--hostname=box",
                "--add-host=other:1.2.3.4",
                "--dns=9.8.7.6");
        assertThat(out).startsWith("box\n").contains("1.2.3.4\tother", "nameserver 9.8.7.6", "127.0.0.1\tlocalhost");
    }

    @Test
    void theRootIsReadOnly() {
        Result result = run("echo x >/file", "--read-only");
        assertThat(result.status()).isNotZero();
        assertThat(result.err()).contains("Read-only file system");
    }

    @Test
    void theRootIsWritableAndTheImageIsNot() {
        assertThat(print("echo x >/file; cat /file; rm /etc/group; ls /etc/group 2>&1 | wc -l"))
                .isEqualTo("x\n1\n");
        assertThat(print("cat /file 2>/dev/null; ls /etc/group")).isEqualTo("/etc/group\n");
    }

    @Test
    void aTmpfs() {
        String out = print(
                "df -k /scratch | tail -1 | tr -s ' ' | cut -d' ' -f2; stat -c %a /scratch; echo x >/scratch/f",
                "--tmpfs", "/scratch:size=2m,mode=1770", "--read-only");
        assertThat(out).isEqualTo("2048\n1770\n");
    }

    @Test
    void sharedMemoryHasASize() {
        assertThat(print("df -k /dev/shm | tail -1 | tr -s ' ' | cut -d' ' -f2", "--shm-size=3m"))
                .isEqualTo("3072\n");
    }

    @Test
    void capabilities() {
        assertThat(print("grep ^CapEff /proc/self/status", "--cap-drop=ALL")).isEqualTo("CapEff:\t0000000000000000\n");
        assertThat(print("grep ^CapEff /proc/self/status", "--cap-drop=ALL", "--cap-add=KILL"))
                .isEqualTo("CapEff:\t0000000000000020\n");
        assertThat(print("grep ^CapEff /proc/self/status")).isEqualTo("CapEff:\t00000000a80425fb\n");
        assertThat(print("grep NoNewPrivs /proc/self/status", "--security-opt=no-new-privileges"))
                .isEqualTo("NoNewPrivs:\t1\n");
    }

    @Test
    void limitsOfAProcess() {
        assertThat(print("ulimit -Sn; ulimit -Hn", "--ulimit", "nofile=100:200"))
                .isEqualTo("100\n200\n");
    }

    @Test
    void tooMuchMemoryKillsAndIsReported() {
        detached(
                "dd if=/dev/zero of=/dev/null bs=600M count=1; echo still alive",
                "--memory=300m",
                "--memory-swap=300m");
        String status = out("wait", name).strip();
        // runc kills dd or the shell, gvj the sandbox: in both cases it is not alive and the container says why
        assertThat(inspect(".State.OOMKilled"))
                .as("status " + status + ": " + logs())
                .isEqualTo("true");
        assertThat(inspect(".State.Status")).isEqualTo("exited");
    }

    @Test
    void cpusAreLimited() {
        detached("exec sleep 100", "--cpus=0.5");
        String id = inspect(".Id");
        assertThat(group("cpu", id, "cpu.cfs_quota_us")).isEqualTo("50000");
        assertThat(group("cpu", id, "cgroup.procs")).contains(inspect(".State.Pid"));
    }

    private static String group(String controller, String id, String file) {
        Path parent = Path.of("/sys/fs/cgroup", controller);
        try (var groups = Files.walk(parent, 2)) {
            return Work.read(groups.filter(path -> path.endsWith(id))
                            .findFirst()
                            .orElseThrow()
                            .resolve(file))
                    .strip();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void processesAreLimited() {
        Result result = run("i=0; while [ $i -lt 60 ]; do sleep 5 & i=$((i + 1)); done; echo all", "--pids-limit=20");
        assertThat(result.out() + result.err()).containsIgnoringCase("fork");
    }

    @Test
    void devicesAreThere() {
        assertThat(print("echo x >/dev/null; head -c 4 /dev/zero | wc -c; head -c 4 /dev/urandom | wc -c; ls /dev/shm"))
                .isEqualTo("4\n4\n");
    }

    @Test
    void secretsOfTheHostAreHidden() {
        assertThat(print("cat /proc/kcore 2>/dev/null | head -c 10 | wc -c; ls /sys/firmware 2>/dev/null | wc -l"))
                .isEqualTo("0\n0\n");
    }

    @Test
    void buildRunsCommandsUnderTheRuntime() {
        Work.write(volume.resolve("file"), "copied\n");
        Work.write(volume.resolve("Dockerfile"), """
                FROM %s
                ARG WORD=none
                ENV A=b
                WORKDIR /work
                COPY file .
                RUN cat file >both && echo $A $WORD >>both
                RUN ["/bin/sh", "-c", "mkdir d && ln -s ../both d/link && chmod 750 d && chown 12:34 d"]
                USER user
                CMD ["sh", "-c", "id -u; cat both; stat -c '%%a %%u %%g' d"]
                """.formatted(Image.BUSYBOX));
        Result built = DockerDaemon.docker("build", "--tag", "made", "--build-arg", "WORD=given", volume.toString())
                .timeout(120)
                .run();
        assertThat(built.status()).as(built.out() + built.err()).isZero();
        assertThat(out("run", "--rm", "made")).isEqualTo("1000\ncopied\nb given\n750 12 34\n");
        out("rmi", "made");
    }

    @Test
    void aBuildThatFailsSaysSo() {
        Work.write(volume.resolve("Dockerfile"), "FROM " + Image.BUSYBOX + "\nRUN echo before; exit 9\n");
        Result built = docker("build", volume.toString());
        assertThat(built.status()).isNotZero();
        assertThat(built.out() + built.err()).contains("before", "returned a non-zero code: 9");
    }

    @Test
    void aBuildFromScratch() throws IOException {
        Files.copy(Path.of("/bin/busybox"), volume.resolve("busybox"));
        Work.write(volume.resolve("Dockerfile"), """
                FROM scratch
                COPY busybox /bin/busybox
                RUN ["/bin/busybox", "ln", "-s", "busybox", "/bin/sh"]
                RUN /bin/busybox echo made >/made
                CMD ["/bin/busybox", "cat", "/made"]
                """);
        out("build", "--tag", "scratched", volume.toString());
        assertThat(out("run", "--rm", "scratched")).isEqualTo("made\n");
        out("rmi", "scratched");
    }
}
