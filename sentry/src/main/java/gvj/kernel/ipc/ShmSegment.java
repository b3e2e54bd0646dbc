package gvj.kernel.ipc;

import gvj.abi.Bytes;
import gvj.abi.Ipc;
import gvj.kernel.Credentials;
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
    private final int creatorPid;
    private int lastPid;
    private int attached;
    private long attachTime;
    private long detachTime;

    public ShmSegment(
            IpcIds<ShmSegment> ids, MemoryFile file, int key, int mode, Credentials creds, long bytes, int pid) {
        super(key, mode, creds);
        this.ids = ids;
        this.bytes = bytes;
        this.creatorPid = pid;
        this.memory = new SharedMemory(file, bytes, String.format(java.util.Locale.ROOT, "/SYSV%08x (deleted)", key));
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

    /** shmat(2) and shmdt(2): who did it last and when. */
    public synchronized void touched(int pid, boolean attach) {
        lastPid = pid;
        if (attach) {
            attachTime = seconds();
        } else {
            detachTime = seconds();
        }
    }

    /** SHM_LOCK and SHM_UNLOCK: only remembered, nothing is ever swapped out. */
    public synchronized void setLocked(boolean locked) {
        mode = locked ? mode | Ipc.SHM_LOCKED : mode & ~Ipc.SHM_LOCKED;
    }

    /** IPC_RMID: goes when nobody has it attached. */
    public void remove() {
        ids.hide(this);
        synchronized (this) {
            removed = true;
            mode |= Ipc.SHM_DEST;
            attached++;
        }
        decRef();
    }

    @Override
    public synchronized void incRef() {
        attached++;
    }

    @Override
    public void decRef() {
        synchronized (this) {
            attached--;
            if (attached > 0 || !removed) {
                return;
            }
        }
        ids.remove(this);
        memory.decRef();
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
    public synchronized byte[] stat() {
        byte[] out = new byte[STAT_BYTES];
        encodePerm(out);
        Bytes.putLong(out, 48, bytes);
        Bytes.putLong(out, 56, attachTime);
        Bytes.putLong(out, 64, detachTime);
        Bytes.putLong(out, 72, changed);
        Bytes.putInt(out, 80, creatorPid);
        Bytes.putInt(out, 84, lastPid);
        Bytes.putLong(out, 88, attached);
        return out;
    }
}
