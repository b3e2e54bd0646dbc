package gvj.gofer;

/** Nodes with an open descriptor, by last use. Guarded by the monitor of the {@link NodeTable}. */
final class NodeQueue {
    private Node newest;
    private Node oldest;
    private int size;

    int size() {
        return size;
    }

    Node oldest() {
        return oldest;
    }

    void push(Node n) {
        n.lruOlder = newest;
        n.lruNewer = null;
        if (newest != null) {
            newest.lruNewer = n;
        } else {
            oldest = n;
        }
        newest = n;
        size++;
    }

    void remove(Node n) {
        if (n.lruNewer != null) {
            n.lruNewer.lruOlder = n.lruOlder;
        } else {
            newest = n.lruOlder;
        }
        if (n.lruOlder != null) {
            n.lruOlder.lruNewer = n.lruNewer;
        } else {
            oldest = n.lruNewer;
        }
        n.lruNewer = null;
        n.lruOlder = null;
        size--;
    }

    /** Makes a node of this queue the newest. */
    void touch(Node n) {
        if (n != newest) {
            remove(n);
            push(n);
        }
    }
}
