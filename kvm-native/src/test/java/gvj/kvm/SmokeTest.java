package gvj.kvm;

import gvj.abi.Mman;
import gvj.platform.AddressSpace;
import gvj.platform.ExecutionContext;
import gvj.platform.ExitReason;
import gvj.platform.Platform;
import gvj.platform.Registers;
import java.io.RandomAccessFile;

/**
 * A main program that runs a few instructions through the SPI: {@code run.sh} beside the C tests starts it with a memory
 * file as descriptor 9.
 */
public final class SmokeTest {
    private static final long CODE = 0x400000, DATA = 0x500000;
    /* mov $39,%eax; syscall; mov %rax,(%rdi); mov $1,%eax; syscall; ud2; jmp . */
    private static final byte[] PROGRAM = {
        (byte) 0xb8, 39, 0, 0, 0, 0x0f, 0x05, 0x48, (byte) 0x89, 0x07, (byte) 0xb8, 1, 0, 0, 0, 0x0f, 0x05, 0x0f, 0x0b,
        (byte) 0xeb, (byte) 0xfe
    };

    private SmokeTest() {}

    public static void main(String[] args) throws Exception {
        int fd = Integer.parseInt(args[0]);
        try (RandomAccessFile file = new RandomAccessFile("/proc/self/fd/" + fd, "rw");
                Platform platform = new KvmPlatformProvider().create(fd, file.length())) {
            System.out.println(platform.description());
            file.write(PROGRAM);
            try (AddressSpace space = platform.newAddressSpace();
                    ExecutionContext context = platform.newContext()) {
                space.map(CODE, 4096, 0, Mman.PROT_READ | Mman.PROT_EXEC);
                program(file, space, context);
                interrupt(space, context);
            }
        }
        System.out.println("ok");
    }

    private static void program(RandomAccessFile file, AddressSpace space, ExecutionContext context) throws Exception {
        Registers registers = context.registers();
        registers.set(Registers.RIP, CODE);
        registers.set(Registers.RDI, DATA);
        expect(context, space, ExitReason.SYSCALL);
        same(39, registers.get(Registers.ORIG_RAX));
        same(CODE + 7, registers.get(Registers.RIP));
        registers.set(Registers.RAX, 4711);
        expect(context, space, ExitReason.FAULT);
        same(DATA, context.faultAddress());
        same(Mman.PROT_WRITE, context.faultAccess());
        space.map(DATA, 4096, 4096, Mman.PROT_READ | Mman.PROT_WRITE);
        expect(context, space, ExitReason.SYSCALL);
        same(1, registers.get(Registers.RAX));
        file.seek(4096);
        same(4711, Long.reverseBytes(file.readLong()));
        expect(context, space, ExitReason.EXCEPTION);
        same(6, context.vector());
    }

    private static void interrupt(AddressSpace space, ExecutionContext context) throws Exception {
        context.registers().set(Registers.RIP, CODE + 19);
        Thread thread = new Thread(() -> {
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            context.interrupt();
        });
        thread.start();
        expect(context, space, ExitReason.INTERRUPTED);
        thread.join();
        same(CODE + 19, context.registers().get(Registers.RIP));
    }

    private static void expect(ExecutionContext context, AddressSpace space, ExitReason expected) {
        ExitReason reason = context.run(space);
        if (reason != expected) {
            throw new AssertionError(reason + ", not " + expected + ": vector " + context.vector() + " address "
                    + Long.toHexString(context.faultAddress()) + " " + context.failure());
        }
    }

    private static void same(long expected, long actual) {
        if (expected != actual) {
            throw new AssertionError(Long.toHexString(actual) + ", not " + Long.toHexString(expected));
        }
    }
}
