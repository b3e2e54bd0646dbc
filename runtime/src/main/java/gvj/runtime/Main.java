package gvj.runtime;

import gvj.boot.BootException;
import gvj.boot.Plugins;
import gvj.syscalls.SyscallTable;
import java.util.List;

/** The commands of {@code gvj} that need no sandbox: help, version, syscalls. */
public final class Main {
    private static final int STATUS_USAGE = 2;
    static final String VERSION = "0.1.0";

    private Main() {}

    public static void main(String[] arguments) {
        try {
            System.out.print(answer(List.of(arguments)));
            System.out.flush();
            System.exit(System.out.checkError() ? 1 : 0);
        } catch (UsageException e) {
            System.err.println(e.getMessage());
            System.exit(STATUS_USAGE);
        }
    }

    /** What the command line {@code arguments} prints. */
    static String answer(List<String> arguments) throws UsageException {
        String name = arguments.isEmpty() ? "" : arguments.get(0);
        switch (name) {
            case "--version", "version" -> {
                return "gvj " + VERSION + "\n";
            }
            case "help" -> {
                return arguments.size() > 1 ? command(arguments.get(1)).help() : help();
            }
            case "--help", "-h" -> {
                return help();
            }
            case "" -> throw new UsageException("gvj: no command given\n\n" + help().stripTrailing());
            default -> {
                return answer(command(name), arguments.subList(1, arguments.size()));
            }
        }
    }

    private static String answer(Command command, List<String> rest) throws UsageException {
        Options options = Options.parse(command, rest);
        if (options.has("--help") || command != Command.SYSCALLS) {
            return command.help();
        }
        if (!options.words().isEmpty()) {
            throw new UsageException(
                    "gvj syscalls: unexpected word " + options.words().get(0));
        }
        return SyscallList.print(table(options), options);
    }

    private static SyscallTable table(Options options) throws UsageException {
        try {
            SyscallTable table = SyscallTable.standard();
            Plugins.load(options.parts("--plugin-path", ':'), table);
            return table;
        } catch (BootException e) {
            throw new UsageException("gvj: " + e.getMessage());
        }
    }

    private static Command command(String name) throws UsageException {
        for (Command command : Command.ALL) {
            if (command.name().equals(name)) {
                return command;
            }
        }
        throw new UsageException("gvj: unknown command " + name + " (see gvj help)");
    }

    private static String help() {
        StringBuilder text = new StringBuilder("""
                gvj runs Linux programs in a sandbox whose kernel is written in Java.

                Usage: gvj COMMAND [OPTION...]

                Commands:
                """);
        for (Command command : Command.ALL) {
            text.append("  ")
                    .append(command.name())
                    .append(" ".repeat(10 - command.name().length()));
            text.append(command.summary()).append('\n');
        }
        text.append("  help      Print this text, or with the name of a command, its options.\n");
        text.append("  version   Print the version.\n\nTry: gvj do -- uname -a\n");
        return text.toString();
    }
}
