package gvj.mm;

import gvj.abi.Errno;
import gvj.abi.Mman;
import gvj.abi.Sched;
import gvj.host.Mem;
import gvj.kernel.ErrnoException;
import gvj.kernel.ResourceLimits;
import gvj.platform.AddressSpace;
import gvj.platform.Platform;
import gvj.platform.Registers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * One application address space: what was asked for (VMAs) and what is there now (frames). Linux's {@code mm_struct}.
 * Copying is in {@link UserMemory}, faults in {@link Faults}, changes of mappings in {@link Mmap}, {@link Mprotect},
 * {@link Mremap}, {@link Madvise} and {@link Mlock}, fork in {@link Fork}.
 *
 * <p>Lock: the lock of {@link UserMemory} guards everything here; changes hold it for writing. Object locks
 * ({@link Mappable}) and the memory file's come behind it. {@link Mappable#page} and everything that may sleep is called
 * without it; file references are dropped behind it.
 */
public final class MemoryManager extends UserMemory {
    /** vm.mmap_min_addr. */
    static final long MIN_ADDRESS = 0x10000;

    final Platform platform;
    /** Who pays for what is its own. */
    final MemoryGroup memoryGroup;

    final AddressSpace space;
    final VmaMap vmas = new VmaMap();
    private final Faults faults = new Faults(this);
    private final AtomicInteger users = new AtomicInteger(1);

    /** Grows when an object takes pages away: what {@link Mappable#page} answered before is not to be believed. */
    long sequence;

    long brk;
    boolean lockFuture;
    boolean lockFutureOnFault;
    private long peakPages;
    private long peakBytes;

    private volatile MemoryLayout layout = new MemoryLayout();
    private volatile ResourceLimits limits;
    private volatile boolean mayLock = true;
    private volatile int membarriers;

    /**
     * An empty address space with one user.
     *
     * @param payer who is charged for its pages
     * @throws gvj.kernel.ErrnoException ENOMEM if the host has no room for another, for instance no more processes
     */
    public MemoryManager(MemoryFile file, MemoryGroup payer, Platform platform) {
        super(file, platform.userAddressLimit());
        this.memoryGroup = payer;
        this.platform = platform;
        this.space = platform.newAddressSpace();
        if (space == null) {
            throw ErrnoException.of(Errno.ENOMEM);
        }
    }

    // ---- users

    /** One more task uses it (CLONE_VM). */
    public void incUsers() {
        users.incrementAndGet();
    }

    /** As {@link #incUsers}, for somebody who found it; false if the last user is gone already. */
    public boolean tryIncUsers() {
        for (int now = users.get(); now > 0; now = users.get()) {
            if (users.compareAndSet(now, now + 1)) {
                return true;
            }
        }
        return false;
    }

    /** How many tasks use it. */
    public int users() {
        return users.get();
    }

    /** A task stops using it; the last one unmaps everything. */
    public void decUsers() {
        if (users.decrementAndGet() != 0) {
            return;
        }
        Dropped dropped = new Dropped();
        long stamp = lock.writeLock();
        try {
            // no context is running here any more: the whole tree goes at once
            space.close();
            Mmap.unmapAll(this, dropped);
            pages.close();
        } finally {
            lock.unlockWrite(stamp);
        }
        dropped.release();
    }

    // ---- what it is made of

    /** What contexts run in. */
    public AddressSpace addressSpace() {
        return space;
    }

    public Platform platform() {
        return platform;
    }

    public MemoryFile memoryFile() {
        return memory;
    }

    /** Where the program, its arguments and its heap lie. */
    public MemoryLayout layout() {
        return layout;
    }

    /** Set by the loader. */
    public void setLayout(MemoryLayout newLayout) {
        layout = newLayout;
        brk = newLayout.startBrk;
    }

    /**
     * Whose limits and rights rule it from now on: RLIMIT_AS, DATA, STACK and MEMLOCK are looked up in {@code newLimits}
     * when they matter.
     *
     * @param canLock CAP_IPC_LOCK: RLIMIT_MEMLOCK does not count
     */
    public void setLimits(ResourceLimits newLimits, boolean canLock) {
        limits = newLimits;
        mayLock = canLock;
    }

    /** A soft limit, Long.MAX_VALUE for none. */
    long rlimit(int resource) {
        ResourceLimits now = limits;
        if (now == null) {
            return resource == Sched.RLIMIT_STACK && layout.stackLimit >= 0 ? layout.stackLimit : Long.MAX_VALUE;
        }
        long soft = now.soft(resource);
        return soft < 0 ? Long.MAX_VALUE : soft;
    }

    /** RLIMIT_MEMLOCK, or Long.MAX_VALUE for who has CAP_IPC_LOCK. */
    long lockLimit() {
        return mayLock ? Long.MAX_VALUE : rlimit(Sched.RLIMIT_MEMLOCK);
    }

    /** The MEMBARRIER_CMD_REGISTER_* that were called. */
    public int membarriers() {
        return membarriers;
    }

    public void setMembarriers(int registered) {
        membarriers = registered;
    }

    // ---- faults

    /**
     * Makes the access possible if the mappings allow it.
     *
     * @param access PROT_READ, PROT_WRITE or PROT_EXEC
     * @return 0, or the signal to send: {@code signal << 8 | si_code} (SIGSEGV with SEGV_MAPERR/SEGV_ACCERR, SIGBUS with
     *     BUS_ADRERR; SIGKILL when memory ran out and this process must die)
     */
    public int handleFault(long address, int access) {
        return faults.handle(address, access, Faults.FOR_APPLICATION);
    }

    /**
     * Gives the platform, ahead of their faults, the pages that a thread uses first when it goes on after fork or execve:
     * code, stack and what the FS base points to. Whatever is not there or not allowed waits for its fault.
     */
    public void expect(Registers regs) {
        faults.handle(regs.get(Registers.RIP), Mman.PROT_EXEC, Faults.FOR_APPLICATION);
        expectWrite(regs.get(Registers.RSP) - Long.BYTES);
        expectWrite(regs.get(Registers.FS_BASE));
    }

    private void expectWrite(long address) {
        if (address != 0) {
            faults.handle(address, Mman.PROT_WRITE, Faults.FOR_APPLICATION);
        }
    }

    @Override
    int faultIn(long address, int access) {
        return faults.handle(address, access, Faults.FOR_SENTRY);
    }

    /** Faults in [from, to) as far as it can. 0, or what {@link #handleFault} answers for the page that could not be. */
    int populate(long from, long to, int access) {
        for (long at = from; at < to; at += PAGE) {
            int signal = faults.handle(at, access, Faults.FOR_SENTRY);
            if (signal != 0) {
                return signal;
            }
        }
        return 0;
    }

    /**
     * The frame behind {@code address}, faulted in for the access and with a reference that the caller drops; -1 if the
     * access is not allowed.
     */
    public long pin(long address, boolean write) {
        while (true) {
            long stamp = lock.readLock();
            try {
                long entry = address < 0 || address >= limit ? 0 : pages.get(address);
                if ((entry & (write ? PageTable.WRITE : PageTable.READ)) != 0) {
                    memory.incRef(PageTable.frame(entry));
                    return PageTable.frame(entry);
                }
            } finally {
                lock.unlockRead(stamp);
            }
            if (faultIn(address, write ? Mman.PROT_WRITE : Mman.PROT_READ) != 0) {
                return -1;
            }
        }
    }

    /**
     * Reads or writes whatever the mapping's rights are, as ptrace(2) and /proc/PID/mem do: writes to private mappings that
     * are read-only get copies of their own.
     *
     * @return bytes done; fewer than {@code length} where nothing is mapped or a shared mapping is not writable
     */
    public int accessForced(long address, byte[] bytes, int offset, int length, boolean write) {
        int done = 0;
        while (done < length) {
            long at = address + done;
            int n = (int) Math.min(length - done, PAGE - (at & PAGE - 1));
            if (faults.handle(at, write ? Mman.PROT_WRITE : Mman.PROT_READ, Faults.FORCED) != 0) {
                break;
            }
            long stamp = lock.writeLock();
            try {
                long entry = pages.get(at);
                if (entry == 0 || write && (entry & PageTable.COW) != 0) {
                    continue;
                }
                long sentry = memory.address(PageTable.frame(entry)) + (at & PAGE - 1);
                if (write) {
                    space.unmap(at & -PAGE, PAGE); // code may be mapped there, of which platforms make copies
                    Mem.copy(bytes, offset + done, sentry, n);
                } else {
                    Mem.copy(sentry, bytes, offset + done, n);
                }
            } finally {
                lock.unlockWrite(stamp);
            }
            done += n;
        }
        return done;
    }

    // ---- mappings

    /**
     * mmap(2) with checked flags; {@code mappable} is null for anonymous memory.
     *
     * @return the address
     * @throws gvj.kernel.ErrnoException as mmap(2)
     */
    public long mmap(
            long address, long length, int protection, int flags, Mappable mappable, MappedFile file, long offset) {
        int all = Mman.PROT_READ | Mman.PROT_WRITE | Mman.PROT_EXEC;
        return Mmap.mmap(this, address, length, protection, all, flags, mappable, file, offset);
    }

    /** As above, with the rights that mprotect(2) may give later. */
    public long mmap(
            long address,
            long length,
            int protection,
            int maxProtection,
            int flags,
            Mappable mappable,
            MappedFile file,
            long offset) {
        return Mmap.mmap(this, address, length, protection, maxProtection, flags, mappable, file, offset);
    }

    /** Maps pages of the Sentry's one behind the other, wherever there is room; the address of the first. ENOMEM. */
    public long mapKernelPages(KernelPages... kernelPages) {
        return Mmap.mapKernelPages(this, kernelPages);
    }

    /** munmap(2): 0 or -errno. */
    public int munmap(long address, long length) {
        return Mmap.munmap(this, address, length);
    }

    /** brk(2) as the kernel has it: the program break afterwards, whether it moved or not. */
    public long brk(long wanted) {
        return Mmap.brk(this, wanted);
    }

    /** mprotect(2): 0 or -errno. */
    public int mprotect(long address, long length, int protection) {
        return Mprotect.mprotect(this, address, length, protection);
    }

    /** mremap(2): the address; throws errors. */
    public long mremap(long address, long oldLength, long newLength, int flags, long newAddress) {
        return Mremap.mremap(this, address, oldLength, newLength, flags, newAddress);
    }

    /** remap_file_pages(2) with whole pages: 0 or -errno. */
    public int remapFilePages(long address, long size, long offset, int flags) {
        return Mremap.remapFilePages(this, address, size, offset, flags);
    }

    /** Whether anything is mapped at {@code address}. */
    public boolean isMapped(long address) {
        return isMapped(address & -PAGE, PAGE);
    }

    /** Whether all of the range is mapped. */
    public boolean isMapped(long address, long length) {
        long stamp = lock.readLock();
        try {
            return Mmap.inUserSpace(this, address, length) && vmas.covers(address, address + length);
        } finally {
            lock.unlockRead(stamp);
        }
    }

    /** madvise(2): 0 or -errno. */
    public int madvise(long address, long length, int advice) {
        return Madvise.madvise(this, address, length, advice);
    }

    /** msync(2): 0 or -errno. */
    public int msync(long address, long length, int flags) {
        return Mlock.msync(this, address, length, flags);
    }

    /** mincore(2): one byte a page into {@code vector}, which has room for all; 0 or -errno. */
    public int mincore(long address, int count, byte[] vector) {
        return Mlock.mincore(this, address, count, vector);
    }

    /** mlock2(2): 0 or -errno. */
    public int mlock(long address, long length, boolean onFault) {
        return Mlock.mlock(this, address, length, true, onFault);
    }

    /** munlock(2): 0 or -errno. */
    public int munlock(long address, long length) {
        return Mlock.mlock(this, address, length, false, false);
    }

    /** mlockall(2) with checked flags, munlockall(2) with 0: 0 or -errno. */
    public int mlockall(int flags) {
        return Mlock.mlockall(this, flags);
    }

    /** prctl(PR_SET_VMA_ANON_NAME): names anonymous memory, or takes the name away if it is empty; 0 or -errno. */
    public int setAnonName(long address, long length, String name) {
        return Madvise.setName(this, address, length, name);
    }

    // ---- what objects do to their mappings

    /**
     * Drops what is mapped of pages [{@code first}, {@code behind}) of {@code object}: see {@link Mappings#invalidate}.
     */
    public void invalidate(Mappable object, long first, long behind, boolean privateToo) {
        long stamp = lock.writeLock();
        try {
            sequence++;
            for (int i = 0; i < vmas.size(); i++) {
                Vma vma = vmas.get(i);
                if (vma.mappable == object && vma.firstPage() < behind && first < vma.firstPage() + vma.pages()) {
                    long from = vma.start + Math.max(0, first - vma.firstPage()) * PAGE;
                    long to = vma.start + Math.min(vma.pages(), behind - vma.firstPage()) * PAGE;
                    dropFrames(from, to, !privateToo);
                }
            }
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** Takes the write right from shared mappings of pages of {@code object}: see {@link Mappings#writeProtect}. */
    void writeProtect(Mappable object, long first, long behind) {
        long stamp = lock.writeLock();
        try {
            sequence++;
            for (int i = 0; i < vmas.size(); i++) {
                Vma vma = vmas.get(i);
                if (vma.mappable == object
                        && vma.shared
                        && vma.firstPage() < behind
                        && first < vma.firstPage() + vma.pages()) {
                    long from = vma.start + Math.max(0, first - vma.firstPage()) * PAGE;
                    long to = vma.start + Math.min(vma.pages(), behind - vma.firstPage()) * PAGE;
                    writeProtectShared(from, to);
                }
            }
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    private void writeProtectShared(long from, long to) {
        boolean any = false;
        for (long at = pages.next(from, to); at < to; at = pages.next(at + PAGE, to)) {
            long entry = pages.get(at);
            if ((entry & PageTable.WRITE) != 0) {
                pages.set(at, entry & ~PageTable.WRITE);
                any = true;
            }
        }
        if (any) {
            space.writeProtect(from, to - from);
        }
    }

    /** Takes the frames of [from, to) out of the tables, then gives them up. Lock held for writing. */
    void dropFrames(long from, long to) {
        dropFrames(from, to, false);
    }

    private void dropFrames(long from, long to, boolean keepPrivate) {
        long first = pages.next(from, to);
        if (first >= to) {
            return;
        }
        if (users.get() > 0) {
            space.unmap(first, to - first);
        }
        long runStart = 0;
        int run = 0;
        for (long at = first; at < to; at = pages.next(at + PAGE, to)) {
            if (keepPrivate && (pages.get(at) & (PageTable.SHARED | PageTable.FILE)) == 0) {
                continue;
            }
            long entry = pages.clear(at);
            if ((entry & PageTable.ZERO) != 0) {
                continue;
            }
            long frame = PageTable.frame(entry);
            if (run > 0 && frame == runStart + (long) run * PAGE) {
                run++;
            } else {
                memory.decRef(runStart, run);
                runStart = frame;
                run = 1;
            }
        }
        memory.decRef(runStart, run);
    }

    // ---- fork

    /** A copy-on-write copy for fork, with one user; ENOMEM. */
    public MemoryManager fork() {
        return new Fork(this).run();
    }

    /** What a child has from {@code parent} besides its mappings. The parent's lock is held. */
    void inherit(MemoryManager parent) {
        layout = parent.layout;
        if (layout.executable != null) {
            layout.executable.incRef();
        }
        brk = parent.brk;
        limits = parent.limits;
        mayLock = parent.mayLock;
        membarriers = parent.membarriers;
    }

    // ---- futexes

    /** A futex's identity: private ones by address space, shared ones by object. EINVAL, EFAULT. */
    public FutexKey futexKey(long address, boolean shared) {
        return FutexKey.of(this, address, shared);
    }

    // ---- figures

    /** After pages or mappings were added. Lock held for writing. */
    void notePeak() {
        peakPages = Math.max(peakPages, pages.present());
        peakBytes = Math.max(peakBytes, vmas.total());
    }

    /** Bytes mapped (statm size, VmSize). */
    public long virtualBytes() {
        return vmas.total();
    }

    /** The most that was mapped at once (VmPeak). */
    public long peakVirtualBytes() {
        return Math.max(peakBytes, vmas.total());
    }

    /** Bytes resident (statm resident, VmRSS). */
    public long residentBytes() {
        return pages.present() * PAGE;
    }

    /** The most that was resident at once (VmHWM, ru_maxrss). */
    public long peakResidentBytes() {
        return Math.max(peakPages, pages.present()) * PAGE;
    }

    /** Resident bytes of files' pages in private mappings (RssFile). */
    public long residentFileBytes() {
        return pages.fromFile() * PAGE;
    }

    /** Resident bytes of shared mappings (RssShmem). */
    public long residentSharedBytes() {
        return pages.shared() * PAGE;
    }

    /** Bytes of private writable mappings without stacks (VmData). */
    public long dataBytes() {
        return vmas.data();
    }

    /** Bytes of stacks (VmStk). */
    public long stackBytes() {
        return vmas.stack();
    }

    /** Bytes of executable mappings: the program's and its libraries' (VmExe and VmLib). */
    public long execBytes() {
        return vmas.exec();
    }

    /** Locked bytes (VmLck). */
    public long lockedBytes() {
        return vmas.locked();
    }

    /** Mappings. */
    public int mappingCount() {
        return vmas.size();
    }

    /** Where the program break is. */
    public long brk() {
        return brk;
    }

    /** Shows a snapshot of every mapping to {@code visitor}, in order, named as in /proc/PID/maps. */
    public void forEachVma(Consumer<Vma> visitor) {
        List<Vma> copies = new ArrayList<>();
        long stamp = lock.readLock();
        try {
            for (int i = 0; i < vmas.size(); i++) {
                Vma vma = vmas.get(i);
                Vma copy = vma.part(vma.start, vma.end);
                copy.name = displayName(vma);
                copies.add(copy);
            }
        } finally {
            lock.unlockRead(stamp);
        }
        copies.forEach(visitor);
    }

    private String displayName(Vma vma) {
        if (vma.file != null || !vma.name.isEmpty()) {
            return vma.name;
        }
        MemoryLayout now = layout;
        if (now.startBrk != 0 && vma.start < brk && vma.end > now.startBrk) {
            return "[heap]";
        }
        if (vma.start <= now.startStack && vma.end >= now.startStack && now.startStack != 0) {
            return "[stack]";
        }
        return "";
    }

    /** Bytes resident in [from, to). */
    public long residentBytes(long from, long to) {
        return residentStats(from, to).resident;
    }

    /** What /proc/PID/smaps says of [from, to). */
    public ResidentStats residentStats(long from, long to) {
        ResidentStats stats = new ResidentStats();
        long stamp = lock.readLock();
        try {
            for (long at = pages.next(from, to); at < to; at = pages.next(at + PAGE, to)) {
                stats.add(pages.get(at), memory);
            }
        } finally {
            lock.unlockRead(stamp);
        }
        return stats;
    }
}
