package gvj.boot;

import gvj.kernel.KernelLog;
import gvj.trace.LogFile;

/** The Sentry's own lines in the sandbox's log. */
final class BootLog implements KernelLog {
    private final LogFile file;
    private final boolean ownFile;
    private final boolean debug;

    /**
     * Writes to {@code file}.
     *
     * @param ownFile whether it is a log of its own, and not the program's standard error
     */
    BootLog(LogFile file, boolean ownFile, boolean debug) {
        this.file = file;
        this.ownFile = ownFile;
        this.debug = debug;
    }

    LogFile file() {
        return file;
    }

    @Override
    public void line(String text) {
        file.line("gvj: " + text);
    }

    @Override
    public void notice(String text) {
        if (debug || ownFile) {
            line(text);
        }
    }

    @Override
    public void debug(String text) {
        if (debug) {
            line(text);
        }
    }
}
