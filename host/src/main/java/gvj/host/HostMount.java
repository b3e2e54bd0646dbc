package gvj.host;

/** Mounting on the host. Conventions as in {@link Host}; texts end with a NUL, and null is NULL. */
public final class HostMount {
    public static final int MS_RDONLY = 1;
    public static final int MS_NOSUID = 1 << 1;
    public static final int MS_NODEV = 1 << 2;
    public static final int MS_NOEXEC = 1 << 3;
    public static final int MS_SYNCHRONOUS = 1 << 4;
    public static final int MS_REMOUNT = 1 << 5;
    public static final int MS_MANDLOCK = 1 << 6;
    public static final int MS_DIRSYNC = 1 << 7;
    public static final int MS_NOATIME = 1 << 10;
    public static final int MS_NODIRATIME = 1 << 11;
    public static final int MS_BIND = 1 << 12;
    public static final int MS_REC = 1 << 14;
    public static final int MS_RELATIME = 1 << 21;
    public static final int MS_STRICTATIME = 1 << 24;

    public static final int MNT_DETACH = 2;
    public static final int UMOUNT_NOFOLLOW = 8;

    static {
        HostLibrary.load();
    }

    private HostMount() {}

    /**
     * mount(2).
     *
     * @param directory where relative paths begin, also those in {@code data}; null: where this process stands
     */
    public static native int mount(
            byte[] source, byte[] target, byte[] type, long flags, byte[] data, byte[] directory);

    /** umount2(2). */
    public static native int unmount(byte[] target, int flags);
}
