package gvj.e2e.oci;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gvj.e2e.Result;
import gvj.e2e.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The file system that a program sees: its root, its mounts, and what is hidden of them. */
class OciMountsTest extends OciTest {
    private Container container;
    private Path volume;

    @BeforeEach
    void makeVolume() {
        container = container();
        volume = Work.directory(container.bundle().resolve("volume"));
        Work.write(volume.resolve("file"), "from the host\n");
    }

    private Container bind(String destination, String... options) {
        return container.mount(destination, "bind", volume.toString(), options);
    }

    @Test
    void aVolumeIsReadAndWritten() {
        bind("/mnt", "rbind", "rw")
                .script("cat /mnt/file; echo back >/mnt/new; mkdir /mnt/dir; mv /mnt/file /mnt/moved");
        assertThat(container.out()).isEqualTo("from the host\n");
        assertThat(volume.resolve("new")).hasContent("back");
        assertThat(volume.resolve("dir")).isDirectory();
        assertThat(volume.resolve("moved")).exists();
        assertThat(volume.resolve("file")).doesNotExist();
    }

    @Test
    void aVolumeIsReadOnly() {
        bind("/mnt", "rbind", "ro")
                .script("cat /mnt/file; for i in new file; do echo x >/mnt/$i || echo refused; done");
        Result result = container.run();
        assertThat(result.out()).isEqualTo("from the host\nrefused\nrefused\n");
        assertThat(result.err()).contains("Read-only file system");
        assertThat(volume.resolve("new")).doesNotExist();
        assertThat(volume.resolve("file")).hasContent("from the host");
    }

    @Test
    void aTypeIsNotNeededForABind() {
        container.mount("/mnt", "none", volume.toString(), "bind").script("cat /mnt/file");
        assertThat(container.out()).isEqualTo("from the host\n");
    }

    @Test
    void aSourceMayBeRelativeToTheBundle() {
        container.mount("/mnt", "bind", "volume", "bind").script("cat /mnt/file");
        assertThat(container.out()).isEqualTo("from the host\n");
    }

    @Test
    void aFileIsBound() {
        container.mount("/etc/hosts", "bind", volume.resolve("file").toString(), "bind", "rw");
        assertThat(container.script("cat /etc/hosts; echo new >/etc/hosts").out())
                .isEqualTo("from the host\n");
        assertThat(volume.resolve("file")).hasContent("new");
    }

    @Test
    void whatTheHostChangesIsSeen() throws IOException {
        bind("/mnt", "rbind", "rw")
                .script("echo ready; while ! [ -e /mnt/go ]; do sleep 0.02; done; cat /mnt/file /mnt/go");
        container.create().start();
        Work.until("it is ready", () -> container.written().equals("ready\n"));
        Work.write(volume.resolve("file"), "changed\n");
        Work.write(volume.resolve("other"), "new\n");
        Files.move(volume.resolve("other"), volume.resolve("go"));
        container.await("stopped");
        assertThat(container.written()).isEqualTo("ready\nchanged\nnew\n");
    }

    @Test
    void aMountPointIsMade() {
        container.ownRootfs();
        bind("/new/mount/point", "rbind").script("cat /new/mount/point/file");
        assertThat(container.out()).isEqualTo("from the host\n");
        assertThat(container.rootfs().resolve("new/mount/point")).isDirectory();
    }

    @Test
    void mountsStackInTheirOrder() {
        bind("/mnt", "bind")
                .mount("/mnt", "tmpfs", "tmpfs")
                .script("ls /mnt; echo; mkdir /mnt/a; umount /mnt 2>/dev/null; true");
        assertThat(container.out()).isEqualTo("\n");
        Container other = container();
        other.mount("/mnt", "tmpfs", "tmpfs").mount("/mnt/inner", "bind", volume.toString(), "bind");
        assertThat(other.script("ls /mnt; cat /mnt/inner/file").out()).isEqualTo("inner\nfrom the host\n");
    }

    @Test
    void aMountBelowReadOnlyIsWritable() {
        bind("/mnt", "bind", "ro");
        Work.directory(volume.resolve("sub"));
        container.mount("/mnt/sub", "tmpfs", "tmpfs").script("echo x >/mnt/sub/f && cat /mnt/sub/f; echo y >/mnt/f");
        assertThat(container.run().out()).isEqualTo("x\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nosuid", "nodev", "noexec", "ro"})
    void mountinfoShowsOptions(String option) {
        bind("/mnt", "bind", option).mount("/var", "tmpfs", "tmpfs", option);
        String[] lines = container
                .script("grep -E ' (/mnt|/var) ' /proc/self/mountinfo")
                .out()
                .split("\n");
        assertThat(lines).hasSize(2);
        for (String line : lines) {
            assertThat(line.split(" ")[5].split(",")).contains(option);
        }
    }

    @Test
    void noexecIsKept() {
        container.mount("/var", "tmpfs", "tmpfs", "noexec");
        container.script("cp /bin/busybox /var/true && chmod 755 /var/true; /var/true; echo $?");
        Result result = container.run();
        assertThat(result.out()).isEqualTo("126\n");
        assertThat(result.err()).contains("Permission denied");
    }

    @Test
    void nodevIsKept() {
        container.mount("/var", "tmpfs", "tmpfs", "nodev").script("mknod -m 666 /var/null c 1 3; echo x >/var/null");
        container.process().set("capabilities", Work.parse("""
                {"bounding": ["CAP_MKNOD"], "effective": ["CAP_MKNOD"], "permitted": ["CAP_MKNOD"]}"""));
        assertThat(container.run().err()).contains("Permission denied");
    }

    @Test
    void aTmpfsHasASizeAndAMode() {
        container.mount("/var", "tmpfs", "tmpfs", "size=1m", "mode=755");
        container.script("stat -c %a /var; dd if=/dev/zero of=/var/f bs=64k count=32 2>/dev/null; stat -c %s /var/f");
        assertThat(container.out()).isEqualTo("755\n1048576\n");
    }

    @Test
    void aTmpfsIsNotShared() {
        container.mount("/var", "tmpfs", "tmpfs").script("touch /var/f; ls /var");
        assertThat(container.out()).isEqualTo("f\n");
        assertThat(container.out()).isEqualTo("f\n");
    }

    @Test
    void anUnknownOptionOfATmpfsFails() {
        container.mount("/var", "tmpfs", "tmpfs", "nonsense=1");
        Result result = container.tryCreate();
        assertThat(result.status()).isEqualTo(1);
    }

    @Test
    void anUnknownFileSystemFails() {
        container.mount("/var", "nonsensefs", "x");
        Result result = container.tryCreate();
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err()).containsAnyOf("/var", "nonsensefs");
    }

    @Test
    void theRootIsReadOnly() {
        Result result = container
                .script("echo x >/etc/new; mkdir /new; echo t >/tmp/f && cat /tmp/f")
                .run();
        assertThat(result.out()).isEqualTo("t\n");
        assertThat(result.err()).contains("Read-only file system");
        assertThat(container.rootfs().resolve("etc/new")).doesNotExist();
    }

    @Test
    void theRootIsWritable() {
        container.ownRootfs().script("echo x >/etc/new && cat /etc/new; rm /etc/group; ls /etc");
        assertThat(container.out()).isEqualTo("x\nnew\npasswd\n");
    }

    @Test
    void maskedPathsAreEmpty() {
        bind("/mnt", "bind");
        Work.directory(volume.resolve("secrets"));
        Work.write(volume.resolve("secrets/key"), "secret\n");
        container
                .linux()
                .putArray("maskedPaths")
                .add("/mnt/file")
                .add("/mnt/secrets")
                .add("/no/such/path");
        container.script("cat /mnt/file; ls /mnt/secrets; echo end; cat /mnt/secrets/key");
        assertThat(container.run().out()).isEqualTo("end\n");
    }

    @Test
    void readonlyPathsAreReadOnly() {
        bind("/mnt", "bind");
        Work.directory(volume.resolve("dir"));
        container
                .linux()
                .putArray("readonlyPaths")
                .add("/mnt/dir")
                .add("/proc/sys")
                .add("/no/such/path");
        container.script("echo x >/mnt/ok && echo y >/mnt/dir/f; echo z >/proc/sys/kernel/domainname; true");
        Result result = container.run();
        assertThat(result.err()).contains("Read-only file system");
        assertThat(volume.resolve("ok")).exists();
        assertThat(volume.resolve("dir/f")).doesNotExist();
    }

    @Test
    void theDefaultDevicesWork() {
        container.script("""
                cd /dev; for d in null zero full random urandom tty; do [ -c $d ] || echo no $d; done
                dd if=zero bs=4 count=1 2>/tmp/n | wc -c; echo x >null && echo null; echo y >full || echo full
                dd if=urandom bs=16 count=1 2>/tmp/n | wc -c; for l in fd stdin stdout stderr; do readlink $l; done; ls -d ptmx pts shm""");
        assertThat(container.run().out()).isEqualTo("""
                4
                null
                full
                16
                /proc/self/fd
                /proc/self/fd/0
                /proc/self/fd/1
                /proc/self/fd/2
                ptmx
                pts
                shm
                """);
    }

    @Test
    void aDeviceOfTheBundleIsMade() {
        ArrayNode devices = container.linux().putArray("devices");
        devices.addObject()
                .put("path", "/dev/other")
                .put("type", "c")
                .put("major", 1)
                .put("minor", 3)
                .put("fileMode", 0640)
                .put("uid", 5)
                .put("gid", 6);
        container.script("stat -c '%t %T %a %u %g' /dev/other");
        assertThat(container.out()).isEqualTo("1 3 640 5 6\n");
    }

    @Test
    void procIsTheContainersOwn() {
        assertThat(container
                        .script("cat /proc/1/comm; cat /proc/1/cmdline | tr '\\0' ' '; ls -d /proc/sys")
                        .out())
                .startsWith("sh\n/bin/sh -c ");
    }

    @Test
    void mqueueAndCgroupsAreMounted() {
        container
                .mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev")
                .mount("/sys/fs/cgroup", "cgroup", "cgroup", "ro", "nosuid", "noexec", "nodev");
        container.script("grep -c ' /dev/mqueue ' /proc/self/mountinfo; ls -d /sys/fs/cgroup");
        assertThat(container.out()).isEqualTo("1\n/sys/fs/cgroup\n");
    }

    @Test
    void aLinkInTheRootDoesNotLeadAMountOutside() throws IOException {
        container.ownRootfs();
        Path outside = Work.directory(container.bundle().resolve("outside"));
        Files.createSymbolicLink(container.rootfs().resolve("out"), outside);
        Files.createSymbolicLink(container.rootfs().resolve("up"), Path.of("../../../../../../tmp"));
        bind("/out/dir", "bind").mount("/up/gvj-x", "bind", volume.toString(), "bind");
        container.script("cat /out/dir/file /up/gvj-x/file || echo none");
        container.run();
        assertThat(outside.resolve("dir")).doesNotExist();
        assertThat(Path.of("/tmp/gvj-x")).doesNotExist();
    }

    /** As containerd makes roots. /etc is copied, and so born again, when the place of the mount is made in it. */
    @Test
    void aMountStaysInADirectoryThatTheHostCopies() {
        container.ownRootfs();
        Path root = container.rootfs();
        Path upper = Work.directory(container.bundle().resolve("upper"));
        Path work = Work.directory(container.bundle().resolve("work"));
        String options = "lowerdir=" + root + ",upperdir=" + upper + ",workdir=" + work;
        assertThat(Run.command("mount", "-t", "overlay", "overlay", "-o", options, root.toString())
                        .run()
                        .status())
                .isZero();
        try {
            container.mount("/etc/mounted", "bind", volume.resolve("file").toString(), "bind");
            container.script(
                    "cat /etc/mounted; sleep 1.2; cat /etc/mounted; echo more >>/etc/passwd; sleep 1.2; cat /etc/mounted");
            assertThat(container.out()).isEqualTo("from the host\n".repeat(3));
        } finally {
            Run.command("umount", root.toString()).run();
        }
    }

    @Test
    void propagationOptionsAreAccepted() {
        bind("/mnt", "rbind", "rprivate").mount("/var", "bind", volume.toString(), "rbind", "rslave", "ro");
        container.linux().put("rootfsPropagation", "rslave");
        assertThat(container.script("cat /mnt/file /var/file").out()).isEqualTo("from the host\nfrom the host\n");
    }

    @Test
    void ownersAndModesAreTheHosts() throws IOException {
        bind("/mnt", "bind");
        Files.setAttribute(volume.resolve("file"), "unix:uid", 12);
        Files.setAttribute(volume.resolve("file"), "unix:gid", 34);
        Files.setAttribute(volume.resolve("file"), "unix:mode", 0640);
        Files.createLink(volume.resolve("hard"), volume.resolve("file"));
        Files.createSymbolicLink(volume.resolve("soft"), Path.of("file"));
        container.script("cd /mnt; stat -c '%u %g %a %h' file; readlink soft; [ file -ef hard ] && echo same");
        assertThat(container.out()).isEqualTo("12 34 640 2\nfile\nsame\n");
    }

    @Test
    void ownersAndModesReachTheHost() throws IOException {
        bind("/mnt", "bind").script("cd /mnt; touch a; chown 12:34 a; chmod 4750 a; ln a b; ln -s a c; mkdir -m 700 d");
        container.process().set("capabilities", Work.parse("""
                {"bounding": ["CAP_CHOWN", "CAP_FSETID", "CAP_FOWNER"], "effective": ["CAP_CHOWN", "CAP_FSETID", "CAP_FOWNER"],
                 "permitted": ["CAP_CHOWN", "CAP_FSETID", "CAP_FOWNER"]}"""));
        container.out();
        assertThat(Files.readAttributes(volume.resolve("a"), "unix:uid,gid,mode,nlink")
                        .toString())
                .contains("uid=12", "gid=34", "nlink=2", "mode=" + 0104750);
        assertThat(Files.readSymbolicLink(volume.resolve("c"))).isEqualTo(Path.of("a"));
    }

    @Test
    void sysctlsAreSet() {
        ObjectNode sysctl = container.linux().putObject("sysctl");
        sysctl.put("kernel.domainname", "example.org").put("kernel.shmmni", "1234");
        container.script("cat /proc/sys/kernel/domainname /proc/sys/kernel/shmmni");
        assertThat(container.out()).isEqualTo("example.org\n1234\n");
    }

    @Test
    void anUnknownSysctlIsRefused() {
        container.linux().putObject("sysctl").put("kernel.nonsense", "1");
        assertThat(container.tryCreate().status()).isEqualTo(1);
    }
}
