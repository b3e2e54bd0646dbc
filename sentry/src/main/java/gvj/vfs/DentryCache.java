package gvj.vfs;

/**
 * Keeps the dentries of one file system that were used last, so that the garbage collector does not take them: a clock
 * over a bounded ring.
 *
 * <p>Lock: its monitor guards the ring; innermost.
 */
final class DentryCache {
    private static final int FIRST = 64;

    private final int capacity;
    private Dentry[] ring = new Dentry[FIRST];
    private int size;
    private int hand;

    DentryCache(int capacity) {
        this.capacity = capacity;
    }

    /** Keeps {@code dentry} until others were used more recently. */
    synchronized void add(Dentry dentry) {
        if (dentry.cached) {
            dentry.referenced = true;
            return;
        }
        dentry.cached = true;
        if (size < capacity) {
            if (size == ring.length) {
                ring = java.util.Arrays.copyOf(ring, Math.min(capacity, size * 2));
            }
            ring[size++] = dentry;
            return;
        }
        while (ring[hand].referenced && !ring[hand].isDead()) {
            ring[hand].referenced = false;
            advance();
        }
        ring[hand].cached = false;
        ring[hand] = dentry;
        advance();
    }

    private void advance() {
        hand = hand + 1 == size ? 0 : hand + 1;
    }

    /** Lets everything go that is not used otherwise (memory pressure, unmount). */
    synchronized void clear() {
        for (int i = 0; i < size; i++) {
            ring[i].cached = false;
        }
        ring = new Dentry[FIRST];
        size = 0;
        hand = 0;
    }
}
