package gvj.shim.io;

import gvj.host.Host;
import gvj.host.HostFiles;
import gvj.host.Statx;
import gvj.shim.api.RpcException;
import gvj.shim.runtime.Descriptors;

/**
 * Opens ends of FIFOs without waiting for whoever has the other end: a descriptor for both is opened first. Each is an open
 * file of its own, so that whether it blocks is nobody else's business.
 */
final class Fifos {
    private static final int FLAGS = HostFiles.O_NONBLOCK | HostFiles.O_NOCTTY;
    private static final int S_IFMT = 0170000;
    private static final int S_IFIFO = 0010000;

    private Fifos() {}

    /**
     * Both ends of the FIFO at {@code path}, first that to read from. There is no moment at which it has had a writer and has
     * none: who reads already would take that for the end.
     */
    static int[] open(String path) throws RpcException {
        int both = Descriptors.open(path, HostFiles.O_RDWR | FLAGS);
        int readEnd = Descriptors.NONE;
        try {
            readEnd = Descriptors.open(path, HostFiles.O_RDONLY | FLAGS);
            return new int[] {readEnd, Descriptors.open(path, HostFiles.O_WRONLY | FLAGS)};
        } catch (RpcException e) {
            Descriptors.close(readEnd);
            throw e;
        } finally {
            Host.close(both);
        }
    }

    /** Whether there is a FIFO. */
    static boolean isFifo(String path) throws RpcException {
        int fd = Descriptors.open(path, HostFiles.O_PATH);
        long at = Host.malloc(Statx.BYTES);
        try {
            int result = HostFiles.fstatx(fd, Statx.BASIC_STATS, at);
            return result >= 0 && (Statx.mode(at) & S_IFMT) == S_IFIFO;
        } finally {
            Host.free(at);
            Host.close(fd);
        }
    }
}
