package gvj.runtime;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A command line taken apart by a {@link Command}'s definition: known options with values, and the words that follow. */
final class Options {
    private final Command command;
    private final Map<String, List<String>> values = new HashMap<>();
    private final List<String> words;

    private Options(Command command, List<String> words) {
        this.command = command;
        this.words = words;
    }

    /**
     * Parses what follows the command's name. Options are {@code --name=value} or {@code --name value} and end at
     * {@code --} or the first word without a dash.
     */
    static Options parse(Command command, List<String> arguments) throws UsageException {
        int at = 0;
        Map<String, List<String>> values = new HashMap<>();
        for (; at < arguments.size() && arguments.get(at).startsWith("-"); at++) {
            String word = arguments.get(at);
            if (word.equals("--")) {
                at++;
                break;
            }
            int equals = word.indexOf('=');
            String name = equals < 0 ? word : word.substring(0, equals);
            Command.Option option = command.option(name);
            String value = "";
            if (option.takesValue()) {
                if (equals < 0 && ++at == arguments.size()) {
                    throw new UsageException(
                            "gvj " + command.name() + ": " + name + " needs a value: " + option.value());
                }
                value = equals < 0 ? arguments.get(at) : word.substring(equals + 1);
            } else if (equals >= 0) {
                throw new UsageException("gvj " + command.name() + ": " + name + " takes no value");
            }
            values.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
        }
        Options options = new Options(command, List.copyOf(arguments.subList(at, arguments.size())));
        options.values.putAll(values);
        return options;
    }

    /** The words after the options. */
    List<String> words() {
        return words;
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    /** The last value of {@code name}, or {@code otherwise}. */
    String value(String name, String otherwise) {
        List<String> all = values(name);
        return all.isEmpty() ? otherwise : all.get(all.size() - 1);
    }

    /** Every value of {@code name}, in order. */
    List<String> values(String name) {
        List<String> all = values.get(name);
        return all == null ? List.of() : all;
    }

    /** The parts of every value of {@code name}, which are separated by {@code separator}; empty ones are left out. */
    List<String> parts(String name, char separator) {
        List<String> parts = new ArrayList<>();
        for (String value : values(name)) {
            int from = 0;
            while (from <= value.length()) {
                int to = value.indexOf(separator, from);
                to = to < 0 ? value.length() : to;
                if (to > from) {
                    parts.add(value.substring(from, to));
                }
                from = to + 1;
            }
        }
        return parts;
    }

    /** A usage error about {@code name}. */
    UsageException wrong(String name, String problem) {
        return new UsageException("gvj " + command.name() + ": " + name + ": " + problem);
    }

    /** Bytes of an option like {@code 512m}; {@code otherwise} if it is not given. */
    long size(String name, long otherwise) throws UsageException {
        if (!has(name)) {
            return otherwise;
        }
        String text = value(name, "");
        int shift = 0;
        String digits = text;
        if (!text.isEmpty()) {
            shift = switch (text.charAt(text.length() - 1)) {
                case 'k', 'K' -> 10;
                case 'm', 'M' -> 20;
                case 'g', 'G' -> 30;
                default -> 0;
            };
            digits = shift == 0 ? text : text.substring(0, text.length() - 1);
        }
        try {
            long number = Long.parseLong(digits);
            if (number > 0 && number <= Long.MAX_VALUE >> shift) {
                return number << shift;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw wrong(name, "\"" + text + "\" is not a size like 512m or 2g");
    }
}
