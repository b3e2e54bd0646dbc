package gvj.e2e.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import gvj.e2e.oci.Work;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The security contexts of pods and containers. */
@OneContainerd
class PodSecurityTest extends PodTest {
    private static final String WAIT = "exec sleep 1000";

    private Container start(Consumer<ObjectNode> context) {
        return pod().start("one", WAIT, config -> context.accept(context(config)));
    }

    private static ObjectNode context(ObjectNode config) {
        return config.withObjectProperty("linux").withObjectProperty("security_context");
    }

    @Test
    void userAndGroups() throws Exception {
        Path volume = volume();
        Files.setPosixFilePermissions(volume, PosixFilePermissions.fromString("rwxrwx---"));
        Files.setAttribute(volume, "unix:gid", 2000);
        Container container = pod().start("one", WAIT, config -> {
            Pod.mount(config, volume, "/data", false);
            context(config).putObject("run_as_user").put("value", 1000);
            context(config).putObject("run_as_group").put("value", 1001);
            context(config).putArray("supplemental_groups").add(2000);
        });
        assertThat(container.print("id -u; id -g; id -G; echo text >/data/f && cat /data/f; echo x >/etc/f"))
                .startsWith("1000\n1001\n")
                .contains("2000", "text\n", "Permission denied");
        assertThat(Files.getAttribute(volume.resolve("f"), "unix:uid")).isEqualTo(1000);
    }

    @Test
    void capabilities() {
        Container container = start(context -> {
            ObjectNode capabilities = context.putObject("capabilities");
            capabilities.putArray("add_capabilities").add("SYS_TIME");
            capabilities.putArray("drop_capabilities").add("CHOWN");
        });
        String effective =
                container.print("sed -n 's/^CapEff:\t//p' /proc/1/status").strip();
        long bits = Long.parseUnsignedLong(effective, 16);
        assertThat(bits >> 25 & 1).as("CAP_SYS_TIME").isOne();
        assertThat(bits & 1).as("CAP_CHOWN").isZero();
        assertThat(bits >> 3 & 1).as("CAP_FOWNER").isOne();
        assertThat(container.print("touch /f; chown 5 /f")).contains("Operation not permitted");
    }

    @Test
    void theRootIsReadOnly() {
        Container container = start(context -> context.put("readonly_rootfs", true));
        assertThat(container.print("echo x >/f; echo y >/dev/shm/f && cat /dev/shm/f"))
                .contains("Read-only file system", "y\n");
    }

    @Test
    void noNewPrivileges() {
        assertThat(start(context -> context.put("no_new_privs", true)).print("grep NoNewPrivs /proc/1/status"))
                .isEqualTo("NoNewPrivs:\t1\n");
    }

    @Test
    void aSeccompProfile() {
        Path profile = Work.write(Work.temporary("profile"), """
                {"defaultAction": "SCMP_ACT_ALLOW", "syscalls":
                  [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]}
                """);
        Container container = start(context ->
                context.putObject("seccomp").put("profile_type", "Localhost").put("localhost_ref", profile.toString()));
        assertThat(container.print("mkdir /d; touch /f && echo made; grep Seccomp: /proc/1/status"))
                .contains("Operation not permitted", "made\n", "Seccomp:\t2\n");
    }

    @Test
    void pathsAreMaskedAndReadOnly() {
        Container container = start(context -> {
            context.putArray("masked_paths").add("/proc/kcore").add("/proc/timer_list");
            context.putArray("readonly_paths").add("/proc/sys");
        });
        assertThat(container.print("head -c 4 /proc/kcore | wc -c; echo x >/proc/sys/kernel/hostname"))
                .contains("0\n")
                .contains("Read-only file system");
    }

    @Test
    void sysctlsOfThePod() {
        Pod pod = pod(config -> config.withObjectProperty("linux")
                .putObject("sysctls")
                .put("net.ipv4.ip_unprivileged_port_start", "80"));
        Container container = pod.start(
                "one", WAIT, config -> context(config).putObject("run_as_user").put("value", 1000));
        assertThat(container.print(
                        "cat /proc/sys/net/ipv4/ip_unprivileged_port_start; timeout 1 httpd -f -p 90; echo $?; "
                                + "timeout 1 httpd -f -p 79"))
                .startsWith("80\n143\n")
                .contains("Permission denied");
    }
}
