package gvj.net.unix;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Stat;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.vfs.Caller;
import gvj.vfs.Inode;
import gvj.vfs.Names;
import gvj.vfs.Path;
import gvj.vfs.PathWalker;
import gvj.vfs.Permissions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Names of sockets: abstract ones of one network namespace, and paths, which lead to the socket by their inode. */
final class UnixNames {
    private static final int AUTOBIND_NAMES = 1 << 20;

    private final ConcurrentHashMap<String, UnixSocket> abstractNames = new ConcurrentHashMap<>();
    private final AtomicInteger nextAuto = new AtomicInteger();
    /** Every open socket of the namespace, for /proc/net/unix; its monitor guards it. */
    private final Set<UnixSocket> sockets = new LinkedHashSet<>();

    private UnixNames() {}

    /** Those of the network namespace the caller is in. */
    static UnixNames of(Task task) {
        return task.namespaces().net().registry(UnixNames.class, UnixNames::new);
    }

    void opened(UnixSocket socket) {
        synchronized (sockets) {
            sockets.add(socket);
        }
    }

    void closed(UnixSocket socket) {
        synchronized (sockets) {
            sockets.remove(socket);
        }
    }

    List<UnixSocket> all() {
        synchronized (sockets) {
            return new ArrayList<>(sockets);
        }
    }

    /** Gives {@code socket} the name; EADDRINUSE, and whatever making the inode answers. */
    UnixAddress bind(Task task, UnixSocket socket, byte[] address) {
        if (UnixAddress.isAutobind(address)) {
            return autobind(socket);
        }
        UnixAddress.check(address);
        if (UnixAddress.isAbstract(address)) {
            UnixAddress name = UnixAddress.ofAbstract(UnixAddress.abstractName(address));
            if (abstractNames.putIfAbsent(name.name(), socket) != null) {
                throw ErrnoException.of(Errno.EADDRINUSE);
            }
            return name;
        }
        String path = UnixAddress.path(address);
        Path made;
        try {
            made = Names.mknod(Caller.of(task), Fcntl.AT_FDCWD, path, Stat.S_IFSOCK | 0777, 0, 0);
        } catch (ErrnoException e) {
            throw e.errno() == Errno.EEXIST ? ErrnoException.of(Errno.EADDRINUSE) : e;
        }
        made.inode().setBoundEndpoint(socket);
        return UnixAddress.ofPath(path, made.inode());
    }

    /** An abstract name of five hexadecimal digits that nobody has. */
    UnixAddress autobind(UnixSocket socket) {
        for (int tries = 0; tries < AUTOBIND_NAMES; tries++) {
            int number = nextAuto.incrementAndGet() & AUTOBIND_NAMES - 1;
            String digits = Integer.toHexString(number);
            String name = "00000".substring(digits.length()) + digits;
            if (abstractNames.putIfAbsent(name, socket) == null) {
                return UnixAddress.ofAbstract(name);
            }
        }
        throw ErrnoException.of(Errno.ENOSPC);
    }

    /** The socket does not answer to its name any more; a path stays in the file system. */
    void unbind(UnixSocket socket, UnixAddress name) {
        Inode inode = name.inode();
        if (inode == null) {
            abstractNames.remove(name.name(), socket);
        } else if (inode.boundEndpoint() == socket) {
            inode.setBoundEndpoint(null);
        }
    }

    /** The socket that has the name, of type {@code type}: ECONNREFUSED, EPROTOTYPE, EACCES and those of the path. */
    UnixSocket find(Task task, byte[] address, int type) {
        UnixAddress.check(address);
        UnixSocket found;
        if (UnixAddress.isAbstract(address)) {
            found = abstractNames.get(UnixAddress.abstractName(address));
        } else {
            Path path = Caller.of(task).lookup(Fcntl.AT_FDCWD, UnixAddress.path(address), PathWalker.FOLLOW);
            Permissions.check(task.credentials(), path, Fcntl.W_OK);
            found = path.inode().type() == Stat.S_IFSOCK && path.inode().boundEndpoint() instanceof UnixSocket bound
                    ? bound
                    : null;
        }
        if (found == null) {
            throw ErrnoException.of(Errno.ECONNREFUSED);
        }
        if (found.type != type) {
            throw ErrnoException.of(Errno.EPROTOTYPE);
        }
        return found;
    }
}
