package gvj.agent;

import gvj.agent.install.InstallException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** {@code --name=value} of the command line; what is not there comes from {@code GVJ_AGENT_NAME} of the environment. */
final class Settings {
    private final Map<String, String> given = new LinkedHashMap<>();
    private final Set<String> asked = new HashSet<>();
    private final Map<String, String> environment;

    Settings(List<String> words, Map<String, String> environment) throws InstallException {
        this.environment = environment;
        for (String word : words) {
            int equals = word.indexOf('=');
            if (!word.startsWith("--") || equals < 3) {
                throw new InstallException("\"" + word + "\" is not of the form --name=value");
            }
            given.put(word.substring(2, equals), word.substring(equals + 1));
        }
    }

    /** The value of {@code name}, or {@code otherwise}. */
    String value(String name, String otherwise) {
        asked.add(name);
        String value = given.get(name);
        if (value == null) {
            value = environment.get("GVJ_AGENT_" + name.toUpperCase(Locale.ROOT).replace('-', '_'));
        }
        return value == null ? otherwise : value;
    }

    /** Of {@code name=value,name=value}. */
    Map<String, String> map(String name) throws InstallException {
        Map<String, String> result = new LinkedHashMap<>();
        for (String pair : value(name, "").split(",")) {
            int equals = pair.indexOf('=');
            if (pair.isBlank()) {
                continue;
            }
            if (equals < 1 || !pair.substring(0, equals).strip().matches("[A-Za-z0-9_-]+")) {
                throw new InstallException("--" + name + ": \"" + pair + "\" is not name=value");
            }
            result.put(
                    pair.substring(0, equals).strip(),
                    pair.substring(equals + 1).strip());
        }
        return result;
    }

    /** Complains of what nobody asked for. */
    void allUsed() throws InstallException {
        for (String name : given.keySet()) {
            if (!asked.contains(name)) {
                throw new InstallException("there is no setting --" + name);
            }
        }
    }
}
