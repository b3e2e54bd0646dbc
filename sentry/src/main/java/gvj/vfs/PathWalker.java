package gvj.vfs;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Stat;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;

/**
 * Path resolution, path_resolution(7): one walk of one thread. Either {@link #walk} to the end, or {@link #walkParent} to
 * the directory that holds the last component, for calls that make or remove names.
 */
public final class PathWalker {
    /** Follow a symlink in the last component. */
    public static final int FOLLOW = 1;
    /** The end must be a directory (ENOTDIR). */
    public static final int DIRECTORY = 2;
    /** An empty path means the start itself (AT_EMPTY_PATH), which then may be any file. */
    public static final int EMPTY = 4;

    /** The last component is a name. */
    static final int NORM = 0;
    /** There is no component: the path is the root. */
    static final int ROOT = 1;
    /** The last component is ".". */
    static final int DOT = 2;
    /** The last component is "..". */
    static final int DOTDOT = 3;

    private static final int MAX_LINKS = 40;

    private final Task task;
    private final Credentials creds;
    private final int resolve;
    private Path root;
    private Mount mount;
    private Dentry dentry;
    private String path;
    private int at;
    private int lastStart;
    private int lastEnd;
    private int lastType;
    private boolean trailingSlash;
    private int links;

    /**
     * A walk.
     *
     * @param task for magic links of /proc; may be null where there are none
     * @param root what "/" means and ".." does not leave
     * @param resolve RESOLVE_* of openat2(2), 0 for all other calls
     */
    public PathWalker(Task task, Credentials creds, Path root, int resolve) {
        this.task = task;
        this.creds = creds;
        this.root = root;
        this.resolve = resolve;
    }

    /** Resolves {@code pathname} from {@code start}, with flags FOLLOW, DIRECTORY, EMPTY. */
    public Path walk(Path start, String pathname, int flags) {
        begin(start, pathname, flags);
        boolean mustBeDirectory = (flags & DIRECTORY) != 0;
        while (true) {
            toParent();
            if (lastType != NORM) {
                stepDots();
                break;
            }
            Dentry child = lastChild();
            if (child.isNegative()) {
                throw ErrnoException.of(Errno.ENOENT);
            }
            boolean follow = trailingSlash || (flags & FOLLOW) != 0;
            if (!follow || !child.inode().isSymlink()) {
                enter(child);
                break;
            }
            mustBeDirectory |= trailingSlash;
            if (followLink(child)) {
                break;
            }
        }
        if ((mustBeDirectory || trailingSlash) && !dentry.inode().isDirectory()) {
            throw ErrnoException.of(Errno.ENOTDIR);
        }
        return here();
    }

    /** Resolves all but the last component; {@link #here} is its directory then, {@link #last} its name. */
    public PathWalker walkParent(Path start, String pathname) {
        begin(start, pathname, 0);
        toParent();
        return this;
    }

    private void begin(Path start, String pathname, int flags) {
        if (pathname.isEmpty() && (flags & EMPTY) == 0) {
            throw ErrnoException.of(Errno.ENOENT);
        }
        path = pathname;
        at = 0;
        if ((resolve & (Fcntl.RESOLVE_IN_ROOT | Fcntl.RESOLVE_BENEATH)) != 0) {
            root = start;
        }
        if (!pathname.isEmpty() && pathname.charAt(0) == '/') {
            jumpToRoot();
        } else {
            mount = start.mount();
            dentry = start.dentry();
        }
    }

    /** Where the walk is. */
    public Path here() {
        return new Path(mount, dentry);
    }

    Mount mount() {
        return mount;
    }

    Dentry dentry() {
        return dentry;
    }

    /** The last component's name, if {@link #lastType} is NORM. */
    String last() {
        return path.substring(lastStart, lastEnd);
    }

    int lastType() {
        return lastType;
    }

    /** Whether slashes follow the last component: it must be a directory. */
    boolean hasTrailingSlash() {
        return trailingSlash;
    }

    private void jumpToRoot() {
        if ((resolve & Fcntl.RESOLVE_BENEATH) != 0) {
            throw ErrnoException.of(Errno.EXDEV);
        }
        if ((resolve & Fcntl.RESOLVE_NO_XDEV) != 0 && mount != null && mount != root.mount()) {
            throw ErrnoException.of(Errno.EXDEV);
        }
        mount = root.mount();
        dentry = root.dentry();
    }

    /** Walks every component but the last one and finds out what that is. */
    private void toParent() {
        while (true) {
            int length = path.length();
            while (at < length && path.charAt(at) == '/') {
                at++;
            }
            if (at == length) {
                lastType = ROOT;
                lastStart = at;
                lastEnd = at;
                trailingSlash = false;
                return;
            }
            Inode directory = dentry.inode();
            if (!directory.isDirectory()) {
                throw ErrnoException.of(Errno.ENOTDIR);
            }
            Permissions.search(creds, directory);
            int start = at;
            int end = path.indexOf('/', start);
            if (end < 0) {
                end = length;
            }
            int next = end;
            while (next < length && path.charAt(next) == '/') {
                next++;
            }
            lastStart = start;
            lastEnd = end;
            lastType = typeOf(start, end);
            at = next;
            if (next == length) {
                trailingSlash = next > end;
                return;
            }
            step();
        }
    }

    private int typeOf(int start, int end) {
        if (path.charAt(start) != '.') {
            return NORM;
        }
        if (end - start == 1) {
            return DOT;
        }
        return end - start == 2 && path.charAt(start + 1) == '.' ? DOTDOT : NORM;
    }

    /** Goes into a component that is not the last. */
    private void step() {
        if (lastType != NORM) {
            stepDots();
            return;
        }
        Dentry child = lastChild();
        Inode inode = child.inode();
        if (inode == null) {
            throw ErrnoException.of(Errno.ENOENT);
        }
        if (inode.isSymlink()) {
            followLink(child);
        } else {
            enter(child);
        }
    }

    /** The dentry of the last component, perhaps negative, perhaps a symlink or a mount point; ENAMETOOLONG. */
    Dentry lastChild() {
        if (lastEnd - lastStart > Stat.NAME_MAX) {
            throw ErrnoException.of(Errno.ENAMETOOLONG);
        }
        Dentry cached = dentry.cachedChild(path, lastStart, lastEnd);
        if (cached != null) {
            return cached;
        }
        if ((resolve & Fcntl.RESOLVE_CACHED) != 0) {
            throw ErrnoException.of(Errno.EAGAIN);
        }
        if (at < path.length()) {
            dentry.inode().expect(path, lastStart);
        }
        return dentry.askedChild(path, lastStart, lastEnd);
    }

    /** Goes to a child, and into what is mounted there. */
    void enter(Dentry child) {
        dentry = child;
        crossMounts();
    }

    private void crossMounts() {
        while (dentry.mounts != null) {
            Mount here = dentry.mountedOn(mount);
            if (here == null) {
                return;
            }
            if ((resolve & Fcntl.RESOLVE_NO_XDEV) != 0) {
                throw ErrnoException.of(Errno.EXDEV);
            }
            mount = here;
            dentry = here.root();
        }
    }

    private void stepDots() {
        if (lastType != DOTDOT) {
            return;
        }
        Mount m = mount;
        Dentry d = dentry;
        while (!isRoot(m, d) && d == m.root()) {
            Mount up = m.parent();
            Dentry place = m.mountpoint();
            if (up == null || place == null) {
                break;
            }
            m = up;
            d = place;
        }
        if (isRoot(m, d) || d == m.root()) {
            if ((resolve & Fcntl.RESOLVE_BENEATH) != 0) {
                throw ErrnoException.of(Errno.EXDEV);
            }
            crossMounts();
            return;
        }
        if (m != mount && (resolve & Fcntl.RESOLVE_NO_XDEV) != 0) {
            throw ErrnoException.of(Errno.EXDEV);
        }
        mount = m;
        dentry = d.parent();
        crossMounts();
    }

    private boolean isRoot(Mount m, Dentry d) {
        return d == root.dentry() && m == root.mount();
    }

    /**
     * Replaces the last component, a symlink, by its target.
     *
     * @return true if it was a magic link: the walk is there now and nothing is left of this component
     */
    boolean followLink(Dentry link) {
        if (links++ >= MAX_LINKS || (resolve & Fcntl.RESOLVE_NO_SYMLINKS) != 0 || mount.has(Mount.NOSYMFOLLOW)) {
            throw ErrnoException.of(Errno.ELOOP);
        }
        Inode inode = link.inode();
        Path magic = inode.followMagic(task);
        if (magic != null) {
            jump(magic);
            return true;
        }
        String target = inode.readlink(task);
        if (target.isEmpty()) {
            throw ErrnoException.of(Errno.ENOENT);
        }
        Atime.touch(mount, inode);
        String rest = path.substring(lastEnd);
        path = rest.isEmpty() ? target : target + rest;
        at = 0;
        if (target.charAt(0) == '/') {
            jumpToRoot();
        }
        return false;
    }

    private void jump(Path magic) {
        if ((resolve & Fcntl.RESOLVE_NO_MAGICLINKS) != 0) {
            throw ErrnoException.of(Errno.ELOOP);
        }
        boolean scoped = (resolve & (Fcntl.RESOLVE_BENEATH | Fcntl.RESOLVE_IN_ROOT)) != 0;
        if (scoped || (resolve & Fcntl.RESOLVE_NO_XDEV) != 0 && magic.mount() != mount) {
            throw ErrnoException.of(Errno.EXDEV);
        }
        mount = magic.mount();
        dentry = magic.dentry();
    }

    /** As {@link #walkParent}, going on from a symlink in the last component; true if that was a magic link. */
    boolean continueParent(Dentry link) {
        if (followLink(link)) {
            return true;
        }
        toParent();
        return false;
    }
}
