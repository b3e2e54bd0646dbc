package gvj.shim.io;

import gvj.host.Host;
import gvj.host.HostFiles;
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

    private final LoggerProgram program;
    private final Sink stdout;
    private final Sink stderr;

    private Logger(LoggerProgram program, Sink stdout, Sink stderr) {
        this.program = program;
        this.stdout = stdout;
        this.stderr = stderr;
    }

    /** Starts it and waits until it is ready. */
    static Logger start(String uri, StdioPaths paths, Patience patience) throws RpcException {
        List<String> words = words(uri);
        int[] out = Sink.newPipe();
        int[] err = Sink.newPipe();
        int[] ready = Sink.newPipe();
        int nothing = Descriptors.open("/dev/null", HostFiles.O_RDWR);
        Logger logger = null;
        try {
            List<String> environment =
                    List.of("CONTAINER_ID=" + paths.id(), "CONTAINER_NAMESPACE=" + paths.namespace());
            int[] descriptors = {nothing, nothing, nothing, out[0], err[0], ready[1]};
            int pid = Programs.start(words, environment, "", descriptors);
            LoggerProgram program = LoggerProgram.watch(paths.id(), pid, out[0], err[0], patience);
            logger = new Logger(program, Sink.pipe(out[1]), Sink.pipe(err[1]));
        } finally {
            if (logger == null) {
                closeAll(out[0], out[1], err[0], err[1], ready[0]);
            }
            closeAll(ready[1], nothing);
        }
        int told = Descriptors.awaitInput(patience.ready(), ready[0]);
        Host.close(ready[0]);
        if (told == Descriptors.NONE) {
            logger.stdout.close();
            logger.stderr.close();
            logger.program.abandon();
            throw new RpcException(RpcException.Code.DEADLINE_EXCEEDED, "the logger does not become ready");
        }
        return logger;
    }

    private static void closeAll(int... fds) {
        for (int fd : fds) {
            Host.close(fd);
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

    Sink stdout() {
        return stdout;
    }

    Sink stderr() {
        return stderr;
    }

    /** Says that there is no more to log, and waits a moment for it to be written; a slow logger goes on without us. */
    @Override
    public void close() {
        stdout.close();
        stderr.close();
        program.finish();
    }
}
