package gvj.wire;

/** What {@link GoferClient#walk} found; reusable. */
public final class WalkResult {
    /** How many components were found: the first so many of {@link #nodes} and {@link #attr} are filled. */
    public int count;
    /** 0, or the {@code -errno} that the component after those gave ({@code -ENOENT}, {@code -ENOTDIR}, ...). */
    public int status;

    public final int[] nodes = new int[Wire.MAX_WALK];
    private final Attr[] attrs = new Attr[Wire.MAX_WALK];

    /** The attributes of component {@code i}, made at first use. */
    public Attr attr(int i) {
        if (attrs[i] == null) {
            attrs[i] = new Attr();
        }
        return attrs[i];
    }
}
