package gvj.shim.io;

import gvj.host.Host;
import gvj.host.HostErrno;
import gvj.host.HostFiles;
import gvj.host.HostSpawn;
import gvj.host.Mem;
import gvj.shim.api.RpcException;
import gvj.shim.runtime.Descriptors;
import gvj.shim.runtime.Programs;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A program that takes a process's output: {@code binary:///path?key=value}. It has pipes for both streams as 3 and 4, and
 * says by closing 5, or by writing to it, that it is ready.
 */
final class Logger implements AutoCloseable {
    static final String SCHEME = "binary://";
    private static final long READY_NANOS = 30_000_000_000L;
    private static final int DRAIN_MILLIS = 1_000;
    private static final int PATIENCE_MILLIS = 12_000;
    private static final int TICK_MILLIS = 10;
    private static final int SIGTERM = 15;
    private static final int SIGKILL = 9;
    private static final int POLLIN = 1;

    private final int pid;
    private final Sink stdout;
    private final Sink stderr;

    private Logger(int pid, Sink stdout, Sink stderr) {
        this.pid = pid;
        this.stdout = stdout;
        this.stderr = stderr;
    }

    /** Starts it and waits until it is ready. */
    static Logger start(String uri, StdioPaths paths) throws RpcException {
        int[] out = Sink.newPipe();
        int[] err = Sink.newPipe();
        int[] ready = Sink.newPipe();
        int nothing = Descriptors.open("/dev/null", HostFiles.O_RDWR);
        Logger logger = null;
        try {
            List<String> environment =
                    List.of("CONTAINER_ID=" + paths.id(), "CONTAINER_NAMESPACE=" + paths.namespace());
            int[] descriptors = {nothing, nothing, nothing, out[0], err[0], ready[1]};
            int pid = Programs.start(words(uri), environment, "", descriptors);
            logger = new Logger(pid, Sink.pipe(out[1]), Sink.pipe(err[1]));
            Host.close(ready[1]);
            ready[1] = Descriptors.NONE;
            awaitReady(ready[0]);
            return logger;
        } catch (RpcException e) {
            if (logger != null) {
                logger.close();
            } else {
                Host.close(out[1]);
                Host.close(err[1]);
            }
            throw e;
        } finally {
            for (int fd : new int[] {out[0], err[0], ready[0], ready[1], nothing}) {
                Descriptors.close(fd);
            }
        }
    }

    /** The program's path, and each key of the query with its value. */
    private static List<String> words(String uri) throws RpcException {
        List<String> words = new ArrayList<>();
        try {
            URI parsed = URI.create(uri);
            words.add(parsed.getPath());
            String query = parsed.getRawQuery();
            for (String pair : query == null || query.isEmpty() ? new String[0] : query.split("&")) {
                int equals = pair.indexOf('=');
                words.add(decoded(equals < 0 ? pair : pair.substring(0, equals)));
                if (equals >= 0 && equals + 1 < pair.length()) {
                    words.add(decoded(pair.substring(equals + 1)));
                }
            }
        } catch (IllegalArgumentException e) {
            throw new RpcException(RpcException.Code.INVALID_ARGUMENT, "not a logger: " + uri, e);
        }
        return words;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static void awaitReady(int fd) throws RpcException {
        long polled = Host.malloc(8);
        Mem.putInt(polled, fd);
        Mem.putInt(polled + 4, POLLIN);
        int ready;
        do {
            ready = Host.poll(polled, 1, READY_NANOS);
        } while (ready == -HostErrno.EINTR);
        Host.free(polled);
        if (ready <= 0) {
            throw new RpcException(RpcException.Code.DEADLINE_EXCEEDED, "the logger does not become ready");
        }
    }

    Sink stdout() {
        return stdout;
    }

    Sink stderr() {
        return stderr;
    }

    /** Waits until it has taken what is left and ends, then asks it to end, and at last makes it. */
    @Override
    public void close() {
        stdout.close();
        stderr.close();
        if (ended(DRAIN_MILLIS)) {
            return;
        }
        HostSpawn.kill(pid, SIGTERM);
        if (!ended(PATIENCE_MILLIS)) {
            HostSpawn.kill(pid, SIGKILL);
            HostSpawn.waitpid(pid, 0);
        }
    }

    private boolean ended(int millis) {
        for (int waited = 0; waited < millis; waited += TICK_MILLIS) {
            if (HostSpawn.waitpid(pid, HostSpawn.WNOHANG) != -HostErrno.EAGAIN) {
                return true;
            }
            try {
                Thread.sleep(TICK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return false;
    }
}
