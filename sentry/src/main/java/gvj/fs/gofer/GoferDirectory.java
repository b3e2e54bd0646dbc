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
import gvj.wire.Wire;
import java.util.ArrayList;
import java.util.List;

/** A directory of the host. */
final class GoferDirectory extends GoferInode {
    /** An entry of a page that was listed. */
    private record Listed(String name, long ino, int type, long cookie) {}

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

    private void forgetPrefetched(String name) {
        Prefetch prefetch = prefetch(false);
        if (prefetch != null) {
            prefetch.remove(name, client());
        }
    }

    @Override
    public Inode lookup(String name) {
        Prefetch prefetch = prefetch(false);
        Prefetch.Entry known = prefetch == null ? null : prefetch.take(name);
        if (known != null) {
            return fs().inode(known.node(), known.attr());
        }
        Attr attr = new Attr();
        int node = client().lookup(node(), bytes(name), attr);
        if (node == -Errno.ENFILE || node == -Errno.ENOMEM || node == -Errno.EMFILE) {
            fs().relieve();
            node = client().lookup(node(), bytes(name), attr);
        }
        if (node == -Errno.ENOENT || node == -Errno.ESTALE) {
            return null;
        }
        return fs().inode(GoferFs.check(node), attr);
    }

    @Override
    public boolean revalidate(String name, Inode child) {
        Attr attr = new Attr();
        int node = client().lookup(node(), bytes(name), attr);
        if (node <= 0) {
            return false;
        }
        return fs().inode(node, attr) == child;
    }

    private Inode made(String name, int node, Attr attr) {
        GoferFs.check(node);
        forgetPrefetched(name);
        outdated();
        return fs().inode(node, attr);
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
        GoferFs.check(client().unlink(node(), bytes(name), 0));
        gone(name, child);
    }

    @Override
    public void rmdir(String name, Inode child) {
        GoferFs.check(client().unlink(node(), bytes(name), Fcntl.AT_REMOVEDIR));
        gone(name, child);
    }

    private void gone(String name, Inode child) {
        forgetPrefetched(name);
        outdated();
        ((GoferInode) child).nameGone();
    }

    @Override
    public void rename(String oldName, Inode child, Inode newDirectory, String newName, Inode replaced, int flags) {
        if ((flags & MiscFlags.RENAME_WHITEOUT) != 0) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        GoferDirectory to = (GoferDirectory) newDirectory;
        GoferFs.check(client().rename(node(), bytes(oldName), to.node(), bytes(newName), flags));
        forgetPrefetched(oldName);
        to.forgetPrefetched(newName);
        outdated();
        to.outdated();
        ((GoferInode) child).outdated();
        if (replaced != null && (flags & MiscFlags.RENAME_EXCHANGE) == 0) {
            ((GoferInode) replaced).nameGone();
        } else if (replaced != null) {
            ((GoferInode) replaced).outdated();
            to.forgetPrefetched(oldName);
            forgetPrefetched(newName);
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
        long cookie = position;
        List<Listed> page = new ArrayList<>();
        while (cookie != Wire.LIST_END) {
            page.clear();
            long next = list(cookie, page);
            for (Listed entry : page) {
                if (!sink.add(entry.name, entry.ino, entry.type, entry.cookie)) {
                    return;
                }
            }
            if (next == cookie) {
                return;
            }
            cookie = next;
        }
    }

    /** Only of files not in use and with one name: what is kept must not be older than what we know or do. */
    private void keep(Prefetch prefetch, String name, int node, Attr attr) {
        boolean oneName = attr.nlink == 1 || (attr.mode & Stat.S_IFMT) == Stat.S_IFDIR;
        if (oneName && !fs().isKnown(attr)) {
            prefetch.put(name, node, attr, client());
        } else {
            client().forget(node);
        }
    }

    /** One page of entries; with nodes and attributes for the lookups to come if nobody else changes the tree. */
    private long list(long cookie, List<Listed> page) {
        Prefetch prefetch = fs().looksAhead() ? prefetch(true) : null;
        List<Runnable> later = prefetch == null ? null : new ArrayList<>();
        int flags = prefetch == null ? 0 : Wire.LIST_ATTR | Wire.LIST_NODE;
        long next = client().list(node(), cookie, flags, (bytes, ino, type, at, node, attr) -> {
            String name = text(bytes);
            page.add(new Listed(name, ino, type, at));
            if (node != 0) {
                Attr copy = new Attr();
                copy.set(attr);
                later.add(() -> keep(prefetch, name, node, copy));
            }
        });
        if (later != null) {
            for (Runnable put : later) {
                put.run();
            }
            fs().keep(prefetch);
        }
        if (next < 0) {
            throw ErrnoException.of((int) Math.min(-next, Errno.ERESTART_RESTARTBLOCK));
        }
        return next;
    }
}
