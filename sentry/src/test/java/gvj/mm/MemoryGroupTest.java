package gvj.mm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who pays for pages. */
class MemoryGroupTest {
    private final MemoryFile memory = new MemoryFile(64L << 20, 1000);
    private final MemoryGroup root = memory.root();
    private final long base = root.used();

    /** What a thread that works for {@code group} gets. */
    private long allocateFor(MemoryGroup group, int pages, MemoryKind kind) throws InterruptedException {
        long[] result = new long[1];
        class Worker extends Thread implements MemoryGroup.Payer {
            @Override
            public void run() {
                result[0] = memory.allocate(pages, kind);
            }

            @Override
            public MemoryGroup memoryGroup() {
                return group;
            }
        }
        Thread worker = new Worker();
        worker.start();
        worker.join();
        return result[0];
    }

    @Test
    void aPageIsChargedToItsGroupAndThoseAboveUntilItIsFree() throws InterruptedException {
        MemoryGroup one = memory.newGroup(root);
        MemoryGroup below = memory.newGroup(one);
        MemoryGroup two = memory.newGroup(root);
        long page = allocateFor(below, 20, MemoryKind.ANONYMOUS);
        long cached = allocateFor(two, 3, MemoryKind.FILE);
        long shared = allocateFor(two, 2, MemoryKind.SHARED);
        assertEquals(20, below.used());
        assertEquals(20, one.used());
        assertEquals(5, two.used());
        assertEquals(3, two.used(MemoryKind.FILE));
        assertEquals(2, two.used(MemoryKind.SHARED));
        assertEquals(0, two.used(MemoryKind.ANONYMOUS));
        assertEquals(base + 25, root.used());
        assertEquals(3, root.used(MemoryKind.FILE));
        assertTrue(memory.isChargedTo(page, one));
        assertFalse(memory.isChargedTo(page, two));
        memory.incRef(page);
        memory.decRef(page, 20);
        assertEquals(1, one.used(), "somebody else holds it");
        memory.decRef(page);
        memory.decRef(cached, 3);
        memory.decRef(shared, 2);
        assertEquals(0, below.used());
        assertEquals(0, two.used());
        assertEquals(0, root.used(MemoryKind.FILE));
        assertEquals(base, root.used());
        assertEquals(20, one.peak());
    }

    @Test
    void aLimitHoldsForItsGroupAndThoseBelowOnly() {
        MemoryGroup one = memory.newGroup(root);
        MemoryGroup below = memory.newGroup(one);
        assertTrue(memory.setLimit(one, 10));
        assertEquals(10, below.lowestLimit());
        List<Long> pages = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            pages.add(memory.allocate(1, below));
        }
        assertEquals(-1, memory.allocate(1, below));
        assertEquals(-1, memory.allocate(1, one));
        assertSame(one, below.firstFull());
        assertEquals(10, one.used(), "what was refused is not charged");
        assertEquals(base + 10, root.used());
        pages.add(memory.allocate(1));
        assertFalse(memory.setLimit(one, 9), "more is in use");
        pages.forEach(memory::decRef);
        assertTrue(memory.setLimit(one, 9));
    }

    @Test
    void onlyWhatAGroupPaysForMakesRoomForIt() throws InterruptedException {
        MemoryGroup one = memory.newGroup(root);
        MemoryGroup two = memory.newGroup(root);
        ArrayDeque<Long> cache = new ArrayDeque<>();
        List<MemoryGroup> asked = new ArrayList<>();
        memory.addShrinker((wanted, group) -> {
            asked.add(group);
            long freed = 0;
            for (int left = cache.size(); left > 0 && freed < wanted; left--) {
                long page = cache.poll();
                if (memory.isChargedTo(page, group)) {
                    memory.decRef(page);
                    freed++;
                } else {
                    cache.add(page);
                }
            }
            return freed;
        });
        memory.setLimit(one, 20);
        for (int i = 0; i < 20; i++) {
            cache.add(allocateFor(i % 2 == 0 ? one : two, 1, MemoryKind.FILE));
        }
        long page = memory.allocate(20, one);
        assertTrue(page != -1);
        assertEquals(List.of(one), asked);
        assertEquals(20, one.used());
        assertEquals(10, two.used());
        assertEquals(10, cache.size());
    }

    @Test
    void whatARemovedGroupLeavesIsItsParents() throws InterruptedException {
        MemoryGroup one = memory.newGroup(root);
        long page = allocateFor(one, 40, MemoryKind.SHARED);
        memory.remove(one);
        assertEquals(0, one.used());
        assertEquals(0, one.used(MemoryKind.SHARED));
        assertEquals(base + 40, root.used());
        assertEquals(40, root.used(MemoryKind.SHARED));
        MemoryGroup next = memory.newGroup(root);
        assertEquals(one.index, next.index, "its number is free");
        memory.decRef(page, 40);
        assertEquals(base, root.used());
        assertEquals(0, next.used());
    }

    @Test
    void thereMayBeManyOneAfterAnother() {
        for (int i = 0; i < 40_000; i++) {
            MemoryGroup group = memory.newGroup(root);
            assertNotNull(group);
            memory.remove(group);
        }
        for (int i = 0; i < 300; i++) {
            assertNotNull(memory.newGroup(root));
        }
    }
}
