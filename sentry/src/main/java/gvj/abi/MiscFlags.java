package gvj.abi;

/** getrandom(2), close_range(2), rename, preadv2 and miscellaneous flags. */
public final class MiscFlags {
    public static final int CLOSE_RANGE_UNSHARE = 2;
    public static final int CLOSE_RANGE_CLOEXEC = 4;

    public static final int GRND_NONBLOCK = 1;
    public static final int GRND_RANDOM = 2;
    public static final int GRND_INSECURE = 4;

    public static final int LINUX_REBOOT_CMD_CAD_OFF = 0;
    public static final int LINUX_REBOOT_CMD_RESTART = 0x1234567;
    public static final int LINUX_REBOOT_MAGIC2A = 0x5121996;
    public static final int LINUX_REBOOT_MAGIC2B = 0x16041998;
    public static final int LINUX_REBOOT_MAGIC2C = 0x20112000;
    public static final int LINUX_REBOOT_MAGIC2 = 0x28121969;
    public static final int LINUX_REBOOT_CMD_POWER_OFF = 0x4321fedc;
    public static final int LINUX_REBOOT_CMD_KEXEC = 0x45584543;
    public static final int LINUX_REBOOT_CMD_CAD_ON = 0x89abcdef;
    public static final int LINUX_REBOOT_CMD_RESTART2 = 0xa1b2c3d4;
    public static final int LINUX_REBOOT_CMD_HALT = 0xcdef0123;
    public static final int LINUX_REBOOT_CMD_SW_SUSPEND = 0xd000fce2;
    public static final int LINUX_REBOOT_MAGIC1 = 0xfee1dead;

    public static final int RENAME_NOREPLACE = 1;
    public static final int RENAME_EXCHANGE = 2;
    public static final int RENAME_WHITEOUT = 4;

    public static final int RWF_HIPRI = 1;
    public static final int RWF_DSYNC = 2;
    public static final int RWF_SYNC = 4;
    public static final int RWF_NOWAIT = 8;
    public static final int RWF_APPEND = 0x10;
    public static final int RWF_SUPPORTED = 0x1f;
    public static final int RWF_NOAPPEND = 0x20;

    private MiscFlags() {}
}
