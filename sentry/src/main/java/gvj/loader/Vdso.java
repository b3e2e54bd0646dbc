package gvj.loader;

import gvj.abi.Mman;
import gvj.host.Host;
import gvj.kernel.Vvar;
import gvj.mm.KernelPages;
import gvj.mm.MemoryFile;
import gvj.mm.MemoryManager;
import java.nio.charset.StandardCharsets;

/**
 * The vDSO, vdso(7): a page of code and, in front of it, a page of data that all programs share. The code is
 * {@code vdso.c}, built into a shared object that is mapped as it is.
 */
public final class Vdso {
    private static final String FILE = "/vdso.so";
    private static final int PAGE = MemoryFile.PAGE;

    private final KernelPages data;
    private final KernelPages code;
    private final Vvar vvar;

    private Vdso(MemoryFile memory, long frames) {
        vvar = new Vvar(memory.address(frames));
        data = new KernelPages(memory, "[vvar]", frames, Mman.PROT_READ, Mman.PROT_READ, true);
        int all = Mman.PROT_READ | Mman.PROT_WRITE | Mman.PROT_EXEC;
        code = new KernelPages(memory, "[vdso]", frames + PAGE, Mman.PROT_READ | Mman.PROT_EXEC, all, false);
    }

    /**
     * Reads it from {@code directory}. Straight into the memory file: a resource of the jar would cost a hundred times that.
     *
     * @return null if it is not there: programs make system calls then
     */
    public static Vdso load(MemoryFile memory, String directory) {
        int fd = Host.open((directory + FILE + "\0").getBytes(StandardCharsets.UTF_8), 0, 0);
        if (fd < 0) {
            return null;
        }
        long frames = memory.allocate(2);
        long length = frames == -1 ? -1 : Host.pread(fd, memory.address(frames + PAGE), PAGE, 0);
        Host.close(fd);
        return length > 0 ? new Vdso(memory, frames) : null;
    }

    /** The page with what the code reads. */
    public Vvar vvar() {
        return vvar;
    }

    /** Maps both; the address of the code for AT_SYSINFO_EHDR. ENOMEM. */
    long map(MemoryManager mm) {
        long address = mm.mapKernelPages(data, code) + PAGE;
        // every libc looks at it first thing: no fault for that, nor for what of ld.so is next to it
        mm.handleFault(address, Mman.PROT_READ);
        return address;
    }
}
