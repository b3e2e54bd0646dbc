package gvj.shim.io;

import gvj.host.HostFiles;
import gvj.shim.api.RpcException;
import gvj.shim.runtime.Descriptors;

/** Where a process's input comes from: a FIFO, or nothing. */
final class Source implements AutoCloseable {
    private int readEnd;
    /** A client that leaves does not end the input: only {@link #end} does, once there is no client. */
    private int keeper;

    private Source(int readEnd, int keeper) {
        this.readEnd = readEnd;
        this.keeper = keeper;
    }

    /** What {@code uri} names; the end of input at once if it is empty. */
    static Source open(String uri) throws RpcException {
        if (uri.isEmpty()) {
            return new Source(Descriptors.open("/dev/null", HostFiles.O_RDONLY), Descriptors.NONE);
        }
        String path = Sink.path(uri);
        if (!Fifos.isFifo(path)) {
            return new Source(Descriptors.open(path, HostFiles.O_RDONLY | HostFiles.O_NOCTTY), Descriptors.NONE);
        }
        int[] ends = Fifos.open(path);
        return new Source(ends[0], ends[1]);
    }

    /** The descriptor to read from. */
    int readEnd() {
        return readEnd;
    }

    /** The process has it now. */
    synchronized void closeReadEnd() {
        Descriptors.close(readEnd);
        readEnd = Descriptors.NONE;
    }

    /** No input but what clients send that are there. */
    synchronized void end() {
        Descriptors.close(keeper);
        keeper = Descriptors.NONE;
    }

    @Override
    public synchronized void close() {
        end();
        closeReadEnd();
    }
}
