package gvj.shim.io;

import gvj.host.Host;
import gvj.host.HostFiles;
import gvj.host.HostProcess;
import gvj.host.HostSpawn;
import gvj.host.Mem;
import gvj.shim.api.RpcException;
import gvj.shim.runtime.CStrings;
import gvj.shim.runtime.Descriptors;
import java.nio.file.Path;

/** Where {@code gvj create} sends the master of the terminal that it makes: {@code --console-socket}. */
public final class ConsoleSocket implements AutoCloseable {
    private static final String NAME = "console.sock";
    private static final long PATIENCE_NANOS = 10_000_000_000L;
    private static final int NAME_MAX = 4096;

    private final String directory;
    /** A bundle's path may be longer than a socket's address: it is reached through this. */
    private final int handle;

    private final int socket;

    /** Listens in {@code directory}, which is ours. */
    public ConsoleSocket(String directory) throws RpcException {
        this.directory = directory;
        handle = Descriptors.open(directory, HostFiles.O_PATH | HostFiles.O_DIRECTORY);
        removeName();
        socket = HostSpawn.listenUnix(CStrings.of("/proc/self/fd/" + handle + "/" + NAME));
        if (socket < 0) {
            close();
        }
        Descriptors.checked(socket, "cannot listen for a terminal in " + directory);
    }

    /** How another process reaches it. */
    public String path() {
        return "/proc/" + HostProcess.getpid() + "/fd/" + handle + "/" + NAME;
    }

    /** The terminal's master, which has been sent, or is about to be. */
    public int receive() throws RpcException {
        awaitInput(socket);
        int peer = Descriptors.checked(Host.accept4(socket, Host.SOCK_CLOEXEC), "no terminal came");
        long packet = Host.malloc(NAME_MAX);
        long fds = Host.malloc(Host.FDS_BYTES);
        try {
            awaitInput(peer);
            long length = Host.recvmsg(peer, packet, NAME_MAX, fds, 1, 0);
            if (length <= 0 || Mem.getInt(fds) != 1) {
                throw new RpcException(RpcException.Code.UNKNOWN, "no terminal came");
            }
            return Mem.getInt(fds + 4);
        } finally {
            Host.free(fds);
            Host.free(packet);
            Host.close(peer);
        }
    }

    @Override
    public void close() {
        Descriptors.close(socket);
        removeName();
        Descriptors.close(handle);
    }

    private void removeName() {
        Path.of(directory, NAME).toFile().delete();
    }

    private static void awaitInput(int fd) throws RpcException {
        if (Descriptors.awaitInput(PATIENCE_NANOS, fd) == Descriptors.NONE) {
            throw new RpcException(RpcException.Code.DEADLINE_EXCEEDED, "no terminal came");
        }
    }
}
