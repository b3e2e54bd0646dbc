package gvj.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import gvj.syscalls.SyscallTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** docs/syscalls.md is what the table says, and not what it said once. */
class SyscallDocsTest {
    @Test
    void theTableInTheDocsIsTheTable() throws Exception {
        Options options = Options.parse(Command.SYSCALLS, List.of("--format=markdown"));
        String table = SyscallList.print(SyscallTable.standard(), options);
        assertThat(Files.readString(Path.of("../docs/syscalls.md")))
                .as("run: docs/update")
                .endsWith("\n" + table);
    }
}
