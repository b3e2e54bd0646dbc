package gvj.gofer;

import gvj.host.Host;
import gvj.host.HostFiles;
import gvj.host.Mem;
import gvj.host.Statx;
import gvj.wire.Wire;

/** Native memory that one channel's thread works in. */
final class Scratch {
    static final int PATH_BYTES = 4096;
    static final int DENTS_BYTES = 16 << 10;

    /** A {@code struct statx} of the file asked about. */
    final long statx;
    /** Another one, for checking identities on the way. */
    final long check;

    final long statfs;
    /** A relative path. */
    final long path;
    /** One name of a node. */
    final long name;
    /** Target of a symbolic link. */
    final long target;
    /** What getdents64 gave. */
    final long dents;
    /** Descriptors to send. */
    final long fds;
    /** "." */
    final long dot;

    private final long base;

    Scratch() {
        int total =
                2 * Statx.BYTES + HostFiles.STATFS_BYTES + PATH_BYTES + 2 * (Wire.MAX_TARGET + 1) + DENTS_BYTES + 128;
        base = Host.malloc(total);
        if (base < 0) {
            throw new OutOfMemoryError("scratch memory");
        }
        statx = base;
        check = statx + Statx.BYTES;
        statfs = check + Statx.BYTES;
        path = statfs + HostFiles.STATFS_BYTES;
        name = path + PATH_BYTES;
        target = name + Wire.MAX_TARGET + 1;
        dents = target + Wire.MAX_TARGET + 1;
        fds = dents + DENTS_BYTES;
        dot = fds + Host.FDS_BYTES;
        Mem.putShort(dot, (short) '.');
    }

    void free() {
        Host.free(base);
    }

    /** Puts a node's name, with its NUL, where {@link #name} is. */
    long name(byte[] bytes) {
        Mem.copy(bytes, 0, name, bytes.length);
        Mem.putByte(name + bytes.length, (byte) 0);
        return name;
    }
}
