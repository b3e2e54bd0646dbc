package gvj.shim.runtime;

import gvj.host.Host;
import gvj.host.HostErrno;
import gvj.host.HostFiles;
import gvj.host.Mem;
import gvj.shim.api.RpcException;
import java.nio.charset.StandardCharsets;

/** Descriptors of the host: opening, reading and closing them, with failures as sentences. All are close-on-exec. */
public final class Descriptors {
    public static final int NONE = -1;
    private static final int CHUNK = 64 * 1024;
    private static final int POLLIN = 1;
    private static final int POLLFD = 8;

    private Descriptors() {}

    /** open(2) of what is there. */
    public static int open(String path, int flags) throws RpcException {
        return checked(Host.open(CStrings.of(path), flags | HostFiles.O_CLOEXEC, 0), "cannot open " + path);
    }

    /** {@code result}, unless it is an errno: then a failure that begins with {@code what}. */
    public static int checked(long result, String what) throws RpcException {
        if (result < 0) {
            throw new RpcException(RpcException.Code.UNKNOWN, what + ": " + Errors.text((int) -result));
        }
        return (int) result;
    }

    /** A file in memory with {@code contents}, to be read from its beginning. */
    public static int memory(String name, byte[] contents) throws RpcException {
        int fd = checked(Host.memfdCreate(CStrings.of(name), Host.MFD_CLOEXEC), "cannot make a file in memory");
        long buffer = Host.malloc(Math.max(1, contents.length));
        Mem.copy(contents, 0, buffer, contents.length);
        long written = Host.pwrite(fd, buffer, contents.length, 0);
        Host.free(buffer);
        if (written != contents.length) {
            Host.close(fd);
            throw new RpcException(RpcException.Code.UNKNOWN, "cannot fill a file in memory");
        }
        return fd;
    }

    /** The first bytes of a file, as text. */
    public static String beginning(int fd) {
        long buffer = Host.malloc(CHUNK);
        long length = Math.max(0, Host.pread(fd, buffer, CHUNK, 0));
        byte[] bytes = new byte[(int) length];
        Mem.copy(buffer, bytes, 0, bytes.length);
        Host.free(buffer);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /**
     * Waits until one of {@code fds} has something to read, or has ended: answers the index of the first such one, or
     * {@link #NONE} when the time is over; a negative time never is. Those that are negative are left out.
     */
    public static int awaitInput(long timeoutNanos, int... fds) {
        long polled = Host.malloc((long) POLLFD * fds.length);
        for (int i = 0; i < fds.length; i++) {
            Mem.putInt(polled + (long) POLLFD * i, fds[i]);
            Mem.putInt(polled + (long) POLLFD * i + 4, POLLIN);
        }
        int ready;
        do {
            ready = Host.poll(polled, fds.length, timeoutNanos);
        } while (ready == -HostErrno.EINTR);
        int first = NONE;
        for (int i = 0; ready > 0 && first == NONE; i++) {
            first = Mem.getShort(polled + (long) POLLFD * i + 6) == 0 ? NONE : i;
        }
        Host.free(polled);
        return first;
    }

    /** Closes one, if it is one. */
    public static void close(int fd) {
        if (fd >= 0) {
            Host.close(fd);
        }
    }
}
