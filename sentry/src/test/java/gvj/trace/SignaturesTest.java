package gvj.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;

import gvj.syscalls.Support;
import gvj.syscalls.Syscall;
import gvj.syscalls.SyscallTable;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SignaturesTest {
    @Test
    void everyImplementedCallIsDescribed() {
        List<String> missing = new ArrayList<>();
        for (Syscall row : SyscallTable.standard().rows()) {
            if (row.support() != Support.NONE && Signatures.of(row.name()) == Signature.UNKNOWN) {
                missing.add(row.name());
            }
        }
        assertEquals(List.of(), missing);
    }

    @Test
    void kindsAndResultAreParsed() {
        Signature signature = Signature.parse("fd buf!:2 size -> ptr");
        assertEquals(List.of("fd", "buf!:2", "size"), List.of(signature.kinds()));
        assertEquals("ptr", signature.result());
    }

    @Test
    void flagsAreNamedAndSetsJoinedOrCut() {
        assertEquals("PROT_READ|PROT_WRITE", FlagNames.of("Mman.PROT_").bits(3, "0"));
        assertEquals("O_RDONLY", FlagNames.of("Fcntl.O_").bits(0, "O_RDONLY"));
        assertEquals("F_SETFD", FlagNames.of("Fcntl.F_-F_SEAL-F_TLOCK-F_UNLCK").one(2));
        assertEquals("0x4000000000", FlagNames.of("Mman.PROT_").bits(0x4000000000L, "0"));
    }
}
