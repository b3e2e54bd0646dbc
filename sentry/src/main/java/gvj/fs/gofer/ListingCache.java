package gvj.fs.gofer;

import java.util.LinkedHashMap;

/**
 * The listings of an exclusive tree that were used last, so many entries in all, and a count of changes of names: what was
 * asked for before a change and comes after it is not kept.
 *
 * <p>Lock: the monitor guards it; innermost.
 */
final class ListingCache {
    /** Entries in all, about 100 bytes of the heap each. */
    private static final int MOST = 1 << 16;

    private final LinkedHashMap<GoferFs.Handle, Listing> kept = new LinkedHashMap<>(16, 0.75f, true);
    private int changes;
    private int entries;

    /** How often names changed. */
    synchronized int changes() {
        return changes;
    }

    synchronized Listing get(GoferFs.Handle directory) {
        Listing listing = kept.get(directory);
        if (listing != null && listing.isOld()) {
            forget(directory);
            return null;
        }
        return listing;
    }

    /** Keeps a listing that was asked for when {@link #changes} was {@code before}. */
    synchronized void put(GoferFs.Handle directory, Listing listing, int before) {
        if (changes != before) {
            return;
        }
        forget(directory);
        kept.put(directory, listing);
        entries += listing.size();
        while (entries > MOST) {
            forget(kept.keySet().iterator().next());
        }
    }

    /** Names in a directory changed. */
    synchronized void changed(GoferFs.Handle directory) {
        changes++;
        forget(directory);
    }

    synchronized void forget(GoferFs.Handle directory) {
        Listing old = kept.remove(directory);
        entries -= old == null ? 0 : old.size();
    }

    synchronized void clear() {
        kept.clear();
        entries = 0;
    }
}
