package gvj.vfs;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Poll;
import gvj.abi.Stat;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import java.util.ArrayList;
import java.util.List;

/** Who may see and change which extended attributes: xattr(7). */
public final class Xattrs {
    private static final String TRUSTED = "trusted.";
    private static final String USER = "user.";
    private static final String SECURITY = "security.";

    private Xattrs() {}

    /** The value; ENODATA, EOPNOTSUPP, EACCES. */
    public static byte[] get(Credentials creds, Path path, String name) {
        check(creds, path, name, false);
        byte[] value = path.inode().getXattr(name);
        if (value == null) {
            throw ErrnoException.of(Errno.ENODATA);
        }
        return value;
    }

    /** Sets a value; flags XATTR_CREATE, XATTR_REPLACE. */
    public static void set(Credentials creds, Path path, String name, byte[] value, int flags) {
        path.mount().wantWrite();
        check(creds, path, name, true);
        checkSecurity(creds, name);
        path.inode().setXattr(name, value, flags);
        Notify.file(path.dentry(), Poll.IN_ATTRIB);
    }

    /** Removes one; ENODATA. */
    public static void remove(Credentials creds, Path path, String name) {
        path.mount().wantWrite();
        check(creds, path, name, true);
        checkSecurity(creds, name);
        path.inode().removeXattr(name);
        Notify.file(path.dentry(), Poll.IN_ATTRIB);
    }

    /** The names the caller may see. */
    public static List<String> list(Credentials creds, Path path) {
        boolean all = Permissions.capable(creds, Capability.CAP_SYS_ADMIN);
        List<String> names = new ArrayList<>();
        for (String name : path.inode().listXattr()) {
            if (all || !name.startsWith(TRUSTED)) {
                names.add(name);
            }
        }
        return names;
    }

    private static void checkSecurity(Credentials creds, String name) {
        if (name.startsWith(SECURITY)) {
            boolean fileCaps = name.equals("security.capability");
            if (!Permissions.capable(creds, fileCaps ? Capability.CAP_SETFCAP : Capability.CAP_SYS_ADMIN)) {
                throw ErrnoException.of(Errno.EPERM);
            }
        }
    }

    private static void check(Credentials creds, Path path, String name, boolean write) {
        Inode inode = path.inode();
        if (name.startsWith(SECURITY)) {
            return;
        }
        if (name.startsWith(TRUSTED)) {
            if (!Permissions.capable(creds, Capability.CAP_SYS_ADMIN)) {
                throw ErrnoException.of(write ? Errno.EPERM : Errno.ENODATA);
            }
            return;
        }
        if (!name.startsWith(USER)) {
            throw ErrnoException.of(Errno.EOPNOTSUPP);
        }
        if (!inode.isRegular() && !inode.isDirectory()) {
            throw ErrnoException.of(write ? Errno.EPERM : Errno.ENODATA);
        }
        boolean sticky = inode.isDirectory() && (inode.mode() & Stat.S_ISVTX) != 0;
        if (write && sticky && !Permissions.ownerOrCapable(creds, inode)) {
            throw ErrnoException.of(Errno.EPERM);
        }
        Permissions.check(creds, path, write ? Fcntl.W_OK : Fcntl.R_OK);
        if (name.length() == USER.length()) {
            throw ErrnoException.of(Errno.EINVAL);
        }
    }
}
