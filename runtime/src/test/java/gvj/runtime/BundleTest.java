package gvj.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import gvj.boot.BootException;
import gvj.boot.BootSpec;
import gvj.boot.DeviceSpec;
import gvj.boot.MountSpec;
import gvj.boot.ProcessSpec;
import gvj.kernel.IdMap;
import gvj.vfs.Mount;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BundleTest {
    private static final String PROCESS = """
            "process": {"args": ["/bin/sh", "-c", "id"], "env": ["A=1"], "cwd": "/", "user": {"uid": 5, "gid": 6,
              "additionalGids": [7]}, "terminal": true}""";

    private static final String ROOT = ", 'root': {'path': 'r'}";

    private static Bundle bundle(String members) throws BootException {
        return Bundle.parse("/b", ("{" + members.replace('\'', '"') + "}").getBytes(StandardCharsets.UTF_8));
    }

    private static BootSpec spec(Bundle bundle, String... options) throws BootException, UsageException {
        return bundle.spec(Options.parse(Command.RUN, List.of(options)), BootMessageTest.message());
    }

    private static BootSpec spec(String members, String... options) throws BootException, UsageException {
        return spec(bundle(members), options);
    }

    @Test
    void aBundleBecomesABootSpec() throws Exception {
        String members = PROCESS + ", 'ociVersion': '1.0.2-dev', 'hostname': 'h', 'domainname': 'd', 'unknown': [{}],"
                + " 'root': {'path': 'rootfs', 'readonly': true}";
        Bundle bundle = bundle(members);
        BootSpec spec = spec(bundle);
        assertThat(spec.first().process().args()).containsExactly("/bin/sh", "-c", "id");
        assertThat(spec.first().process().env()).containsExactly("A=1");
        assertThat(spec.first().process().user()).isEqualTo(new ProcessSpec.User("", 5, 6, List.of(7), 0022));
        assertThat(spec.first().process().privileges())
                .isEqualTo(new ProcessSpec.Privileges(true, 0, 0, 0, 0, 0, false));
        assertThat(spec.first().namespaces().hostname()).isEqualTo("h");
        assertThat(spec.first().namespaces().domainname()).isEqualTo("d");
        assertThat(spec.first().init()).isTrue();
        assertThat(spec.first().process().terminal().rows()).isEqualTo(24);
        assertThat(spec.first().limits()).isEqualTo(new BootSpec.Limits(2048L << 20, 0, 0));
        assertThat(spec.first().seccomp()).isSameAs(BootSpec.SeccompProfile.NONE);
        assertThat(spec.first().mounts()).containsExactly(MountSpec.gofer("/", 0, true, false));
        assertThat(bundle.trees()).containsExactly("rw /b/rootfs"); // the Sentry seals it
        assertThat(bundle.notes()).isEmpty();
    }

    @Test
    void mountsAreTheGofersOrTheSentrys() throws Exception {
        Bundle bundle = bundle(PROCESS + """
                , 'root': {'path': '/r'}, 'mounts': [
                  {'destination': '/proc', 'type': 'proc', 'source': 'proc'},
                  {'destination': '/dev', 'type': 'tmpfs', 'options': ['nosuid', 'mode=755', 'size=64k']},
                  {'destination': '/data', 'source': '/host', 'options': ['rbind', 'ro', 'rprivate', 'nodev']},
                  {'destination': 'relative', 'type': 'bind', 'source': 'here'},
                  {'destination': '/t', 'type': 'tmpfs', 'options': ['noexec', 'exec', 'noatime', 'nr_inodes=5', 'x']},
                  {'destination': '/c', 'type': 'cgroup', 'options': ['nosuid', 'strictatime']}]""");
        assertThat(spec(bundle).first().mounts())
                .containsExactly(
                        MountSpec.gofer("/", 0, false, false),
                        MountSpec.internal("/proc", "proc", ""),
                        new MountSpec(
                                "/dev", "devtmpfs", -1, Mount.RELATIME | Mount.NOSUID, false, "mode=755,size=64k"),
                        new MountSpec("/data", "gofer", 1, Mount.RELATIME | Mount.RDONLY | Mount.NODEV, false, ""),
                        MountSpec.gofer("/relative", 2, false, false),
                        new MountSpec("/t", "tmpfs", -1, Mount.NOATIME, false, "nr_inodes=5,x"),
                        new MountSpec("/c", "cgroup2", -1, Mount.NOSUID, false, ""));
        assertThat(bundle.trees()).containsExactly("rw /r", "ro /host", "rw /b/here");
    }

    @Test
    void withAnOverlayTheHostIsOnlyRead() throws Exception {
        String members = PROCESS + ROOT + """
                , 'mounts': [{'destination': '/w', 'type': 'bind', 'source': '/w'},
                  {'destination': '/r', 'type': 'bind', 'source': '/r', 'options': ['ro']}]""";
        Bundle root = bundle(members);
        assertThat(spec(root, "--overlay2=root:memory").first().mounts().get(0).overlay())
                .isTrue();
        assertThat(root.trees()).containsExactly("ro /b/r", "rw /w", "ro /r");
        Bundle disk = bundle(members);
        MountSpec first = spec(disk, "--overlay2=root:self").first().mounts().get(0);
        assertThat(first.overlay()).isTrue();
        assertThat(first.upperIndex()).isEqualTo(1);
        assertThat(disk.trees()).containsExactly("ro /b/r", "up /b/r.gvj-id", "rw /w", "ro /r");
        Bundle kept = bundle(members);
        assertThat(spec(kept, "--overlay2=root:dir=/d").first().mounts().get(1).goferIndex())
                .isEqualTo(2);
        assertThat(kept.trees()).containsExactly("ro /b/r", "uk /d/gvj-id", "rw /w", "ro /r");
        Bundle all = bundle(members);
        assertThat(spec(all, "--overlay2=all:memory").first().mounts().get(1).overlay())
                .isTrue();
        assertThat(all.trees()).containsExactly("ro /b/r", "ro /w", "ro /r");
    }

    @Test
    void tenThousandMountsAreNoMatter() throws Exception {
        StringBuilder mounts = new StringBuilder(PROCESS + ROOT + ", 'mounts': [");
        for (int i = 0; i < 10_000; i++) {
            mounts.append(i == 0 ? "" : ",")
                    .append("{'destination': '/m/")
                    .append(i)
                    .append("', 'type': 'bind', 'source': '/s")
                    .append(i)
                    .append("', 'options': ['rbind', 'ro']}");
        }
        Bundle bundle = bundle(mounts.append(']').toString());
        assertThat(spec(bundle).first().mounts()).hasSize(10_001);
        assertThat(bundle.trees()).hasSize(10_001);
    }

    @Test
    void linuxHasLimitsPathsAndSysctls() throws Exception {
        Bundle bundle = bundle(PROCESS + ROOT + """
                , 'linux': {
                  'namespaces': [{'type': 'pid'}, {'type': 'network', 'path': '/run/netns/x'}, {'type': 'cgroup'}],
                  'uidMappings': [{'containerID': 0, 'hostID': 1000, 'size': 1}],
                  'resources': {'memory': {'limit': 1048576000}, 'cpu': {'quota': 150000, 'period': 100000},
                    'pids': {'limit': 9}},
                  'devices': [{'path': '/dev/fuse', 'type': 'c', 'major': 10, 'minor': 229},
                    {'path': '/dev/null', 'type': 'c', 'major': 1, 'minor': 3}],
                  'maskedPaths': ['/proc/kcore'], 'readonlyPaths': ['/proc/sys'],
                  'sysctl': {'net.ipv4.ping_group_range': '0 1'}, 'rootfsPropagation': 'rslave',
                  'mountLabel': 'x', 'seccomp': {'defaultAction': 'SCMP_ACT_ALLOW'}}""");
        BootSpec spec = spec(bundle, "--memory=2g", "--oci-seccomp");
        assertThat(spec.first().limits()).isEqualTo(new BootSpec.Limits(1048576000, 2, 9, 150_000, 100_000));
        assertThat(spec.first().devices())
                .containsExactly(
                        new DeviceSpec("/dev/fuse", 0020600, 10, 229, 0, 0),
                        new DeviceSpec("/dev/null", 0020600, 1, 3, 0, 0));
        assertThat(spec.first().maskedPaths()).containsExactly("/proc/kcore");
        assertThat(spec.first().readonlyPaths()).containsExactly("/proc/sys");
        assertThat(spec.first().sysctls()).containsExactly(Map.entry("net.ipv4.ping_group_range", "0 1"));
        assertThat(spec.first().seccomp().program()).isNotEmpty();
        assertThat(bundle.notes())
                .containsExactly("config.json: linux.mountLabel is ignored: there is no SELinux inside a sandbox");
        assertThat(spec(PROCESS + ROOT + ", 'linux': {'resources': {'memory': {'limit': -1}}}")
                        .first()
                        .limits()
                        .memory())
                .isEqualTo(2048L << 20);
    }

    @Test
    void idsAreMappedInAUserNamespace() throws Exception {
        String mappings = "'uidMappings': [{'containerID': 0, 'hostID': 1000, 'size': 1}, "
                + "{'containerID': 5, 'hostID': 100000, 'size': 10}], "
                + "'gidMappings': [{'containerID': 0, 'hostID': 7, 'size': 9}]}";
        BootSpec spec = spec(PROCESS + ROOT + ", 'linux': {'namespaces': [{'type': 'user'}], " + mappings);
        assertThat(spec.uids().lines())
                .isEqualTo("         0       1000          1\n         5     100000         10\n");
        assertThat(spec.gids().lines()).isEqualTo("         0          7          9\n");
        spec = spec(PROCESS + ROOT + ", 'linux': {'namespaces': [{'type': 'pid'}], " + mappings);
        assertThat(spec.uids()).isEqualTo(IdMap.ALL);
    }

    @Test
    void annotationsAreText() throws Exception {
        assertThat(bundle("'annotations': {'a.b': 'c'}").annotations()).containsExactly(Map.entry("a.b", "c"));
        assertThatThrownBy(() -> bundle("'annotations': {'a': 1}").annotations())
                .hasMessage("/b/config.json: annotations.a must be a string");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'mounts': [{'type': 'proc'}]|mounts[0].destination is missing or empty",
                "'mounts': {}|mounts must be an array",
                "'mounts': [{'destination': '/x', 'type': 'zfs'}]|mounts[0].type is \"zfs\", which is no file system of the",
                "'mounts': [{'destination': '/x'}]|mounts[0].type is missing, and the mount is no bind mount",
                "'mounts': [{'destination': '/x', 'type': 'bind'}]|mounts[0].source is missing or empty",
                "'mounts': [{'destination': '/x', 'type': 'proc', 'options': 'ro'}]|mounts[0].options must be an array",
                "'mounts': [{'destination': '/x', 'type': 'bind', 'source': '/', 'options': ['idmap']}]|options[0] is",
                "'ociVersion': '2.0.0'|ociVersion is \"2.0.0\"; bundles of version 1",
                "'hostname': 5|hostname must be a string",
                "'linux': []|linux must be an object",
                "'linux': {'namespaces': [{'type': 'x'}]}|linux.namespaces[0].type is \"x\", which is no kind of namespace",
                "'linux': {'namespaces': [{}]}|linux.namespaces[0].type is missing or empty",
                "'linux': {'namespaces': [{'type': 'ipc', 'path': '/p'}]}|linux.namespaces[0].path is /p: a sandbox cannot",
                "'linux': {'namespaces': [{'type': 'network', 'path': 'p'}]}|namespaces[0].path must be an absolute path",
                "'linux': {'namespaces': [{'type': 'user'}], 'uidMappings': [{'size': -9}]}|linux.uidMappings[0].size must be",
                "'linux': {'devices': [{'path': '/dev/x', 'type': 'q'}]}|linux.devices[0].type is \"q\", which is none of",
                "'linux': {'maskedPaths': ['x']}|linux.maskedPaths[0] must be an absolute path",
                "'linux': {'readonlyPaths': [5]}|linux.readonlyPaths[0] must be a string",
                "'linux': {'sysctl': {'a': 5}}|linux.sysctl.a must be a string",
                "'linux': {'rootfsPropagation': 'x'}|linux.rootfsPropagation is \"x\"",
                "'linux': {'resources': {'memory': {'limit': 'x'}}}|linux.resources.memory.limit must be a whole number",
            })
    void whatIsWrongIsNamedByItsPath(String member, String message) {
        assertThatThrownBy(() -> spec(PROCESS + ROOT + ", " + member))
                .hasMessageContaining("/b/config.json: ")
                .hasMessageContaining(message);
    }

    @Test
    void whatIsMissingIsNamed() {
        assertThatThrownBy(() -> spec(PROCESS)).hasMessage("/b/config.json: root is missing");
        assertThatThrownBy(() -> spec("'root': {'path': 'r'}")).hasMessage("/b/config.json: process is missing");
        assertThatThrownBy(() -> spec("'process': {'args': []}" + ROOT))
                .hasMessage("/b/config.json: process.args must name a program");
        assertThatThrownBy(() -> spec(PROCESS + ", 'root': {}"))
                .hasMessage("/b/config.json: root.path is missing or empty");
        assertThatThrownBy(() -> bundle("'a'")).hasMessageStartingWith("/b/config.json: line 1: ");
    }
}
