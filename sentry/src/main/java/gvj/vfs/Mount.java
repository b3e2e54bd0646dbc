package gvj.vfs;

import gvj.abi.Errno;
import gvj.kernel.ErrnoException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A file system (or a part of it) attached at a place of the tree: Linux's mount.
 *
 * <p>The links between mounts are changed under {@link MountNamespace#LOCK} and read without it.
 */
public class Mount {
    /** Flags of a mount, the ST_* bits that statfs(2) shows. */
    public static final int RDONLY = gvj.abi.Mount.ST_RDONLY;

    public static final int NOSUID = gvj.abi.Mount.ST_NOSUID;
    public static final int NODEV = gvj.abi.Mount.ST_NODEV;
    public static final int NOEXEC = gvj.abi.Mount.ST_NOEXEC;
    public static final int NOATIME = gvj.abi.Mount.ST_NOATIME;
    public static final int NODIRATIME = gvj.abi.Mount.ST_NODIRATIME;
    public static final int RELATIME = gvj.abi.Mount.ST_RELATIME;
    /** nosymfollow, as statfs shows it. */
    public static final int NOSYMFOLLOW = 0x2000;

    private static final AtomicInteger NEXT_ID = new AtomicInteger(20);

    private final int id = NEXT_ID.getAndIncrement();
    private final FileSystem fileSystem;
    private final Dentry root;
    /** What /proc/mounts shows as the device. */
    private volatile String source = "none";

    private volatile int flags = RELATIME;

    volatile Mount parent;
    volatile Dentry mountpoint;
    volatile MountNamespace namespace;
    final List<Mount> children = new ArrayList<>();

    /** The peers it shares mounts with; null if private or only a slave. */
    volatile PeerGroup peers;
    /** The group it receives mounts from; null if not a slave. */
    volatile PeerGroup master;

    volatile boolean unbindable;
    /** MNT_EXPIRE was called once and nobody used it since. */
    volatile boolean expiring;

    /** Descriptions that are open on it and processes that work in it: what makes umount(2) answer EBUSY. */
    private final AtomicInteger users = new AtomicInteger();

    private final AtomicInteger writers = new AtomicInteger();

    public Mount(FileSystem fileSystem, Dentry root) {
        this.fileSystem = fileSystem;
        this.root = root;
    }

    /** A mount of the whole file system. */
    public static Mount of(FileSystem fileSystem, String source, int flags) {
        Mount mount = new Mount(fileSystem, fileSystem.rootDentry());
        mount.source = source;
        mount.flags = flags;
        fileSystem.mounted();
        return mount;
    }

    /** A mount that was never attached, as the layers of an overlay are, is not needed any more. */
    public final void abandon() {
        fileSystem.unmounted();
    }

    /** The same file system seen from {@code root}, not attached anywhere. */
    Mount cloneAt(Dentry newRoot) {
        Mount mount = new Mount(fileSystem, newRoot);
        mount.source = source;
        mount.flags = flags;
        return mount;
    }

    /** mnt_id of /proc/PID/mountinfo and fdinfo. */
    public final int id() {
        return id;
    }

    public final FileSystem fileSystem() {
        return fileSystem;
    }

    public final Dentry root() {
        return root;
    }

    public final String source() {
        return source;
    }

    /** The mount it is attached to; null for a namespace's root and detached ones. */
    public final Mount parent() {
        return parent;
    }

    /** The dentry of {@link #parent} it hides; null as there. */
    public final Dentry mountpoint() {
        return mountpoint;
    }

    /** The namespace it belongs to; null once detached. */
    public final MountNamespace namespace() {
        return namespace;
    }

    public final int flags() {
        return flags;
    }

    public final void setFlags(int newFlags) {
        flags = newFlags;
    }

    public final boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** Whether nothing may be changed through it. */
    public final boolean isReadOnly() {
        return (flags & RDONLY) != 0 || fileSystem.isReadOnly();
    }

    /** Throws EROFS if nothing may be changed through it: Linux's mnt_want_write. */
    public final void wantWrite() {
        if (isReadOnly()) {
            throw ErrnoException.of(Errno.EROFS);
        }
    }

    /** Where it is attached, as a place of the parent. */
    final Path at() {
        return parent == null ? null : new Path(parent, mountpoint);
    }

    /** The peer group's number for mountinfo's shared: field, 0 if not shared. */
    public final int sharedId() {
        PeerGroup group = peers;
        return group == null ? 0 : group.id();
    }

    /** The number for mountinfo's master: field, 0 if not a slave. */
    public final int masterId() {
        PeerGroup group = master;
        return group == null ? 0 : group.id();
    }

    public final boolean isUnbindable() {
        return unbindable;
    }

    final void writerOpened() {
        writers.getAndIncrement();
    }

    final void writerClosed() {
        writers.getAndDecrement();
    }

    /** Makes the mount read-only; EBUSY while a file is open for writing through it. */
    public final void makeReadOnly() {
        if (writers.get() > 0) {
            throw ErrnoException.of(Errno.EBUSY);
        }
        flags |= RDONLY;
    }

    /** MNT_EXPIRE: whether nobody used it since it was asked the last time. */
    public final boolean expire() {
        boolean was = expiring;
        expiring = true;
        return was;
    }

    /** Somebody has a file of it open or works in it: until {@link #drop} its file system stays, mounted or not. */
    public final void hold() {
        if (users.getAndIncrement() == 0) {
            fileSystem.becameBusy();
        }
        expiring = false;
    }

    /** The reverse of {@link #hold}. */
    public final void drop() {
        if (users.decrementAndGet() == 0) {
            fileSystem.becameIdle();
        }
    }

    /** Whether somebody has a file of it open or works in it. */
    public final boolean isBusy() {
        return users.get() > 0;
    }
}
