package gvj.wire;

/** The root of a mount, as {@link GoferClient#attach} gives it. */
public final class Mounted {
    public int node;
    /** Every change through this mount answers {@code -EROFS}. */
    public boolean readOnly;
    /** A file's birth changes when it is first written to. */
    public boolean copiesUp;

    public final Attr attr = new Attr();
}
