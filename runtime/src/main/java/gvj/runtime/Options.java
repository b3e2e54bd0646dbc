package gvj.runtime;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Options taken apart by their definitions: known ones with values, and the words that follow. A value that came later
 * counts more.
 */
final class Options {
    /** For messages: "gvj do" */
    private final String who;

    private final List<Option> known;
    private final Map<String, List<String>> values = new HashMap<>();
    private List<String> words = List.of();

    private Options(String who, List<Option> known) {
        this.who = who;
        this.known = known;
    }

    /**
     * Parses what follows the command's name, as {@link #parse(String, List, List)} does. Options may also stand behind
     * words, unless those are another program's command line.
     */
    static Options parse(Command command, List<String> arguments) throws UsageException {
        Options options = new Options("gvj " + command.name(), command.options());
        options.parse(arguments, !command.hasWordsOfOthers());
        return options;
    }

    /**
     * Parses options, {@code --name=value}, {@code --name value} or {@code -n value}; switches may have the values true
     * and false. They end at {@code --} or the first word without a dash.
     *
     * @param who begins complaints
     */
    static Options parse(String who, List<Option> known, List<String> arguments) throws UsageException {
        Options options = new Options(who, known);
        options.parse(arguments, false);
        return options;
    }

    private void parse(List<String> arguments, boolean mixed) throws UsageException {
        List<String> found = new ArrayList<>();
        for (int at = 0; at < arguments.size(); at++) {
            String word = arguments.get(at);
            if (isOption(word) && !word.equals("--")) {
                at = parseOption(arguments, at);
            } else if (mixed && !word.equals("--")) {
                found.add(word);
            } else {
                found.addAll(arguments.subList(word.equals("--") ? at + 1 : at, arguments.size()));
                break;
            }
        }
        words = List.copyOf(found);
    }

    /** Sets the option at {@code at}; answers where its last word is. */
    private int parseOption(List<String> arguments, int at) throws UsageException {
        String word = arguments.get(at);
        int equals = word.indexOf('=');
        Option option = known(equals < 0 ? word : word.substring(0, equals));
        if (!option.takesValue() || equals >= 0) {
            set(option, equals < 0 ? "true" : word.substring(equals + 1));
            return at;
        }
        if (at + 1 == arguments.size()) {
            throw new UsageException(who + ": " + option.name() + " needs a value: " + option.value());
        }
        set(option, arguments.get(at + 1));
        return at + 1;
    }

    /** "-" alone is a word. */
    private static boolean isOption(String word) {
        return word.length() > 1 && word.charAt(0) == '-';
    }

    private Option known(String word) throws UsageException {
        for (Option option : known) {
            if (option.isCalled(word)) {
                return option;
            }
        }
        throw new UsageException(who + ": unknown option " + word + " (see " + seeAlso() + ")");
    }

    private String seeAlso() {
        return who.equals("gvj") ? "gvj help" : who + " --help";
    }

    /** Sets a value after checking it; {@code false} takes an earlier switch back. */
    void set(Option option, String value) throws UsageException {
        if (!option.takesValue()) {
            if (!value.equals("true") && !value.equals("false")) {
                throw new UsageException(who + ": " + option.name() + " takes no value");
            }
        } else if (!option.allows(value)) {
            throw wrong(option.name(), "\"" + value + "\" is none of " + String.join(", ", option.choices()));
        }
        List<String> all = values.get(option.name());
        if (all == null) {
            all = new ArrayList<>();
            values.put(option.name(), all);
        }
        all.add(value);
    }

    /** This with the values that {@code earlier} has of the same options, before its own. */
    Options after(Options earlier) {
        for (Option option : known) {
            List<String> before = earlier.values.get(option.name());
            if (before != null && earlier.knows(option)) {
                List<String> all = new ArrayList<>(before);
                all.addAll(values(option.name()));
                values.put(option.name(), all);
            }
        }
        return this;
    }

    /** Options of the same name may mean different things before and after the command. */
    private boolean knows(Option wanted) {
        for (Option option : known) {
            if (option == wanted) {
                return true;
            }
        }
        return false;
    }

    /** The words after the options. */
    List<String> words() {
        return words;
    }

    /** Whether {@code name} has a value; for a switch, whether it is on. */
    boolean has(String name) {
        if (!values.containsKey(name)) {
            return false;
        }
        for (Option option : known) {
            if (option.name().equals(name) && !option.takesValue()) {
                return value(name, "").equals("true");
            }
        }
        return true;
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
        return new UsageException(who + ": " + name + ": " + problem);
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
