package gvj.runtime;

import java.util.List;

/**
 * An option of the command line.
 *
 * @param name with its dashes
 * @param letter its short form with its dash, empty without one
 * @param value what its value is called, empty for a switch
 * @param choices what the value may be, one that ends in {@code =/} with a path behind; empty for anything
 * @param annotation whether a container may set it by an annotation: only what gives a container no more than the command
 *     line does
 * @param help a sentence or two
 */
record Option(String name, String letter, String value, List<String> choices, boolean annotation, String help) {
    static Option flag(String name, String help) {
        return new Option(name, "", "", List.of(), false, help);
    }

    static Option flag(String name, String letter, String help) {
        return new Option(name, letter, "", List.of(), false, help);
    }

    static Option of(String name, String value, String help) {
        return new Option(name, "", value, List.of(), false, help);
    }

    static Option of(String name, String letter, String value, String help) {
        return new Option(name, letter, value, List.of(), false, help);
    }

    /** This, with a value that is one of these. */
    Option oneOf(String... values) {
        return new Option(name, letter, value, List.of(values), annotation, help);
    }

    /** This, also for a container to set. */
    Option forContainers() {
        return new Option(name, letter, value, choices, true, help);
    }

    /** Whether the value is one of those there are. */
    boolean allows(String text) {
        for (String choice : choices) {
            if (choice.equals(text) || choice.endsWith("=/") && text.startsWith(choice)) {
                return true;
            }
        }
        return choices.isEmpty();
    }

    boolean takesValue() {
        return !value.isEmpty();
    }

    boolean isCalled(String word) {
        return name.equals(word) || letter.equals(word);
    }
}
