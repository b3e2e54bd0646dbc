package gvj.kernel.ipc;

import gvj.abi.Bytes;
import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Ipc;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.FileText;
import gvj.kernel.PidEntry;
import gvj.kernel.PidNamespace;
import gvj.kernel.Task;
import gvj.mm.Mappable;
import gvj.mm.MappedFile;
import gvj.mm.MemoryFile;
import gvj.mm.SharedMemory;

/** A shared memory segment, shmget(2). A mapping of it is an attachment; it lives until removed and not attached. */
public final class ShmSegment extends IpcObject implements MappedFile {
    /** Bytes of a struct shmid64_ds. */
    private static final int STAT_BYTES = 112;

    private final IpcIds<ShmSegment> ids;
    private final SharedMemory memory;
    private final long bytes;
    private final PidEntry creatorPid;
    private PidEntry lastPid;
    /** Mappings there are. */
    private int attached;
    /** Calls of shmat(2) that are still mapping it. */
    private int attaching;

    private long attachTime;
    private long detachTime;

    public ShmSegment(
            IpcIds<ShmSegment> ids, MemoryFile file, int key, int mode, Credentials creds, long bytes, PidEntry pid) {
        super(key, mode, creds);
        this.ids = ids;
        this.bytes = bytes;
        this.creatorPid = pid;
        this.memory = new SharedMemory(file, bytes, FileText.format("/SYSV%08x (deleted)", key));
        memory.incRef();
    }

    public long bytes() {
        return bytes;
    }

    /** What is to be mapped, with the segment itself as the file. */
    public Mappable memory() {
        return memory;
    }

    public long residentBytes() {
        return memory.residentPages() * MemoryFile.PAGE;
    }

    /** Throws EACCES unless the mode grants {@code wanted}. */
    public void checkAccess(Credentials creds, int wanted) {
        check(creds, wanted);
    }

    /** Throws EPERM unless the caller owns it. */
    public void checkMayChange(Credentials creds) {
        checkOwner(creds);
    }

    /** shmat(2) begins: it stays until {@link #endAttach}. EIDRM if it is gone. */
    public synchronized void beginAttach() {
        if (removed && attached + attaching == 0) {
            throw ErrnoException.of(Errno.EIDRM);
        }
        attaching++;
    }

    /** shmat(2) has mapped it, or failed. */
    public void endAttach() {
        synchronized (this) {
            attaching--;
            if (isUsed()) {
                return;
            }
        }
        free();
    }

    /**
     * SHM_LOCK and SHM_UNLOCK: only remembered, nothing is ever swapped out. EPERM.
     *
     * @param lockLimit RLIMIT_MEMLOCK of the caller
     */
    public synchronized void setLocked(Credentials creds, boolean locked, long lockLimit) {
        if (!creds.has(Capability.CAP_IPC_LOCK)
                && (creds.euid() != uid && creds.euid() != creatorUid || locked && lockLimit == 0)) {
            throw ErrnoException.of(Errno.EPERM);
        }
        mode = locked ? mode | Ipc.SHM_LOCKED : mode & ~Ipc.SHM_LOCKED;
    }

    /** IPC_RMID: goes when nobody has it attached. */
    public void remove() {
        ids.hide(this);
        synchronized (this) {
            if (removed) {
                return;
            }
            removed = true;
            mode |= Ipc.SHM_DEST;
            if (isUsed()) {
                return;
            }
        }
        free();
    }

    private boolean isUsed() {
        return !removed || attached + attaching > 0;
    }

    private void free() {
        ids.remove(this);
        memory.decRef();
    }

    @Override
    public synchronized void incRef() {
        attached++;
        attachTime = seconds();
        touched();
    }

    @Override
    public void decRef() {
        synchronized (this) {
            attached--;
            detachTime = seconds();
            touched();
            if (isUsed()) {
                return;
            }
        }
        free();
    }

    /** shm_lpid follows every attachment that comes or goes, also by fork(2) and exit(2). */
    private void touched() {
        Task task = Task.current();
        if (task != null) {
            lastPid = task.threadGroup().pidEntry();
        }
    }

    @Override
    public String mappedName() {
        return memory.mappedName();
    }

    @Override
    public long device() {
        return memory.device();
    }

    @Override
    public long inodeNumber() {
        return id;
    }

    @Override
    public synchronized byte[] stat(PidNamespace reader) {
        byte[] out = new byte[STAT_BYTES];
        encodePerm(out);
        Bytes.putLong(out, 48, bytes);
        Bytes.putLong(out, 56, attachTime);
        Bytes.putLong(out, 64, detachTime);
        Bytes.putLong(out, 72, changed);
        Bytes.putInt(out, 80, numberIn(creatorPid, reader));
        Bytes.putInt(out, 84, numberIn(lastPid, reader));
        Bytes.putLong(out, 88, attached);
        return out;
    }

    @Override
    public String procLine(PidNamespace reader) {
        long resident = residentBytes();
        synchronized (this) {
            return FileText.format(
                    "%10d %10d  %4o %21d %5d %5d  %5d %5d %5d %5d %5d %10d %10d %10d %21d %21d\n",
                    key(),
                    id(),
                    mode,
                    bytes,
                    numberIn(creatorPid, reader),
                    numberIn(lastPid, reader),
                    attached,
                    Integer.toUnsignedLong(uid),
                    Integer.toUnsignedLong(gid),
                    Integer.toUnsignedLong(creatorUid),
                    Integer.toUnsignedLong(creatorGid),
                    attachTime,
                    detachTime,
                    changed,
                    resident,
                    0);
        }
    }
}
