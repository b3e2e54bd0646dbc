package gvj.vfs;

import gvj.abi.Errno;
import gvj.kernel.ErrnoException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** How mounts copy themselves along peer groups: mount_namespaces(7). Everything here is under {@link MountNamespace#LOCK}. */
final class Propagation {
    private Propagation() {}

    /** Attaches {@code top} on {@code dentry} of {@code onto} and copies of it on every mount that receives from it. */
    static void attach(Mount top, Mount onto, Dentry dentry) {
        MountNamespace.link(top, onto, dentry);
        if (onto.peers == null) {
            return;
        }
        for (Mount mount : MountNamespace.tree(top)) {
            share(mount);
        }
        Set<Mount> done = new HashSet<>();
        done.add(onto);
        spread(onto.peers, top, dentry, done);
    }

    private static void spread(PeerGroup group, Mount source, Dentry dentry, Set<Mount> done) {
        for (Mount member : java.util.List.copyOf(group.members)) {
            if (done.add(member) && dentry.isBelow(member.root())) {
                link(copyTree(source, source.root(), false), member, dentry);
            }
        }
        for (Mount slave : java.util.List.copyOf(group.slaves)) {
            if (!done.add(slave)) {
                continue;
            }
            Mount copy = copyTree(source, source.root(), false);
            for (Mount mount : MountNamespace.tree(copy)) {
                change(mount, gvj.abi.Mount.MS_SLAVE);
                if (slave.peers != null) {
                    share(mount);
                }
            }
            if (dentry.isBelow(slave.root())) {
                link(copy, slave, dentry);
            }
            if (slave.peers != null) {
                spread(slave.peers, copy, dentry, done);
            }
        }
    }

    private static void link(Mount top, Mount onto, Dentry dentry) {
        Path place = MountNamespace.topmost(new Path(onto, dentry));
        MountNamespace.link(top, place.mount(), place.dentry());
    }

    /** Unmounts {@code mount} and what propagation made of it elsewhere. */
    static void unmount(Mount mount, boolean detach) {
        Dentry place = mount.mountpoint;
        for (Mount receiver : PeerGroup.receivers(mount.parent)) {
            Mount other = place.mountedOn(receiver);
            if (other != null && other != mount && (detach || other.children.isEmpty())) {
                MountNamespace.dissolve(other);
            }
        }
        MountNamespace.dissolve(mount);
    }

    private static void share(Mount mount) {
        if (mount.peers == null) {
            mount.unbindable = false;
            new PeerGroup().join(mount);
        }
    }

    /** Sets one mount's type: MS_SHARED, MS_SLAVE, MS_PRIVATE or MS_UNBINDABLE. */
    static void change(Mount mount, int type) {
        if (type == gvj.abi.Mount.MS_SHARED) {
            share(mount);
            return;
        }
        PeerGroup group = mount.peers;
        if (type == gvj.abi.Mount.MS_SLAVE) {
            if (group != null && group.members.size() > 1) {
                PeerGroup.leave(mount);
                PeerGroup.free(mount);
                group.enslave(mount);
            } else {
                PeerGroup.leave(mount);
            }
            mount.unbindable = false;
            return;
        }
        PeerGroup.leave(mount);
        PeerGroup.free(mount);
        mount.unbindable = type == gvj.abi.Mount.MS_UNBINDABLE;
    }

    /** One mount's copy that shows {@code root}: a peer if the original is shared, a slave of the same master. */
    static Mount copyOne(Mount source, Dentry root) {
        Mount copy = source.cloneAt(root);
        if (source.peers != null) {
            source.peers.join(copy);
        }
        if (source.master != null) {
            source.master.enslave(copy);
        }
        source.fileSystem().mounted();
        return copy;
    }

    static Mount copyTree(Mount source, Dentry root, boolean withUnbindable) {
        return copyTree(source, root, withUnbindable, new HashMap<>());
    }

    /** A copy of {@code source} from {@code root} on with all that is mounted below. */
    static Mount copyTree(Mount source, Dentry root, boolean withUnbindable, Map<Mount, Mount> moved) {
        if (source.unbindable && !withUnbindable) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        Mount top = copyOne(source, root);
        top.unbindable = source.unbindable && withUnbindable;
        moved.put(source, top);
        for (Mount child : source.children) {
            if (child.mountpoint.isBelow(root) && (withUnbindable || !child.unbindable)) {
                MountNamespace.link(copyTree(child, child.root(), withUnbindable, moved), top, child.mountpoint);
            }
        }
        return top;
    }
}
