package gvj.fs.inotify;

import gvj.abi.Poll;
import gvj.vfs.FsEvents;
import gvj.vfs.Inode;
import java.util.ArrayList;
import java.util.List;

/** All watches of one inode. The list is replaced as a whole under {@link #CHANGES}, innermost, and read without. */
final class InodeWatches implements FsEvents {
    private static final Object CHANGES = new Object();

    private volatile List<InotifyWatch> watches = List.of();

    private InodeWatches() {}

    static void add(Inode inode, InotifyWatch watch) {
        synchronized (CHANGES) {
            InodeWatches all = inode.watches() instanceof InodeWatches known ? known : new InodeWatches();
            List<InotifyWatch> changed = new ArrayList<>(all.watches);
            changed.add(watch);
            all.watches = changed;
            inode.setWatches(all);
        }
    }

    static void remove(Inode inode, InotifyWatch watch) {
        synchronized (CHANGES) {
            if (inode.watches() instanceof InodeWatches all) {
                List<InotifyWatch> changed = new ArrayList<>(all.watches);
                changed.remove(watch);
                all.watches = changed;
                if (changed.isEmpty()) {
                    inode.setWatches(null);
                }
            }
        }
    }

    @Override
    public void event(int mask, int cookie, String name) {
        boolean unlinked = (mask & Poll.IN_EXCL_UNLINK) != 0;
        for (InotifyWatch watch : watches) {
            if (!unlinked || (watch.mask & Poll.IN_EXCL_UNLINK) == 0) {
                watch.inotify.event(watch, mask & ~Poll.IN_EXCL_UNLINK, cookie, name);
            }
        }
    }
}
