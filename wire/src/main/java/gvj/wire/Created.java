package gvj.wire;

/** A file that {@link GoferClient#create} made; reusable. */
public final class Created {
    public int node;
    /** The host descriptor, open as asked; the receiver closes it. */
    public int fd;

    public final Attr attr = new Attr();
}
