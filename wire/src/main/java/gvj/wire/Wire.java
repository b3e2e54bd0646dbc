package gvj.wire;

/** Numbers of the protocol between Sentry and gofer; the picture is in the package description. */
public final class Wire {
    /** Sent with ATTACH; the two sides are always of one build, so anything else is an error. */
    public static final int VERSION = 1;

    /** The largest message in bytes. */
    public static final int MAX_MESSAGE = 64 << 10;

    public static final int HEADER_BYTES = 16;
    public static final int ATTR_BYTES = 112;

    /** NAME_MAX of limits.h. */
    public static final int MAX_NAME = 255;
    /** The longest target of a symbolic link. */
    public static final int MAX_TARGET = 4095;
    /** The most components of one WALK. */
    public static final int MAX_WALK = 64;
    /** The largest value of an extended attribute, or list of names, that fits. */
    public static final int MAX_XATTR = MAX_MESSAGE - 1024;
    /** The most nodes of one CLOSE. */
    public static final int MAX_CLOSE = 1024;

    /** version u32, mount u32; answer: flags u32 ({@link #MOUNT_READ_ONLY}, {@link #MOUNT_COPIES_UP}), node u32, attr, target. */
    public static final int ATTACH = 1;
    /** node u32, count u32, names; answer: status i32, count u32, then node u32, attr, target for each. */
    public static final int WALK = 2;
    /** node u32; answer: attr. */
    public static final int GETATTR = 3;
    /** node u32, valid u32, mode u32, uid u32, gid u32, size u64, atime u64 u32, mtime u64 u32; answer: attr. */
    public static final int SETATTR = 4;
    /** node u32, flags u32; answer: attr, with a descriptor. */
    public static final int OPEN = 5;
    /** parent u32, mode u32, uid u32, gid u32, flags u32, name; answer: node u32, attr, target, with a descriptor. */
    public static final int CREATE = 6;
    /** parent u32, mode u32, uid u32, gid u32, name; answer: node u32, attr, target. */
    public static final int MKDIR = 7;
    /** parent u32, mode u32, uid u32, gid u32, major u32, minor u32, name; answer: node u32, attr, target. */
    public static final int MKNOD = 8;
    /** parent u32, uid u32, gid u32, name, target; answer: node u32, attr, target. */
    public static final int SYMLINK = 9;
    /** node u32, parent u32, name; answer: node u32, attr, target. */
    public static final int LINK = 10;
    /** parent u32, flags u32 (AT_REMOVEDIR), name; answer: names left u32 (of a file whose node is known, else 0). */
    public static final int UNLINK = 11;
    /**
     * parent u32, new parent u32, flags u32 (RENAME_NOREPLACE, RENAME_EXCHANGE), name, new name; answer: names left u32, of what
     * was replaced.
     */
    public static final int RENAME = 12;
    /** node u32; answer: target. */
    public static final int READLINK = 13;
    /**
     * node u32, flags u32, cookie u64; answer: next cookie u64, count u32, then for each entry ino u64, cookie u64,
     * type u32 (DT_), node u32, name, and with {@link #LIST_ATTR} attr, target (a node of 0: attributes are missing).
     */
    public static final int LIST = 14;
    /** node u32; answer: type, bsize, blocks, bfree, bavail, files, ffree, fsid, namelen, frsize, flags u64 each. */
    public static final int STATFS = 15;
    /** node u32, what u32: {@link #SYNC_ALL}, {@link #SYNC_DATA} or {@link #SYNC_FS}. */
    public static final int FSYNC = 16;
    /** node u32, room u32, name; answer: size u32, bytes (none if room is 0). */
    public static final int GETXATTR = 17;
    /** node u32, flags u32, size u32, name, bytes. */
    public static final int SETXATTR = 18;
    /** node u32, room u32; answer: size u32, bytes (none if room is 0). */
    public static final int LISTXATTR = 19;
    /** node u32, name. */
    public static final int REMOVEXATTR = 20;
    /** count u32, nodes u32 each. The only message without an answer: whoever gives back does not wait. */
    public static final int CLOSE = 21;
    /** nothing; answer: a descriptor, the other end of a new channel. */
    public static final int NEWCHANNEL = 22;

    /** parent u32, mode u32, uid u32, gid u32, linkable u32; answer: node u32, attr, target, with a descriptor. */
    public static final int TMPFILE = 23;
    /** mount u32: from now on nothing changes there any more. There is no way back. */
    public static final int SEAL = 24;

    /** mount u32: the tree is let go, with all of its nodes and descriptors. Its number may become another's. */
    public static final int DETACH = 25;

    /** Operations are smaller than this. */
    public static final int OPERATIONS = 26;

    private static final String[] NAMES = {
        "",
        "attach",
        "walk",
        "getattr",
        "setattr",
        "open",
        "create",
        "mkdir",
        "mknod",
        "symlink",
        "link",
        "unlink",
        "rename",
        "readlink",
        "list",
        "statfs",
        "fsync",
        "getxattr",
        "setxattr",
        "listxattr",
        "removexattr",
        "close",
        "newchannel",
        "tmpfile",
        "seal",
        "detach"
    };

    /** What FSYNC does: fsync(2), */
    public static final int SYNC_ALL = 0;
    /** fdatasync(2), */
    public static final int SYNC_DATA = 1;
    /** syncfs(2) of the file system that the node is on. */
    public static final int SYNC_FS = 2;

    /** Flag of ATTACH's answer. */
    public static final int MOUNT_READ_ONLY = 1;
    /** An overlayfs: files keep their numbers when they are first changed, but their times of birth are the copies'. */
    public static final int MOUNT_COPIES_UP = 2;

    /** Flag of LIST: each entry comes with its attributes and, if it is a symbolic link, its target. */
    public static final int LIST_ATTR = 1;
    /**
     * Flag of LIST: each entry comes with a node (to be closed like any other). Only together with {@link #LIST_ATTR}.
     */
    public static final int LIST_NODE = 2;
    /**
     * Flag of LIST, with the other two: only directories come with node, attributes and target, the others end with their
     * name. Whoever walks a tree goes on to those, whatever he wants of the files.
     */
    public static final int LIST_DIRECTORIES = 4;

    private static final int DT_DIR = 4;

    /** The next cookie after the last page. */
    public static final long LIST_END = Long.MAX_VALUE;

    private Wire() {}

    /** Whether an entry of that DT_ type comes with attributes in a LIST with those flags. */
    public static boolean listsAttr(int flags, int type) {
        return (flags & LIST_ATTR) != 0 && ((flags & LIST_DIRECTORIES) == 0 || type == DT_DIR);
    }

    /** Whether a descriptor comes with an operation's answer. */
    static boolean donates(int operation) {
        return operation == OPEN || operation == CREATE || operation == TMPFILE || operation == NEWCHANNEL;
    }

    /** An operation's name, for people. */
    public static String name(int operation) {
        return NAMES[operation];
    }
}
