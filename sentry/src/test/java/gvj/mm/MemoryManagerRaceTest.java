package gvj.mm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import gvj.abi.Mman;
import gvj.kernel.ErrnoException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Threads of one process that map, unmap, protect, fault, copy and fork at once. */
class MemoryManagerRaceTest {
    private static final int PAGE = MemoryFile.PAGE;
    private static final int RW = Mman.PROT_READ | Mman.PROT_WRITE;
    private static final int PRIVATE = Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS;
    private static final long BASE = 0x20_0000_0000L;
    private static final int MINE = 32;

    private final MemoryFile memory = new MemoryFile(512L << 20, 65536);
    private final FakePlatform platform = new FakePlatform();
    private final MemoryManager mm = new MemoryManager(memory, memory.root(), platform);
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    private interface Body {
        void run(Random random);
    }

    private Thread start(int seed, Body body) {
        Thread thread = new Thread(() -> {
            Random random = new Random(seed);
            try {
                while (!stop.get()) {
                    body.run(random);
                }
            } catch (Throwable e) {
                failure.compareAndSet(null, e);
                stop.set(true);
            }
        });
        thread.start();
        return thread;
    }

    @Test
    void nobodyLosesWhatIsHis() throws InterruptedException {
        long before = memory.usedPages();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            long base = BASE + (long) i * MINE * PAGE;
            int[] values = new int[MINE];
            mm.mmap(base, (long) MINE * PAGE, RW, PRIVATE | Mman.MAP_FIXED, null, null, 0);
            threads.add(start(i, random -> ownMemory(random, base, values)));
        }
        for (int i = 0; i < 2; i++) {
            threads.add(start(100 + i, this::hostile));
        }
        threads.add(start(200, this::forker));
        Thread.sleep(3000);
        stop.set(true);
        for (Thread thread : threads) {
            thread.join(20_000);
        }
        if (failure.get() != null) {
            throw new AssertionError(failure.get());
        }
        FakePlatform.checkTranslations(mm);
        mm.decUsers();
        assertEquals(before, memory.usedPages());
        assertEquals(0, memory.tablePages());
    }

    /** One thread's own pages always hold what it wrote last, whatever the others do elsewhere. */
    private void ownMemory(Random random, long base, int[] values) {
        int page = random.nextInt(MINE);
        long address = base + (long) page * PAGE + 64;
        switch (random.nextInt(6)) {
            case 0 -> assertEquals(values[page], mm.readInt(address));
            case 1 -> {
                values[page] = random.nextInt();
                mm.writeInt(address, values[page]);
            }
            case 2 -> {
                assertEquals(0, mm.madvise(address & -PAGE, PAGE, Mman.MADV_DONTNEED));
                values[page] = 0;
            }
            case 3 -> {
                assertEquals(0, mm.mprotect(address & -PAGE, PAGE, Mman.PROT_READ));
                assertEquals(values[page], mm.readInt(address));
                assertEquals(0, mm.mprotect(address & -PAGE, PAGE, RW));
            }
            case 4 -> assertEquals(0, mm.handleFault(address, Mman.PROT_WRITE));
            default -> {
                byte[] bytes = new byte[3 * PAGE];
                long from = base + (long) random.nextInt(MINE - 3) * PAGE;
                mm.copyIn(from, bytes, 0, bytes.length);
                for (int i = 0; i < 3; i++) {
                    int index = (int) ((from - base) / PAGE) + i;
                    assertEquals(values[index], gvj.abi.Bytes.getInt(bytes, i * PAGE + 64));
                }
            }
        }
    }

    /** Anything, anywhere in a range that the hostile threads share. */
    private void hostile(Random random) {
        long address = BASE + (1L << 30) + (long) random.nextInt(64) * PAGE;
        long length = (1 + random.nextInt(16)) * (long) PAGE;
        int type = random.nextBoolean() ? Mman.MAP_SHARED : Mman.MAP_PRIVATE;
        try {
            switch (random.nextInt(8)) {
                case 0, 1 -> mm.mmap(address, length, RW, type | Mman.MAP_ANONYMOUS | Mman.MAP_FIXED, null, null, 0);
                case 2 -> mm.munmap(address, length);
                case 3 -> mm.mprotect(address, length, random.nextInt(8));
                case 4 -> mm.mremap(address, length, length + PAGE, Mman.MREMAP_MAYMOVE, 0);
                case 5 -> mm.writeLong(address + PAGE - 4, random.nextLong());
                case 6 -> mm.handleFault(address, Mman.PROT_WRITE);
                default -> mm.zeroOut(address, length);
            }
        } catch (ErrnoException e) {
            // hostile programs get errors
        }
        if (mm.mappingCount() > 2000) {
            mm.munmap(0x7000_0000_0000L, 0xffff_0000_0000L - 0x8000_0000_0000L - PAGE);
        }
    }

    private void forker(Random random) {
        MemoryManager child = mm.fork();
        long address = BASE + (long) random.nextInt(3 * MINE) * PAGE + 64;
        // its owner may be changing the rights just now
        assertEquals(0, child.mprotect(address & -PAGE, PAGE, RW));
        int value = child.readInt(address);
        child.writeInt(address, ~value);
        assertEquals(~value, child.readInt(address));
        FakePlatform.checkTranslations(child);
        child.decUsers();
    }
}
