package gvj.e2e.oci;

import gvj.e2e.Result;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One call of a runtime. What it writes goes to files, not to pipes: a container that stays holds its standard streams, and
 * a pipe would have no end.
 */
final class Call {
    private static final int TIMEOUT_SECONDS = 60;

    private final List<String> command;
    private final Path directory;
    private File in = new File("/dev/null");
    private Path out;
    private Path err;

    Call(List<String> command, Path directory) {
        this.command = command;
        this.directory = directory;
    }

    /** Standard input. */
    Call input(String text) {
        in = Work.write(Work.temporary("in"), text).toFile();
        return this;
    }

    /** Where output and errors go, in the working directory; they stay there. */
    Call output(String outName, String errName) {
        out = directory.resolve(outName);
        err = directory.resolve(errName);
        return this;
    }

    /** Starts it with a pipe for each standard stream. */
    Process piped() {
        try {
            return builder().start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Process start() {
        if (out == null) {
            out = Work.temporary("out");
            err = Work.temporary("err");
        }
        try {
            return builder()
                    .redirectInput(in)
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Result run() {
        return end(start());
    }

    /** Waits for what {@link #start} started. */
    Result end(Process process) {
        try {
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError("no end after " + TIMEOUT_SECONDS + " s: " + command + "\nout: "
                        + Work.read(out) + "\nerr: " + Work.read(err));
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw new IllegalStateException(e);
        }
        return new Result(process.exitValue(), Work.read(out), Work.read(err));
    }

    private ProcessBuilder builder() {
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().clear();
        builder.environment()
                .putAll(Map.of(
                        "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                        "HOME", "/tmp",
                        "LC_ALL", "C.UTF-8"));
        return builder;
    }
}
