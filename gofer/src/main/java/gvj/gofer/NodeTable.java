package gvj.gofer;

import gvj.host.Host;
import gvj.host.HostErrno;
import gvj.host.HostFiles;
import gvj.host.Mem;
import gvj.host.Statx;

/**
 * All nodes: by number, by place (parent and name), and the few that have a descriptor open, by last use.
 *
 * <p>Locks: the monitor guards all of it and the nodes' fields. It is innermost and never held during a host call:
 * descriptors are opened and closed outside of it.
 */
final class NodeTable {
    /** O_PATH opens of what we already know: no symbolic link may be followed anywhere. */
    static final int RESOLVE =
            HostFiles.RESOLVE_BENEATH | HostFiles.RESOLVE_NO_SYMLINKS | HostFiles.RESOLVE_NO_MAGICLINKS;

    private static final int[] NOTHING = new int[0];

    private final int maxNodes;
    private final int maxFds;

    private Node[] byId = new Node[256];
    private int[] freeIds = new int[256];
    private int freeIdCount;
    private int nextId = 1;
    private int nodes;

    private Node[] buckets = new Node[1024];

    /** Descriptors of nodes at their place, which can be opened again. */
    private final NodeQueue cached = new NodeQueue();
    /** Descriptors of detached nodes, which cannot; at most half as many. */
    private final NodeQueue kept = new NodeQueue();

    private int[] doomed = NOTHING;
    private int doomedCount;

    NodeTable(int maxNodes, int maxFds) {
        this.maxNodes = maxNodes;
        this.maxFds = Math.max(maxFds, 16);
    }

    // ---- by number ----

    /** The node of that number, held until {@link #release}; or null if the client has none of that number. */
    synchronized Node acquire(int id) {
        Node n = id > 0 && id < nextId ? byId[id] : null;
        if (n == null || n.refs == 0) {
            return null;
        }
        n.users++;
        return n;
    }

    /** Holds a node that is held already, or one whose child is. */
    synchronized void acquire(Node n) {
        n.users++;
    }

    void release(Node n) {
        int[] fds;
        synchronized (this) {
            n.users--;
            drop(n);
            if (n.detached) {
                evict(kept, maxFds / 2); // there may be one too many because this one was in use
            }
            fds = takeDoomed();
        }
        closeAll(fds);
    }

    /** The client gives one reference back, if it has any. */
    void forget(int id) {
        int[] fds;
        synchronized (this) {
            Node n = id > 0 && id < nextId ? byId[id] : null;
            if (n == null || n.refs == 0) {
                return;
            }
            n.refs--;
            drop(n);
            fds = takeDoomed();
        }
        closeAll(fds);
    }

    /** How many nodes there are. */
    synchronized int size() {
        return nodes;
    }

    /** How many descriptors of nodes are open, roots not counted. */
    synchronized int openFds() {
        return cached.size() + kept.size();
    }

    // ---- by place ----

    /** Makes the root of a mount, which stays and keeps its descriptor until {@link #forget(Mount)}. */
    synchronized Node root(Mount mount, long statx, int fd, Node parent, byte[] name) {
        Node n = new Node(mount, statx);
        n.parent = parent;
        n.name = name;
        n.fd = fd;
        n.refs = 1;
        n.users = 1;
        n.permanent = true;
        if (parent != null) {
            parent.children++;
        }
        n.kernelInterface = 1; // whoever mounts /proc on purpose may have it
        giveId(n);
        return n;
    }

    /** One more reference to a root, which is held then; false if its mount is gone. */
    synchronized boolean reference(Node root) {
        if (root.mount.gone) {
            return false;
        }
        root.refs++;
        root.users++;
        return true;
    }

    /** A mount is gone: its nodes are none any more. Those in use, and the nodes above them, go when they are released. */
    void forget(Mount mount) {
        int[] fds;
        synchronized (this) {
            mount.gone = true;
            mount.root.users--; // the one that kept it
            for (int id = 1; id < nextId; id++) {
                Node n = byId[id];
                if (n != null && n.mount == mount) {
                    n.refs = 0;
                    drop(n);
                }
            }
            fds = takeDoomed();
        }
        closeAll(fds);
    }

    /** The node at a place, held; or null if the place is not known. */
    synchronized Node find(Node parent, long name, int length) {
        Node n = lookup(parent, name, length, hash(parent, name, length));
        if (n != null) {
            n.users++;
        }
        return n;
    }

    /**
     * The node for a file just found at a place, with one more reference and held; or null if there are too many nodes.
     * A node that was there for another file loses its place.
     */
    Node child(Node parent, long name, int length, long statx) {
        int[] fds;
        Node n;
        synchronized (this) {
            int hash = hash(parent, name, length);
            n = lookup(parent, name, length, hash);
            if (n != null && !n.is(statx)) {
                detach(n);
                n = null;
            }
            if (n == null && nodes < maxNodes && !parent.mount.gone) {
                n = insert(parent, name, length, hash, statx);
            }
            if (n != null) {
                n.refs += parent.mount.gone ? 0 : 1;
                n.users++;
            }
            fds = takeDoomed();
        }
        closeAll(fds);
        return n;
    }

    /** A node, with a reference and held, for a new file without a place, whose descriptor it takes; null if there are too many. */
    Node nameless(Node parent, long statx, int fd) {
        int[] fds;
        Node n = null;
        synchronized (this) {
            if (nodes < maxNodes && !parent.mount.gone) {
                n = new Node(parent.mount, statx);
                n.parent = parent;
                n.name = new byte[0];
                n.detached = true;
                n.refs = 1;
                n.users = 1;
                n.fd = fd;
                n.real = true;
                parent.children++;
                giveId(n);
                kept.push(n);
                evict(kept, maxFds / 2);
            } else {
                doom(fd);
            }
            fds = takeDoomed();
        }
        closeAll(fds);
        return n;
    }

    private Node insert(Node parent, long name, int length, int hash, long statx) {
        Node n = new Node(parent.mount, statx);
        n.parent = parent;
        n.name = new byte[length];
        Mem.copy(name, n.name, 0, length);
        parent.children++;
        giveId(n);
        n.hash = hash;
        link(n);
        return n;
    }

    /** The held node has been unlinked: it keeps its descriptor, if it has one, and its number. */
    void unlinked(Node n) {
        int[] fds;
        synchronized (this) {
            detach(n);
            fds = takeDoomed();
        }
        closeAll(fds);
    }

    /** What was at two places has changed places; either node may be unknown (null), both are held. */
    void exchanged(Node a, Node parentA, long nameA, int lengthA, Node b, Node parentB, long nameB, int lengthB) {
        if (a == null || b == null) {
            if (a != null) {
                moved(a, parentB, nameB, lengthB);
            } else if (b != null) {
                moved(b, parentA, nameA, lengthA);
            }
            return;
        }
        synchronized (this) { // both hold a place, so neither's parent can be dropped: only the numbers are set right
            boolean ring = isAncestor(a, parentB) || isAncestor(b, parentA);
            if (!ring) {
                unlink(a);
                unlink(b);
                a.parent = parentB;
                b.parent = parentA;
                byte[] name = a.name;
                a.name = b.name;
                b.name = name;
                a.hash = hash(parentB, nameB, lengthB);
                b.hash = hash(parentA, nameA, lengthA);
                link(a);
                link(b);
                return;
            }
        }
        unlinked(a);
        unlinked(b);
    }

    /** The held node is now at another place, whose former node, if any, has been dealt with. */
    void moved(Node n, Node parent, long name, int length) {
        int[] fds;
        synchronized (this) {
            if (isAncestor(n, parent)) { // others moved directories on the host: the tree we know would become a ring
                detach(n);
            } else {
                Node before = n.parent;
                unlink(n);
                n.parent = parent;
                n.name = new byte[length];
                Mem.copy(name, n.name, 0, length);
                n.hash = hash(parent, name, length);
                parent.children++;
                link(n);
                before.children--;
                drop(before);
            }
            fds = takeDoomed();
        }
        closeAll(fds);
    }

    private static boolean isAncestor(Node n, Node of) {
        for (Node p = of; p != null; p = p.parent) {
            if (p == n) {
                return true;
            }
        }
        return false;
    }

    // ---- descriptors ----

    /**
     * An O_PATH descriptor of a held node, good until it is released; or {@code -errno}. {@code -ESTALE} if something
     * else is at its place now. The lock of the mount must be held.
     */
    int fd(Node n, Scratch scratch) {
        Node step = null;
        try {
            while (true) {
                Node base;
                Node target;
                synchronized (this) {
                    if (n.fd >= 0) {
                        if (!n.permanent) {
                            queue(n).touch(n);
                        }
                        return n.fd;
                    }
                    target = n;
                    base = path(n, scratch);
                    while (base == null) { // too long for one call: go half of the way first
                        target = middle(target);
                        if (target == null) {
                            return -HostErrno.ESTALE;
                        }
                        base = path(target, scratch);
                    }
                    if (base.fd < 0) {
                        return -HostErrno.ESTALE;
                    }
                    base.users++;
                    target.users++;
                }
                int fd = open(base, target, scratch);
                release(base);
                if (step != null) {
                    release(step);
                }
                step = target;
                if (fd < 0) {
                    return fd;
                }
            }
        } finally {
            if (step != null) {
                release(step);
            }
        }
    }

    private int open(Node base, Node target, Scratch scratch) {
        int flags = HostFiles.O_PATH | HostFiles.O_NOFOLLOW;
        int fd = HostFiles.openat2(base.fd, scratch.path, flags, 0, RESOLVE);
        if (fd == -HostErrno.EMFILE || fd == -HostErrno.ENFILE) {
            makeRoom();
            fd = HostFiles.openat2(base.fd, scratch.path, flags, 0, RESOLVE);
        }
        if (fd < 0) {
            return isGone(fd) ? -HostErrno.ESTALE : fd;
        }
        int result = HostFiles.fstatx(fd, Statx.BASIC_STATS, scratch.check);
        if (result < 0 || !target.is(scratch.check)) {
            Host.close(fd);
            return result < 0 ? result : -HostErrno.ESTALE;
        }
        adopt(target, fd);
        return 0;
    }

    /** Errors that mean that a place has changed. */
    static boolean isGone(int errno) {
        return errno == -HostErrno.ENOENT || errno == -HostErrno.ENOTDIR || errno == -HostErrno.ELOOP;
    }

    /** Gives a held node an open descriptor, unless it has got one meanwhile. */
    void adopt(Node n, int fd) {
        int[] fds;
        synchronized (this) {
            if (n.fd >= 0) {
                doom(fd);
            } else {
                n.fd = fd;
                queue(n).push(n);
                evict(cached, maxFds);
                evict(kept, maxFds / 2);
            }
            fds = takeDoomed();
        }
        closeAll(fds);
    }

    /** The process is out of descriptors: closes half of what is cached. */
    void makeRoom() {
        int[] fds;
        synchronized (this) {
            evict(cached, cached.size() / 2);
            fds = takeDoomed();
        }
        closeAll(fds);
    }

    /**
     * Writes the path from the nearest ancestor that has a descriptor to {@code n}, and returns that ancestor; null if
     * the path is longer than a path may be; a node without descriptor if there is no way (a detached ancestor).
     */
    private static Node path(Node n, Scratch scratch) {
        int at = Scratch.PATH_BYTES;
        Node p = n;
        while (p.fd < 0) {
            if (p.detached || p.parent == null) {
                return p;
            }
            at -= p.name.length + 1;
            if (at < 0) {
                return null;
            }
            Mem.copy(p.name, 0, scratch.path + at, p.name.length);
            Mem.putByte(scratch.path + at + p.name.length, (byte) (p == n ? 0 : '/'));
            p = p.parent;
        }
        if (at > 0) {
            Mem.copy(scratch.path + at, scratch.path, Scratch.PATH_BYTES - at);
        }
        return p;
    }

    /** The node half way between {@code n} and its nearest ancestor with a descriptor, or null if there is none. */
    private static Node middle(Node n) {
        Node half = n;
        boolean odd = false;
        for (Node p = n; p.fd < 0; p = p.parent) {
            if (p.detached || p.parent == null) {
                return null;
            }
            if (odd) {
                half = half.parent;
            }
            odd = !odd;
        }
        return half == n ? null : half;
    }

    // ---- under the monitor ----

    private void giveId(Node n) {
        if (freeIdCount > 0) {
            n.id = freeIds[--freeIdCount];
        } else {
            if (nextId == byId.length) {
                Node[] more = new Node[nextId * 2];
                System.arraycopy(byId, 0, more, 0, nextId);
                byId = more;
            }
            n.id = nextId++;
        }
        byId[n.id] = n;
        nodes++;
    }

    /** Lets a node go if nobody needs it, then its parent if that was needed for this one only. */
    private void drop(Node n) {
        Node p = n;
        while (p != null && p.refs == 0 && p.children == 0 && p.users == 0) {
            if (p.fd >= 0) {
                closeFd(p);
            }
            if (!p.detached) {
                unlink(p);
            }
            byId[p.id] = null;
            if (freeIdCount == freeIds.length) {
                int[] more = new int[freeIdCount * 2];
                System.arraycopy(freeIds, 0, more, 0, freeIdCount);
                freeIds = more;
            }
            freeIds[freeIdCount++] = p.id;
            nodes--;
            Node parent = p.parent;
            if (parent != null) {
                parent.children--;
            }
            p = parent;
        }
    }

    private void detach(Node n) {
        if (n.detached || n.parent == null) {
            return;
        }
        unlink(n);
        if (n.fd >= 0) {
            cached.remove(n);
            kept.push(n);
        }
        n.detached = true;
        drop(n);
        evict(kept, maxFds / 2);
    }

    private NodeQueue queue(Node n) {
        return n.detached ? kept : cached;
    }

    private void closeFd(Node n) {
        if (!n.permanent) {
            queue(n).remove(n);
        }
        doom(n.fd);
        n.fd = -1;
    }

    /** Closes what was used longest ago and is not in use, until no more than {@code limit} are open. */
    private void evict(NodeQueue from, int limit) {
        Node n = from.oldest();
        while (n != null && from.size() > limit) {
            Node newer = n.lruNewer;
            if (n.users == 0) {
                closeFd(n);
            }
            n = newer;
        }
    }

    private static int hash(Node parent, long name, int length) {
        int h = parent.id;
        for (int i = 0; i < length; i++) {
            h = h * 31 + Mem.getByte(name + i);
        }
        h *= 0x9e3779b1;
        return h ^ h >>> 15;
    }

    private Node lookup(Node parent, long name, int length, int hash) {
        for (Node n = buckets[hash & buckets.length - 1]; n != null; n = n.hashNext) {
            if (n.hash == hash && n.parent == parent && n.name.length == length && isSame(n.name, name)) {
                return n;
            }
        }
        return null;
    }

    private static boolean isSame(byte[] a, long b) {
        for (int i = 0; i < a.length; i++) {
            if (a[i] != Mem.getByte(b + i)) {
                return false;
            }
        }
        return true;
    }

    private void link(Node n) {
        if (nodes > buckets.length) {
            rehash();
        }
        int i = n.hash & buckets.length - 1;
        n.hashNext = buckets[i];
        buckets[i] = n;
    }

    private void unlink(Node n) {
        int i = n.hash & buckets.length - 1;
        if (buckets[i] == n) {
            buckets[i] = n.hashNext;
        } else {
            for (Node p = buckets[i]; p != null; p = p.hashNext) {
                if (p.hashNext == n) {
                    p.hashNext = n.hashNext;
                    break;
                }
            }
        }
        n.hashNext = null;
    }

    private void rehash() {
        Node[] old = buckets;
        buckets = new Node[old.length * 2];
        for (Node head : old) {
            Node n = head;
            while (n != null) {
                Node next = n.hashNext;
                int i = n.hash & buckets.length - 1;
                n.hashNext = buckets[i];
                buckets[i] = n;
                n = next;
            }
        }
    }

    private void doom(int fd) {
        if (doomedCount == doomed.length) {
            int[] more = new int[doomedCount * 2 + 4];
            System.arraycopy(doomed, 0, more, 0, doomedCount);
            doomed = more;
        }
        doomed[doomedCount++] = fd;
    }

    /** What to close after leaving the monitor: closing the last descriptor of a deleted file can take long. */
    private int[] takeDoomed() {
        if (doomedCount == 0) {
            return NOTHING;
        }
        int[] fds = new int[doomedCount];
        System.arraycopy(doomed, 0, fds, 0, doomedCount);
        doomedCount = 0;
        return fds;
    }

    private static void closeAll(int[] fds) {
        for (int fd : fds) {
            Host.close(fd);
        }
    }
}
