package gvj.fs.gofer;

import gvj.abi.Stat;
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
    private boolean everything;
    /** Entries counted for it in {@link GoferFs}, whose lock guards this. */
    private int weight;

    /** A name's node, whose count the entry owns, and attributes. */
    record Entry(int node, Attr attr) {}

    /** Keeps an entry; the oldest goes if there are many. */
    void put(String name, int node, Attr attr, GoferClient client) {
        Attr copy = new Attr();
        copy.set(attr);
        Entry old;
        Entry dropped = null;
        synchronized (this) {
            Entry entry = new Entry(node, copy);
            kept += isFile(entry) ? 1 : 0;
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
        Entry entry = entries.remove(name);
        taken += isFile(entry) ? 1 : 0;
        return entry;
    }

    /** Whether there is an entry. */
    synchronized boolean has(String name) {
        return entries.containsKey(name);
    }

    /** It is kept with what it holds now, see {@link #weight}. */
    synchronized int keep(boolean ofAllFiles) {
        everything |= ofAllFiles;
        weight = entries.size();
        return weight;
    }

    int weight() {
        return weight;
    }

    /** Whether attributes of all files were asked for, so that {@link #wasUseful} tells something. */
    synchronized boolean sawEverything() {
        return everything;
    }

    /** Whether enough of the files were asked for: a round trip costs as much as four entries. */
    synchronized boolean wasUseful() {
        return taken * 4 > kept;
    }

    /** Directories come along in any case. */
    private static boolean isFile(Entry entry) {
        return entry != null && (entry.attr.mode & Stat.S_IFMT) != Stat.S_IFDIR;
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
