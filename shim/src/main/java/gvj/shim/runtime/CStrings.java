package gvj.shim.runtime;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Texts as the host's calls want them. */
public final class CStrings {
    private CStrings() {}

    /** {@code text} with a NUL behind it. */
    public static byte[] of(String text) {
        return text.concat("\0").getBytes(StandardCharsets.UTF_8);
    }

    /** {@code texts} with a NUL behind each. */
    public static byte[] all(List<String> texts) {
        StringBuilder all = new StringBuilder();
        for (String text : texts) {
            all.append(text).append('\0');
        }
        return all.toString().getBytes(StandardCharsets.UTF_8);
    }
}
