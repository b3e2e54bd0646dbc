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
 * <p>Add the mounts, then the channels, then {@link #await} the end. Locks: the monitor guards the number of channels
 * and is never held with another lock.
 */
public final class GoferServer {
    /** More channels than a Sentry has any use for. */
    private static final int MAX_CHANNELS = 64;

    private final NodeTable table;
    private final Consumer<String> complain;
    private Mount[] mounts = new Mount[4];
    private int mountCount;
    private int channels;
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
        long statx = Host.malloc(Statx.BYTES);
        int result = HostFiles.fstatx(fd, Statx.BASIC_STATS, statx);
        if (result == 0) {
            Mount m = new Mount(mountCount, readOnly);
            m.root = table.root(m, statx, fd, null, null);
            m.file = m.root.isDirectory() ? -1 : fd;
            result = add(m);
        }
        Host.free(statx);
        return result;
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
            Mount m = new Mount(mountCount, readOnly);
            Node parent = table.root(m, dirStatx, dir, null, null);
            parent.refs = 0;
            m.root = table.root(m, statx, fd, parent, name);
            result = add(m);
        } else {
            Host.close(dir);
        }
        Host.free(dirStatx);
        return result;
    }

    private int add(Mount mount) {
        if (mountCount == mounts.length) {
            Mount[] more = new Mount[mountCount * 2];
            System.arraycopy(mounts, 0, more, 0, mountCount);
            mounts = more;
        }
        mounts[mountCount++] = mount;
        return mount.index;
    }

    private static byte[] terminated(byte[] bytes, int length) {
        byte[] c = new byte[length + 1];
        System.arraycopy(bytes, 0, c, 0, length);
        return c;
    }

    /** All mounts, by number; behind {@link #mountCount} there are none. */
    Mount[] mounts() {
        return mounts;
    }

    int mountCount() {
        return mountCount;
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
