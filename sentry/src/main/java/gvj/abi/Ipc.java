package gvj.abi;

/** System V IPC and POSIX message queue constants. */
public final class Ipc {
    public static final int GETALL = 0xd;

    public static final int GETNCNT = 0xe;

    public static final int GETPID = 0xb;

    public static final int GETVAL = 0xc;

    public static final int GETZCNT = 0xf;

    public static final int IPC_PRIVATE = 0;
    public static final int IPC_RMID = 0;
    public static final int IPC_SET = 1;
    public static final int IPC_STAT = 2;
    public static final int IPC_INFO = 3;
    public static final int IPC_CREAT = 0x200;
    public static final int IPC_EXCL = 0x400;
    public static final int IPC_NOWAIT = 0x800;

    public static final int MSG_STAT = 0xb;
    public static final int MSG_INFO = 0xc;
    public static final int MSG_STAT_ANY = 0xd;
    public static final int MSG_NOERROR = 0x1000;
    public static final int MSG_EXCEPT = 0x2000;
    public static final int MSG_COPY = 0x4000;

    public static final int SEM_STAT = 0x12;
    public static final int SEM_INFO = 0x13;
    public static final int SEM_STAT_ANY = 0x14;
    public static final int SEM_UNDO = 0x1000;

    public static final int SETALL = 0x11;

    public static final int SETVAL = 0x10;

    public static final int SHM_LOCK = 0xb;
    public static final int SHM_UNLOCK = 0xc;
    public static final int SHM_STAT = 0xd;
    public static final int SHM_INFO = 0xe;
    public static final int SHM_STAT_ANY = 0xf;
    public static final int SHM_W = 0x80;
    public static final int SHM_R = 0x100;
    public static final int SHM_DEST = 0x200;
    public static final int SHM_LOCKED = 0x400;
    public static final int SHM_HUGETLB = 0x800;
    public static final int SHM_NORESERVE = 0x1000;
    public static final int SHM_RDONLY = 0x1000;
    public static final int SHM_RND = 0x2000;
    public static final int SHM_REMAP = 0x4000;
    public static final int SHM_EXEC = 0x8000;

    public static final int SHMLBA = 0x1000;

    private Ipc() {}
}
