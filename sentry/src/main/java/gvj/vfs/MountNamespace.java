package gvj.vfs;

import gvj.abi.Errno;
import gvj.kernel.ErrnoException;
import gvj.kernel.UserNamespace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A tree of mounts: mount_namespaces(7).
 *
 * <p>Lock: {@link #LOCK} (Linux's namespace_sem) guards the links between all mounts of all namespaces and peer groups.
 * It is taken before any dentry's monitor. Path walks read the links without it.
 */
public final class MountNamespace {
    /** Its inode number on nsfs. */
    public final long inode = gvj.kernel.Namespaces.nextInode();

    static final ReentrantLock LOCK = new ReentrantLock();

    /** As fs.mount-max: no namespace may have more. */
    private static final int MAX_MOUNTS = 100_000;

    private final UserNamespace owner;
    private volatile Mount root;
    private int count = 1;

    /** A namespace with one mount. */
    public MountNamespace(Mount root, UserNamespace owner) {
        this.owner = owner;
        this.root = root;
        root.namespace = this;
    }

    /** Capabilities to mount here are looked up in this user namespace. */
    public UserNamespace owner() {
        return owner;
    }

    /** The mount that has no parent. */
    public Mount root() {
        return root;
    }

    /** Where a process starts that has no other root. */
    public Path rootPath() {
        Path path = new Path(root, root.root());
        return topmost(path);
    }

    /** Every mount, parents before children: /proc/PID/mounts, mountinfo. */
    public List<Mount> mounts() {
        LOCK.lock();
        try {
            return tree(root);
        } finally {
            LOCK.unlock();
        }
    }

    /** {@code top} and everything below it, parents first. */
    static List<Mount> tree(Mount top) {
        List<Mount> all = new ArrayList<>();
        all.add(top);
        for (int i = 0; i < all.size(); i++) {
            all.addAll(all.get(i).children);
        }
        return all;
    }

    /** {@code top}, and everything below it if {@code recursive}. */
    public static List<Mount> treeOf(Mount top, boolean recursive) {
        LOCK.lock();
        try {
            return recursive ? tree(top) : List.of(top);
        } finally {
            LOCK.unlock();
        }
    }

    /** Gives up a tree of mounts that was made but could not be attached. */
    public void discard(Mount top) {
        LOCK.lock();
        try {
            dissolve(top);
        } finally {
            LOCK.unlock();
        }
    }

    /** What is seen at {@code path} when mounts on it are entered. */
    static Path topmost(Path path) {
        Mount mount = path.mount();
        Dentry dentry = path.dentry();
        while (true) {
            Mount here = dentry.mountedOn(mount);
            if (here == null) {
                return mount == path.mount() ? path : new Path(mount, dentry);
            }
            mount = here;
            dentry = here.root();
        }
    }

    /**
     * Attaches the tree at {@code top} on {@code at} and wherever {@code at}'s mount passes it on to. ENOENT for a removed
     * place, ENOTDIR if one is a directory and the other not, EINVAL outside of this namespace, ENOSPC.
     */
    public void attach(Mount top, Path at) {
        LOCK.lock();
        try {
            Path place = topmost(at);
            Mount onto = place.mount();
            if (onto.namespace != this) {
                throw ErrnoException.of(Errno.EINVAL);
            }
            if (place.dentry().isDead()) {
                throw ErrnoException.of(Errno.ENOENT);
            }
            if (top.root().inode().isDirectory() != place.inode().isDirectory()) {
                throw ErrnoException.of(Errno.ENOTDIR);
            }
            if (count + tree(top).size() > MAX_MOUNTS) {
                throw ErrnoException.of(Errno.ENOSPC);
            }
            Propagation.attach(top, onto, place.dentry());
        } finally {
            LOCK.unlock();
        }
    }

    /** Links one tree to its parent. The lock is held. */
    static void link(Mount top, Mount parent, Dentry mountpoint) {
        top.mountpoint = mountpoint;
        top.parent = parent;
        parent.children.add(top);
        for (Mount mount : tree(top)) {
            if (mount.namespace != parent.namespace) {
                mount.namespace = parent.namespace;
                if (parent.namespace != null) {
                    parent.namespace.count++;
                }
            }
        }
        Mount[] old = mountpoint.mounts;
        Mount[] now = old == null ? new Mount[1] : java.util.Arrays.copyOf(old, old.length + 1);
        now[now.length - 1] = top;
        mountpoint.mounts = now;
    }

    /** Takes a mount off its mountpoint; it keeps what is mounted below it. The lock is held. */
    static void unlink(Mount mount) {
        Dentry place = mount.mountpoint;
        if (place == null) {
            return;
        }
        mount.parent.children.remove(mount);
        List<Mount> rest = new ArrayList<>();
        for (Mount other : place.mounts) {
            if (other != mount) {
                rest.add(other);
            }
        }
        place.mounts = rest.isEmpty() ? null : rest.toArray(new Mount[0]);
        mount.parent = null;
        mount.mountpoint = null;
    }

    /** Takes a mount and all below it out of the namespace, one by one. The lock is held. */
    static void dissolve(Mount top) {
        List<Mount> all = tree(top);
        for (int i = all.size() - 1; i >= 0; i--) {
            Mount mount = all.get(i);
            unlink(mount);
            PeerGroup.leave(mount);
            PeerGroup.free(mount);
            MountNamespace namespace = mount.namespace;
            if (namespace != null) {
                namespace.count--;
                mount.namespace = null;
            }
            mount.fileSystem().unmounted();
        }
    }

    /**
     * umount(2) of the mount whose root is {@code path}.
     *
     * @param detach MNT_DETACH: it disappears now, whoever uses it
     */
    public void unmount(Mount mount, boolean detach) {
        LOCK.lock();
        try {
            if (mount.namespace != this) {
                throw ErrnoException.of(Errno.EINVAL);
            }
            if (!detach && (mount.isBusy() || !mount.children.isEmpty())) {
                throw ErrnoException.of(Errno.EBUSY);
            }
            if (mount.parent == null) {
                throw ErrnoException.of(Errno.EINVAL);
            }
            Propagation.unmount(mount, detach);
        } finally {
            LOCK.unlock();
        }
    }

    /**
     * A detached copy of what is mounted at {@code from}: what a bind mount attaches. EINVAL for an unbindable mount.
     *
     * @param recursive with all that is mounted below (MS_REC), but unbindable mounts
     */
    public Mount copyForBind(Path from, boolean recursive) {
        LOCK.lock();
        try {
            Mount source = from.mount();
            if (source.unbindable || source.namespace != null && source.namespace != this) {
                throw ErrnoException.of(Errno.EINVAL);
            }
            return recursive
                    ? Propagation.copyTree(source, from.dentry(), false)
                    : Propagation.copyOne(source, from.dentry());
        } finally {
            LOCK.unlock();
        }
    }

    /** mount(2) MS_MOVE and move_mount(2): EINVAL, ELOOP, ENOTDIR. */
    public void move(Path from, Path to) {
        LOCK.lock();
        try {
            Mount mount = from.mount();
            Path place = topmost(to);
            if (from.dentry() != mount.root()
                    || mount.namespace != this
                    || mount.parent == null
                    || place.mount().namespace != this
                    || mount.parent.peers != null) {
                throw ErrnoException.of(Errno.EINVAL);
            }
            if (mount.root().inode().isDirectory() != place.inode().isDirectory()) {
                throw ErrnoException.of(Errno.ENOTDIR);
            }
            for (Mount up = place.mount(); up != null; up = up.parent) {
                if (up == mount) {
                    throw ErrnoException.of(Errno.ELOOP);
                }
            }
            if (place.mount().peers != null && tree(mount).stream().anyMatch(Mount::isUnbindable)) {
                throw ErrnoException.of(Errno.EINVAL);
            }
            unlink(mount);
            Propagation.attach(mount, place.mount(), place.dentry());
        } finally {
            LOCK.unlock();
        }
    }

    /**
     * pivot_root(2), without moving the processes: EINVAL, EBUSY as the page says.
     *
     * @param oldRoot the caller's root
     */
    public void pivotRoot(Path oldRoot, Path newRoot, Path putOld) {
        LOCK.lock();
        try {
            Mount rootMount = oldRoot.mount();
            Mount newMount = newRoot.mount();
            Path put = topmost(putOld);
            Mount putMount = put.mount();
            if (putMount.peers != null
                    || isSharedParent(newMount)
                    || isSharedParent(rootMount)
                    || rootMount.namespace != this
                    || newMount.namespace != this
                    || putMount.namespace != this) {
                throw ErrnoException.of(Errno.EINVAL);
            }
            if (newRoot.dentry().isDead() || put.dentry().isDead()) {
                throw ErrnoException.of(Errno.ENOENT);
            }
            if (newMount == rootMount || putMount == rootMount) {
                throw ErrnoException.of(Errno.EBUSY);
            }
            if (oldRoot.dentry() != rootMount.root()
                    || newRoot.dentry() != newMount.root()
                    || newMount.parent == null
                    || !isReachable(put, newRoot)
                    || !isReachable(newRoot, oldRoot)) {
                throw ErrnoException.of(Errno.EINVAL);
            }
            Mount above = rootMount.parent;
            Dentry place = rootMount.mountpoint;
            unlink(newMount);
            unlink(rootMount);
            if (above == null) {
                root = newMount;
            } else {
                link(newMount, above, place);
            }
            link(rootMount, putMount, put.dentry());
        } finally {
            LOCK.unlock();
        }
    }

    private static boolean isSharedParent(Mount mount) {
        return mount.parent != null && mount.parent.peers != null;
    }

    /** Whether {@code place} lies below {@code top}. */
    static boolean isReachable(Path place, Path top) {
        Mount mount = place.mount();
        Dentry dentry = place.dentry();
        while (mount != top.mount()) {
            dentry = mount.mountpoint;
            mount = mount.parent;
            if (mount == null || dentry == null) {
                return false;
            }
        }
        return dentry.isBelow(top.dentry());
    }

    /** Sets the propagation type of a mount, or of the whole tree below it. */
    public void setPropagation(Path path, int type, boolean recursive) {
        LOCK.lock();
        try {
            if (path.dentry() != path.mount().root() || path.mount().namespace != this) {
                throw ErrnoException.of(Errno.EINVAL);
            }
            for (Mount mount : recursive ? tree(path.mount()) : List.of(path.mount())) {
                Propagation.change(mount, type);
            }
        } finally {
            LOCK.unlock();
        }
    }

    /** CLONE_NEWNS: a copy of the tree. {@code moved} takes which mount became which. */
    public MountNamespace copy(UserNamespace newOwner, Map<Mount, Mount> moved) {
        LOCK.lock();
        try {
            Mount top = Propagation.copyTree(root, root.root(), true, moved);
            MountNamespace copy = new MountNamespace(top, newOwner);
            for (Mount mount : tree(top)) {
                mount.namespace = copy;
                copy.count++;
                if (newOwner != owner && mount.peers != null) {
                    Propagation.change(mount, gvj.abi.Mount.MS_SLAVE);
                }
            }
            return copy;
        } finally {
            LOCK.unlock();
        }
    }

    /** As {@link #copy(UserNamespace, Map)}; the caller translates its paths with the answer. */
    public Copy copy(UserNamespace newOwner) {
        Map<Mount, Mount> moved = new HashMap<>();
        return new Copy(copy(newOwner, moved), moved);
    }

    /** A copied namespace and which mount became which. */
    public record Copy(MountNamespace namespace, Map<Mount, Mount> moved) {
        /** The same place in the copy. */
        public Path translate(Path path) {
            Mount mount = moved.get(path.mount());
            return mount == null ? path : new Path(mount, path.dentry());
        }
    }

    /** The last process left: everything is unmounted. */
    public void release() {
        LOCK.lock();
        try {
            dissolve(root);
        } finally {
            LOCK.unlock();
        }
    }
}
