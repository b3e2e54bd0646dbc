package gvj.fs.gofer;

import gvj.vfs.DirectorySink;
import gvj.wire.Wire;
import java.util.Arrays;
import java.util.List;

/** The entries of a directory as it told them, in its order. Immutable but for an index made when it is first needed. */
final class Listing {
    /** A line; {@code cookie} is the position behind it. */
    record Entry(String name, long ino, int type, long cookie) {}

    private final List<Entry> entries;
    private final boolean complete;
    /** Names in order, for {@link #lacks}. */
    private String[] sorted;

    /**
     * A listing.
     *
     * @param complete whether these are all entries, or the first ones of very many
     */
    Listing(List<Entry> entries, boolean complete) {
        this.entries = entries;
        this.complete = complete;
    }

    int size() {
        return entries.size();
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
            sorted = new String[entries.size()];
            Arrays.setAll(sorted, i -> entries.get(i).name);
            Arrays.sort(sorted);
        }
        return Arrays.binarySearch(sorted, name) < 0;
    }

    /** The number of the first entry behind a position; -1 if no entry ends there. */
    int behind(long position) {
        if (position == 0) {
            return 0;
        }
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i).cookie == position) {
                return i + 1;
            }
        }
        return -1;
    }

    /** Tells entries from number {@code from} on until the sink has enough; whether it took all. */
    boolean tell(int from, DirectorySink sink) {
        for (int i = from; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            long next = complete && i == entries.size() - 1 ? Wire.LIST_END : entry.cookie;
            if (!sink.add(entry.name, entry.ino, entry.type, next)) {
                return false;
            }
        }
        return true;
    }
}
