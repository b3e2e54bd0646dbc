package gvj.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import gvj.abi.Capability;
import gvj.abi.Sched;
import gvj.boot.BootException;
import gvj.boot.ProcessSpec;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessJsonTest {
    private static final ProcessSpec.Privileges CONTAINER = new ProcessSpec.Privileges(true, 7, 6, 5, 4, 3, true);

    private static ProcessSpec parse(String json) throws BootException {
        return new ProcessJson(CONTAINER).parse(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void everyFieldCounts() throws BootException {
        ProcessSpec process = parse("""
                {'args': ['a', 'ä'], 'env': ['X=1', 'Y'], 'cwd': '/w', 'terminal': true,
                 'consoleSize': {'height': 24, 'width': 80}, 'noNewPrivileges': true, 'oomScoreAdj': -2000,
                 'user': {'uid': 4294967294, 'gid': 2, 'umask': 63, 'additionalGids': [3, 4], 'username': 'ignored'},
                 'capabilities': {'bounding': ['CAP_CHOWN', 'CAP_KILL'], 'effective': ['CAP_KILL'],
                   'inheritable': ['CAP_SETUID'], 'permitted': ['CAP_CHECKPOINT_RESTORE'], 'ambient': ['CAP_NEW']},
                 'rlimits': [{'type': 'RLIMIT_NOFILE', 'soft': 10, 'hard': 18446744073709551615},
                   {'type': 'RLIMIT_AS', 'soft': 1, 'hard': 2}],
                 'apparmorProfile': 'x', 'selinuxLabel': 'y', 'unknown': {'a': []}}""");
        assertThat(process.args()).containsExactly("a", "\u00c3\u00a4");
        assertThat(process.env()).containsExactly("X=1", "Y");
        assertThat(process.cwd()).isEqualTo("/w");
        assertThat(process.terminal()).isEqualTo(new ProcessSpec.Terminal(true, 24, 80));
        assertThat(process.user()).isEqualTo(new ProcessSpec.User("", -2, 2, List.of(3, 4), 077));
        assertThat(process.oomScoreAdj()).isEqualTo(-1000);
        assertThat(process.privileges())
                .isEqualTo(new ProcessSpec.Privileges(
                        true,
                        1L << Capability.CAP_CHOWN | 1L << Capability.CAP_KILL,
                        1L << Capability.CAP_KILL,
                        1L << Capability.CAP_SETUID,
                        1L << Capability.CAP_CHECKPOINT_RESTORE,
                        0,
                        true));
        assertThat(process.rlimits())
                .containsExactly(
                        new ProcessSpec.Limit(Sched.RLIMIT_NOFILE, 10, -1),
                        new ProcessSpec.Limit(Sched.RLIMIT_AS, 1, 2));
    }

    @Test
    void withoutCapabilitiesItHasTheContainers() throws BootException {
        ProcessSpec process = parse("{'args': ['a'], 'cwd': '/'}");
        assertThat(process.privileges()).isEqualTo(new ProcessSpec.Privileges(true, 7, 6, 5, 4, 3, false));
        assertThat(process.user()).isEqualTo(ProcessSpec.User.ROOT);
        assertThat(process.terminal()).isEqualTo(ProcessSpec.Terminal.NONE);
        assertThat(process.env()).isEmpty();
        assertThat(process.oomScoreAdj()).isZero();
    }

    @Test
    void everyNameHasItsNumber() {
        assertThat(Names.capability("CAP_SYS_ADMIN")).isEqualTo(Capability.CAP_SYS_ADMIN);
        assertThat(Names.capability("CAP_SETFCAP")).isEqualTo(Capability.CAP_SETFCAP);
        assertThat(Names.capability("CAP_BPF")).isEqualTo(Capability.CAP_BPF);
        assertThat(Names.capability("SYS_ADMIN")).isEqualTo(-1);
        assertThat(Names.capability("CAP_")).isEqualTo(-1);
        assertThat(Names.rlimit("RLIMIT_RTTIME")).isEqualTo(Sched.RLIMIT_RTTIME);
        assertThat(Names.rlimit("RLIMIT_MEMLOCK")).isEqualTo(Sched.RLIMIT_MEMLOCK);
        assertThat(Names.rlimit("NOFILE")).isEqualTo(-1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[]|process: the document must be an object",
                "{'cwd': '/'}|process: args must name a program",
                "{'args': 'a', 'cwd': '/'}|process: args must be an array",
                "{'args': ['a', 1], 'cwd': '/'}|process: args[1] must be a string",
                "{'args': ['a\\u0000'], 'cwd': '/'}|process: args[0] must not contain a NUL character",
                "{'args': ['a']}|process: cwd is missing or empty",
                "{'args': ['a'], 'cwd': 'x'}|process: cwd must be an absolute path",
                "{'args': ['a'], 'cwd': '/', 'env': {}}|process: env must be an array",
                "{'args': ['a'], 'cwd': '/', 'user': {'uid': -1}}|process: user.uid must be a whole number from 0",
                "{'args': ['a'], 'cwd': '/', 'user': {'uid': 4294967295}}|process: user.uid must be a whole number",
                "{'args': ['a'], 'cwd': '/', 'user': {'gid': 'x'}}|process: user.gid must be a whole number from 0",
                "{'args': ['a'], 'cwd': '/', 'user': {'umask': 512}}|process: user.umask must be a whole number",
                "{'args': ['a'], 'cwd': '/', 'user': {'additionalGids': [1, -2]}}|process: user.additionalGids[1] must",
                "{'args': ['a'], 'cwd': '/', 'terminal': 'yes'}|process: terminal must be true or false",
                "{'args': ['a'], 'cwd': '/', 'terminal': true, 'consoleSize': {'height': 70000}}|consoleSize.height must",
                "{'args': ['a'], 'cwd': '/', 'capabilities': {'bounding': 'CAP_CHOWN'}}|capabilities.bounding must be an",
                "{'args': ['a'], 'cwd': '/', 'rlimits': [{'type': 'RLIMIT_X'}]}|rlimits[0].type is \"RLIMIT_X\", which is",
                "{'args': ['a'], 'cwd': '/', 'rlimits': [{'type': 'RLIMIT_AS', 'soft': 2, 'hard': 1}]}|rlimits[0].soft is",
                "{'args': ['a'], 'cwd': '/', 'rlimits': [{'type': 'RLIMIT_AS', 'soft': -1}]}|rlimits[0].soft must be",
                "{'args': ['a'], 'cwd': '/', 'noNewPrivileges': 1}|process: noNewPrivileges must be true or false",
                "{'args': ['a'], 'cwd': '/', 'oomScoreAdj': 1.5}|process: oomScoreAdj must be a whole number",
            })
    void whatIsWrongIsNamedByItsPath(String json, String message) {
        assertThatThrownBy(() -> parse(json)).isInstanceOf(BootException.class).hasMessageContaining(message);
    }
}
