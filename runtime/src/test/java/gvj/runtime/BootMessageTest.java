package gvj.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import gvj.boot.BootSpec;
import gvj.boot.MountSpec;
import gvj.boot.ProcessSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class BootMessageTest {
    /** A message as the launcher would send it for {@code gvj do --cwd=/x true}. */
    static BootMessage message(String... arguments) {
        return new BootMessage(
                9,
                2,
                -1,
                -1,
                List.of(3, 4, 5, 6),
                false,
                true,
                24,
                80,
                2048,
                0,
                1000,
                100,
                List.of(4, 24),
                List.of(0, 1, 2),
                "id",
                "/home",
                "here",
                List.of(arguments),
                List.of("A=1", "B=2"),
                new byte[0]);
    }

    private static BootSpec doSpec(String... words) throws UsageException {
        return DoSpec.of(Options.parse(Command.DO, List.of(words)), message());
    }

    @Test
    void bytesBecomeChars() throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);
        for (int number : new int[] {3, 9, 2, -1, -1, 3, 4, 3, 1, 1, 24, 80, 2048, 5, 0, 7, 1, 2, 1, 3}) {
            bytes.putInt(number);
        }
        bytes.putInt(99)
                .putInt(20)
                .putInt(21)
                .putInt(22)
                .put("id\0/\0host\0do\0\377x\0A=\0{}!".getBytes(StandardCharsets.ISO_8859_1));
        BootMessage message = BootMessage.parse(bytes.array());
        assertThat(message.channels()).containsExactly(3, 4);
        assertThat(message.cpus()).isEqualTo(5);
        assertThat(message.groups()).containsExactly(99);
        assertThat(message.stdio()).containsExactly(20, 21, 22);
        assertThat(message.gated()).isTrue();
        assertThat(message.arguments()).containsExactly("do", "\377x");
        assertThat(message.environment()).containsExactly("A=");
        assertThat(message.config()).containsExactly('{', '}', '!');
    }

    @Test
    void doTakesWhatTheCallerHas() throws UsageException {
        BootSpec spec = doSpec("true");
        assertThat(spec.first().process().cwd()).isEqualTo("/home");
        assertThat(spec.first().process().env()).containsExactly("A=1", "B=2");
        assertThat(spec.first().process().user()).isEqualTo(new ProcessSpec.User("", 1000, 100, List.of(4, 24), 0022));
        assertThat(spec.first().namespaces().hostname()).isEqualTo("here");
        assertThat(spec.first().limits().memory()).isEqualTo(2048L << 20);
        assertThat(spec.first().mounts()).first().isEqualTo(MountSpec.gofer("/", 0, false, true));
    }

    @Test
    void doTakesOptions() throws UsageException {
        BootSpec spec = doSpec(
                "--env=A=3",
                "--user=5:6",
                "--volume=/a:/b:ro",
                "--volume=/c:/d",
                "--strace-syscalls=open",
                "--plugin-path=p.jar:/q.jar",
                "--",
                "ls",
                "-l");
        assertThat(spec.first().process().args()).containsExactly("ls", "-l");
        assertThat(spec.first().process().env()).containsExactly("B=2", "A=3");
        assertThat(spec.first().process().user()).isEqualTo(new ProcessSpec.User("", 5, 6, List.of(), 0022));
        assertThat(spec.first().mounts())
                .endsWith(MountSpec.gofer("/b", 1, true, false), MountSpec.gofer("/d", 2, false, false));
        assertThat(spec.tracing()).isEqualTo(new BootSpec.Tracing(false, true, List.of("open")));
        assertThat(spec.pluginPath()).containsExactly("/home/p.jar", "/q.jar");
        assertThat(doSpec("--user=daemon", "id").first().process().user().name())
                .isEqualTo("daemon");
    }

    @Test
    void doNamesWhatIsWrong() {
        assertThatThrownBy(() -> doSpec()).hasMessageContaining("no command given");
        assertThatThrownBy(() -> doSpec("--cwd=x", "ls")).hasMessageContaining("--cwd: \"x\" is not an absolute path");
        assertThatThrownBy(() -> doSpec("--volume=/a", "ls")).hasMessageContaining("is not SRC:DST");
        assertThatThrownBy(() -> doSpec("--volume=/a:b", "ls")).hasMessageContaining("is not SRC:DST");
        assertThatThrownBy(() -> doSpec("--env=A", "ls")).hasMessageContaining("is not NAME=VALUE");
        assertThatThrownBy(() -> doSpec("--user=1x", "ls")).hasMessageContaining("is not a user or group number");
        assertThatThrownBy(() -> doSpec("--platform=z", "ls")).hasMessageContaining("is none of auto, kvm, systrap");
    }
}
