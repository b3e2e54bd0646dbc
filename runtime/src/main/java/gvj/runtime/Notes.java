package gvj.runtime;

import java.util.ArrayList;
import java.util.List;

/** What of a bundle has no effect in a sandbox, for the debug log: a sentence each. */
final class Notes {
    private final List<String> lines = new ArrayList<>();

    /** {@code value} is there but does nothing; {@code why} ends the sentence. */
    void ignored(Json value, String why) {
        if (value.present()) {
            lines.add("config.json: " + value.path() + " is ignored: " + why);
        }
    }

    List<String> lines() {
        return lines;
    }
}
