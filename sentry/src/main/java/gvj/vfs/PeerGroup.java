package gvj.vfs;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Mounts that pass mounts on to each other, and those that only listen: mount_namespaces(7). */
final class PeerGroup {
    private static final AtomicInteger NEXT_ID = new AtomicInteger(1);

    private final int id = NEXT_ID.getAndIncrement();
    final List<Mount> members = new ArrayList<>();
    final List<Mount> slaves = new ArrayList<>();

    int id() {
        return id;
    }

    void join(Mount mount) {
        mount.peers = this;
        members.add(mount);
    }

    /** Makes {@code mount} receive from this group. */
    void enslave(Mount mount) {
        mount.master = this;
        slaves.add(mount);
    }

    /** Takes {@code mount} out of its peer group; the last one hands the group's slaves to the group's own masters. */
    static void leave(Mount mount) {
        PeerGroup group = mount.peers;
        if (group == null) {
            return;
        }
        group.members.remove(mount);
        mount.peers = null;
        if (group.members.isEmpty()) {
            for (Mount slave : List.copyOf(group.slaves)) {
                free(slave);
                if (mount.master != null) {
                    mount.master.enslave(slave);
                }
            }
        }
    }

    /** Takes {@code mount} out of its master's slaves. */
    static void free(Mount mount) {
        if (mount.master != null) {
            mount.master.slaves.remove(mount);
            mount.master = null;
        }
    }

    /** Every mount that something attached to {@code mount} must be attached to as well. */
    static List<Mount> receivers(Mount mount) {
        List<Mount> all = new ArrayList<>();
        if (mount.peers != null) {
            collect(mount.peers, all);
            all.remove(mount);
        }
        return all;
    }

    private static void collect(PeerGroup group, List<Mount> all) {
        for (Mount member : group.members) {
            if (!all.contains(member)) {
                all.add(member);
            }
        }
        for (Mount slave : group.slaves) {
            if (!all.contains(slave)) {
                all.add(slave);
                if (slave.peers != null) {
                    collect(slave.peers, all);
                }
            }
        }
    }
}
