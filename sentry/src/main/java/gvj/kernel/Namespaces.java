package gvj.kernel;

import gvj.vfs.MountNamespace;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The namespaces of a task apart from its user namespace: Linux's nsproxy. Immutable, replaced as a whole.
 *
 * @param mount null until a root file system is mounted
 * @param pidForChildren where its next child is born
 */
public record Namespaces(
        UtsNamespace uts, IpcNamespace ipc, MountNamespace mount, NetNamespace net, PidNamespace pidForChildren) {

    private static final AtomicLong NEXT_INODE = new AtomicLong(0xF0000000L);

    /** Inode numbers of nsfs. */
    public static long nextInode() {
        return NEXT_INODE.getAndIncrement();
    }

    Namespaces withUts(UtsNamespace other) {
        return new Namespaces(other, ipc, mount, net, pidForChildren);
    }

    Namespaces withIpc(IpcNamespace other) {
        return new Namespaces(uts, other, mount, net, pidForChildren);
    }

    public Namespaces withMount(MountNamespace other) {
        return new Namespaces(uts, ipc, other, net, pidForChildren);
    }

    Namespaces withNet(NetNamespace other) {
        return new Namespaces(uts, ipc, mount, other, pidForChildren);
    }

    Namespaces withPid(PidNamespace other) {
        return new Namespaces(uts, ipc, mount, net, other);
    }
}
