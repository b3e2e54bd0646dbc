package gvj.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import gvj.abi.Mman;
import gvj.host.Host;
import gvj.host.Mem;
import gvj.platform.AddressSpace;
import gvj.platform.ExecutionContext;
import gvj.platform.ExitReason;
import gvj.platform.Platform;
import gvj.platform.PlatformException;
import gvj.platform.PlatformProvider;
import gvj.platform.Registers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The platform through its Java face; what the native half promises is tested beside it, in {@code src/test/c}. */
class KvmPlatformTest {
    private static final long CODE = 0x400000, DATA = 0x500000, BYTES = 64L << 30;
    private static final int RW = Mman.PROT_READ | Mman.PROT_WRITE;

    /* mov $39,%eax; syscall; mov %rax,(%rdi); mov $1,%eax; syscall; ud2 */
    private static final int[] CALLS = {
        0xb8, 39, 0, 0, 0, 0x0f, 0x05, 0x48, 0x89, 0x07, 0xb8, 1, 0, 0, 0, 0x0f, 0x05, 0x0f, 0x0b
    };
    /* 1: incq (%rdi); jmp 1b */
    private static final int[] SPIN = {0x48, 0xff, 0x07, 0xeb, 0xfb};
    /* movq %rdi,%xmm9; syscall; movq %xmm9,%rbx; syscall */
    private static final int[] VECTOR = {
        0x66, 0x4c, 0x0f, 0x6e, 0xcf, 0x0f, 0x05, 0x66, 0x4c, 0x0f, 0x7e, 0xcb, 0x0f, 0x05
    };

    private int fd;
    private long memory;
    private Platform platform;

    @BeforeEach
    void create() throws PlatformException {
        assumeTrue(Files.isWritable(Path.of("/dev/kvm")) || System.getenv("GVJ_ALLOW_NO_KVM") == null);
        fd = Host.memfdCreate("test\0".getBytes(StandardCharsets.US_ASCII), 1);
        assertEquals(0, Host.ftruncate(fd, BYTES));
        memory = Host.mmap(0, BYTES, RW, Mman.MAP_SHARED | Mman.MAP_NORESERVE, fd, 0);
        assertTrue(memory > 0);
        platform = new KvmPlatformProvider().create(fd, BYTES, 0);
    }

    @AfterEach
    void close() {
        if (platform != null) {
            platform.close();
            Host.munmap(memory, BYTES);
            Host.close(fd);
        }
    }

    private AddressSpace space(int[] code) {
        for (int i = 0; i < code.length; i++) {
            Mem.putByte(memory + i, (byte) code[i]);
        }
        AddressSpace space = platform.newAddressSpace();
        space.map(CODE, 4096, 0, Mman.PROT_READ | Mman.PROT_EXEC);
        return space;
    }

    private ExecutionContext context() {
        ExecutionContext context = platform.newContext();
        context.registers().set(Registers.RIP, CODE);
        context.registers().set(Registers.RDI, DATA);
        return context;
    }

    @Test
    void isFoundAsAService() {
        boolean found = false;
        for (PlatformProvider provider : ServiceLoader.load(PlatformProvider.class)) {
            found |= provider instanceof KvmPlatformProvider && provider.name().equals(platform.name());
        }
        assertTrue(found);
        assertTrue(platform.description().contains("round trip"));
    }

    @Test
    void systemCallsFaultsAndExceptionsComeOut() {
        try (AddressSpace space = space(CALLS);
                ExecutionContext context = context()) {
            Registers registers = context.registers();
            assertEquals(ExitReason.SYSCALL, context.run(space));
            assertEquals(39, registers.get(Registers.ORIG_RAX));
            assertEquals(CODE + 7, registers.get(Registers.RIP));
            registers.set(Registers.RAX, 4711);
            assertEquals(ExitReason.FAULT, context.run(space));
            assertEquals(DATA, context.faultAddress());
            assertEquals(Mman.PROT_WRITE, context.faultAccess());
            assertEquals(-1, registers.get(Registers.ORIG_RAX));
            space.map(DATA, 4096, BYTES - 4096, RW);
            assertEquals(ExitReason.SYSCALL, context.run(space));
            assertEquals(4711, Mem.getLong(memory + BYTES - 4096));
            assertEquals(ExitReason.EXCEPTION, context.run(space));
            assertEquals(6, context.vector());
            assertEquals(CODE + 17, registers.get(Registers.RIP));
            assertTrue(platform.entries() >= 4);
        }
    }

    @Test
    void badRangesAreRefused() {
        try (AddressSpace space = platform.newAddressSpace()) {
            assertThrows(IllegalArgumentException.class, () -> space.map(1, 4096, 0, RW));
            assertThrows(IllegalArgumentException.class, () -> space.map(4096, 4096, BYTES, RW));
            assertThrows(IllegalArgumentException.class, () -> space.map(platform.userAddressLimit(), 4096, 0, RW));
            assertThrows(IllegalArgumentException.class, () -> space.unmap(-4096, 8192));
        }
    }

    @Test
    void fpuStateMovesToAnotherContext() {
        long area = Host.malloc(platform.fpuBytes());
        try (AddressSpace space = space(VECTOR);
                ExecutionContext parent = context();
                ExecutionContext child = context()) {
            assertEquals(ExitReason.SYSCALL, parent.run(space));
            parent.saveFpu(area);
            child.registers().copyFrom(parent.registers());
            assertTrue(child.loadFpu(area));
            assertEquals(ExitReason.SYSCALL, child.run(space));
            assertEquals(DATA, child.registers().get(Registers.RBX));
            parent.resetFpu();
            assertEquals(ExitReason.SYSCALL, parent.run(space));
            assertEquals(0, parent.registers().get(Registers.RBX));
        } finally {
            Host.free(area);
        }
    }

    /** Far more threads than vCPUs, all spinning in user mode: each gets on, and each can be interrupted. */
    @Test
    void thousandThreadsShareTheVcpus() throws Exception {
        int n = 1000;
        List<Thread> threads = new ArrayList<>();
        List<ExecutionContext> contexts = new ArrayList<>();
        AtomicInteger interrupted = new AtomicInteger();
        try (AddressSpace space = space(SPIN)) {
            space.map(DATA, n * 4096L, 4096, RW);
            for (int i = 0; i < n; i++) {
                ExecutionContext context = context();
                context.registers().set(Registers.RDI, DATA + i * 4096L);
                contexts.add(context);
                threads.add(Thread.ofPlatform().stackSize(64 << 10).start(() -> {
                    if (context.run(space) == ExitReason.INTERRUPTED) {
                        interrupted.incrementAndGet();
                    }
                }));
            }
            long deadline = System.nanoTime() + 120_000_000_000L;
            for (int i = 0; i < n; i++) {
                while (Mem.getLong(memory + 4096 + i * 4096L) == 0) {
                    assertTrue(System.nanoTime() < deadline, "every thread runs");
                    Thread.sleep(1);
                }
            }
            for (int i = 0; i < n; i++) {
                contexts.get(i).interrupt();
            }
            for (int i = 0; i < n; i++) {
                threads.get(i).join();
                contexts.get(i).close();
            }
        }
        assertEquals(n, interrupted.get());
    }
}
