package gvj.kernel.ipc;

import gvj.abi.Bytes;
import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Ipc;
import gvj.kernel.Clock;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.PidEntry;
import gvj.kernel.PidNamespace;

/**
 * What every System V object has: key, id, owner, mode.
 *
 * <p>The object's monitor guards it and what subclasses add; it comes after the monitor of {@link IpcIds}.
 */
public abstract class IpcObject {
    /** Bytes of a struct ipc64_perm. */
    static final int PERM_BYTES = 48;

    final int key;
    final int creatorUid;
    final int creatorGid;
    int id;
    int uid;
    int gid;
    /** Permission bits. */
    int mode;
    /** Seconds since 1970. */
    long changed = seconds();

    volatile boolean removed;

    IpcObject(int key, int mode, Credentials creds) {
        this.key = key;
        this.mode = mode & 0777;
        this.uid = creds.euid();
        this.gid = creds.egid();
        this.creatorUid = uid;
        this.creatorGid = gid;
    }

    public final int id() {
        return id;
    }

    static long seconds() {
        return Clock.realtime() / 1_000_000_000L;
    }

    /** Throws EACCES unless the bits of {@code wanted} (any of user, group, other) are granted. */
    final synchronized void check(Credentials creds, int wanted) {
        int requested = (wanted >> 6 | wanted >> 3 | wanted) & 7;
        int granted = mode;
        if (creds.euid() == uid || creds.euid() == creatorUid) {
            granted >>= 6;
        } else if (creds.inGroup(gid) || creds.inGroup(creatorGid)) {
            granted >>= 3;
        }
        if ((requested & ~granted) != 0 && !creds.has(Capability.CAP_IPC_OWNER)) {
            throw ErrnoException.of(Errno.EACCES);
        }
    }

    /** Throws EPERM unless the caller owns or made it. */
    final synchronized void checkOwner(Credentials creds) {
        if (creds.euid() != uid && creds.euid() != creatorUid && !creds.has(Capability.CAP_SYS_ADMIN)) {
            throw ErrnoException.of(Errno.EPERM);
        }
    }

    /** Writes the struct ipc64_perm. */
    final void encodePerm(byte[] out) {
        Bytes.putInt(out, 0, key());
        Bytes.putInt(out, 4, uid);
        Bytes.putInt(out, 8, gid);
        Bytes.putInt(out, 12, creatorUid);
        Bytes.putInt(out, 16, creatorGid);
        Bytes.putInt(out, 20, mode);
        Bytes.putShort(out, 24, id / IpcIds.MAX_OBJECTS);
    }

    /** IPC_SET: owner and mode from a struct ipc64_perm; EINVAL for ids that nobody has. */
    public final synchronized void setPerm(byte[] from) {
        if (Bytes.getInt(from, 4) == -1 || Bytes.getInt(from, 8) == -1) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        uid = Bytes.getInt(from, 4);
        gid = Bytes.getInt(from, 8);
        mode = mode & ~0777 | Bytes.getInt(from, 20) & 0777;
        changed = seconds();
    }

    /** The struct that IPC_STAT answers, with process ids as {@code reader} numbers them. */
    public abstract byte[] stat(PidNamespace reader);

    /** Its line in /proc/sysvipc. */
    public abstract String procLine(PidNamespace reader);

    /** The key; none once it can be found by it no more. */
    final int key() {
        return removed ? Ipc.IPC_PRIVATE : key;
    }

    /** A process id as {@code reader} numbers it, 0 for nobody. */
    static int numberIn(PidEntry pid, PidNamespace reader) {
        return pid == null ? 0 : pid.numberIn(reader);
    }
}
