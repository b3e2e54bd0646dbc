package gvj.runtime;

import gvj.boot.Control;
import gvj.host.Host;
import gvj.host.HostErrno;
import gvj.host.Mem;
import java.io.PrintStream;

/** {@code gvj trace}: what the Sentry writes of a container's system calls, until one of us ends. */
final class TraceCommand {
    private static final int CHUNK = 64 << 10;
    private static final int O_CLOEXEC = 02000000;
    private static final long PATIENCE_NANOS = 10_000_000_000L;

    private TraceCommand() {}

    static void run(Container container, Options options, PrintStream out) throws ToolException {
        long buffer = Host.malloc(CHUNK);
        int made = Host.pipe2(buffer, O_CLOEXEC);
        if (made < 0) {
            throw new ToolException("cannot make a pipe: errno " + -made);
        }
        int read = Mem.getInt(buffer);
        int write = Mem.getInt(buffer + 4);
        try (ControlClient client = container.connect()) {
            client.ask(Control.TRACE, 0, options.value("--calls", ""), write, PATIENCE_NANOS);
            Host.close(write);
            write = -1;
            copy(read, buffer, out);
        } finally {
            if (write >= 0) {
                Host.close(write);
            }
            Host.close(read);
            Host.free(buffer);
        }
    }

    private static void copy(int from, long buffer, PrintStream out) {
        byte[] chunk = new byte[CHUNK];
        long n;
        while ((n = Host.read(from, buffer, CHUNK)) > 0 || n == -HostErrno.EINTR) {
            int length = (int) Math.max(n, 0);
            Mem.copy(buffer, chunk, 0, length);
            out.write(chunk, 0, Printable.filter(chunk, length));
            if (out.checkError()) {
                return;
            }
        }
    }
}
