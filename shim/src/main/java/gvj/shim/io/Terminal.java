package gvj.shim.io;

import gvj.host.Host;
import gvj.host.HostFiles;
import gvj.host.HostSpawn;
import gvj.host.Mem;
import gvj.shim.api.RpcException;
import gvj.shim.runtime.Descriptors;

/** The master of a process's pseudoterminal, and the two threads between it and the process's streams. */
final class Terminal {
    private final int master;
    private final int stop;
    private final Pump output;
    private final Pump input;

    Terminal(String name, int master, Source stdin, Sink stdout) throws RpcException {
        this.master = master;
        this.stop = Descriptors.checked(Host.eventfd(0, HostFiles.O_CLOEXEC), "cannot make an eventfd");
        this.output = new Pump("output-" + name, master, stdout.writeEnd(), stop, stdout::closeWriteEnd);
        this.input = new Pump("input-" + name, stdin.readEnd(), master, stop, Terminal::nothing);
        output.start();
        input.start();
    }

    private static void nothing() {}

    /** A new pseudoterminal: its master and its slave. */
    static int[] open() throws RpcException {
        long fds = Host.malloc(8);
        try {
            Descriptors.checked(HostSpawn.openTerminal(fds), "cannot make a terminal");
            return new int[] {Mem.getInt(fds), Mem.getInt(fds + 4)};
        } finally {
            Host.free(fds);
        }
    }

    void resize(int rows, int columns) {
        long size = Host.malloc(8);
        Mem.putShort(size, (short) rows);
        Mem.putShort(size + 2, (short) columns);
        Host.tiocswinsz(master, size);
        Host.free(size);
    }

    /** Waits until all output is copied, but not for ever: a process in the background may hold the terminal. */
    void drain(long millis) throws InterruptedException {
        output.join(millis);
    }

    void close() {
        Host.eventfdWrite(stop, 1);
        try {
            output.join();
            input.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return; // the descriptors are still in use
        }
        Host.close(stop);
        Host.close(master);
    }
}
