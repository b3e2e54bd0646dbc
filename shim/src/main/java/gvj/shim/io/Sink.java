package gvj.shim.io;

import gvj.host.Host;
import gvj.host.HostFiles;
import gvj.host.Mem;
import gvj.shim.api.RpcException;
import gvj.shim.runtime.CStrings;
import gvj.shim.runtime.Descriptors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a process's output goes: a FIFO, a file, or a logger's pipe. */
final class Sink implements AutoCloseable {
    private static final String FIFO = "fifo://";
    static final String FILE = "file://";
    private static final int FILE_MODE = 0644;

    private int writeEnd;
    /** A FIFO's other end: without it a process would be killed by SIGPIPE while containerd restarts. */
    private int keeper;

    private Sink(int writeEnd, int keeper) {
        this.writeEnd = writeEnd;
        this.keeper = keeper;
    }

    /** What {@code uri} names; nothing if it is empty. */
    static Sink open(String uri) throws RpcException {
        if (uri.isEmpty()) {
            return new Sink(Descriptors.open("/dev/null", HostFiles.O_WRONLY), Descriptors.NONE);
        }
        if (uri.startsWith(FILE)) {
            return file(Path.of(uri.substring(FILE.length())));
        }
        String path = path(uri);
        if (!Fifos.isFifo(path)) {
            int access = HostFiles.O_WRONLY | HostFiles.O_APPEND | HostFiles.O_NOCTTY;
            return new Sink(Descriptors.open(path, access), Descriptors.NONE);
        }
        int[] ends = Fifos.open(path);
        return new Sink(ends[1], ends[0]);
    }

    /** The write end of a pipe, whose read end somebody else has. */
    static Sink pipe(int writeEnd) {
        return new Sink(writeEnd, Descriptors.NONE);
    }

    /** The path of a FIFO's URI, which may be only that. */
    static String path(String uri) throws RpcException {
        String path = uri.startsWith(FIFO) ? uri.substring(FIFO.length()) : uri;
        if (!path.startsWith("/")) {
            throw RpcException.invalidArgument("unknown kind of stream: " + uri);
        }
        return path;
    }

    private static Sink file(Path path) throws RpcException {
        try {
            if (path.getParent() != null) {
                Files.createDirectories(path.getParent());
            }
        } catch (IOException e) {
            throw new RpcException(RpcException.Code.UNKNOWN, "cannot make the directory of " + path + ": " + e, e);
        }
        int flags = HostFiles.O_WRONLY | HostFiles.O_CREAT | HostFiles.O_APPEND | HostFiles.O_CLOEXEC;
        int fd = Host.open(CStrings.of(path.toString()), flags, FILE_MODE);
        return new Sink(Descriptors.checked(fd, "cannot open " + path), Descriptors.NONE);
    }

    /** The descriptor to write to. */
    int writeEnd() {
        return writeEnd;
    }

    /** Lets go of the end to write to: once nobody else has it, the reader has come to the end. */
    synchronized void closeWriteEnd() {
        Descriptors.close(writeEnd);
        writeEnd = Descriptors.NONE;
    }

    @Override
    public synchronized void close() {
        closeWriteEnd();
        Descriptors.close(keeper);
        keeper = Descriptors.NONE;
    }

    /** Both ends of a new pipe, read end first. */
    static int[] newPipe() throws RpcException {
        long fds = Host.malloc(8);
        try {
            Descriptors.checked(Host.pipe2(fds, HostFiles.O_CLOEXEC), "cannot make a pipe");
            return new int[] {Mem.getInt(fds), Mem.getInt(fds + 4)};
        } finally {
            Host.free(fds);
        }
    }
}
