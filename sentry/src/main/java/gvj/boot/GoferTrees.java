package gvj.boot;

import gvj.fs.gofer.GoferFs;
import gvj.fs.gofer.PageCache;
import gvj.fs.gofer.Sharing;
import gvj.mm.MemoryFile;
import gvj.wire.GoferClient;
import gvj.wire.Mounted;
import java.util.ArrayList;
import java.util.List;

/**
 * The gofer's trees as file systems, for all containers of a sandbox. A directory of the host that several of them mount is
 * one file system, with one object for each file, so that what one maps and locks is what the others see. What no container has,
 * and no process works in or has a file of open, is given back, here and at the gofer: then the host can unmount it.
 *
 * <p>Lock: the monitor guards the list; the gofer is asked under it.
 */
final class GoferTrees implements GoferFs.Owner {
    /** Channels to the gofer may grow to this when many tasks ask at once. */
    private static final int MAX_CHANNELS = 16;

    private final MemoryFile memory;
    private final List<Integer> sockets;
    private final List<Tree> trees = new ArrayList<>();
    private GoferClient client;
    private PageCache cache;

    /** A file system and how many containers' mounts have it; none if files of it are passed on and open elsewhere. */
    private static final class Tree {
        final GoferFs fs;
        /** Whether a container that has the same directory gets this one. */
        final boolean common;

        int uses = 1;

        Tree(GoferFs fs, boolean common) {
            this.fs = fs;
            this.common = common;
        }
    }

    /** {@code sockets} are one end of each channel to the gofer. */
    GoferTrees(MemoryFile memory, List<Integer> sockets) {
        this.memory = memory;
        this.sockets = sockets;
    }

    /** How many requests of each operation the gofer got. */
    synchronized long[] requests() {
        return client == null ? new long[0] : client.requests();
    }

    /** From now on nothing changes in a tree any more. */
    synchronized void seal(int index) {
        client.seal(index);
    }

    /**
     * The file system of tree {@code index}, to be given back once.
     *
     * @param common whether it may be the one that somebody else has of the same directory
     */
    synchronized GoferFs take(int index, Sharing sharing, boolean common) {
        connect();
        for (int i = 0; i < trees.size(); i++) {
            Tree known = trees.get(i);
            if (known.fs.index() == index && known.fs.sharing() == sharing) {
                return used(known);
            }
        }
        Mounted mounted = GoferFs.attach(client, index);
        for (int i = 0; common && i < trees.size(); i++) {
            Tree known = trees.get(i);
            // one that can be written to also serves mounts that cannot
            if (known.common && known.fs.isOf(mounted, sharing) && (!known.fs.isReadOnly() || mounted.readOnly)) {
                client.forget(mounted.node);
                return used(known);
            }
        }
        GoferFs fs = new GoferFs(client, cache, index, sharing, mounted);
        trees.add(new Tree(fs, common));
        return fs;
    }

    private static GoferFs used(Tree tree) {
        tree.uses++;
        tree.fs.tellUnused(null);
        return tree.fs;
    }

    /** One user less. With the last one it goes, or when the last file of it is closed that a process elsewhere was given. */
    synchronized void give(GoferFs fs) {
        Tree tree = find(fs);
        if (--tree.uses == 0) {
            fs.tellUnused(this);
            discardIfUnused(tree);
        }
    }

    @Override
    public synchronized void unused(GoferFs fs) {
        Tree tree = find(fs);
        if (tree != null) {
            discardIfUnused(tree);
        }
    }

    private Tree find(GoferFs fs) {
        for (int i = 0; i < trees.size(); i++) {
            if (trees.get(i).fs == fs) {
                return trees.get(i);
            }
        }
        return null;
    }

    private void discardIfUnused(Tree tree) {
        if (tree.uses == 0 && !tree.fs.isBusy()) {
            trees.remove(tree);
            tree.fs.close();
            detachUnused(tree.fs.index(), 1);
        }
    }

    /** Of {@code count} trees from {@code first} on, lets the gofer forget those that no file system is made of. */
    synchronized void detachUnused(int first, int count) {
        for (int index = first; index < first + count; index++) {
            if (!isUsed(index)) {
                connect();
                client.flushForgotten();
                client.detach(index);
            }
        }
    }

    private boolean isUsed(int index) {
        for (Tree tree : trees) {
            if (tree.fs.index() == index) {
                return true;
            }
        }
        return false;
    }

    private void connect() {
        if (client == null) {
            int[] ends = new int[sockets.size()];
            for (int i = 0; i < ends.length; i++) {
                ends[i] = sockets.get(i);
            }
            // A lost gofer is the launcher's to report: it ends the sandbox.
            client = new GoferClient(ends, MAX_CHANNELS, line -> {});
            cache = new PageCache(memory);
        }
    }
}
