package gvj.runtime;

import static org.assertj.core.api.Assertions.assertThatCode;

import gvj.boot.BootException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/**
 * What others write, cut, changed and made up: it is taken, or refused with a sentence, and nothing else happens.
 * {@code -Dgvj.model.seeds=N} tries more.
 */
class HostileTextTest {
    private static final int ROUNDS = 50 * Integer.getInteger("gvj.model.seeds", 200);

    private static final String CONFIG = """
            {"ociVersion": "1.0.2", "hostname": "h\\u00e9", "domainname": "d",
             "process": {"terminal": true, "consoleSize": {"height": 25, "width": 80}, "user": {"uid": 5, "gid": 6, "umask": 18,
               "additionalGids": [7]}, "args": ["/bin/sh", "-c"], "env": ["A=1"], "cwd": "/", "noNewPrivileges": true,
               "capabilities": {"bounding": ["CAP_CHOWN"], "effective": ["CAP_CHOWN"]}, "oomScoreAdj": 100,
               "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 1024, "soft": 18446744073709551615}]},
             "root": {"path": "rootfs", "readonly": true},
             "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
               {"destination": "/data", "type": "bind", "source": "/d", "options": ["rbind", "ro", "mode=755"]},
               {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "size=65536k"]}],
             "annotations": {"io.kubernetes.cri.container-type": "container", "dev.gvisor.flag.debug": "true"},
             "linux": {"namespaces": [{"type": "pid"}, {"type": "mount"}, {"type": "ipc", "path": "/proc/1/ns/ipc"},
                 {"type": "user"}], "uidMappings": [{"containerID": 0, "hostID": 1000, "size": 65536}],
               "gidMappings": [{"containerID": 0, "hostID": 1000, "size": 65536}],
               "resources": {"memory": {"limit": 1048576}, "cpu": {"quota": -1, "period": 100000, "cpus": "0-3,7"},
                 "pids": {"limit": 5}}, "devices": [{"path": "/dev/x", "type": "c", "major": 1, "minor": 3, "fileMode": 438}],
               "sysctl": {"kernel.shmmax": "1"}, "maskedPaths": ["/proc/kcore"], "readonlyPaths": ["/proc/sys"],
               "rootfsPropagation": "slave", "seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"],
                 "syscalls": [{"names": ["read", "write"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 1,
                   "valueTwo": 2, "op": "SCMP_CMP_MASKED_EQ"}]}]}}}
            """;

    private static final String STATISTICS = """
            {"memory": {"usage": 1, "peak": 2, "limit": 9223372036854775807, "oom": 0, "oom_kill": 0, "anon": 1, "cache": 1},
             "cpu": {"user": 1, "system": 2, "periods": 0, "throttled_periods": 0, "throttled_time": 0, "processes": []},
             "pids": {"current": 1, "limit": 32768}, "open_files": 3, "syscalls": 5, "page_faults": 6, "gofer_requests": 7}
            """;

    private static final String[] TOKENS = {
        "null",
        "true",
        "[]",
        "{}",
        "\"\"",
        "-1",
        "0",
        "18446744073709551616",
        "1e400",
        "\"\\u0000\"",
        "[[[[",
        "\"../..\"",
        "4294967295"
    };

    /** As much of {@code seed} as may be, with bytes and words changed. */
    private static byte[] change(Random random, String seed) {
        StringBuilder text = new StringBuilder(seed);
        for (int changes = random.nextInt(4); changes > 0; changes--) {
            int at = random.nextInt(text.length());
            if (random.nextBoolean()) {
                text.setCharAt(at, (char) random.nextInt(256));
                continue;
            }
            int end = at; // a value becomes another
            while (end < text.length() && ",}]:".indexOf(text.charAt(end)) < 0) {
                end++;
            }
            text.replace(Math.min(text.lastIndexOf(":", at) + 1, end), end, TOKENS[random.nextInt(TOKENS.length)]);
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
        return random.nextInt(4) > 0 ? bytes : Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
    }

    private static void onlyWithASentence(byte[] text, ThrowingCallable reader) {
        assertThatCode(() -> {
                    try {
                        reader.call();
                    } catch (BootException | UsageException | ToolException e) {
                        if (e.getMessage().isBlank() || e.getMessage().indexOf('\n') >= 0) {
                            throw new AssertionError("no sentence: " + e.getMessage(), e);
                        }
                    }
                })
                .as(new String(text, StandardCharsets.ISO_8859_1))
                .doesNotThrowAnyException();
    }

    @Test
    void aConfiguration() throws BootException {
        Random random = new Random(1);
        FurtherBundles reader = new FurtherBundles(BootMessageTest.message());
        for (int round = 0; round < ROUNDS; round++) {
            byte[] config = change(random, CONFIG);
            onlyWithASentence(config, () -> reader.parse("id", "/b", config, true, 1 << 30));
        }
    }

    @Test
    void aProcess() {
        Random random = new Random(2);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] json =
                    change(random, CONFIG.substring(CONFIG.indexOf("{\"terminal\""), CONFIG.indexOf(",\n \"root\"")));
            onlyWithASentence(
                    json,
                    () -> new ProcessJson(new gvj.boot.ProcessSpec.Privileges(true, 0, 0, 0, 0, 0, false)).parse(json));
        }
    }

    @Test
    void limits() {
        Random random = new Random(3);
        String seed =
                "{\"memory\": {\"limit\": 1048576}, \"cpu\": {\"quota\": 5, \"period\": 100000, \"cpus\": \"0-3\"}}";
        for (int round = 0; round < ROUNDS; round++) {
            byte[] json = change(random, seed);
            onlyWithASentence(
                    json,
                    () -> new ResourcesJson().parse(json, new gvj.boot.BootSpec.Limits(1 << 30, 2, 0, 0, 100_000)));
        }
    }

    @Test
    void statistics() {
        Random random = new Random(4);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] json = change(random, STATISTICS);
            onlyWithASentence(json, () -> EventsCommand.data(Cgroups.NONE, Json.parse("the Sentry's answer", json)));
        }
    }

    @Test
    void anything() {
        Random random = new Random(5);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = random.nextBoolean() ? (byte) "{}[]\",:\\u0-9eE.".charAt(random.nextInt(15)) : bytes[i];
            }
            onlyWithASentence(bytes, () -> Json.parse("text", bytes));
        }
    }
}
