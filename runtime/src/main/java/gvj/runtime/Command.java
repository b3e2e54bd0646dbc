package gvj.runtime;

import java.util.ArrayList;
import java.util.List;

/**
 * A {@code gvj} command: its name, options and help text. The one definition of what the command line may say; the
 * launcher's {@code cmdline.c} only knows which options have values.
 *
 * @param synopsis what follows the options
 * @param summary one sentence
 * @param details more text for {@code --help}; may be empty
 */
record Command(String name, String synopsis, String summary, List<Option> options, String details) {
    /**
     * An option.
     *
     * @param name with its dashes
     * @param value what its value is called, empty for a switch
     */
    record Option(String name, String value, String help) {
        boolean takesValue() {
            return !value.isEmpty();
        }
    }

    private static final Option HELP = new Option("--help", "", "Print this text.");
    private static final Option PLUGIN_PATH = new Option(
            "--plugin-path", "JARS", "Jars, separated by colons, that add system calls (see examples/square).");
    private static final List<Option> SANDBOX = List.of(
            new Option("--platform", "NAME", "What runs the program: kvm, systrap, or auto (the default)."),
            new Option(
                    "--keep-code",
                    "",
                    "With systrap, run the program's code as it is: its system calls trap, which is slower than a jump."),
            new Option("--memory", "SIZE", "Memory of the sandbox: bytes, or with k, m, g (default: the machine's)."),
            new Option("--debug", "", "Log what the Sentry and the gofer do."),
            new Option(
                    "--debug-log",
                    "DIR/",
                    "Put logs into files in DIR, or into a file named by a pattern with %ID%, %COMMAND%, %TIMESTAMP%"
                            + " (default: standard error)."),
            new Option("--strace", "", "Log every system call of the program."),
            new Option("--strace-syscalls", "NAMES", "Log these system calls only, separated by commas."),
            new Option("--stats", "", "At the end, print how often each system call was made."),
            PLUGIN_PATH,
            HELP);

    static final Command DO = new Command(
            "do",
            "[--] COMMAND [ARGUMENT...]",
            "Run a command in a sandbox over the host's files; nothing it writes outlives it.",
            concat(
                    List.of(
                            new Option("--root", "DIR", "The sandbox's root directory (default: /)."),
                            new Option(
                                    "--volume",
                                    "SRC:DST[:ro]",
                                    "Show the host's SRC at DST and write to it, too; may be repeated."),
                            new Option("--cwd", "DIR", "Directory to start in (default: the current one)."),
                            new Option("--env", "NAME=VALUE", "Add to the environment, or change it; may be repeated."),
                            new Option("--user", "UID[:GID]|NAME", "Who to be inside (default: who you are)."),
                            new Option("--hostname", "NAME", "The sandbox's host name (default: this host's).")),
                    SANDBOX),
            "The exit status is the command's, or 128 plus the number of the signal that killed it;\n"
                    + "2 for a wrong command line, 125 if the sandbox failed, 126 if COMMAND cannot be run,\n"
                    + "127 if it is not found.");

    static final Command RUN = new Command(
            "run",
            "[ID]",
            "Run the container that an OCI bundle describes.",
            concat(
                    List.of(new Option(
                            "--bundle", "DIR", "Directory with config.json and the root (default: the current one).")),
                    SANDBOX),
            "The exit status is as for gvj do.");

    static final Command SYSCALLS = new Command(
            "syscalls",
            "",
            "Print the table of system calls.",
            List.of(new Option("--format", "FORMAT", "text (the default), markdown or json."), PLUGIN_PATH, HELP),
            "");

    /** Every command that has options, in the order of the help. */
    static final List<Command> ALL = List.of(DO, RUN, SYSCALLS);

    /** The option called {@code name}, or a {@link UsageException} that says there is none. */
    Option option(String name) throws UsageException {
        for (Option option : options) {
            if (option.name.equals(name)) {
                return option;
            }
        }
        throw new UsageException(
                "gvj " + this.name + ": unknown option " + name + " (see gvj " + this.name + " --help)");
    }

    /** The complete text of {@code gvj NAME --help}. */
    String help() {
        StringBuilder text = new StringBuilder();
        text.append("Usage: gvj ")
                .append(name)
                .append(" [OPTION...] ")
                .append(synopsis)
                .append("\n\n");
        text.append(summary).append("\n\nOptions:\n");
        for (Option option : options) {
            String head = option.takesValue() ? option.name + "=" + option.value : option.name;
            text.append("  ").append(head).append('\n').append(wrapped(option.help));
        }
        if (!details.isEmpty()) {
            text.append('\n').append(details).append('\n');
        }
        return text.toString();
    }

    private static String wrapped(String help) {
        StringBuilder text = new StringBuilder();
        int column = 0;
        for (String word : help.split(" ")) {
            if (column == 0 || column + word.length() > 76) {
                text.append(column == 0 ? "        " : "\n        ");
                column = 8;
            } else {
                text.append(' ');
                column++;
            }
            text.append(word);
            column += word.length();
        }
        return text.append('\n').toString();
    }

    private static List<Option> concat(List<Option> first, List<Option> second) {
        List<Option> all = new ArrayList<>(first);
        all.addAll(second);
        return List.copyOf(all);
    }
}
