package gvj.fs.gofer;

import gvj.vfs.DirectorySink;
import gvj.wire.Attr;
import gvj.wire.EntryVisitor;
import gvj.wire.Wire;
import java.util.Arrays;

/**
 * The entries of a directory as it told them, in its order. It takes them while it is read, and what came along for
 * {@link Prefetch}; from {@link #finish} on it is immutable but for an index made when it is first needed. Arrays, for there
 * may be very many entries and they are often told only once.
 */
final class Listing implements EntryVisitor {
    private static final int FIRST = 32;

    private String[] names = new String[FIRST];
    private long[] inos = new long[FIRST];
    private byte[] types = new byte[FIRST];
    /** Positions behind the entries. */
    private long[] cookies = new long[FIRST];

    private int count;
    private boolean complete;
    private long until;
    /** Names in order, for {@link #lacks}. */
    private String[] sorted;

    /** Numbers of the entries that came with a node since {@link #takeAlong}, the nodes and their attributes. */
    private int[] along = {};

    private int[] nodes = {};
    private Attr[] attrs = {};
    private int alongCount;

    @Override
    public void entry(byte[] name, long ino, int type, long cookie, int node, Attr attr) {
        if (count == names.length) {
            names = Arrays.copyOf(names, count * 2);
            inos = Arrays.copyOf(inos, count * 2);
            types = Arrays.copyOf(types, count * 2);
            cookies = Arrays.copyOf(cookies, count * 2);
        }
        names[count] = GoferInode.text(name);
        inos[count] = ino;
        types[count] = (byte) type;
        cookies[count] = cookie;
        if (node != 0) {
            comesAlong(node, attr);
        }
        count++;
    }

    private void comesAlong(int node, Attr attr) {
        if (alongCount == along.length) {
            int more = Math.max(FIRST, alongCount * 2);
            along = Arrays.copyOf(along, more);
            nodes = Arrays.copyOf(nodes, more);
            attrs = Arrays.copyOf(attrs, more);
        }
        along[alongCount] = count;
        nodes[alongCount] = node;
        attrs[alongCount++] = attr;
    }

    /** Who takes nodes that came along. */
    interface Taker {
        void take(String name, int node, Attr attr);
    }

    /** Gives away the nodes that came along since the last time; whether there were any. */
    boolean takeAlong(Taker taker) {
        boolean any = alongCount > 0;
        for (int i = 0; i < alongCount; i++) {
            taker.take(names[along[i]], nodes[i], attrs[i]);
        }
        along = new int[0];
        nodes = new int[0];
        attrs = new Attr[0];
        alongCount = 0;
        return any;
    }

    /** No more entries come: these are all, or the first ones of very many; they are true until {@code oldAt}, see {@link Sharing}. */
    Listing finish(boolean all, long oldAt) {
        complete = all;
        until = oldAt;
        names = Arrays.copyOf(names, count);
        inos = Arrays.copyOf(inos, count);
        types = Arrays.copyOf(types, count);
        cookies = Arrays.copyOf(cookies, count);
        return this;
    }

    boolean isOld() {
        return Sharing.isPast(until);
    }

    int size() {
        return count;
    }

    boolean isComplete() {
        return complete;
    }

    /** Whether there is certainly no such name. */
    synchronized boolean lacks(String name) {
        if (!complete) {
            return false;
        }
        if (sorted == null) {
            sorted = names.clone();
            Arrays.sort(sorted);
        }
        return Arrays.binarySearch(sorted, name) < 0;
    }

    /** The number of the first entry behind a position; -1 if no entry ends there. */
    int behind(long position) {
        if (position == 0) {
            return 0;
        }
        for (int i = 0; i < count; i++) {
            if (cookies[i] == position) {
                return i + 1;
            }
        }
        return -1;
    }

    /** Tells entries from number {@code from} on until the sink has enough; whether it took all. */
    boolean tell(int from, DirectorySink sink) {
        for (int i = from; i < count; i++) {
            long next = complete && i == count - 1 ? Wire.LIST_END : cookies[i];
            if (!sink.add(names[i], inos[i], types[i], next)) {
                return false;
            }
        }
        return true;
    }
}
