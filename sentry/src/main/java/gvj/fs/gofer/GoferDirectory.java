package gvj.fs.gofer;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.MiscFlags;
import gvj.abi.Stat;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.vfs.DirectoryFile;
import gvj.vfs.DirectorySink;
import gvj.vfs.FileDescription;
import gvj.vfs.Inode;
import gvj.vfs.Names;
import gvj.vfs.Path;
import gvj.wire.Attr;
import gvj.wire.Created;
import gvj.wire.GoferClient;
import gvj.wire.WalkResult;
import gvj.wire.Wire;
import java.util.ArrayList;
import java.util.List;

/**
 * A directory of the host. What fetches more than was asked for, since a round trip costs more than what it brings: a walk
 * of several names is one request ({@link #expect}), reading a directory brings nodes along ({@link Prefetch}), and where
 * nobody else changes the tree a directory of which much is asked is read whole and then known ({@link Listing}).
 */
final class GoferDirectory extends GoferInode {
    /** So many names that were not there make all names worth reading: this is a search path. */
    private static final int MISSES = 3;
    /** So many files asked for one by one make it worth having the others come along. */
    private static final int HITS = 8;
    /** The longest listing that is kept. */
    private static final int LONGEST = 8192;

    private static final int NAMES = 0;
    private static final int DIRECTORIES = Wire.LIST_ATTR | Wire.LIST_NODE | Wire.LIST_DIRECTORIES;
    private static final int EVERYTHING = Wire.LIST_ATTR | Wire.LIST_NODE;

    /** What the name a walk under way asks for next is. */
    private volatile Expected expected;

    private int misses;
    private int hits;

    /**
     * The answer to a lookup to come.
     *
     * @param inode null if there is no such name
     * @param changes of names in the tree, when it was asked for
     * @param until when it is too old
     */
    private record Expected(String name, Inode inode, int changes, long until) {}

    GoferDirectory(GoferFs fs, Attr attr) {
        super(fs, attr);
    }

    private GoferClient client() {
        return fs().client();
    }

    private Prefetch prefetch(boolean make) {
        GoferFs.Handle handle = handle();
        synchronized (handle) {
            if (handle.prefetch == null && make) {
                handle.prefetch = new Prefetch();
            }
            return handle.prefetch;
        }
    }

    /** What the name means has changed. */
    private void changed(String name) {
        fs().listings().changed(handle());
        Prefetch prefetch = prefetch(false);
        if (prefetch != null) {
            prefetch.remove(name, client());
        }
    }

    @Override
    public Inode lookup(String name) {
        Expected answer = takeExpected(name);
        if (answer != null) {
            return answer.inode;
        }
        if (!fs().sharing().caches()) {
            return ask(name);
        }
        Inode known = prefetched(name);
        if (known != null || isAbsent(name)) {
            return known;
        }
        Inode found = ask(name);
        learn(found != null);
        return found;
    }

    /** A name was asked for: perhaps the next ones need not be. Cold code decodes hundreds of entries a millisecond. */
    private void learn(boolean found) {
        try {
            if (!found && ++misses == MISSES && fs().listings().get(handle()) == null) {
                readAll(DIRECTORIES);
            } else if (found && ++hits == HITS) {
                list(0, new Listing(), EVERYTHING);
            }
        } catch (ErrnoException e) {
            // nobody asked for it: whoever does will hear of it
        }
    }

    private Inode ask(String name) {
        Attr attr = new Attr();
        long asked = System.nanoTime();
        int node = client().lookup(node(), bytes(name), attr);
        if (node == -Errno.ENFILE || node == -Errno.ENOMEM || node == -Errno.EMFILE) {
            fs().relieve();
            node = client().lookup(node(), bytes(name), attr);
        }
        if (node == -Errno.ENOENT || node == -Errno.ESTALE) {
            return null;
        }
        return fs().inode(GoferFs.check(node), attr, asked);
    }

    private Inode prefetched(String name) {
        Prefetch prefetch = prefetch(false);
        Prefetch.Entry known = prefetch == null ? null : prefetch.take(name);
        if (known == null) {
            return null;
        }
        if (Sharing.isPast(known.until())) {
            client().forget(known.node());
            return null;
        }
        fs().used();
        return fs().inode(known.node(), known.attr(), GoferFs.LONG_AGO);
    }

    /** Whether a listing says that there is no such name. */
    private boolean isAbsent(String name) {
        Listing listing = fs().listings().get(handle());
        return listing != null && listing.lacks(name);
    }

    @Override
    public boolean revalidate(String name, Inode child) {
        Expected answer = takeExpected(name);
        if (answer != null) {
            return answer.inode == child;
        }
        Attr attr = new Attr();
        long asked = System.nanoTime();
        int node = client().lookup(node(), bytes(name), attr);
        return node > 0 && fs().inode(node, attr, asked) == child;
    }

    private boolean isExpected(String name) {
        Expected answer = expected;
        return answer != null
                && answer.name.equals(name)
                && answer.changes == fs().listings().changes()
                && !Sharing.isPast(answer.until);
    }

    /** What is expected of a name, once; null if nothing is. */
    private Expected takeExpected(String name) {
        Expected answer = expected;
        if (answer == null) {
            return null;
        }
        boolean good = isExpected(name);
        expected = null;
        return good ? answer : null;
    }

    /** The names of a path from {@code at} on that can be walked at once. */
    private static List<byte[]> names(String path, int at) {
        List<byte[]> names = new ArrayList<>();
        int start = at;
        while (start < path.length() && names.size() < Wire.MAX_WALK) {
            int slash = path.indexOf('/', start);
            int end = slash < 0 ? path.length() : slash;
            String name = path.substring(start, end);
            if (name.length() > Stat.NAME_MAX || name.equals(".") || name.equals("..")) {
                break;
            }
            if (!name.isEmpty()) {
                names.add(bytes(name));
            }
            start = end + 1;
        }
        return names;
    }

    /** Asks for all names at once, and leaves each answer with the directory that will be asked for it. */
    @Override
    public void expect(String path, int at) {
        List<byte[]> names = names(path, at);
        if (names.size() < 2) {
            return;
        }
        String first = text(names.get(0));
        Prefetch prefetch = prefetch(false);
        if (isExpected(first) || prefetch != null && prefetch.has(first) || isAbsent(first)) {
            return;
        }
        int changes = fs().listings().changes();
        long asked = System.nanoTime();
        WalkResult walk = new WalkResult();
        if (client().walk(node(), names.toArray(new byte[0][]), 0, names.size(), walk) < 0) {
            return;
        }
        long until = fs().sharing().until();
        GoferDirectory directory = this;
        for (int i = 0; i < walk.count; i++) {
            Inode found = fs().inode(walk.nodes[i], walk.attr(i), asked);
            if (directory != null) {
                directory.expected = new Expected(text(names.get(i)), found, changes, until);
            }
            directory = found instanceof GoferDirectory next ? next : null;
        }
        if (walk.status == -Errno.ENOENT && directory != null) {
            directory.expected = new Expected(text(names.get(walk.count)), null, changes, until);
        }
    }

    private Inode made(String name, int node, Attr attr) {
        GoferFs.check(node);
        changed(name);
        outdated();
        return fs().inode(node, attr, GoferFs.LONG_AGO);
    }

    @Override
    public Inode create(String name, int mode, int rdevMajor, int rdevMinor, Credentials creds) {
        int full = Names.newMode(this, mode, creds);
        int gid = Names.newGid(this, creds);
        if ((mode & Stat.S_IFMT) != Stat.S_IFREG) {
            Attr attr = new Attr();
            int node = client().mknod(node(), bytes(name), full, creds.fsuid(), gid, rdevMajor, rdevMinor, attr);
            return made(name, node, attr);
        }
        Created created = new Created();
        GoferFs.check(client().create(node(), bytes(name), full & 07777, creds.fsuid(), gid, Fcntl.O_RDWR, created));
        GoferFile file = (GoferFile) made(name, created.node, created.attr);
        file.adopt(created.fd);
        return file;
    }

    @Override
    public Inode tmpfile(int mode, Credentials creds, boolean linkable) {
        Created created = new Created();
        int full = Names.newMode(this, mode, creds) & 07777;
        int gid = Names.newGid(this, creds);
        GoferFs.check(client().tmpfile(node(), full, creds.fsuid(), gid, linkable, created));
        GoferFile file = (GoferFile) fs().inode(created.node, created.attr, GoferFs.LONG_AGO);
        file.adopt(created.fd);
        return file;
    }

    @Override
    public Inode mkdir(String name, int mode, Credentials creds) {
        Attr attr = new Attr();
        int full = Names.newMode(this, Stat.S_IFDIR | mode, creds) & 07777;
        int node = client().mkdir(node(), bytes(name), full, creds.fsuid(), Names.newGid(this, creds), attr);
        return made(name, node, attr);
    }

    @Override
    public Inode symlink(String name, String target, Credentials creds) {
        Attr attr = new Attr();
        int gid = Names.newGid(this, creds);
        int node = client().symlink(node(), bytes(name), bytes(target), creds.fsuid(), gid, attr);
        if (node > 0) {
            attr.target = bytes(target);
        }
        return made(name, node, attr);
    }

    @Override
    public void link(String name, Inode target) {
        Attr attr = new Attr();
        int node = client().link(((GoferInode) target).node(), node(), bytes(name), attr);
        made(name, node, attr);
        ((GoferInode) target).outdated();
    }

    @Override
    public void unlink(String name, Inode child) {
        gone(name, child, GoferFs.check(client().unlink(node(), bytes(name), 0)));
    }

    @Override
    public void rmdir(String name, Inode child) {
        gone(name, child, GoferFs.check(client().unlink(node(), bytes(name), Fcntl.AT_REMOVEDIR)));
    }

    private void gone(String name, Inode child, int left) {
        changed(name);
        outdated();
        ((GoferInode) child).nameGone(left);
    }

    @Override
    public void rename(String oldName, Inode child, Inode newDirectory, String newName, Inode replaced, int flags) {
        if ((flags & MiscFlags.RENAME_WHITEOUT) != 0) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        GoferDirectory to = (GoferDirectory) newDirectory;
        int left = GoferFs.check(client().rename(node(), bytes(oldName), to.node(), bytes(newName), flags));
        changed(oldName);
        to.changed(newName);
        outdated();
        to.outdated();
        ((GoferInode) child).outdated();
        if (replaced != null && (flags & MiscFlags.RENAME_EXCHANGE) == 0) {
            ((GoferInode) replaced).nameGone(left);
        } else if (replaced != null) {
            ((GoferInode) replaced).outdated();
            to.changed(oldName);
            changed(newName);
        }
    }

    @Override
    public FileDescription open(Task task, Path path, int flags) {
        return new DirectoryFile(path, flags) {
            @Override
            public long fsync(Task syncing, boolean dataOnly) {
                return client().fsync(node(), dataOnly);
            }
        };
    }

    @Override
    public void readdir(Task task, long position, DirectorySink sink) {
        if (fs().sharing().caches() && position != Wire.LIST_END) {
            Listing known = position == 0 ? listing() : fs().listings().get(handle());
            int from = known == null ? -1 : known.behind(position);
            if (from >= 0) {
                known.tell(from, sink);
                return;
            }
        }
        readPages(position, sink);
    }

    private void readPages(long position, DirectorySink sink) {
        long cookie = position;
        while (cookie != Wire.LIST_END) {
            Listing page = new Listing();
            long next = list(cookie, page, fs().sharing().caches() ? DIRECTORIES : NAMES);
            boolean more = page.finish(next == Wire.LIST_END, 0).tell(0, sink);
            if (!more || next == cookie) {
                return;
            }
            cookie = next;
        }
    }

    /** The entries, read unless they are known. */
    private Listing listing() {
        Listing known = fs().listings().get(handle());
        if (known != null) {
            return known;
        }
        boolean eager = fs().looksAhead();
        Listing read = readAll(eager ? EVERYTHING : DIRECTORIES);
        if (eager) {
            fs().offered(read.size());
        }
        return read;
    }

    /** Reads the entries, all of them unless there are very many, and the first ones with what {@code flags} say. */
    private Listing readAll(int flags) {
        int before = fs().listings().changes();
        long until = fs().sharing().until();
        Listing entries = new Listing();
        // attributes only for what fits into one message: of a large directory few entries are looked at
        long cookie = list(0, entries, flags);
        while (cookie != Wire.LIST_END && entries.size() < LONGEST) {
            long next = list(cookie, entries, DIRECTORIES);
            if (next == cookie) {
                break;
            }
            cookie = next;
        }
        Listing listing = entries.finish(cookie == Wire.LIST_END, until);
        if (listing.isComplete()) {
            fs().listings().put(handle(), listing, before);
        }
        return listing;
    }

    /** Only of files not in use and with one name: what is kept must not be older than what we know or do. */
    private void keep(Prefetch prefetch, String name, int node, Attr attr) {
        boolean oneName = attr.nlink == 1 || (attr.mode & Stat.S_IFMT) == Stat.S_IFDIR;
        if (oneName && !fs().isKnown(attr)) {
            prefetch.put(name, new Prefetch.Entry(node, attr, fs().sharing().until()), client());
        } else {
            client().forget(node);
        }
    }

    /** Adds one page of entries, and keeps the nodes that come with it; the cookie of the next page. */
    private long list(long cookie, Listing to, int flags) {
        long next = client().list(node(), cookie, flags, to);
        if (flags != NAMES) {
            Prefetch prefetch = prefetch(true);
            if (to.takeAlong((name, node, attr) -> keep(prefetch, name, node, attr))) {
                fs().keep(prefetch);
            }
        }
        if (next < 0) {
            throw ErrnoException.of((int) Math.min(-next, Errno.ERESTART_RESTARTBLOCK));
        }
        return next;
    }
}
