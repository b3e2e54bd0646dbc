package gvj.gofer;

import gvj.host.Host;
import gvj.host.HostErrno;
import gvj.host.HostFiles;
import gvj.host.Mem;
import gvj.host.Statx;
import java.util.function.Consumer;

/**
 * A gofer: mounts, the table of nodes, and a thread for each channel.
 *
 * <p>Add the mounts and the channels, then {@link #await} the end; mounts may also come and go later. Locks: the monitor guards
 * the number of channels and changes of mounts, and is never held with another lock.
 */
public final class GoferServer {
    /** More channels than a Sentry has any use for. */
    private static final int MAX_CHANNELS = 64;

    private final NodeTable table;
    private final Consumer<String> complain;
    /** By number, null where one was given back. Never changed, but replaced. */
    private volatile Mount[] mounts = new Mount[0];

    private int channels;
    private boolean mountsCame;
    private int numbered;

    /**
     * @param maxNodes how many nodes the Sentry may hold (about 120 bytes each)
     * @param maxFds how many O_PATH descriptors may be open for them
     * @param complain gets a line for each channel that had to be closed
     */
    public GoferServer(int maxNodes, int maxFds, Consumer<String> complain) {
        table = new NodeTable(maxNodes, maxFds);
        this.complain = complain;
    }

    // ---- mounts ----

    /**
     * Adds a mount from an open descriptor, which becomes the server's: O_PATH or not for a directory; for a regular
     * file it must be open for what the Sentry may do with it, as it is duplicated when the Sentry opens the file.
     *
     * @return the number of the mount, or {@code -errno}
     */
    public int addMount(int fd, boolean readOnly) {
        Mount mount = mountOf(fd, readOnly);
        return mount == null ? -HostErrno.EBADF : add(mount);
    }

    /**
     * Adds a mount by its path on the host, which is used now and never again: of a directory itself, of a file its
     * directory is opened. No symbolic link at its end.
     *
     * @return the number of the mount, or {@code -errno}
     */
    public int addMount(byte[] path, boolean readOnly) {
        int fd = Host.open(terminated(path, path.length), HostFiles.O_PATH | HostFiles.O_NOFOLLOW, 0);
        if (fd < 0) {
            return fd;
        }
        long statx = Host.malloc(Statx.BYTES);
        int result = HostFiles.fstatx(fd, Statx.BASIC_STATS, statx);
        int type = result < 0 ? 0 : Statx.mode(statx) & Node.S_IFMT;
        if (result == 0 && type == Node.S_IFLNK) {
            result = -HostErrno.ELOOP;
        } else if (result == 0 && type == Node.S_IFDIR) {
            result = addMount(fd, readOnly);
        } else if (result == 0) {
            result = addFile(path, fd, statx, readOnly);
        }
        Host.free(statx);
        if (result < 0) {
            Host.close(fd);
        }
        return result;
    }

    /** The parent of such a root is a node that the Sentry has no number for. */
    private int addFile(byte[] path, int fd, long statx, boolean readOnly) {
        int slash = path.length - 1;
        while (slash >= 0 && path[slash] != '/') {
            slash--;
        }
        byte[] directory = slash < 0 ? new byte[] {'.', 0} : terminated(path, Math.max(slash, 1));
        byte[] name = new byte[path.length - slash - 1];
        System.arraycopy(path, slash + 1, name, 0, name.length);
        int dir = Host.open(directory, HostFiles.O_PATH | HostFiles.O_DIRECTORY, 0);
        if (dir < 0) {
            return dir;
        }
        long dirStatx = Host.malloc(Statx.BYTES);
        int result = HostFiles.fstatx(dir, Statx.BASIC_STATS, dirStatx);
        if (result == 0) {
            Mount m = new Mount(readOnly);
            Node parent = table.root(m, dirStatx, dir, null, null);
            parent.refs = 0;
            parent.users = 0; // its child keeps it
            m.root = table.root(m, statx, fd, parent, name);
            result = add(m);
        } else {
            Host.close(dir);
        }
        Host.free(dirStatx);
        return result;
    }

    private int add(Mount mount) {
        return add(new Mount[] {mount});
    }

    /**
     * Adds mounts that come together, under numbers one after the other: those that were given back first.
     *
     * @return the number of the first
     */
    synchronized int add(Mount[] more) {
        int first = gap(more.length);
        Mount[] now = java.util.Arrays.copyOf(mounts, Math.max(mounts.length, first + more.length));
        System.arraycopy(more, 0, now, first, more.length);
        mounts = now;
        mountsCame = true;
        notifyAll();
        return first;
    }

    /** Where there is room for {@code count} mounts in a row. */
    private int gap(int count) {
        int free = 0;
        for (int i = 0; i < mounts.length; i++) {
            free = mounts[i] == null ? free + 1 : 0;
            if (free == count) {
                return i + 1 - count;
            }
        }
        return mounts.length - free;
    }

    /** A mount from an open descriptor, as {@link #addMount(int, boolean)} takes it, which has no number yet; null if it is none. */
    Mount mountOf(int fd, boolean readOnly) {
        long statx = Host.malloc(Statx.BYTES);
        try {
            if (HostFiles.fstatx(fd, Statx.BASIC_STATS, statx) < 0) {
                return null;
            }
            Mount mount = new Mount(readOnly);
            mount.root = table.root(mount, statx, fd, null, null);
            mount.file = mount.root.isDirectory() ? -1 : fd;
            return mount;
        } finally {
            Host.free(statx);
        }
    }

    /** Takes a mount out and answers it; null if there is none of that number. Its nodes are the caller's to forget. */
    synchronized Mount remove(int index) {
        Mount mount = mount(index);
        if (mount != null) {
            Mount[] now = mounts.clone();
            now[index] = null;
            mounts = now;
        }
        return mount;
    }

    private static byte[] terminated(byte[] bytes, int length) {
        byte[] c = new byte[length + 1];
        System.arraycopy(bytes, 0, c, 0, length);
        return c;
    }

    /** The mount of that number, or null. */
    Mount mount(int index) {
        Mount[] all = mounts;
        return index >= 0 && index < all.length ? all[index] : null;
    }

    NodeTable table() {
        return table;
    }

    // ---- channels ----

    /** Serves a connected SOCK_SEQPACKET descriptor, which becomes the server's, on a thread of its own. */
    public void addChannel(int socket) {
        ChannelThread thread;
        synchronized (this) {
            channels++;
            thread = new ChannelThread(this, socket, numbered++);
        }
        thread.setDaemon(true);
        thread.start();
    }

    /** Makes one more channel: the Sentry's end, or {@code -errno}. */
    int newChannel() {
        synchronized (this) {
            if (channels >= MAX_CHANNELS) {
                return -HostErrno.EMFILE;
            }
        }
        long pair = Host.malloc(8);
        int result = Host.socketpair(Host.AF_UNIX, Host.SOCK_SEQPACKET | Host.SOCK_CLOEXEC, 0, pair);
        int ours = Mem.getInt(pair);
        int theirs = Mem.getInt(pair + 4);
        Host.free(pair);
        if (result < 0) {
            return result;
        }
        addChannel(ours);
        return theirs;
    }

    synchronized void ended() {
        channels--;
        notifyAll();
    }

    void complain(String line) {
        complain.accept(line);
    }

    /** Waits until the Sentry has closed all channels, at most {@code millis}; whether it has. */
    public synchronized boolean await(long millis) throws InterruptedException {
        long deadline = System.nanoTime() + millis * 1_000_000;
        long left = millis;
        while (channels > 0 && left > 0) {
            wait(left);
            left = (deadline - System.nanoTime()) / 1_000_000;
        }
        return channels == 0;
    }

    /** Waits until more mounts come, or the Sentry has closed all channels; whether mounts have come. */
    public synchronized boolean awaitMounts() throws InterruptedException {
        mountsCame = false;
        while (channels > 0 && !mountsCame) {
            wait();
        }
        return channels > 0;
    }

    /** Waits until the Sentry has closed all channels. */
    public synchronized void await() throws InterruptedException {
        while (channels > 0) {
            wait();
        }
    }

    /** How many nodes the Sentry holds, roots included. */
    public int nodes() {
        return table.size();
    }

    /** How many O_PATH descriptors are open for them. */
    public int openFds() {
        return table.openFds();
    }
}
