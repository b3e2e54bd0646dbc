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
    /** Entries counted for it in {@link GoferFs}, whose lock guards this. */
    private int weight;

    /** A name's node, whose count the entry owns, attributes, which are the taker's, and when they are too old. */
    record Entry(int node, Attr attr, long until) {}

    /** Keeps an entry; the oldest goes if there are many. */
    void put(String name, Entry entry, GoferClient client) {
        Entry old;
        Entry dropped = null;
        synchronized (this) {
            old = entries.put(name, entry);
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
        return entries.remove(name);
    }

    /** Whether there is an entry. */
    synchronized boolean has(String name) {
        return entries.containsKey(name);
    }

    /** It is kept with what it holds now, see {@link #weight}. */
    synchronized int keep() {
        weight = entries.size();
        return weight;
    }

    int weight() {
        return weight;
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
