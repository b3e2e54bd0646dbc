package gvj.loader;

import gvj.abi.Bytes;
import gvj.abi.Elf;
import gvj.abi.Errno;
import gvj.abi.Mman;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.RandomSource;
import gvj.mm.MemoryFile;
import gvj.mm.MemoryLayout;
import gvj.mm.MemoryManager;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The first stack of a program, as the amd64 ABI lays it out:
 *
 * <pre>
 *   high   path executed, environment strings, argument strings, "x86_64", 16 random bytes
 *          auxiliary vector, ends with AT_NULL
 *          environment pointers, NULL
 *          argument pointers, NULL
 *   rsp -> argc                                                        (a multiple of 16)
 * </pre>
 */
final class StackBuilder {
    /** MAX_ARG_STRLEN: no single string is longer, its NUL included. */
    private static final int MAX_STRING = 32 * MemoryFile.PAGE;

    private static final long DEFAULT_LIMIT = 8L << 20;
    private static final long MIN_ARG_BYTES = 32 * MemoryFile.PAGE;
    private static final long CLOCK_TICKS = 100;
    /** CPUID leaf 1 EDX of every processor of this century; programs that care ask the processor. */
    private static final long HWCAP = 0x178bfbff;
    /** HWCAP2_FSGSBASE: user code may use rdfsbase and friends. */
    private static final long HWCAP2 = 2;

    /** What Linux's first stack has beyond what is on it. */
    private static final long EXTRA_STACK = 32 * MemoryFile.PAGE;
    /** Bytes of a signal frame besides the FPU state, room for its alignment included. */
    private static final long SIGNAL_FRAME = 680;

    private final MemoryManager mm;
    private final LoadRequest request;
    private final long top;
    private final long shift;
    private long at;

    /**
     * Maps the stack. E2BIG, ENOMEM.
     *
     * @param shift by how many times 16 bytes strings and vectors are apart, at random
     */
    StackBuilder(MemoryManager mm, long top, LoadRequest request, boolean executable, long shift) {
        this.mm = mm;
        this.top = top;
        this.request = request;
        this.shift = shift;
        long needed = argumentBytes() + 4 * MemoryFile.PAGE & -MemoryFile.PAGE;
        long allowed = request.stackLimit() < 0 ? Long.MAX_VALUE : request.stackLimit() & -MemoryFile.PAGE;
        long bytes = Math.max(needed, Math.min(needed + EXTRA_STACK, allowed));
        int protection = Mman.PROT_READ | Mman.PROT_WRITE | (executable ? Mman.PROT_EXEC : 0);
        mm.mmap(top - bytes, bytes, protection, Loader.STACK_FLAGS, null, null, 0);
        at = top;
    }

    /** Bytes of strings and pointers; E2BIG by the rules of execve(2). */
    private long argumentBytes() {
        long limit = request.stackLimit() < 0 ? 6 << 20 : Math.min(request.stackLimit() / 4, DEFAULT_LIMIT * 3 / 4);
        long total = request.path().length() + 1;
        for (List<String> strings : List.of(request.args(), request.env())) {
            for (String string : strings) {
                if (string.length() >= MAX_STRING) {
                    throw ErrnoException.of(Errno.E2BIG);
                }
                total += string.length() + 1 + 8;
            }
        }
        if (total > Math.max(limit, MIN_ARG_BYTES)) {
            throw ErrnoException.of(Errno.E2BIG);
        }
        return total;
    }

    /** Writes everything; answers the stack pointer. */
    long build(ElfMapper program, int headerCount, long interpreterBase, long vdso, MemoryLayout layout) {
        at -= 8;
        long path = push(request.path());
        layout.envEnd = path;
        long[] env = pushAll(request.env());
        layout.envStart = env.length > 0 ? env[0] : path;
        layout.argEnd = layout.envStart;
        long[] args = pushAll(request.args());
        layout.argStart = args.length > 0 ? args[0] : layout.argEnd;
        at = (at & -16) - 16 * shift;
        long platform = push("x86_64");
        byte[] random = new byte[16];
        RandomSource.fill(random, 16);
        at = (at - 16) & -16;
        long randomAt = at;
        mm.copyOut(at, random, 0, 16);

        byte[] auxv = auxv(program, headerCount, interpreterBase, vdso, platform, randomAt, path);
        layout.auxv = auxv;
        long words = 1L + args.length + 1 + env.length + 1;
        at = at - auxv.length - words * 8 & -16;
        layout.startStack = at;
        writeVectors(args, env, auxv);
        return at;
    }

    private void writeVectors(long[] args, long[] env, byte[] auxv) {
        byte[] bytes = new byte[(args.length + env.length + 3) * 8 + auxv.length];
        int offset = 0;
        Bytes.putLong(bytes, 0, args.length);
        offset = put(bytes, 8, args);
        offset = put(bytes, offset, env);
        System.arraycopy(auxv, 0, bytes, offset, auxv.length);
        mm.copyOut(at, bytes, 0, bytes.length);
    }

    private static int put(byte[] bytes, int from, long[] pointers) {
        int offset = from;
        for (long pointer : pointers) {
            Bytes.putLong(bytes, offset, pointer);
            offset += 8;
        }
        return offset + 8;
    }

    private long push(String text) {
        byte[] bytes = (text + "\0").getBytes(StandardCharsets.ISO_8859_1);
        at -= bytes.length;
        mm.copyOut(at, bytes, 0, bytes.length);
        return at;
    }

    /** Pushes strings so that they lie in order, the first lowest; their addresses. */
    private long[] pushAll(List<String> strings) {
        long[] pointers = new long[strings.size()];
        int total = 0;
        for (String string : strings) {
            total += string.length() + 1;
        }
        byte[] bytes = new byte[total];
        at -= total;
        int offset = 0;
        for (int i = 0; i < pointers.length; i++) {
            byte[] text = strings.get(i).getBytes(StandardCharsets.ISO_8859_1);
            System.arraycopy(text, 0, bytes, offset, text.length);
            pointers[i] = at + offset;
            offset += text.length + 1;
        }
        mm.copyOut(at, bytes, 0, total);
        return pointers;
    }

    private byte[] auxv(
            ElfMapper program,
            int headerCount,
            long interpreterBase,
            long vdso,
            long platform,
            long random,
            long path) {
        Credentials creds = request.creds();
        long[] entries = {
            Elf.AT_SYSINFO_EHDR,
            vdso,
            Elf.AT_MINSIGSTKSZ,
            SIGNAL_FRAME + mm.platform().fpuBytes(),
            Elf.AT_HWCAP,
            HWCAP,
            Elf.AT_PAGESZ,
            MemoryFile.PAGE,
            Elf.AT_CLKTCK,
            CLOCK_TICKS,
            Elf.AT_PHDR,
            program.headersAddress,
            Elf.AT_PHENT,
            56,
            Elf.AT_PHNUM,
            headerCount,
            Elf.AT_BASE,
            interpreterBase,
            Elf.AT_FLAGS,
            0,
            Elf.AT_ENTRY,
            program.entry(),
            Elf.AT_UID,
            creds.uid() & 0xffffffffL,
            Elf.AT_EUID,
            creds.euid() & 0xffffffffL,
            Elf.AT_GID,
            creds.gid() & 0xffffffffL,
            Elf.AT_EGID,
            creds.egid() & 0xffffffffL,
            Elf.AT_SECURE,
            request.secure() ? 1 : 0,
            Elf.AT_RANDOM,
            random,
            Elf.AT_HWCAP2,
            HWCAP2,
            Elf.AT_EXECFN,
            path,
            Elf.AT_PLATFORM,
            platform,
            Elf.AT_NULL,
            0,
        };
        int first = vdso == 0 ? 2 : 0;
        byte[] bytes = new byte[(entries.length - first) * 8];
        for (int i = first; i < entries.length; i++) {
            Bytes.putLong(bytes, (i - first) * 8, entries[i]);
        }
        return bytes;
    }
}
