package gvj.fs.gofer;

import gvj.wire.Attr;
import gvj.wire.GoferClient;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What reading a directory told about its entries, for the lookups that usually follow. Its monitor guards it.
 */
final class Prefetch {
    /** Entries kept for one directory. */
    private static final int MOST = 2048;

    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private int kept;
    private int taken;

    /** A name's node, whose count the entry owns, and attributes. */
    record Entry(int node, Attr attr) {}

    /** Keeps an entry; the oldest goes if there are many. */
    void put(String name, int node, Attr attr, GoferClient client) {
        Attr copy = new Attr();
        copy.set(attr);
        Entry old;
        Entry dropped = null;
        synchronized (this) {
            kept++;
            old = entries.put(name, new Entry(node, copy));
            if (entries.size() > MOST) {
                var first = entries.entrySet().iterator();
                dropped = first.next().getValue();
                first.remove();
            }
        }
        forget(old, client);
        forget(dropped, client);
    }

    private static void forget(Entry entry, GoferClient client) {
        if (entry != null) {
            client.forget(entry.node);
        }
    }

    /** Takes an entry out: the node is the caller's. Null if there is none. */
    synchronized Entry take(String name) {
        Entry entry = entries.remove(name);
        taken += entry == null ? 0 : 1;
        return entry;
    }

    /** Whether a good part of the entries was asked for. */
    synchronized boolean wasUseful() {
        return taken * 3 > kept;
    }

    /** Drops an entry that is not true any more. */
    void remove(String name, GoferClient client) {
        forget(take(name), client);
    }

    void clear(GoferClient client) {
        Entry[] all;
        synchronized (this) {
            all = entries.values().toArray(new Entry[0]);
            entries.clear();
        }
        for (Entry entry : all) {
            forget(entry, client);
        }
    }
}
