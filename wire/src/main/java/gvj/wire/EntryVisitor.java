package gvj.wire;

/** Takes the entries of a directory page as they are decoded. It must not call the {@link GoferClient}. */
public interface EntryVisitor {
    /**
     * One entry; "." and ".." never come.
     *
     * @param name a new array, the visitor's to keep
     * @param type DT_ type as in readdir(3), 0 if unknown
     * @param cookie where to go on after this entry
     * @param node 0, or a node the visitor now owns (asked for with {@link Wire#LIST_NODE})
     * @param attr the visitor's to keep if there is a node, else reused; {@code attr.mode == 0} if attributes were not asked for or the entry has just
     *     gone
     */
    void entry(byte[] name, long ino, int type, long cookie, int node, Attr attr);
}
