package gvj.net;

import gvj.abi.Bytes;
import gvj.kernel.Task;
import gvj.kernel.ThreadGroup;

/**
 * Who is at the other end or sent a message: struct ucred, with the process itself so that each reader sees its pid in
 * its own pid namespace.
 *
 * @param process null for nobody
 * @param groups supplementary groups; not to be modified
 */
public record SocketCredentials(ThreadGroup process, int uid, int gid, int[] groups) {
    /** Bytes of a struct ucred. */
    public static final int BYTES = 12;

    /** What SCM_CREDENTIALS says when the sender's were not recorded. */
    public static final SocketCredentials NOBODY = new SocketCredentials(null, 65534, 65534, new int[0]);

    /** What SO_PEERCRED says without a peer. */
    public static final SocketCredentials NONE = new SocketCredentials(null, -1, -1, new int[0]);

    /** Those of the caller, effective ids: what connect, listen and socketpair record. */
    public static SocketCredentials effective(Task task) {
        return new SocketCredentials(
                task.threadGroup(),
                task.credentials().euid(),
                task.credentials().egid(),
                task.credentials().groups());
    }

    /** Those of the caller, real ids: what a message carries. */
    public static SocketCredentials real(Task task) {
        return new SocketCredentials(
                task.threadGroup(),
                task.credentials().uid(),
                task.credentials().gid(),
                task.credentials().groups());
    }

    /** Encodes it as {@code reader} sees it. */
    public void encode(Task reader, byte[] out, int offset) {
        Bytes.putInt(out, offset, process == null ? 0 : reader.pidNamespace().idOf(process));
        Bytes.putInt(out, offset + 4, uid);
        Bytes.putInt(out, offset + 8, gid);
    }

    /** Whether both say the same. */
    public boolean same(SocketCredentials other) {
        return other != null && process == other.process && uid == other.uid && gid == other.gid;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SocketCredentials credentials && same(credentials);
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(process) * 31 + uid;
    }
}
