package gvj.fs.tmpfs;

import gvj.abi.Errno;
import gvj.abi.Stat;
import gvj.kernel.ErrnoException;
import gvj.mm.MemoryFile;
import gvj.vfs.Dentry;
import gvj.vfs.FileSystem;
import gvj.vfs.Inode;
import gvj.vfs.Mount;
import gvj.vfs.Path;
import gvj.vfs.StatFs;
import java.util.concurrent.atomic.AtomicLong;

/** tmpfs(5): files in the sandbox's memory. Also what memfd_create(2) makes files on. */
public final class TmpFs extends FileSystem {
    private static final int PAGE = MemoryFile.PAGE;
    private static final long UNLIMITED = Long.MAX_VALUE;

    private final MemoryFile memory;
    private final AtomicLong usedPages = new AtomicLong();
    private final AtomicLong usedInodes = new AtomicLong();
    private final AtomicLong nextIno = new AtomicLong(1);
    private final TmpfsDirectory root;
    private volatile long maxPages;
    private volatile long maxInodes;
    private volatile boolean released;
    private final int uid;
    private final int gid;
    private final int mode;

    /**
     * A fresh one.
     *
     * @param options as tmpfs(5) has them, comma separated; EINVAL for one it does not know
     */
    public TmpFs(MemoryFile memory, String options) {
        this.memory = memory;
        TmpfsOptions parsed = TmpfsOptions.parse(options, memory.limitPages());
        maxPages = limit(parsed.pages, memory.limitPages() / 2);
        maxInodes = limit(parsed.inodes, memory.limitPages() / 2);
        uid = Math.max(parsed.uid, 0);
        gid = Math.max(parsed.gid, 0);
        mode = parsed.mode < 0 ? 01777 : parsed.mode;
        root = new TmpfsDirectory(this, mode, uid, gid);
    }

    /** One without limits: the upper layer of an overlay, memfds. */
    public static TmpFs unlimited(MemoryFile memory) {
        TmpFs fs = new TmpFs(memory, "mode=755");
        fs.maxPages = UNLIMITED;
        fs.maxInodes = UNLIMITED;
        return fs;
    }

    private static long limit(long given, long fallback) {
        return given < 0 ? fallback : given == 0 ? UNLIMITED : given;
    }

    MemoryFile memory() {
        return memory;
    }

    long newIno() {
        if (usedInodes.incrementAndGet() > maxInodes) {
            usedInodes.decrementAndGet();
            throw ErrnoException.of(Errno.ENOSPC);
        }
        return nextIno.getAndIncrement();
    }

    void inodeGone() {
        usedInodes.decrementAndGet();
    }

    /** Takes pages from the limit; false if they are not there. */
    boolean charge(long pages) {
        if (usedPages.addAndGet(pages) > maxPages) {
            usedPages.addAndGet(-pages);
            return false;
        }
        return true;
    }

    void uncharge(long pages) {
        usedPages.addAndGet(-pages);
    }

    boolean isReleased() {
        return released;
    }

    /** A file of no directory, for memfd_create(2) and shared memory: the place of it, called {@code name}. */
    public Path anonymous(String name, int permissions, int fileUid, int fileGid) {
        TmpfsRegular inode = new TmpfsRegular(this, Stat.S_IFREG | permissions, fileUid, fileGid);
        inode.unlinked(true);
        return new Path(anonymousMount(), new Dentry(null, name, inode).markDead());
    }

    private Mount anonymousMount;

    private synchronized Mount anonymousMount() {
        if (anonymousMount == null) {
            anonymousMount = Mount.of(this, "tmpfs", Mount.NOATIME);
        }
        return anonymousMount;
    }

    @Override
    public String type() {
        return "tmpfs";
    }

    @Override
    public long magic() {
        return gvj.abi.Mount.TMPFS_MAGIC;
    }

    @Override
    public Inode root() {
        return root;
    }

    @Override
    public void statfs(StatFs out) {
        super.statfs(out);
        if (maxPages != UNLIMITED) {
            out.blocks = maxPages;
            out.blocksFree = Math.max(maxPages - usedPages.get(), 0);
            out.blocksAvailable = out.blocksFree;
        }
        if (maxInodes != UNLIMITED) {
            out.files = maxInodes;
            out.filesFree = Math.max(maxInodes - usedInodes.get(), 0);
        }
    }

    @Override
    public String options() {
        StringBuilder text = new StringBuilder();
        if (maxPages != UNLIMITED && maxPages != memory.limitPages() / 2) {
            text.append(",size=").append(maxPages * (PAGE / 1024)).append('k');
        }
        if (maxInodes != UNLIMITED && maxInodes != memory.limitPages() / 2) {
            text.append(",nr_inodes=").append(maxInodes);
        }
        if (mode != 01777) {
            text.append(",mode=").append(Integer.toOctalString(mode));
        }
        if (uid != 0) {
            text.append(",uid=").append(uid);
        }
        if (gid != 0) {
            text.append(",gid=").append(gid);
        }
        return text.append(",inode64").toString();
    }

    @Override
    public void remount(String data) {
        TmpfsOptions parsed = TmpfsOptions.parse(data, memory.limitPages());
        if (parsed.pages >= 0) {
            long pages = limit(parsed.pages, 0);
            if (pages < usedPages.get() || maxPages == UNLIMITED && pages != UNLIMITED) {
                throw ErrnoException.of(Errno.EINVAL);
            }
            maxPages = pages;
        }
        if (parsed.inodes >= 0) {
            long inodes = limit(parsed.inodes, 0);
            if (inodes < usedInodes.get() || maxInodes == UNLIMITED && inodes != UNLIMITED) {
                throw ErrnoException.of(Errno.EINVAL);
            }
            maxInodes = inodes;
        }
    }

    @Override
    protected void release() {
        released = true;
        root.freeTree();
    }
}
