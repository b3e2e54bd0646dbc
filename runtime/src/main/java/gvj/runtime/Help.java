package gvj.runtime;

import java.util.List;

/** The texts of {@code --help}, made of the definitions. */
final class Help {
    private static final int WIDTH = 76;

    private Help() {}

    /** What {@code gvj help} prints. */
    static String all() {
        StringBuilder text = new StringBuilder("""
                gvj runs Linux programs in a sandbox whose kernel is written in Java.

                Usage: gvj [FLAG...] COMMAND [OPTION...]

                Commands:
                """);
        for (Command command : Command.ALL) {
            row(text, command.name(), command.summary());
        }
        row(text, "help", "Print this text, or with the name of a command, its options.");
        row(text, "version", "Print the version.");
        text.append("\nFlags of gvj:\n");
        options(text, Flags.GLOBAL);
        text.append("\nFlags of sandboxes, also behind do, run and create:\n");
        options(text, Flags.SANDBOX);
        return text.append("\nTry: gvj do -- uname -a\n").toString();
    }

    /** What {@code gvj NAME --help} prints. */
    static String of(Command command) {
        StringBuilder text = new StringBuilder();
        text.append("Usage: gvj ").append(command.name()).append(" [OPTION...]");
        text.append(command.synopsis().isEmpty() ? "" : " ")
                .append(command.synopsis())
                .append("\n\n");
        text.append(command.summary()).append("\n\nOptions:\n");
        options(text, command.options());
        if (!command.details().isEmpty()) {
            text.append('\n').append(command.details()).append('\n');
        }
        return text.toString();
    }

    private static void row(StringBuilder text, String name, String summary) {
        text.append("  ")
                .append(name)
                .append(" ".repeat(12 - name.length()))
                .append(summary)
                .append('\n');
    }

    private static void options(StringBuilder text, List<Option> options) {
        for (Option option : options) {
            text.append("  ").append(option.letter()).append(option.letter().isEmpty() ? "" : ", ");
            text.append(option.name())
                    .append(option.takesValue() ? "=" + option.value() : "")
                    .append('\n');
            wrap(text, option.help());
        }
    }

    private static void wrap(StringBuilder text, String help) {
        int column = 0;
        for (String word : help.split(" ")) {
            if (column == 0 || column + word.length() > WIDTH) {
                text.append(column == 0 ? "        " : "\n        ");
                column = 8;
            } else {
                text.append(' ');
                column++;
            }
            text.append(word);
            column += word.length();
        }
        text.append('\n');
    }
}
