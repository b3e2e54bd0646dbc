package gvj.kernel;

import java.util.Locale;

/** Text for files like those of {@code /proc}. */
public final class FileText {
    private FileText() {}

    /**
     * {@link String#format} without a locale: any locale makes the JDK read files for {@code %d}, which a confined Sentry
     * cannot.
     */
    public static String format(String format, Object... values) {
        return String.format((Locale) null, format, values);
    }
}
