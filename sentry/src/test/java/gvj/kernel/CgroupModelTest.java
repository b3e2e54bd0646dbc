package gvj.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import gvj.mm.MemoryFile;
import gvj.syscalls.SyscallTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random histories of a tree of cgroups: tasks born and ended, limits, pauses, cgroups made and removed, against counts of each
 * alone. {@code -Dgvj.model.seeds=N} runs more of them.
 */
class CgroupModelTest {
    private static final int SEEDS = Integer.getInteger("gvj.model.seeds", 200);
    private static final int STEPS = 500;

    private static final class Node {
        final Node parent;
        final Cgroup cgroup;
        int children;
        int tasks;
        int born;
        int most = Kernel.MAX_TASKS;
        boolean paused;

        Node(Node parent, Cgroup cgroup) {
            this.parent = parent;
            this.cgroup = cgroup;
        }
    }

    private static final class Silence implements KernelLog {
        @Override
        public void line(String text) {}

        @Override
        public void notice(String text) {}

        @Override
        public void debug(String text) {}
    }

    private final MemoryFile memory = new MemoryFile(16L << 20, 1000);
    private final Kernel kernel = new Kernel(memory, null, SyscallTable.standard(), new Silence());
    private final Node root = new Node(null, kernel.rootCgroup);

    private List<Node> nodes;
    private Random random;

    @Test
    void countsAreRightAndEndAtZero() {
        for (int seed = 0; seed < SEEDS; seed++) {
            random = new Random(seed);
            nodes = new ArrayList<>(List.of(root));
            for (int step = 0; step < STEPS; step++) {
                step(nodes.get(random.nextInt(nodes.size())));
                check();
            }
            end();
        }
    }

    private void step(Node node) {
        switch (random.nextInt(12)) {
            case 0 -> make(node);
            case 1 -> remove(node);
            case 2 -> limit(node);
            case 3 -> pause(node, true);
            case 4 -> pause(node, false);
            case 5, 6, 7 -> end(node);
            default -> fork(node);
        }
    }

    private void make(Node parent) {
        if (nodes.size() < 12) {
            Node child = new Node(parent, parent.cgroup.newChild("some"));
            parent.children++;
            nodes.add(child);
        }
    }

    private void remove(Node node) {
        if (node == root || node.children > 0 || node.tasks > 0) {
            return;
        }
        node.cgroup.remove();
        node.parent.children--;
        node.parent.born += node.born; // figures never go back
        nodes.remove(node);
    }

    private void limit(Node node) {
        node.most = random.nextInt(3) == 0 ? Kernel.MAX_TASKS : 1 + random.nextInt(20);
        node.cgroup.setMaxTasks(node.most == Kernel.MAX_TASKS ? 0 : node.most);
    }

    private static void pause(Node node, boolean on) {
        node.paused = on;
        if (on) {
            node.cgroup.pause();
        } else {
            node.cgroup.resume();
        }
    }

    private void fork(Node node) {
        boolean room = true;
        for (Node at = node; at != null; at = at.parent) {
            room &= tasks(at) < at.most;
        }
        assertEquals(room, node.cgroup.hasRoom());
        if (room) {
            node.cgroup.taskBorn();
            node.tasks++;
            node.born++;
        }
    }

    private static void end(Node node) {
        if (node.tasks > 0) {
            node.tasks--;
            node.cgroup.taskEnded();
        }
    }

    private static boolean isWithin(Node node, Node other) {
        return node == other || node.parent != null && isWithin(node.parent, other);
    }

    private int tasks(Node top) {
        int sum = 0;
        for (Node node : nodes) {
            sum += isWithin(node, top) ? node.tasks : 0;
        }
        return sum;
    }

    private int born(Node top) {
        int sum = 0;
        for (Node node : nodes) {
            sum += isWithin(node, top) ? node.born : 0;
        }
        return sum;
    }

    private static boolean isPaused(Node node) {
        return node.paused || node.parent != null && isPaused(node.parent);
    }

    private void check() {
        for (Node node : nodes) {
            assertEquals(tasks(node), node.cgroup.taskCount());
            assertEquals(tasks(node) > 0, node.cgroup.isPopulated());
            assertEquals(born(node), node.cgroup.sums().born());
            assertEquals(node.paused, node.cgroup.isPaused());
            assertEquals(isPaused(node), node.cgroup.pause.isActive());
        }
    }

    private void end() {
        for (Node node : nodes) {
            while (node.tasks > 0) {
                end(node);
            }
        }
        while (nodes.size() > 1) {
            remove(nodes.get(1 + random.nextInt(nodes.size() - 1)));
        }
        pause(root, false);
        root.most = Kernel.MAX_TASKS;
        root.cgroup.setMaxTasks(0);
        check();
        assertEquals(0, root.cgroup.taskCount());
    }
}
