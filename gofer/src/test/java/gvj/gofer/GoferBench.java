package gvj.gofer;

import gvj.host.Host;
import gvj.host.HostFiles;
import gvj.wire.Attr;
import gvj.wire.GoferClient;
import gvj.wire.Mounted;
import gvj.wire.WalkResult;
import gvj.wire.Wire;
import java.nio.charset.StandardCharsets;

/**
 * Costs of round trips: {@code GoferBench FD} with a connected channel of a gofer whose mount 0 is {@code /}. Prints
 * microseconds for each operation, the least of five rounds.
 */
public final class GoferBench {
    private static final int ROUNDS = 5;
    private static final int TIMES = 20_000;

    private final GoferClient client;
    private final Attr attr = new Attr();
    private final WalkResult walk = new WalkResult();
    private final byte[][] names = {b("usr"), b("lib"), b("x86_64-linux-gnu"), b("libc.so.6")};
    private int root;
    private int node;

    private GoferBench(int fd) {
        client = new GoferClient(new int[] {fd}, 1, System.err::println);
    }

    static byte[] b(String s) {
        return s.getBytes(StandardCharsets.UTF_8);
    }

    public static void main(String[] args) {
        GoferBench bench = new GoferBench(Integer.parseInt(args[0]));
        Mounted m = new Mounted();
        if (bench.client.attach(0, m) < 0) {
            throw new IllegalStateException("attach");
        }
        bench.root = m.node;
        bench.node = bench.client.lookup(m.node, b("usr"), bench.attr);
        bench.run("getattr", 0);
        bench.run("lookup 1", 1);
        bench.run("walk 4", 2);
        bench.walkTo();
        bench.run("open+close", 3);
        bench.tree();
        bench.client.shutdown();
    }

    private void walkTo() {
        client.walk(root, names, 0, 4, walk);
        node = walk.nodes[3];
    }

    private void run(String what, int kind) {
        long best = Long.MAX_VALUE;
        for (int r = 0; r < ROUNDS; r++) {
            long t = Host.clockGettime(Host.CLOCK_MONOTONIC);
            for (int i = 0; i < TIMES; i++) {
                step(kind);
            }
            best = Math.min(best, Host.clockGettime(Host.CLOCK_MONOTONIC) - t);
        }
        System.out.println(what + " " + best / (TIMES * 1000.0) + " us");
    }

    private void step(int kind) {
        switch (kind) {
            case 0 -> client.getattr(node, attr);
            case 1 -> client.forget(client.lookup(root, names[0], attr));
            case 2 -> {
                client.walk(root, names, 0, 4, walk);
                for (int i = 0; i < walk.count; i++) {
                    client.forget(walk.nodes[i]);
                }
            }
            default -> Host.close(client.open(node, HostFiles.O_RDONLY, attr));
        }
    }

    private long entries;

    /** As find(1) does: everything below /usr, with attributes. */
    private void tree() {
        long t = Host.clockGettime(Host.CLOCK_MONOTONIC);
        int usr = client.lookup(root, names[0], attr);
        find(usr);
        client.forget(usr);
        client.flushForgotten();
        long us = (Host.clockGettime(Host.CLOCK_MONOTONIC) - t) / 1000;
        System.out.println(
                "find /usr: " + entries + " entries in " + us / 1000 + " ms, " + (double) us / entries + " us each");
    }

    private void find(int dir) {
        java.util.ArrayList<byte[]> below = new java.util.ArrayList<>();
        long cookie = 0;
        while (cookie != Wire.LIST_END && cookie >= 0) {
            cookie = client.list(dir, cookie, Wire.LIST_ATTR, (name, ino, type, next, n, a) -> {
                entries++;
                if ((a.mode & 0170000) == 0040000) {
                    below.add(name);
                }
            });
        }
        for (byte[] name : below) {
            int n = client.lookup(dir, name, attr);
            if (n > 0) {
                find(n);
                client.forget(n);
            }
        }
    }
}
