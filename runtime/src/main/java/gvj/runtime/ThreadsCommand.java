package gvj.runtime;

import gvj.boot.Control;
import java.nio.charset.StandardCharsets;

/** {@code gvj stacks} and {@code gvj profile}: what the threads of a Sentry do. */
final class ThreadsCommand {
    private static final int MAX_SECONDS = 600;

    private ThreadsCommand() {}

    static String stacks(Container container) throws ToolException {
        return text(container, Control.STACKS, 0);
    }

    static String profile(Container container, Options options) throws ToolException, UsageException {
        return text(container, Control.PROFILE, 1000 * seconds(options));
    }

    private static String text(Container container, int request, int millis) throws ToolException {
        try (ControlClient client = container.connect()) {
            byte[] bytes = client.readBytes(request, millis);
            return new String(bytes, 0, Printable.filter(bytes, bytes.length), StandardCharsets.ISO_8859_1);
        }
    }

    private static int seconds(Options options) throws UsageException {
        String text = options.value("--seconds", "5");
        try {
            int seconds = Integer.parseInt(text);
            if (seconds > 0 && seconds <= MAX_SECONDS) {
                return seconds;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw options.wrong("--seconds", "\"" + text + "\" is no number from 1 to " + MAX_SECONDS);
    }
}
