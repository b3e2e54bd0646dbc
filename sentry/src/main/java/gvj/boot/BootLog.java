package gvj.boot;

import gvj.kernel.KernelLog;
import gvj.trace.LogFile;

/** The Sentry's own lines in the sandbox's log. */
final class BootLog implements KernelLog {
    private final LogFile file;
    private final boolean debug;

    BootLog(LogFile file, boolean debug) {
        this.file = file;
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
    public void debug(String text) {
        if (debug) {
            line(text);
        }
    }
}
