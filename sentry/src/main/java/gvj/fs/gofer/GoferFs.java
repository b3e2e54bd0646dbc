package gvj.fs.gofer;

import gvj.abi.Errno;
import gvj.host.Host;
import gvj.host.HostFiles;
import gvj.host.Statx;
import gvj.kernel.ErrnoException;
import gvj.vfs.FileSystem;
import gvj.vfs.Inode;
import gvj.vfs.StatFs;
import gvj.wire.Attr;
import gvj.wire.FsStat;
import gvj.wire.GoferClient;
import gvj.wire.Mounted;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One tree of the gofer.
 *
 * <p>There is one inode object per file of the host as long as anybody uses it; what one holds there (nodes, descriptors)
 * is given back after the garbage collector found it unused.
 *
 * <p>Locks: the monitor guards the table of inodes, {@link #idle} the descriptors that nobody has open; both innermost.
 */
public final class GoferFs extends FileSystem {
    /** Descriptors kept of files that nobody has open. */
    private static final int IDLE_DESCRIPTORS = 256;

    /** Entries known ahead, over all directories. */
    private static final int PREFETCHED = 8192;
    /** One listing in so many looks ahead although it did not pay lately. */
    private static final int PROBE = 32;
    /** So many entries may come along and not be asked for before looking ahead stops. */
    private static final int CREDIT = 512;
    /** What was seen so many entries ago counts half. */
    private static final int MEMORY = 4096;

    /** When attributes were asked for of which that is not known. */
    static final long LONG_AGO = 0;

    private static final int BUFFERS = 8;
    /** Bytes of a buffer for writes. */
    static final int BUFFER = 128 << 10;

    private final GoferClient client;
    private final PageCache cache;
    private final int index;
    private final Sharing sharing;
    private final boolean copiesUp;
    private final Map<Key, Handle> inodes = new HashMap<>();
    private final ReferenceQueue<GoferInode> unused = new ReferenceQueue<>();
    private final LinkedHashMap<Handle, Boolean> idle = new LinkedHashMap<>();
    private final ListingCache listings = new ListingCache();
    /** Directories whose entries are known ahead, the ones listed last. Guarded by itself. */
    private final LinkedHashMap<Prefetch, Boolean> prefetched = new LinkedHashMap<>();

    /** Their entries in all. Guarded by {@link #prefetched}. */
    private int ahead;

    /** Entries that looking ahead at listings brought lately. Guarded by {@link #prefetched}. */
    private int offered;
    /** Entries known ahead that were asked for lately. */
    private final AtomicInteger used = new AtomicInteger();

    private int lists;
    private final ArrayDeque<Long> buffers = new ArrayDeque<>();
    private final GoferInode root;
    /** Null while containers have it. */
    private volatile Owner owner;

    /** Room for one {@code struct statx}, guarded by the lock. */
    private final long statx = Host.malloc(Statx.BYTES);

    private final Object statxLock = new Object();

    /** Who is to do away with a tree that no container has any more, but somebody uses still. */
    public interface Owner {
        /** Nobody uses {@code fs} just now. */
        void unused(GoferFs fs);
    }

    /**
     * A file of the host; its birth tells it from an earlier one of the same number. On an overlayfs of the host a file is
     * born again when it is first changed: there it stays what it was, with all that is mounted below.
     */
    private record Key(long ino, int major, int minor, long birth) {
        /* By hand: those of a record are linked by a bootstrap method, which costs milliseconds of start-up. */
        @Override
        public int hashCode() {
            return Long.hashCode(ino * 31 + birth) * 31 + minor;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key
                    && key.ino == ino
                    && key.birth == birth
                    && key.major == major
                    && key.minor == minor;
        }
    }

    /** What an inode holds outside of the Java heap, and where it is in the table. */
    static final class Handle extends WeakReference<GoferInode> {
        final Key key;
        final int[] nodes = new int[1];
        int[] retired = new int[0];
        int readFd = -1;
        int writeFd = -1;
        int opens;
        volatile GoferPages pages;
        Prefetch prefetch;
        /** The file has no name any more: nothing of it is kept once nobody has it open. */
        boolean nameless;

        Handle(GoferInode inode, ReferenceQueue<GoferInode> queue, Key key) {
            super(inode, queue);
            this.key = key;
        }
    }

    /** Asks for the root of tree {@code index}. */
    public static Mounted attach(GoferClient client, int index) {
        Mounted mounted = new Mounted();
        check(client.attach(index, mounted));
        return mounted;
    }

    /**
     * The file system of a tree.
     *
     * @param index the mount's number at the gofer
     * @param sharing who else changes it while the sandbox runs
     * @param mounted its root, whose count becomes the file system's
     */
    public GoferFs(GoferClient client, PageCache cache, int index, Sharing sharing, Mounted mounted) {
        this.client = client;
        this.cache = cache;
        this.index = index;
        this.sharing = sharing;
        this.copiesUp = mounted.copiesUp;
        if (mounted.readOnly) {
            setReadOnly(true);
        }
        root = inode(mounted.node, mounted.attr, LONG_AGO);
    }

    private Key key(Attr attr) {
        long birth = copiesUp ? 0 : attr.btime * 1_000_000_000 + attr.btimeNanos;
        return new Key(attr.ino, attr.devMajor, attr.devMinor, birth);
    }

    GoferClient client() {
        return client;
    }

    ListingCache listings() {
        return listings;
    }

    /** Who else changes it. */
    public Sharing sharing() {
        return sharing;
    }

    /** The tree's number at the gofer. */
    public int index() {
        return index;
    }

    /** Whether {@code mounted} is the root of the same tree, and nobody would see a difference. */
    public boolean isOf(Mounted mounted, Sharing wanted) {
        return sharing == wanted && root.handle().key.equals(key(mounted.attr));
    }

    /**
     * Has {@code newOwner} hear when nobody has a file of it open or works in it; null for nobody. It may be so already.
     */
    public void tellUnused(Owner newOwner) {
        owner = newOwner;
    }

    @Override
    protected void idle() {
        Owner told = owner;
        if (told != null) {
            told.unused(this);
        }
    }

    /**
     * Nobody uses it any more: writes back, and gives up all pages and descriptors. The gofer is to forget the whole tree next.
     */
    public void close() {
        Handle[] all;
        synchronized (this) {
            all = inodes.values().toArray(new Handle[0]);
            inodes.clear();
        }
        for (Handle handle : all) {
            closeTree(handle);
        }
        synchronized (prefetched) {
            prefetched.clear();
            ahead = 0;
        }
        listings.clear();
        synchronized (buffers) {
            for (long buffer : buffers) {
                Host.free(buffer);
            }
            buffers.clear();
        }
    }

    private void closeTree(Handle handle) {
        boolean open;
        synchronized (handle) {
            handle.nameless = true;
            open = handle.opens > 0;
        }
        if (!open) {
            if (handle.pages != null) {
                handle.pages.keepError(handle.pages.writeBack());
                handle.pages.free();
            }
            inUse(handle);
            closeDescriptors(handle);
        }
        synchronized (this) { // a number that is forgotten later could be another's by then
            handle.nodes[0] = 0;
            handle.retired = new int[0];
            handle.prefetch = null;
        }
    }

    /** The attributes of a file that is open here, without asking the gofer. */
    int fstat(int fd, Attr to) {
        synchronized (statxLock) {
            int result = HostFiles.fstatx(fd, Statx.BASIC_STATS | Statx.BTIME, statx);
            if (result == 0) {
                to.set(statx);
            }
            return result;
        }
    }

    PageCache cache() {
        return cache;
    }

    /** Throws the error that a negative result stands for. */
    static int check(int result) {
        if (result < 0) {
            throw ErrnoException.of(result < -Errno.ERESTART_RESTARTBLOCK ? Errno.EIO : -result);
        }
        return result;
    }

    /**
     * The inode of a node given by the gofer, whose count becomes the inode's, as the attributes do.
     *
     * @param asked {@link System#nanoTime} before the gofer was asked for them, or {@link #LONG_AGO}
     */
    GoferInode inode(int node, Attr attr, long asked) {
        collect();
        GoferInode known;
        int spare = 0;
        synchronized (this) {
            Key key = key(attr);
            Handle handle = inodes.get(key);
            known = handle == null ? null : handle.get();
            if (known == null || (known.mode() & 0xf000) != (attr.mode & 0xf000)) {
                known = GoferInode.make(this, attr);
                Handle fresh = new Handle(known, unused, key);
                fresh.nodes[0] = node;
                known.setHandle(fresh);
                inodes.put(key, fresh);
                return known;
            }
            if (handle.nodes[0] == node) {
                spare = node;
            } else {
                int[] retired = java.util.Arrays.copyOf(handle.retired, handle.retired.length + 1);
                retired[retired.length - 1] = handle.nodes[0];
                handle.retired = retired;
                handle.nodes[0] = node;
            }
        }
        if (spare != 0) {
            client.forget(spare);
        }
        if (!sharing.forever()) {
            known.told(attr, asked);
        }
        return known;
    }

    /** Whether there is an inode object of this file. */
    synchronized boolean isKnown(Attr attr) {
        return inodes.containsKey(key(attr));
    }

    /** The file lost its last name: its number may soon be another file's, and the host is to have its space back. */
    void nameless(GoferInode inode) {
        Handle handle = inode.handle();
        synchronized (this) {
            inodes.remove(handle.key, handle);
        }
        boolean unused;
        synchronized (handle) {
            handle.nameless = true;
            unused = handle.opens == 0;
        }
        if (unused) {
            letGo(handle);
        }
    }

    /** Nobody has a file without a name open: what is held of it would keep its space on the host. */
    private void letGo(Handle handle) {
        inUse(handle);
        closeIfIdle(handle);
        int node;
        synchronized (this) {
            node = handle.nodes[0];
            handle.nodes[0] = 0;
        }
        if (node != 0) {
            client.forget(node);
        }
    }

    /** The gofer keeps too much for us: everything that nobody uses is given back now. */
    void relieve() {
        Prefetch[] all;
        synchronized (prefetched) {
            all = prefetched.keySet().toArray(new Prefetch[0]);
            prefetched.clear();
            ahead = 0;
        }
        for (Prefetch prefetch : all) {
            prefetch.clear(client);
        }
        listings.clear();
        // only the collector knows what is unused; it tells through the reference queue
        System.gc();
        collect();
        client.flushForgotten();
    }

    /** Gives back what unused inodes held. */
    private void collect() {
        for (Object gone = unused.poll(); gone != null; gone = unused.poll()) {
            Handle handle = (Handle) gone;
            synchronized (this) {
                inodes.remove(handle.key, handle);
            }
            synchronized (idle) {
                idle.remove(handle);
            }
            if (handle.pages != null) {
                handle.pages.free();
            }
            listings.forget(handle);
            closeDescriptors(handle);
            if (handle.prefetch != null) {
                synchronized (prefetched) {
                    drop(handle.prefetch);
                }
                handle.prefetch.clear(client);
            }
            if (handle.nodes[0] != 0) {
                client.forget(handle.nodes[0]);
            }
            for (int node : handle.retired) {
                client.forget(node);
            }
        }
    }

    private static void closeDescriptors(Handle handle) {
        int readable;
        int writable;
        synchronized (handle) {
            readable = handle.readFd;
            writable = handle.writeFd;
            handle.readFd = -1;
            handle.writeFd = -1;
            if (handle.pages != null) {
                handle.pages.setDescriptors(-1, -1);
            }
        }
        if (writable >= 0) {
            Host.close(writable);
        }
        if (readable >= 0 && readable != writable) {
            Host.close(readable);
        }
    }

    /** Nobody has the file open any more: its descriptors are kept for a while, unless it has no name. */
    void becameIdle(Handle handle) {
        boolean nameless;
        synchronized (handle) {
            nameless = handle.nameless;
        }
        if (nameless) {
            letGo(handle);
            return;
        }
        Handle oldest = null;
        synchronized (idle) {
            idle.put(handle, true);
            if (idle.size() > IDLE_DESCRIPTORS) {
                oldest = idle.keySet().iterator().next();
                idle.remove(oldest);
            }
        }
        if (oldest != null) {
            closeIfIdle(oldest);
        }
    }

    private static void closeIfIdle(Handle handle) {
        synchronized (handle) {
            if (handle.opens == 0) {
                closeDescriptors(handle);
            }
        }
    }

    /** Somebody opens it again. */
    void inUse(Handle handle) {
        synchronized (idle) {
            idle.remove(handle);
        }
    }

    /**
     * Whether the next listing of a directory should bring attributes and nodes along: not if few of the last ones were
     * asked for. A round trip costs as much as four entries.
     */
    boolean looksAhead() {
        synchronized (prefetched) {
            return sharing.caches() && (used.get() * 4 >= offered - CREDIT || ++lists % PROBE == 0);
        }
    }

    /** An entry that was known ahead was asked for. */
    void used() {
        used.getAndIncrement();
    }

    /** A listing brought so many entries because of {@link #looksAhead}. */
    void offered(int entries) {
        synchronized (prefetched) {
            offered += Math.min(entries, CREDIT);
            if (offered > MEMORY) {
                offered /= 2;
                used.set(used.get() / 2);
            }
        }
    }

    /** Entries of a directory were kept; those of the ones listed longest ago go. */
    void keep(Prefetch prefetch) {
        Prefetch oldest = null;
        synchronized (prefetched) {
            drop(prefetch);
            ahead += prefetch.keep();
            prefetched.put(prefetch, true);
        }
        while ((oldest = surplus(prefetch)) != null) {
            oldest.clear(client);
        }
    }

    /** Takes out the entries kept longest if there are too many, but not {@code except}; null if there are not. */
    private Prefetch surplus(Prefetch except) {
        synchronized (prefetched) {
            Prefetch oldest =
                    prefetched.isEmpty() ? null : prefetched.keySet().iterator().next();
            if (ahead <= PREFETCHED || oldest == except) {
                return null;
            }
            drop(oldest);
            return oldest;
        }
    }

    /** Forgets that entries are kept. The lock of {@link #prefetched} is held. */
    private void drop(Prefetch prefetch) {
        if (prefetched.remove(prefetch) != null) {
            ahead -= prefetch.weight();
        }
    }

    /** A native buffer of {@link #BUFFER} bytes. */
    long takeBuffer() {
        synchronized (buffers) {
            Long buffer = buffers.poll();
            if (buffer != null) {
                return buffer;
            }
        }
        long buffer = Host.malloc(BUFFER);
        if (buffer < 0) {
            throw ErrnoException.of(Errno.ENOMEM);
        }
        return buffer;
    }

    void giveBuffer(long buffer) {
        synchronized (buffers) {
            if (buffers.size() < BUFFERS) {
                buffers.add(buffer);
                return;
            }
        }
        Host.free(buffer);
    }

    @Override
    public String type() {
        return "9p";
    }

    @Override
    public long magic() {
        return gvj.abi.Mount.V9FS_MAGIC;
    }

    @Override
    public Inode root() {
        return root;
    }

    @Override
    public long trustNanos() {
        return sharing.caches() ? sharing.nanos() : 0;
    }

    @Override
    public void statfs(StatFs out) {
        FsStat s = new FsStat();
        check(client.statfs(root.node(), s));
        out.type = magic();
        out.blockSize = s.bsize;
        out.blocks = s.blocks;
        out.blocksFree = s.bfree;
        out.blocksAvailable = s.bavail;
        out.files = s.files;
        out.filesFree = s.ffree;
        out.nameLength = s.namelen;
    }

    @Override
    public void sync() {
        GoferInode[] all;
        synchronized (this) {
            all = inodes.values().stream().map(Handle::get).toArray(GoferInode[]::new);
        }
        for (GoferInode inode : all) {
            if (inode instanceof GoferFile file && file.pages() != null) {
                file.pages().keepError(file.pages().writeBack());
            }
        }
        client.flushForgotten();
        client.syncfs(root.node());
    }
}
