package gvj.abi;

/**
 * What getdents(2) and getdents64(2) write; records are padded to 8 bytes.
 *
 * <pre>
 * linux_dirent64  0 ino  8 off  16 reclen(2)  18 type(1)  19 name NUL
 * linux_dirent    0 ino  8 off  16 reclen(2)  18 name NUL pad type(1, last byte)
 * </pre>
 */
public final class DirentLayout {
    public static final int INO = 0;
    public static final int OFF = 8;
    public static final int RECLEN = 16;
    public static final int TYPE64 = 18;
    public static final int NAME64 = 19;
    public static final int NAME_OLD = 18;

    private DirentLayout() {}
}
