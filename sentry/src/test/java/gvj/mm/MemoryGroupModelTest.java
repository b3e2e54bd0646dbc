package gvj.mm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * Random histories of a tree of groups: pages taken and freed for each kind, groups made and removed, limits set and lifted.
 * {@code -Dgvj.model.seeds=N} runs more of them.
 */
class MemoryGroupModelTest {
    private static final int SEEDS = Integer.getInteger("gvj.model.seeds", 200);
    private static final int STEPS = 300;
    private static final int LIMIT = 4000;
    private static final int MAX_PAGES = 40;

    /** What was allocated at once, and who pays for it. */
    private record Piece(long offset, int pages, MemoryKind kind, Node payer) {}

    /** What the model knows of a group. */
    private static final class Node {
        final Node parent;
        final MemoryGroup group;
        final List<Node> children = new ArrayList<>();
        long limit = MemoryGroup.NO_LIMIT;

        Node(Node parent, MemoryGroup group) {
            this.parent = parent;
            this.group = group;
        }

        boolean isWithin(Node other) {
            return this == other || parent != null && parent.isWithin(other);
        }
    }

    private static final class Model {
        final MemoryFile memory = new MemoryFile(64L << 20, LIMIT);
        final Random random;
        final Node root = new Node(null, memory.root());
        final long base = memory.root().used();
        final List<Node> nodes = new ArrayList<>(List.of(root));
        List<Piece> pieces = new ArrayList<>();

        Model(int seed) {
            random = new Random(seed);
            root.limit = LIMIT;
        }

        private Node any() {
            return nodes.get(random.nextInt(nodes.size()));
        }

        void step(AtomicReference<MemoryGroup> worker) {
            int what = random.nextInt(100);
            if (what < 45) {
                allocate(any(), worker);
            } else if (what < 75) {
                free();
            } else if (what < 85 && nodes.size() < 12) {
                Node parent = any();
                Node child = new Node(parent, memory.newGroup(parent.group));
                assertEquals(0, child.group.used());
                assertEquals(0, child.group.peak());
                parent.children.add(child);
                nodes.add(child);
            } else if (what < 93) {
                limit(any());
            } else {
                remove(any());
            }
        }

        private void allocate(Node payer, AtomicReference<MemoryGroup> worker) {
            worker.set(payer.group);
            int pages = 1 + random.nextInt(MAX_PAGES);
            MemoryKind kind = MemoryKind.values()[random.nextInt(3)];
            boolean room = true;
            for (Node node = payer; node != null; node = node.parent) {
                room &= used(node, null) + pages <= node.limit;
            }
            long offset = memory.allocate(pages, kind);
            assertEquals(room, offset >= 0);
            if (room) {
                pieces.add(new Piece(offset, pages, kind, payer));
            }
        }

        private void free() {
            if (!pieces.isEmpty()) {
                Piece piece = pieces.remove(random.nextInt(pieces.size()));
                assertTrue(memory.isChargedTo(piece.offset, piece.payer.group));
                memory.decRef(piece.offset, piece.pages);
            }
        }

        private void limit(Node node) {
            long pages = random.nextBoolean() && node != root ? MemoryGroup.NO_LIMIT : random.nextInt(LIMIT);
            boolean holds = memory.setLimit(node.group, pages);
            assertEquals(used(node, null) <= pages, holds);
            if (holds) {
                node.limit = pages;
            }
        }

        private void remove(Node node) {
            if (node == root || !node.children.isEmpty()) {
                return;
            }
            memory.remove(node.group);
            node.parent.children.remove(node);
            nodes.remove(node);
            List<Piece> now = new ArrayList<>();
            for (Piece piece : pieces) {
                now.add(piece.payer == node ? new Piece(piece.offset, piece.pages, piece.kind, node.parent) : piece);
            }
            pieces = now;
            assertEquals(0, node.group.used());
        }

        /** Pages in use below {@code node}; those of one kind only, if {@code kind} is not null. */
        private long used(Node node, MemoryKind kind) {
            long sum = node == root && (kind == null || kind == MemoryKind.ANONYMOUS) ? base : 0;
            for (Piece piece : pieces) {
                sum += piece.payer.isWithin(node) && (kind == null || piece.kind == kind) ? piece.pages : 0;
            }
            return sum;
        }

        void check() {
            for (Node node : nodes) {
                assertEquals(used(node, null), node.group.used());
                assertTrue(node.group.used() <= node.group.peak());
                for (MemoryKind kind : MemoryKind.values()) {
                    assertEquals(used(node, kind), node.group.used(kind));
                }
            }
        }

        void end() {
            while (!pieces.isEmpty()) {
                free();
            }
            check();
            assertEquals(base, memory.usedPages());
        }
    }

    /** A thread that works for whatever group is set. */
    private static final class Worker extends Thread implements MemoryGroup.Payer {
        final AtomicReference<MemoryGroup> group = new AtomicReference<>();
        final Throwable[] failure = new Throwable[1];

        Worker(MemoryGroup first, Runnable work) {
            super(work);
            group.set(first);
            setUncaughtExceptionHandler((thread, cause) -> failure[0] = cause);
        }

        @Override
        public MemoryGroup memoryGroup() {
            return group.get();
        }

        void await() throws InterruptedException {
            join();
            if (failure[0] != null) {
                throw new AssertionError(failure[0]);
            }
        }
    }

    @Test
    void sumsAreRightAndEndAtZero() throws InterruptedException {
        for (int seed = 0; seed < SEEDS; seed++) {
            Model model = new Model(seed);
            Worker[] worker = new Worker[1];
            worker[0] = new Worker(model.root.group, () -> history(model, worker[0]));
            worker[0].start();
            worker[0].await();
        }
    }

    private static void history(Model model, Worker worker) {
        for (int step = 0; step < STEPS; step++) {
            model.step(worker.group);
            model.check();
        }
        model.end();
    }

    /** As when a process of another container writes to the memory of one that is just going. */
    @Test
    void nothingIsLostWhereGroupsGoUnderTheirUsers() throws InterruptedException {
        MemoryFile memory = new MemoryFile(64L << 20, 16000);
        long base = memory.usedPages();
        AtomicReference<MemoryGroup> current = new AtomicReference<>(memory.newGroup(memory.root()));
        List<Worker> workers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Worker[] self = new Worker[1];
            Random random = new Random(i);
            self[0] = new Worker(current.get(), () -> comeAndGo(memory, random, self[0].group, current));
            workers.add(self[0]);
        }
        workers.forEach(Thread::start);
        List<MemoryGroup> all = new ArrayList<>();
        for (int round = 0; round < 100 * SEEDS; round++) {
            MemoryGroup next = memory.newGroup(memory.root());
            memory.remove(current.getAndSet(next));
            all.add(next);
        }
        current.set(null);
        for (Worker worker : workers) {
            worker.await();
        }
        memory.remove(all.getLast());
        assertEquals(base, memory.usedPages());
        for (MemoryGroup group : all) {
            assertEquals(0, group.used());
        }
    }

    private static void comeAndGo(
            MemoryFile memory,
            Random random,
            AtomicReference<MemoryGroup> payer,
            AtomicReference<MemoryGroup> current) {
        long[] offsets = new long[16];
        java.util.Arrays.fill(offsets, -1);
        for (MemoryGroup now = current.get(); now != null; now = current.get()) {
            payer.set(now); // which may be gone long before the last of these
            for (int i = 0; i < 8; i++) {
                int slot = random.nextInt(offsets.length);
                if (offsets[slot] >= 0) {
                    memory.decRef(offsets[slot]);
                }
                offsets[slot] = memory.allocate(1, MemoryKind.values()[random.nextInt(3)]);
            }
        }
        for (long offset : offsets) {
            if (offset >= 0) {
                memory.decRef(offset);
            }
        }
    }
}
