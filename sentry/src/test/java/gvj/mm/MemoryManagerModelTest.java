package gvj.mm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gvj.abi.Errno;
import gvj.abi.Mman;
import gvj.abi.Signals;
import gvj.kernel.ErrnoException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random changes of mappings, forks and accesses, against a model that knows nothing but pages. */
class MemoryManagerModelTest {
    private static final int PAGE = MemoryFile.PAGE;
    private static final long BASE = 0x10_0000_0000L - 8 * PAGE;
    private static final int PAGES = 48;
    private static final int RW = Mman.PROT_READ | Mman.PROT_WRITE;

    /** A cell of memory: one value. Shared mappings share it. */
    private static final class Cell {
        int value;
    }

    /** What the model knows of a page. */
    private record Page(int protection, boolean shared, Cell cell) {}

    private static final class Model {
        final MemoryManager mm;
        final Page[] pages = new Page[PAGES];

        Model(MemoryManager mm) {
            this.mm = mm;
        }
    }

    private final MemoryFile memory = new MemoryFile(256L << 20, 32768);
    private final FakePlatform platform = new FakePlatform();

    @Test
    void randomHistories() {
        long before = memory.usedPages();
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            List<Model> models = new ArrayList<>();
            models.add(new Model(new MemoryManager(memory, memory.root(), platform)));
            try {
                for (int step = 0; step < 200; step++) {
                    Model model = models.get(random.nextInt(models.size()));
                    step(random, model, models);
                    FakePlatform.checkTranslations(model.mm);
                    checkVmas(model);
                }
                for (Model model : models) {
                    for (int page = 0; page < PAGES; page++) {
                        access(random, model, page);
                    }
                }
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
            for (Model model : models) {
                model.mm.decUsers();
            }
            assertEquals(before, memory.usedPages(), "pages leaked by seed " + seed);
            assertEquals(0, memory.tablePages(), "tables leaked by seed " + seed);
        }
    }

    private static long at(int page) {
        return BASE + (long) page * PAGE;
    }

    private void step(Random random, Model model, List<Model> models) {
        int first = random.nextInt(PAGES);
        int count = 1 + random.nextInt(Math.min(12, PAGES - first));
        switch (random.nextInt(12)) {
            case 0, 1 -> map(random, model, first, count);
            case 2 -> {
                assertEquals(0, model.mm.munmap(at(first), (long) count * PAGE));
                java.util.Arrays.fill(model.pages, first, first + count, null);
            }
            case 3 -> protect(random, model, first, count);
            case 4 -> move(random, model, first, count);
            case 5 -> resize(random, model, first, count);
            case 6 -> discard(model, first, count);
            case 7 -> {
                if (models.size() < 4) {
                    models.add(fork(model));
                }
            }
            case 8 -> lockOrName(random, model, first, count);
            default -> {
                for (int i = 0; i < count; i++) {
                    access(random, model, first + i);
                }
            }
        }
    }

    private static int protection(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> Mman.PROT_NONE;
            case 1 -> Mman.PROT_READ;
            case 2 -> Mman.PROT_READ | Mman.PROT_EXEC;
            default -> RW;
        };
    }

    private static void map(Random random, Model model, int first, int count) {
        boolean shared = random.nextInt(3) == 0;
        int protection = protection(random);
        int flags = Mman.MAP_ANONYMOUS
                | Mman.MAP_FIXED
                | (shared ? Mman.MAP_SHARED : Mman.MAP_PRIVATE)
                | (random.nextInt(4) == 0 ? Mman.MAP_POPULATE : 0);
        assertEquals(at(first), model.mm.mmap(at(first), (long) count * PAGE, protection, flags, null, null, 0));
        for (int i = first; i < first + count; i++) {
            model.pages[i] = new Page(protection, shared, new Cell());
        }
    }

    private static void protect(Random random, Model model, int first, int count) {
        int protection = protection(random);
        int result = model.mm.mprotect(at(first), (long) count * PAGE, protection);
        for (int i = first; i < first + count; i++) {
            Page page = model.pages[i];
            if (page == null) {
                assertEquals(-Errno.ENOMEM, result);
                return;
            }
            model.pages[i] = new Page(protection, page.shared, page.cell);
        }
        assertEquals(0, result);
    }

    private static boolean same(Model model, int first, int count) {
        Vma vma = model.mm.vmas.find(at(first));
        return vma != null && vma.end >= at(first + count);
    }

    private static void move(Random random, Model model, int first, int count) {
        int target = random.nextInt(PAGES - count + 1);
        boolean overlaps = target < first + count && first < target + count;
        boolean keep = random.nextInt(4) == 0;
        int flags = Mman.MREMAP_MAYMOVE | Mman.MREMAP_FIXED | (keep ? Mman.MREMAP_DONTUNMAP : 0);
        boolean one = same(model, first, count);
        boolean mapped = model.pages[first] != null;
        long result;
        try {
            result = model.mm.mremap(at(first), (long) count * PAGE, (long) count * PAGE, flags, at(target));
        } catch (ErrnoException e) {
            result = -e.errno();
        }
        if (!mapped) {
            assertEquals(-Errno.EFAULT, result);
        } else if (overlaps) {
            assertEquals(-Errno.EINVAL, result);
        } else if (!one) {
            assertEquals(-Errno.EFAULT, result);
            // Linux has unmapped the target by then
            java.util.Arrays.fill(model.pages, target, target + count, null);
        } else {
            assertEquals(at(target), result);
            for (int i = 0; i < count; i++) {
                Page page = model.pages[first + i];
                model.pages[target + i] = page;
                boolean stays = keep;
                model.pages[first + i] =
                        !stays ? null : page.shared ? page : new Page(page.protection, false, new Cell());
            }
        }
    }

    private static void resize(Random random, Model model, int first, int count) {
        int newCount = 1 + random.nextInt(count);
        long result;
        try {
            result = model.mm.mremap(at(first), (long) count * PAGE, (long) newCount * PAGE, 0, 0);
        } catch (ErrnoException e) {
            result = -e.errno();
        }
        if (model.pages[first] == null) {
            assertEquals(-Errno.EFAULT, result);
            return;
        }
        assertEquals(at(first), result);
        java.util.Arrays.fill(model.pages, first + newCount, first + count, null);
    }

    private static void discard(Model model, int first, int count) {
        int result = model.mm.madvise(at(first), (long) count * PAGE, Mman.MADV_DONTNEED);
        boolean hole = false;
        for (int i = first; i < first + count; i++) {
            Page page = model.pages[i];
            hole |= page == null;
            if (result == -Errno.EINVAL) {
                // a locked mapping: what was discarded before it is discarded
                page = null;
                model.pages[i] = resync(model, i);
            }
            if (page != null && !page.shared) {
                model.pages[i] = new Page(page.protection, false, new Cell());
            }
        }
        if (result != -Errno.EINVAL) {
            assertEquals(hole ? -Errno.ENOMEM : 0, result);
        }
    }

    /** Takes over what there is, where the model does not follow. */
    private static Page resync(Model model, int index) {
        Page page = model.pages[index];
        if (page == null || page.shared) {
            return page;
        }
        byte[] bytes = new byte[4];
        model.mm.accessForced(at(index) + 8, bytes, 0, 4, false);
        Page fresh = new Page(page.protection, false, new Cell());
        fresh.cell.value = gvj.abi.Bytes.getInt(bytes, 0);
        return fresh;
    }

    private static void lockOrName(Random random, Model model, int first, int count) {
        if (random.nextBoolean()) {
            model.mm.setAnonName(at(first), (long) count * PAGE, random.nextBoolean() ? "name" : "");
        } else if (random.nextBoolean()) {
            model.mm.mlock(at(first), (long) count * PAGE, random.nextBoolean());
        } else {
            model.mm.munlock(at(first), (long) count * PAGE);
        }
    }

    private static Model fork(Model parent) {
        Model child = new Model(parent.mm.fork());
        for (int i = 0; i < PAGES; i++) {
            Page page = parent.pages[i];
            if (page != null && !page.shared) {
                Cell copy = new Cell();
                copy.value = page.cell.value;
                child.pages[i] = new Page(page.protection, false, copy);
            } else {
                child.pages[i] = page;
            }
        }
        return child;
    }

    private static void access(Random random, Model model, int index) {
        Page page = model.pages[index];
        long address = at(index) + 8;
        int access = random.nextBoolean() ? Mman.PROT_READ : Mman.PROT_WRITE;
        boolean bySentry = random.nextInt(3) == 0;
        int signal = bySentry ? bySentry(model, address, access, page) : byApplication(model, address, access, page);
        if (page == null) {
            assertEquals(Signals.SIGSEGV << 8 | Signals.SEGV_MAPERR, signal);
        } else {
            boolean allowed = access == Mman.PROT_READ ? page.protection != 0 : (page.protection & access) != 0;
            assertEquals(allowed ? 0 : Signals.SIGSEGV << 8 | Signals.SEGV_ACCERR, signal);
        }
    }

    private static int byApplication(Model model, long address, int access, Page page) {
        int signal = FakePlatform.access(model.mm, address, access);
        if (signal == 0 && page != null) {
            if (access == Mman.PROT_READ) {
                assertEquals(page.cell.value, FakePlatform.load(model.mm, address));
            } else {
                page.cell.value += 7;
                FakePlatform.store(model.mm, address, page.cell.value);
            }
        }
        return signal;
    }

    private static int bySentry(Model model, long address, int access, Page page) {
        try {
            if (access == Mman.PROT_READ) {
                int value = model.mm.readInt(address);
                assertEquals(page == null ? -1 : page.cell.value, value);
            } else {
                model.mm.writeInt(address, page == null ? 0 : page.cell.value + 3);
                if (page != null) {
                    page.cell.value += 3;
                }
            }
            return 0;
        } catch (ErrnoException e) {
            assertEquals(Errno.EFAULT, e.errno());
            return Signals.SIGSEGV << 8 | (page == null ? Signals.SEGV_MAPERR : Signals.SEGV_ACCERR);
        }
    }

    private static void checkVmas(Model model) {
        VmaMap vmas = model.mm.vmas;
        long end = 0;
        long total = 0;
        long locked = 0;
        for (int i = 0; i < vmas.size(); i++) {
            Vma vma = vmas.get(i);
            assertTrue(vma.start >= end && vma.end > vma.start, "mappings in order");
            if (i > 0) {
                assertTrue(!vmas.get(i - 1).continuesAs(vma), "neighbours that are alike are one mapping");
            }
            end = vma.end;
            total += vma.end - vma.start;
            locked += vma.locked ? vma.end - vma.start : 0;
        }
        assertEquals(total, vmas.total());
        assertEquals(locked, vmas.locked());
        for (int i = 0; i < PAGES; i++) {
            Vma vma = vmas.find(at(i));
            Page page = model.pages[i];
            assertEquals(page == null, vma == null);
            if (page != null) {
                assertEquals(page.protection, vma.protection);
                assertEquals(page.shared, vma.shared);
            }
        }
    }
}
