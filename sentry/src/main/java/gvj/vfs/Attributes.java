package gvj.vfs;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Poll;
import gvj.abi.Stat;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.UserNamespace;

/** Who may change a file's attributes, and what changes with them: chmod(2), chown(2), utimensat(2), truncate(2). */
public final class Attributes {
    private static final int SUID_SGID = Stat.S_ISUID | Stat.S_ISGID;

    private Attributes() {}

    /** chmod(2): EPERM, EROFS. */
    public static void chmod(Credentials creds, Path path, int mode) {
        path.mount().wantWrite();
        Inode inode = path.inode();
        if (inode.isSymlink()) {
            throw ErrnoException.of(Errno.EOPNOTSUPP);
        }
        if (!Permissions.ownerOrCapable(creds, inode)) {
            throw ErrnoException.of(Errno.EPERM);
        }
        SetAttr change = new SetAttr();
        change.mask = SetAttr.MODE;
        change.mode = mode & 07777;
        if (!creds.inGroup(inode.gid()) && !Permissions.capable(creds, inode, Capability.CAP_FSETID)) {
            change.mode &= ~Stat.S_ISGID;
        }
        apply(path, change);
    }

    /** chown(2): -1 leaves an id alone. The set-id bits go unless it is a directory. EINVAL for an id that there is not. */
    public static void chown(Credentials creds, Path path, int uid, int gid) {
        path.mount().wantWrite();
        Inode inode = path.inode();
        UserNamespace ids = creds.userNamespace();
        if ((uid != -1 && !ids.uids().has(uid)) || (gid != -1 && !ids.gids().has(gid))) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        boolean chowner = Permissions.capable(creds, inode, Capability.CAP_CHOWN);
        boolean owner = creds.fsuid() == inode.uid();
        if (uid != -1 && !(owner && uid == inode.uid()) && !chowner) {
            throw ErrnoException.of(Errno.EPERM);
        }
        if (gid != -1 && !(owner && (gid == inode.gid() || creds.inGroup(gid))) && !chowner) {
            throw ErrnoException.of(Errno.EPERM);
        }
        SetAttr change = new SetAttr();
        change.mask = (uid == -1 ? 0 : SetAttr.UID) | (gid == -1 ? 0 : SetAttr.GID);
        change.uid = uid;
        change.gid = gid;
        if (!inode.isDirectory()) {
            stripPrivileges(creds, inode, change, true);
        }
        apply(path, change);
        if (inode.isRegular()) {
            dropFileCapabilities(inode);
        }
    }

    /**
     * Adds the loss of set-user-id and set-group-id to a change. The group bit stays where it has no group execution,
     * except on chown by one who is not in the group.
     */
    private static void stripPrivileges(Credentials creds, Inode inode, SetAttr change, boolean chown) {
        int mode = inode.mode();
        int kill = mode & Stat.S_ISUID;
        if ((mode & Stat.S_ISGID) != 0) {
            boolean runs = (mode & Stat.S_IXGRP) != 0;
            boolean foreign =
                    chown && !creds.inGroup(inode.gid()) && !Permissions.capable(creds, inode, Capability.CAP_FSETID);
            kill |= runs || foreign ? Stat.S_ISGID : 0;
        }
        if (kill != 0) {
            change.mask |= SetAttr.MODE;
            change.mode = mode & 07777 & ~kill;
        }
    }

    private static void dropFileCapabilities(Inode inode) {
        if (inode.getXattrIfAny("security.capability") != null) {
            inode.removeXattr("security.capability");
        }
    }

    /** A write by one without CAP_FSETID takes the set-id bits and file capabilities away. Called for every write. */
    public static void wrote(Credentials creds, Inode inode) {
        int mode = inode.mode();
        if ((mode & SUID_SGID) != 0
                && (mode & Stat.S_IFMT) == Stat.S_IFREG
                && !Permissions.capable(creds, inode, Capability.CAP_FSETID)) {
            SetAttr change = new SetAttr();
            stripPrivileges(creds, inode, change, false);
            if (change.mask != 0) {
                inode.setAttr(change);
            }
        }
    }

    /** truncate(2) after the permission check: EISDIR, EINVAL, EROFS. */
    public static void truncate(Credentials creds, Path path, Inode inode, long size) {
        if (inode.isDirectory()) {
            throw ErrnoException.of(Errno.EISDIR);
        }
        if (!inode.isRegular()) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        SetAttr change = new SetAttr();
        change.mask = SetAttr.SIZE;
        change.size = size;
        if ((inode.mode() & SUID_SGID) != 0 && !Permissions.capable(creds, inode, Capability.CAP_FSETID)) {
            stripPrivileges(creds, inode, change, false);
        }
        inode.setAttr(change);
        Notify.file(path.dentry(), Poll.IN_MODIFY);
    }

    /** truncate(2) of a path: ETXTBSY while it is executed. */
    public static void truncateAsWriter(Credentials creds, Path path, long size) {
        path.inode().getWriteAccess();
        try {
            truncate(creds, path, path.inode(), size);
        } finally {
            path.inode().putWriteAccess();
        }
    }

    /**
     * utimensat(2).
     *
     * @param atime nanoseconds, or null to leave it
     * @param now both were asked to be the present, for which write permission is enough
     */
    public static void utimes(Credentials creds, Path path, Long atime, Long mtime, boolean now) {
        if (atime == null && mtime == null) {
            return;
        }
        path.mount().wantWrite();
        Inode inode = path.inode();
        if (!Permissions.ownerOrCapable(creds, inode)) {
            if (!now) {
                throw ErrnoException.of(Errno.EPERM);
            }
            Permissions.check(creds, path, Fcntl.W_OK);
        }
        SetAttr change = new SetAttr();
        if (atime != null) {
            change.mask |= SetAttr.ATIME;
            change.atime = atime;
        }
        if (mtime != null) {
            change.mask |= SetAttr.MTIME;
            change.mtime = mtime;
        }
        inode.setAttr(change);
        int event = (atime != null && mtime != null) ? Poll.IN_ATTRIB : atime != null ? Poll.IN_ACCESS : Poll.IN_MODIFY;
        Notify.file(path.dentry(), event);
    }

    private static void apply(Path path, SetAttr change) {
        path.inode().setAttr(change);
        Notify.file(path.dentry(), Poll.IN_ATTRIB);
    }

    /** stat(2) of a place: the inode's answer with the device numbers of its file system. */
    public static void stat(Path path, Kstat out) {
        stat(path.inode(), out);
    }

    /** As {@link #stat(Path, Kstat)}. */
    public static void stat(Inode inode, Kstat out) {
        inode.stat(out);
        FileSystem fs = inode.fileSystem();
        out.deviceMajor = fs.deviceMajor();
        out.deviceMinor = fs.deviceMinor();
    }
}
