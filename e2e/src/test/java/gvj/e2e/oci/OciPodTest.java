package gvj.e2e.oci;

import static org.assertj.core.api.Assertions.assertThat;

import gvj.e2e.Result;
import gvj.e2e.Rootfs;
import gvj.e2e.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Containers of one pod: what each has to itself, and what they share. */
class OciPodTest extends OciTest {
    private static final String WAIT = "while ! [ -e /vol/go ]; do sleep 0.02; done";

    private Pod pod;

    @BeforeEach
    void makePod() {
        pod = Pod.of(container());
    }

    private Container member(String script) {
        return pod.add(container()).script(script);
    }

    /** A volume like an emptyDir. */
    private Path volume(Container... containers) {
        Path volume = Work.directory(pod.sandbox.bundle().resolve("volume"));
        for (Container container : containers) {
            container.mount("/vol", "bind", volume.toString(), "rbind", "rw");
        }
        return volume;
    }

    private static void awaitOutput(Container container, String text) {
        Work.until(container.id + " writes " + text, () -> container.written().contains(text));
    }

    @Test
    void eachHasItsOwnRoot() {
        Container one = member("echo one >/mine; cat /mine; sleep 100").ownRootfs();
        Container two = member("echo two >/mine; cat /mine; sleep 100").ownRootfs();
        one.create().start();
        two.create().start();
        awaitOutput(one, "one");
        awaitOutput(two, "two");
        assertThat(one.rootfs().resolve("mine")).hasContent("one");
        assertThat(two.rootfs().resolve("mine")).hasContent("two");
        assertThat(one.exec("cat /mine; hostname")).isEqualTo("one\nboxed\n");
        assertThat(two.exec("cat /mine; hostname")).isEqualTo("two\nboxed\n");
    }

    @Test
    void eachSeesItsOwnProcesses() {
        Container one = member("sleep 111").create().start();
        Container two = member("sleep 222").create().start();
        assertThat(one.exec("echo $$; ps"))
                .matches("(?s)\\d\\n.*")
                .contains("    1 root")
                .contains("111")
                .doesNotContain("222");
        assertThat(two.exec("ps")).contains("222").doesNotContain("111");
        assertThat(one.command("ps", one.id).run().out()).contains("sleep 111").doesNotContain("sleep 222");
        assertThat(pod.sandbox.exec("kill -0 1 && echo alive")).isEqualTo("alive\n");
    }

    @Test
    void aPidNamespaceMayBeShared() {
        Container one = Pod.sharePids(member("sleep 111"), pod.sandbox).create().start();
        Container two = Pod.sharePids(member("sleep 222"), pod.sandbox).create().start();
        assertThat(one.exec("ps")).contains("sleep 100", "sleep 111", "sleep 222");
        one.kill("KILL").await("stopped").delete();
        assertThat(two.exec("ps")).contains("sleep 100", "sleep 222").doesNotContain("sleep 111");
        assertThat(two.exec("echo $$")).isNotEqualTo("1\n");
    }

    @Test
    void aPidNamespaceMayBeAnotherMembers() {
        Container one = member("sleep 111").create().start();
        Container two = Pod.sharePids(member("sleep 222"), one).create().start();
        assertThat(two.exec("ps")).contains("sleep 111", "sleep 222").doesNotContain("sleep 100");
        one.kill("KILL").await("stopped");
        two.await("stopped"); // process 1 of its namespace has gone
    }

    @Test
    void aVolumeIsTheSameInBoth() {
        Container one = member("echo from one >/vol/file; " + WAIT + "; cat /vol/answer");
        Container two = member("while ! [ -e /vol/file ]; do sleep 0.02; done; cat /vol/file; ln /vol/file /vol/hard;"
                + " mv /vol/file /vol/moved; echo from two >/vol/answer; touch /vol/go");
        Path volume = volume(one, two);
        one.create().start();
        two.create().start();
        awaitOutput(two, "from one");
        awaitOutput(one, "from two");
        assertThat(volume.resolve("moved")).hasContent("from one");
        assertThat(volume.resolve("file")).doesNotExist();
    }

    /** One of e2e/guest/pod, built. */
    static Path program(String name) {
        Path programs = Run.ROOT.resolve("build/guest");
        Path program = programs.resolve("pod").resolve(name);
        String sources = Run.ROOT.resolve("e2e/guest").toString();
        Result made = Run.command("make", "-s", "-C", sources, "OUT=" + programs, program.toString())
                .run();
        assertThat(made.status()).as(made.err()).isZero();
        return program;
    }

    @Test
    void memoryOfAVolumesFileIsTheSameInBoth() {
        Path mapped = program("mapped");
        Path shm = Work.directory(pod.sandbox.bundle().resolve("shm"));
        Container one = member("/bin/mapped /vol/file first; /bin/mapped /dev/shm/file first");
        Container two = member("/bin/mapped /vol/file second; /bin/mapped /dev/shm/file second");
        volume(one, two);
        for (Container container : List.of(one, two)) {
            container.ownRootfs().mount("/dev/shm", "bind", shm.toString(), "rbind", "rw");
            Rootfs.add(container.rootfs(), mapped, "bin/mapped");
            container.create();
        }
        one.start();
        two.start();
        awaitOutput(one, "counted\ncounted");
        awaitOutput(two, "counted\ncounted");
    }

    @Test
    void anOpenFileOutlivesTheContainerItIsFrom() throws Exception {
        Path passed = program("passed");
        Container giver =
                member("exec /bin/passed /vol/socket give /root/file /root").ownRootfs();
        Container taker = member("exec /bin/passed /vol/socket take /vol/go").ownRootfs();
        Path volume = volume(giver, taker);
        for (Container container : List.of(giver, taker)) {
            Rootfs.add(container.rootfs(), passed, "bin/passed");
            Work.directory(container.rootfs().resolve("root"));
            container.create().start();
        }
        awaitOutput(taker, "taken");
        giver.kill("KILL").await("stopped").delete();
        Files.createFile(volume.resolve("go"));
        Work.until(
                "it has used them, or failed",
                () -> taker.written().contains("used") || taker.status().equals("stopped"));
        assertThat(Work.read(taker.bundle().resolve("err"))).isEmpty();
        assertThat(giver.rootfs().resolve("root/file")).hasContent("before after");
        assertThat(giver.rootfs().resolve("root/moved")).hasContent("made");
    }

    @Test
    void aFileOpenedThroughProcOutlivesItsContainer() throws Exception {
        Container giver = Pod.sharePids(
                        member("echo theirs >/mine; exec 4</mine; echo $$ >/vol/pid; exec sleep 1000"), pod.sandbox)
                .ownRootfs();
        Container taker = Pod.sharePids(
                member("until [ -s /vol/pid ]; do sleep 0.02; done; p=$(cat /vol/pid); cd /proc/$p/root;"
                        + " exec 5</proc/$p/fd/4; echo taken; " + WAIT + "; cat <&5; cat mine; sleep 100"),
                pod.sandbox);
        Path volume = volume(giver, taker);
        giver.create().start();
        taker.create().start();
        awaitOutput(taker, "taken");
        giver.kill("KILL").await("stopped").delete();
        Files.createFile(volume.resolve("go"));
        awaitOutput(taker, "taken\ntheirs\ntheirs\n");
    }

    @Test
    void aReadOnlyMountOfAVolumeIsThat() {
        Container one = member("echo x >/vol/file");
        Path volume = volume(one);
        Container two = member("cat /vol/file; echo y >/vol/file || echo refused")
                .mount("/vol", "bind", volume.toString(), "rbind", "ro");
        assertThat(one.run().status()).isZero();
        assertThat(two.run().out()).isEqualTo("x\nrefused\n");
        assertThat(volume.resolve("file")).hasContent("x");
    }

    @Test
    void theNetworkIsThePods() {
        // its input has no end: the other one would take that for the end of the connection
        Container one = member("mkfifo /vol/nothing; nc -l -p 7777 <>/vol/nothing >/vol/heard");
        Container two = member("until echo over loopback | nc 127.0.0.1 7777; do sleep 0.02; done");
        Path volume = volume(one);
        one.create().start();
        assertThat(two.run().status()).isZero();
        one.await("stopped");
        assertThat(volume.resolve("heard")).hasContent("over loopback");
    }

    @Test
    void ipcAndHostNameAreThePods() {
        Container one = member("sleep 100").create().start();
        assertThat(one.exec("hostname; cat /proc/sys/kernel/hostname")).isEqualTo("boxed\nboxed\n");
        assertThat(one.exec("readlink /proc/self/ns/ipc; readlink /proc/self/ns/uts; readlink /proc/self/ns/net"))
                .isEqualTo(pod.sandbox.exec(
                        "readlink /proc/self/ns/ipc; readlink /proc/self/ns/uts; readlink /proc/self/ns/net"));
        assertThat(one.exec("readlink /proc/self/ns/pid")).isNotEqualTo(pod.sandbox.exec("readlink /proc/self/ns/pid"));
    }

    @Test
    void hostNameMayBeItsOwn() {
        Container one = member("hostname");
        Pod.namespace(one, "uts").remove("path");
        one.config.put("hostname", "other");
        assertThat(one.out()).isEqualTo("other\n");
        assertThat(pod.sandbox.exec("hostname")).isEqualTo("boxed\n");
    }

    @Test
    void eachEndsWithItsOwnStatus() {
        assertThat(member("exit 3").run().status()).isEqualTo(3);
        assertThat(member("kill -9 $$; exit 5").run().status()).isEqualTo(5); // an init does not die of its own signals
        Container killed = member("sleep 100");
        assertThat(killed.reaped("kill")).isEqualTo("exited 137\n");
        assertThat(member("echo out; echo err >&2; exit 7").run())
                .satisfies(result -> assertThat(result.status()).isEqualTo(7))
                .satisfies(result -> assertThat(result.out()).isEqualTo("out\n"))
                .satisfies(result -> assertThat(result.err()).isEqualTo("err\n"));
        assertThat(pod.sandbox.status()).isEqualTo("running");
    }

    @Test
    void oneIsKilledAndTheOtherGoesOn() {
        Container one = member("sleep 100 & sleep 100").create().start();
        Container two = member("sleep 100").create().start();
        long pid = one.pid();
        one.kill("KILL").await("stopped").delete();
        Work.until("its process on the host is gone", () -> Files.notExists(Path.of("/proc/" + pid)));
        assertThat(two.exec("echo still here")).isEqualTo("still here\n");
        assertThat(two.status()).isEqualTo("running");
        assertThat(pod.sandbox.status()).isEqualTo("running");
    }

    @Test
    void oneIsPausedAndTheOtherGoesOn() throws Exception {
        Container one = member("while :; do echo >>/vol/one; sleep 0.01; done");
        Container two = member("while :; do echo >>/vol/two; sleep 0.01; done");
        Path volume = volume(one, two);
        one.create().start();
        two.create().start();
        Work.until("both run", () -> Files.exists(volume.resolve("one")) && Files.exists(volume.resolve("two")));
        assertThat(one.command("pause", one.id).run().status()).isZero();
        assertThat(one.status()).isEqualTo("paused");
        assertThat(two.status()).isEqualTo("running");
        long stopped = Files.size(volume.resolve("one"));
        long goesOn = Files.size(volume.resolve("two"));
        Work.until("the other one goes on", () -> Files.size(volume.resolve("two")) > goesOn + 3);
        assertThat(Files.size(volume.resolve("one"))).isEqualTo(stopped);
        assertThat(one.command("resume", one.id).run().status()).isZero();
        Work.until("it goes on", () -> Files.size(volume.resolve("one")) > stopped);
    }

    @Test
    void anIdMayBeUsedAgain() {
        Container one = member("echo again");
        for (int round = 0; round < 5; round++) {
            assertThat(one.create().start().await("stopped").written()).isEqualTo("again\n");
            one.delete();
        }
    }

    /** As a kubelet does it in a restart under the same name; what is there still is never replaced. */
    @Test
    void anIdThatHasEndedIsTakenUntilItIsDeleted() {
        Container one = member("echo again").create().start().await("stopped");
        Result taken = one.tryCreate();
        assertThat(taken.status()).isEqualTo(1);
        assertThat(Work.read(one.bundle().resolve("err"))).contains("exist");
        assertThat(one.status()).isEqualTo("stopped");
        one.delete();
        assertThat(one.create().start().await("stopped").written()).isEqualTo("again\n");
    }

    @Test
    void anIdMayBeUsedAgainAfterItsProcessOnTheHostWasKilled() {
        Container one = member("echo up; sleep 100");
        for (int round = 0; round < 3; round++) {
            one.create().start();
            awaitOutput(one, "up");
            ProcessHandle.of(one.pid()).orElseThrow().destroyForcibly();
            one.await("stopped").delete();
        }
    }

    @Test
    void hooksRunAsForAnyContainer() {
        Container one = member("sleep 100");
        Path log = one.bundle().resolve("hooks");
        for (String kind : List.of("createRuntime", "poststart", "poststop")) {
            one.config
                    .withArray("/hooks/" + kind)
                    .addObject()
                    .put("path", "/bin/sh")
                    .putArray("args")
                    .add("sh")
                    .add("-c")
                    .add("echo " + kind + " >>" + log);
        }
        one.create().start().kill("KILL").await("stopped").delete();
        assertThat(log).hasContent("createRuntime\npoststart\npoststop");
    }
}
