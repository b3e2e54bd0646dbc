package gvj.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import gvj.abi.Errno;
import gvj.abi.Seccomp;
import gvj.abi.SyscallNumbers;
import gvj.boot.BootException;
import gvj.kernel.BpfPrograms;
import gvj.syscalls.Syscall;
import gvj.syscalls.SyscallTable;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SeccompJsonTest {
    private static final Map<String, Integer> NUMBERS = new HashMap<>();

    static {
        for (Syscall row : SyscallTable.standard().rows()) {
            NUMBERS.put(row.name(), row.number());
        }
    }

    private static final int ALLOW = Seccomp.SECCOMP_RET_ALLOW;
    private static final int KILL = Seccomp.SECCOMP_RET_KILL_PROCESS;
    private static final int EPERM = Seccomp.SECCOMP_RET_ERRNO | Errno.EPERM;
    private static final int ENOSYS = Seccomp.SECCOMP_RET_ERRNO | Errno.ENOSYS;

    private static long[] compile(String json) throws BootException {
        Json seccomp = Json.parse("x", json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        return SeccompJson.compile(seccomp, NUMBERS).program();
    }

    private static int run(long[] program, int number, long... arguments) {
        return BpfPrograms.run(program, Seccomp.AUDIT_ARCH_X86_64, number, arguments);
    }

    @Test
    void listedCallsHaveTheirActionAndOthersTheDefault() throws BootException {
        long[] program = compile("""
                {'defaultAction': 'SCMP_ACT_ERRNO', 'syscalls': [
                  {'names': ['read', 'write', 'close', 'no_such_call', 'exit_group'], 'action': 'SCMP_ACT_ALLOW'},
                  {'names': ['getpid'], 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 5},
                  {'names': ['kill'], 'action': 'SCMP_ACT_TRAP'},
                  {'names': ['fork'], 'action': 'SCMP_ACT_TRACE', 'errnoRet': 7},
                  {'names': ['vfork'], 'action': 'SCMP_ACT_LOG'},
                  {'names': ['uname'], 'action': 'SCMP_ACT_KILL'},
                  {'names': ['clone3'], 'action': 'SCMP_ACT_KILL_PROCESS'}]}""");
        assertThat(run(program, SyscallNumbers.SYS_read)).isEqualTo(ALLOW);
        assertThat(run(program, SyscallNumbers.SYS_write)).isEqualTo(ALLOW);
        assertThat(run(program, SyscallNumbers.SYS_open)).isEqualTo(EPERM);
        assertThat(run(program, SyscallNumbers.SYS_close)).isEqualTo(ALLOW);
        assertThat(run(program, SyscallNumbers.SYS_exit_group)).isEqualTo(ALLOW);
        assertThat(run(program, SyscallNumbers.SYS_getpid)).isEqualTo(Seccomp.SECCOMP_RET_ERRNO | 5);
        assertThat(run(program, SyscallNumbers.SYS_kill)).isEqualTo(Seccomp.SECCOMP_RET_TRAP);
        assertThat(run(program, SyscallNumbers.SYS_fork)).isEqualTo(Seccomp.SECCOMP_RET_TRACE | 7);
        assertThat(run(program, SyscallNumbers.SYS_vfork)).isEqualTo(Seccomp.SECCOMP_RET_LOG);
        assertThat(run(program, SyscallNumbers.SYS_uname)).isEqualTo(Seccomp.SECCOMP_RET_KILL_THREAD);
        assertThat(run(program, SyscallNumbers.SYS_clone3)).isEqualTo(KILL);
        assertThat(run(program, SyscallNumbers.SYS_clone3 + 1))
                .as("newer than the list")
                .isEqualTo(ENOSYS);
        assertThat(run(program, -1)).isEqualTo(ENOSYS);
    }

    @Test
    void everyNumberAloneIsWhatTheListSays() throws BootException {
        StringBuilder names = new StringBuilder();
        Map<Integer, Integer> expected = new HashMap<>();
        for (Syscall row : SyscallTable.standard().rows()) {
            if (row.number() % 3 != 0) {
                names.append(names.isEmpty() ? "'" : ", '").append(row.name()).append('\'');
                expected.put(row.number(), EPERM);
            }
        }
        long[] program = compile("{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'names': [" + names
                + "], 'action': 'SCMP_ACT_ERRNO'}]}");
        for (int number = 0; number < 600; number++) {
            assertThat(run(program, number)).as("number %d", number).isEqualTo(expected.getOrDefault(number, ALLOW));
        }
    }

    @Test
    void otherArchitecturesAreKilled() throws BootException {
        long[] program = compile("{'defaultAction': 'SCMP_ACT_ALLOW', 'architectures': ['SCMP_ARCH_X86_64']}");
        assertThat(run(program, 0)).isEqualTo(ALLOW);
        assertThat(BpfPrograms.run(program, Seccomp.AUDIT_ARCH_I386, 3)).isEqualTo(KILL);
        assertThat(run(program, 0x4000_0000)).isEqualTo(KILL);
        long[] withX32 = compile("{'defaultAction': 'SCMP_ACT_ALLOW', 'architectures': ['SCMP_ARCH_X32']}");
        assertThat(run(withX32, 0x4000_0000)).isEqualTo(ENOSYS);
    }

    @ParameterizedTest
    @CsvSource({
        "SCMP_CMP_EQ, 0x100000005, 0x100000005, true",
        "SCMP_CMP_EQ, 0x100000005, 0x5, false",
        "SCMP_CMP_NE, 0x100000005, 0x5, true",
        "SCMP_CMP_NE, 0x100000005, 0x100000006, true",
        "SCMP_CMP_NE, 0x100000005, 0x100000005, false",
        "SCMP_CMP_GT, 5, 5, false",
        "SCMP_CMP_GT, 5, 6, true",
        "SCMP_CMP_GT, 5, 0x100000000, true",
        "SCMP_CMP_GT, 0x100000000, 0xffffffff, false",
        "SCMP_CMP_GT, 0x100000000, 0x100000001, true",
        "SCMP_CMP_GE, 5, 5, true",
        "SCMP_CMP_GE, 5, 4, false",
        "SCMP_CMP_GE, 0x100000000, 0x200000000, true",
        "SCMP_CMP_GE, 0x7fffffffffffffff, 0xffffffffffffffff, true",
        "SCMP_CMP_LT, 5, 4, true",
        "SCMP_CMP_LT, 5, 5, false",
        "SCMP_CMP_LT, 0x100000000, 0xffffffff, true",
        "SCMP_CMP_LT, 0x100000000, 0x100000000, false",
        "SCMP_CMP_LE, 5, 5, true",
        "SCMP_CMP_LE, 5, 6, false",
        "SCMP_CMP_LE, 5, 0x100000000, false",
        "SCMP_CMP_LE, 0x100000005, 0x100000005, true",
    })
    void argumentsAreComparedAsUnsigned64Bits(String op, String value, String argument, boolean holds)
            throws BootException {
        long[] program = compile("""
                {'defaultAction': 'SCMP_ACT_ERRNO', 'syscalls': [{'names': ['socket'], 'action': 'SCMP_ACT_ALLOW',
                  'args': [{'index': 2, 'op': '%s', 'value': %s}]}]}""".formatted(op, number(value)));
        long word = Long.parseUnsignedLong(number(argument));
        assertThat(run(program, SyscallNumbers.SYS_socket, 0, 0, word)).isEqualTo(holds ? ALLOW : EPERM);
    }

    private static String number(String text) {
        return text.startsWith("0x") ? Long.toUnsignedString(Long.parseUnsignedLong(text.substring(2), 16)) : text;
    }

    @Test
    void conditionsOfOneRuleHoldTogetherAndRulesOneByOne() throws BootException {
        long[] program = compile("""
                {'defaultAction': 'SCMP_ACT_ERRNO', 'syscalls': [
                  {'names': ['clone'], 'action': 'SCMP_ACT_ALLOW',
                   'args': [{'index': 0, 'op': 'SCMP_CMP_MASKED_EQ', 'value': 2114060288, 'valueTwo': 0},
                            {'index': 5, 'op': 'SCMP_CMP_EQ', 'value': 1}]},
                  {'names': ['clone'], 'action': 'SCMP_ACT_TRAP', 'args': [{'index': 1, 'op': 'SCMP_CMP_EQ', 'value': 9}]},
                  {'names': ['personality'], 'action': 'SCMP_ACT_ALLOW', 'args': [
                    {'index': 0, 'op': 'SCMP_CMP_EQ', 'value': 0}, {'index': 0, 'op': 'SCMP_CMP_EQ', 'value': 8}]}]}""");
        int clone = SyscallNumbers.SYS_clone;
        assertThat(run(program, clone, 0x11, 0, 0, 0, 0, 1)).isEqualTo(ALLOW);
        assertThat(run(program, clone, 0x11, 0, 0, 0, 0, 2)).isEqualTo(EPERM);
        assertThat(run(program, clone, 0x1000_0000, 0, 0, 0, 0, 1)).isEqualTo(EPERM);
        assertThat(run(program, clone, 0x1000_0000, 9, 0, 0, 0, 1)).isEqualTo(Seccomp.SECCOMP_RET_TRAP);
        int personality = SyscallNumbers.SYS_personality;
        assertThat(run(program, personality, 0)).isEqualTo(ALLOW);
        assertThat(run(program, personality, 8)).isEqualTo(ALLOW);
        assertThat(run(program, personality, 1)).isEqualTo(EPERM);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|defaultAction is missing or empty",
                "{'defaultAction': 'SCMP_ACT_X'}|defaultAction is \"SCMP_ACT_X\", which is no action of seccomp",
                "{'defaultAction': 'SCMP_ACT_NOTIFY'}|defaultAction is SCMP_ACT_NOTIFY",
                "{'defaultAction': 'SCMP_ACT_ALLOW', 'flags': ['X']}|flags[0] is \"X\"",
                "{'defaultAction': 'SCMP_ACT_ALLOW', 'architectures': ['X']}|architectures[0] is \"X\"",
                "{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{}]}|syscalls[0].names must name a system call",
                "{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'names': ['read'], 'action': 'SCMP_ACT_ERRNO',"
                        + " 'args': [{'index': 6, 'op': 'SCMP_CMP_EQ'}]}]}|args[0].index must be a whole number from 0 to 5",
                "{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'names': ['read'], 'action': 'SCMP_ACT_ERRNO',"
                        + " 'args': [{'index': 0, 'op': 'X'}]}]}|args[0].op is \"X\"",
            })
    void whatIsWrongIsNamed(String json, String message) {
        assertThatThrownBy(() -> compile(json)).hasMessageContaining(message);
    }
}
