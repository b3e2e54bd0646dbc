package gvj.e2e.oci;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gvj.e2e.Result;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the program sees of config.json's {@code process}, and how its end is seen outside. */
class OciProcessTest extends OciTest {
    private static String capabilities(String... names) {
        return "{\"bounding\": [NAMES], \"effective\": [NAMES], \"permitted\": [NAMES], \"inheritable\": []}"
                .replace("NAMES", names.length == 0 ? "" : "\"" + String.join("\", \"", names) + "\"");
    }

    private static void user(Container container, int uid, int gid, int... groups) {
        ObjectNode user = container.process().putObject("user").put("uid", uid).put("gid", gid);
        ArrayNode list = user.putArray("additionalGids");
        for (int group : groups) {
            list.add(group);
        }
    }

    @Test
    void runPrintsAndEndsAsTheProgramDoes() {
        Container container = container().script("echo out; echo err >&2; exit 42");
        assertThat(container.run()).isEqualTo(new Result(42, "out\n", "err\n"));
        assertThat(container.command("state", container.id).run().err()).contains("does not exist");
    }

    @ParameterizedTest
    @CsvSource({"exit 0,0", "exit 1,1", "exit 125,125", "exit 255,255", "exit 256,0"})
    void theStatusIsTheProgramsOwn(String script, int status) {
        assertThat(container().script(script).run().status()).isEqualTo(status);
    }

    @Test
    void aKilledProgramIsStatus128AndTheSignal() throws Exception {
        Container container = container().write();
        Call call = container.command("run", "--bundle", container.bundle().toString(), container.id);
        Process process = call.start();
        Work.until(
                "it runs",
                () -> container.command("state", container.id).run().out().contains("running"));
        container.kill("KILL");
        assertThat(call.end(process).status()).isEqualTo(137);
    }

    /** The shim learns the exit status by waiting for the pid of the pid file, as the reaper of orphans. */
    @ParameterizedTest
    @CsvSource({"exit 0,exited 0", "exit 42,exited 42", "exec sleep 100,exited 137"})
    void whoeverReapsThePidLearnsTheStatus(String script, String end) {
        Container container = container().script(script).write();
        String kill = script.startsWith("exec") ? "kill" : "";
        assertThat(container.reaped(kill)).isEqualTo(end + "\n");
    }

    @Test
    void standardInputIsTheProgramsOwn() {
        Container container = container().args("/bin/cat").write();
        Result result = container
                .command("run", "--bundle", container.bundle().toString(), container.id)
                .input("line 1\nline 2\n")
                .run();
        assertThat(result).isEqualTo(new Result(0, "line 1\nline 2\n", ""));
    }

    @Test
    void pipesCarryADialogue() throws IOException, InterruptedException {
        Container container = container()
                .script("while read line; do echo \"<$line>\"; done; echo end")
                .write();
        Process process = container
                .command("run", "--bundle", container.bundle().toString(), container.id)
                .piped();
        OutputStream to = process.getOutputStream();
        try (InputStream from = process.getInputStream()) {
            to.write("a\n".getBytes(StandardCharsets.US_ASCII));
            to.flush();
            assertThat(new String(from.readNBytes(4), StandardCharsets.US_ASCII))
                    .isEqualTo("<a>\n");
            to.write("b\n".getBytes(StandardCharsets.US_ASCII));
            to.close();
            assertThat(new String(from.readAllBytes(), StandardCharsets.US_ASCII))
                    .isEqualTo("<b>\nend\n");
        }
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void pipesCarryMegabytes() {
        String text = "0123456789abcdef\n".repeat(300_000);
        Container container = container().args("/bin/cat").write();
        Result result = container
                .command("run", "--bundle", container.bundle().toString(), container.id)
                .input(text)
                .run();
        assertThat(result.out().equals(text)).isTrue();
    }

    @Test
    void onlyThreeDescriptorsAreInherited() {
        assertThat(container().args("/bin/ls", "/proc/self/fd").out()).isEqualTo("0\n1\n2\n3\n"); // 3 is the directory
    }

    @Test
    void preservedDescriptorsAreInherited() throws Exception {
        Container container =
                container().script("ls /proc/self/fd; cat <&3; echo back >&4").write();
        Work.write(container.bundle().resolve("in"), "from 3\n");
        Result result = container.preserving(2, "exec 3<in 4>back");
        assertThat(result.status()).as(result.err()).isZero();
        assertThat(result.out()).isEqualTo("0\n1\n2\n3\n4\n5\nfrom 3\n");
        assertThat(Files.readString(container.bundle().resolve("back"))).isEqualTo("back\n");
    }

    @Test
    void argumentsArriveAsTheyAre() {
        Container container = container().args("/bin/printf", "%s|", "a b", "", "$HOME", "-x", "\"q\"", "\\");
        assertThat(container.out()).isEqualTo("a b||$HOME|-x|\"q\"|\\|");
    }

    @Test
    void aProgramIsFoundInPath() {
        assertThat(container().args("echo", "found").out()).isEqualTo("found\n");
        Container container = container().args("echo", "found");
        container.process().putArray("env").add("PATH=/nowhere:/bin");
        assertThat(container.out()).isEqualTo("found\n");
    }

    @ParameterizedTest
    @CsvSource({"/no/such/program", "no-such-program", "/etc/passwd", "/etc"})
    void aProgramThatCannotRunFailsTheContainer(String program) {
        Container container = container().args(program);
        Result result = container.run();
        assertThat(result.status()).isNotZero();
        assertThat(result.err()).contains(program);
        assertThat(container.command("state", container.id).run().err()).contains("does not exist");
    }

    @Test
    void aMissingProgramIsFoundOutByCreate() {
        Container container = container().args("/no/such/program");
        Result result = container.tryCreate();
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err()).contains("/no/such/program").contains("no such file or directory");
    }

    @Test
    void theEnvironmentIsTheBundles() {
        Container container = container().args("/bin/env");
        container
                .process()
                .putArray("env")
                .add("A=1")
                .add("B=x y=z")
                .add("PATH=/bin")
                .add("EMPTY=");
        assertThat(container.out().lines().filter(line -> !line.startsWith("HOME=")))
                .containsExactly("A=1", "B=x y=z", "PATH=/bin", "EMPTY=");
    }

    @Test
    void homeComesFromPasswdWhenItIsNotSet() {
        assertThat(container().script("echo $HOME").out()).isEqualTo("/root\n");
        Container container = container().script("echo $HOME");
        user(container, 1000, 1000);
        assertThat(container.out()).isEqualTo("/tmp\n");
    }

    @Test
    void theWorkingDirectoryIsTheBundles() {
        Container container = container().args("/bin/pwd");
        container.process().put("cwd", "/var");
        assertThat(container.out()).isEqualTo("/var\n");
    }

    @Test
    void aMissingWorkingDirectoryIsMade() {
        Container container = container().ownRootfs().args("/bin/pwd");
        container.process().put("cwd", "/var/new/one");
        assertThat(container.out()).isEqualTo("/var/new/one\n");
        assertThat(container.rootfs().resolve("var/new/one")).isDirectory();
    }

    @Test
    void usersAndGroups() {
        Container container = container().script("id -u; id -g; id -G; grep ^Groups /proc/self/status");
        user(container, 1000, 1001, 5, 6);
        assertThat(container.out().replaceAll("[ \t]+", " ").replace(" \n", "\n"))
                .isEqualTo("1000\n1001\n1001 5 6\nGroups: 5 6\n");
    }

    @Test
    void theHostsGroupsAreNotInherited() {
        assertThat(container().script("grep ^Groups /proc/self/status").out().strip())
                .isEqualTo("Groups:");
    }

    @Test
    void theUmaskIsTheBundles() {
        Container container = container().script("umask");
        ((ObjectNode) container.process().path("user")).put("umask", 027);
        assertThat(container.out()).isEqualTo("0027\n");
        assertThat(container().script("umask").out()).isEqualTo("0022\n");
    }

    @Test
    void capabilitiesAreExactlyTheBundles() {
        Container container = container().args("/bin/grep", "^Cap", "/proc/self/status");
        container.process().set("capabilities", Work.parse(capabilities("CAP_KILL", "CAP_NET_BIND_SERVICE")));
        assertThat(container.out().replace("\t", " ")).isEqualTo("""
                        CapInh: 0000000000000000
                        CapPrm: 0000000000000420
                        CapEff: 0000000000000420
                        CapBnd: 0000000000000420
                        CapAmb: 0000000000000000
                        """);
    }

    @Test
    void rootWithoutCapabilitiesHasNone() {
        Container container = container().script("grep ^CapEff /proc/self/status; chown 1 /tmp || echo refused");
        container.process().set("capabilities", Work.parse(capabilities()));
        assertThat(container.out()).isEqualTo("CapEff:\t0000000000000000\nrefused\n");
    }

    @Test
    void aUserHasOnlyAmbientCapabilities() {
        Container container = container().args("/bin/grep", "^Cap[EA]", "/proc/self/status");
        user(container, 1000, 1000);
        ObjectNode all = (ObjectNode) Work.parse(capabilities("CAP_KILL", "CAP_NET_BIND_SERVICE"));
        all.putArray("inheritable").add("CAP_NET_BIND_SERVICE");
        all.putArray("ambient").add("CAP_NET_BIND_SERVICE");
        container.process().set("capabilities", all);
        assertThat(container.out().replace("\t", " "))
                .isEqualTo("CapEff: 0000000000000400\nCapAmb: 0000000000000400\n");
    }

    @Test
    void noNewPrivileges() {
        Container container = container().args("/bin/grep", "NoNewPrivs", "/proc/self/status");
        assertThat(container.out()).isEqualTo("NoNewPrivs:\t1\n");
        container.process().put("noNewPrivileges", false);
        assertThat(container.out()).isEqualTo("NoNewPrivs:\t0\n");
    }

    @Test
    void limits() {
        Container container = container().script("ulimit -Sn; ulimit -Hn; ulimit -Sc; ulimit -Hc");
        container.process().set("rlimits", Work.parse("""
                [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200}, {"type": "RLIMIT_CORE", "soft": 0, "hard": 512}]
                """));
        assertThat(container.out()).isEqualTo("100\n200\n0\n1\n");
    }

    @Test
    void aLimitIsKept() {
        Container container = container().script("exec 3</etc/passwd 4<&3 5<&3 6<&3 7<&3 && echo open");
        container.process().set("rlimits", Work.parse("""
                [{"type": "RLIMIT_NOFILE", "soft": 6, "hard": 6}]"""));
        assertThat(container.run().out()).isEmpty();
    }

    @Test
    void theHostnameIsTheBundles() {
        assertThat(container().args("/bin/hostname").out()).isEqualTo("boxed\n");
    }

    @Test
    void theFirstProcessIsPid1AndAlone() {
        assertThat(container()
                        .script("echo $$; ls /proc | grep -c '^[0-9]'; true")
                        .out())
                .matches("1\n[1-4]\n");
    }

    @Test
    void oomScoreAdjIsRaised() {
        Container container = container().args("/bin/cat", "/proc/self/oom_score_adj");
        container.process().put("oomScoreAdj", 500);
        assertThat(container.out()).isEqualTo("500\n");
    }

    @Test
    void aUserCannotReadRootsFiles() throws IOException {
        Container container = container().ownRootfs().args("/bin/cat", "/etc/secret");
        Files.writeString(container.rootfs().resolve("etc/secret"), "x");
        Files.setPosixFilePermissions(
                container.rootfs().resolve("etc/secret"),
                java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        user(container, 1000, 1000);
        assertThat(container.run().err()).contains("Permission denied");
    }

    @Test
    void signalsToRunReachTheProgram() throws Exception {
        Container container = container()
                .script("trap 'echo got; exit 5' TERM; echo ready; while :; do sleep 0.05; done")
                .write();
        Call call = container
                .command("run", "--bundle", container.bundle().toString(), container.id)
                .output("out", "err");
        Process process = call.start();
        Work.until("it is ready", () -> container.written().contains("ready"));
        process.destroy();
        assertThat(call.end(process)).isEqualTo(new Result(5, "ready\ngot\n", ""));
    }

    @Test
    void runDetachedComesBackAtOnce() {
        Container container = container().script("echo hi; exec sleep 100").write();
        Result result = container
                .command(
                        "run",
                        "--detach",
                        "--pid-file=pid",
                        "--bundle",
                        container.bundle().toString(),
                        container.id)
                .output("out", "err")
                .run();
        assertThat(result.status()).as(result.err()).isZero();
        assertThat(container.status()).isEqualTo("running");
        assertThat(Work.read(container.bundle().resolve("pid"))).isEqualTo(Long.toString(container.pid()));
        Work.until("it wrote", () -> container.written().equals("hi\n"));
    }

    @Test
    void manyContainersAtOnce() {
        List<Container> all = List.of(container(), container(), container(), container());
        for (Container container : all) {
            container.script("hostname; exec sleep 100").create();
        }
        all.forEach(Container::start);
        for (Container container : all) {
            Work.until("it wrote", () -> container.written().equals("boxed\n"));
            container.kill("KILL");
        }
        all.forEach(container -> container.await("stopped").delete());
    }
}
