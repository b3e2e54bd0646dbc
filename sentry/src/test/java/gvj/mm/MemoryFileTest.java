package gvj.mm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gvj.host.Mem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The frame allocator: every page once, zeroed, and never more than allowed. */
class MemoryFileTest {
    private static final int PAGE = MemoryFile.PAGE;

    @Test
    void pagesAreZeroUniqueAndCounted() {
        MemoryFile memory = new MemoryFile(512L << 20, 100_000);
        Random random = new Random(1);
        List<long[]> held = new ArrayList<>();
        Set<Long> pages = new HashSet<>();
        long used = memory.usedPages();
        for (int step = 0; step < 60_000; step++) {
            boolean grow = held.size() < (step / 10_000 % 2 == 0 ? 8000 : 100);
            if (grow || held.isEmpty()) {
                int count = random.nextInt(10) == 0 ? 1 + random.nextInt(40) : 1 + random.nextInt(3);
                long offset = memory.allocate(count);
                assertTrue(offset >= 0 && offset % PAGE == 0);
                for (int i = 0; i < count; i++) {
                    long page = offset + (long) i * PAGE;
                    assertTrue(pages.add(page), "given out twice");
                    assertEquals(0, Mem.getLong(memory.address(page)));
                    assertEquals(0, Mem.getLong(memory.address(page) + PAGE - 8));
                    assertEquals(1, memory.refs(page));
                    Mem.putLong(memory.address(page), -1);
                    Mem.putLong(memory.address(page) + PAGE - 8, -1);
                }
                held.add(new long[] {offset, count});
                used += count;
            } else {
                long[] run = held.remove(random.nextInt(held.size()));
                for (int i = 0; i < run[1]; i++) {
                    pages.remove(run[0] + (long) i * PAGE);
                }
                memory.decRef(run[0], (int) run[1]);
                used -= run[1];
            }
            assertEquals(used, memory.usedPages());
        }
    }

    @Test
    void theLimitHoldsAndShrinkersAreAsked() {
        MemoryFile memory = new MemoryFile(64L << 20, 1000);
        List<Long> cache = new ArrayList<>();
        memory.addShrinker((wanted, group) -> {
            long freed = 0;
            while (freed < wanted && !cache.isEmpty()) {
                memory.decRef(cache.removeLast());
                freed++;
            }
            return freed;
        });
        long free = memory.limitPages() - memory.usedPages();
        for (int i = 0; i < 300; i++) {
            cache.add(memory.allocate(1));
        }
        long taken = 0;
        while (memory.allocate(1) != -1) {
            taken++;
        }
        assertEquals(free, taken);
        assertTrue(cache.isEmpty());
        assertEquals(memory.limitPages(), memory.usedPages());
        assertEquals(-1, memory.allocate(17));
    }

    @Test
    void theLimitMayChange() {
        MemoryFile memory = new MemoryFile(64L << 20, 100);
        long base = memory.usedPages();
        List<Long> pages = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            pages.add(memory.allocate(1));
        }
        assertTrue(memory.setLimit(base + 50));
        assertEquals(-1, memory.allocate(1));
        assertFalse(memory.setLimit(base + 49), "more is in use");
        assertEquals(base + 50, memory.limitPages());
        assertTrue(memory.setLimit(200));
        pages.add(memory.allocate(1));
        pages.forEach(memory::decRef);
        assertEquals(base + 51, memory.peakPages());
        assertTrue(memory.setLimit(base));
        assertFalse(memory.setLimit(memory.bytes() / MemoryFile.PAGE + 1), "the file has not so many");
    }
}
