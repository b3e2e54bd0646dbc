package gvj.vfs;

import java.util.ArrayDeque;
import java.util.Deque;

/** From a place back to its name: d_path of Linux, getcwd(2). */
public final class PathNames {
    private static final String DELETED = " (deleted)";

    private PathNames() {}

    /** The name as seen from the root of the namespace, " (deleted)" behind it if removed. */
    public static String of(Path path) {
        return of(path, null);
    }

    /** The name as seen from {@code root}; a place outside of it is named from its own topmost mount. */
    public static String of(Path path, Path root) {
        Dentry dentry = path.dentry();
        if (dentry.isRoot() && dentry != path.mount().root()) {
            return dentry.isDead() ? dentry.name() + DELETED : dentry.name();
        }
        Deque<String> names = new ArrayDeque<>();
        boolean reached = collect(path, root, names);
        String name = join(path, names, reached);
        return dentry.isDead() ? name + DELETED : name;
    }

    /** The name as getcwd(2) has it: "(unreachable)" before a place outside of {@code root}; null if it was removed. */
    public static String workingDirectory(Path path, Path root) {
        if (path.dentry().isDead()) {
            return null;
        }
        Deque<String> names = new ArrayDeque<>();
        boolean reached = collect(path, root, names);
        String name = join(path, names, true);
        return reached ? name : "(unreachable)" + name;
    }

    private static String join(Path path, Deque<String> names, boolean reached) {
        if (names.isEmpty()) {
            Dentry dentry = path.dentry();
            return reached || dentry.name().isEmpty() || dentry.name().startsWith("/") ? "/" : dentry.name();
        }
        StringBuilder text = new StringBuilder();
        for (String name : names) {
            text.append('/').append(name);
        }
        return text.toString();
    }

    /** Collects the names from {@code root} down to {@code path}; whether {@code root} was met. */
    private static boolean collect(Path path, Path root, Deque<String> names) {
        long stamp = Dentry.beginRead();
        boolean reached = climb(path, root, names);
        if (!Dentry.validate(stamp)) {
            long lock = Dentry.lockNames();
            try {
                names.clear();
                reached = climb(path, root, names);
            } finally {
                Dentry.unlockNames(lock);
            }
        }
        return reached;
    }

    private static boolean climb(Path path, Path root, Deque<String> names) {
        Mount mount = path.mount();
        Dentry dentry = path.dentry();
        while (true) {
            if (root != null && mount == root.mount() && dentry == root.dentry()) {
                return true;
            }
            if (dentry == mount.root() || dentry.isRoot()) {
                Mount parent = mount.parent();
                Dentry place = mount.mountpoint();
                if (parent == null || place == null) {
                    return root == null;
                }
                mount = parent;
                dentry = place;
                continue;
            }
            names.addFirst(dentry.name());
            dentry = dentry.parent();
        }
    }

    /** The name of a dentry inside its file system: mountinfo's root field. */
    public static String inFileSystem(Dentry dentry) {
        Deque<String> names = new ArrayDeque<>();
        for (Dentry d = dentry; !d.isRoot(); d = d.parent()) {
            names.addFirst(d.name());
        }
        return names.isEmpty() ? "/" : "/" + String.join("/", names);
    }
}
