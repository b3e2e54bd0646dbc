package gvj.abi;

/**
 * {@code struct flock}.
 *
 * <pre>
 * 0 type(2)  2 whence(2)  4 pad(4)  8 start  16 len  24 pid(4)  28 pad(4)   = 32
 * </pre>
 */
public final class FlockLayout {
    public static final int SIZE = 32;
    public static final int TYPE = 0;
    public static final int WHENCE = 2;
    public static final int START = 8;
    public static final int LEN = 16;
    public static final int PID = 24;

    private FlockLayout() {}
}
