package gvj.runtime;

import gvj.boot.BootException;
import gvj.boot.Plugins;
import gvj.kernel.Kernel;
import gvj.syscalls.SyscallTable;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The commands of {@code gvj} that start nothing: help, and what only looks at containers. */
public final class Main {
    private static final int STATUS_FAILURE = 1;
    private static final int STATUS_USAGE = 2;
    static final String VERSION = Kernel.PRODUCT_VERSION;

    private static final String TRAIN = "train";
    private static final List<String> WITHOUT_OPTIONS = List.of("help", "version", TRAIN);

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments), System.out));
    }

    /** Carries out a command line; answers the exit status. */
    private static int run(List<String> arguments, PrintStream out) {
        try {
            CommandLine line = line(arguments);
            try {
                carryOut(line, out);
                return out.checkError() ? STATUS_FAILURE : 0;
            } catch (ToolException e) {
                System.err.println("gvj: " + e.getMessage());
                log(line.flags(), e.getMessage());
                return STATUS_FAILURE;
            }
        } catch (UsageException e) {
            System.err.println(e.getMessage());
            return STATUS_USAGE;
        }
    }

    /** For the build, whose AOT cache holds what was used once: everything that needs no container. */
    private static String training() throws UsageException, ToolException {
        return Help.all() + FeaturesCommand.print() + answer(List.of("list")) + answer(List.of("syscalls"));
    }

    /** Words without options of their own. */
    private static CommandLine line(List<String> arguments) throws UsageException {
        Options flags = Options.parse("gvj", Flags.ALL, arguments);
        List<String> words = flags.words();
        if (!words.isEmpty() && WITHOUT_OPTIONS.contains(words.get(0))) {
            return new CommandLine(flags, null, flags);
        }
        return CommandLine.parse(arguments);
    }

    private static void carryOut(CommandLine line, PrintStream out) throws UsageException, ToolException {
        if (line.command() == Command.EVENTS && !line.options().has("--help")) {
            new EventsCommand(container(line), out).run(line.options());
        } else if (line.command() == Command.TRACE && !line.options().has("--help")) {
            TraceCommand.run(container(line), line.options(), out);
        } else {
            out.print(answer(line));
        }
    }

    /** What a command line prints that ends by itself. */
    static String answer(List<String> arguments) throws UsageException, ToolException {
        return answer(line(arguments));
    }

    private static String answer(CommandLine line) throws UsageException, ToolException {
        if (line.command() == null) {
            return withoutCommand(line.flags());
        }
        if (line.options().has("--help") || line.flags().has("--help")) {
            return Help.of(line.command());
        }
        return switch (line.command().name()) {
            case "list" -> ListCommand.print(Container.root(line.flags()), line.options());
            case "ps" -> PsCommand.print(container(line), line.options());
            case "metrics" -> MetricsCommand.print(container(line), line.options());
            case "stacks" -> ThreadsCommand.stacks(container(line));
            case "profile" -> ThreadsCommand.profile(container(line), line.options());
            case "spec" -> SpecCommand.write(line.options());
            case "features" -> FeaturesCommand.print();
            case "syscalls" -> SyscallList.print(table(line.options()), line.options());
            case "checkpoint", "restore" ->
                throw new ToolException(line.command().name() + ": containers cannot be saved and restored yet");
            // everything else is the launcher's: it asks here about a command line that it cannot read
            default ->
                throw new UsageException("gvj " + line.command().name() + ": the command line is incomplete (see gvj "
                        + line.command().name() + " --help)");
        };
    }

    private static String withoutCommand(Options flags) throws UsageException, ToolException {
        List<String> words = flags.words();
        String word = words.isEmpty() ? "" : words.get(0);
        if (flags.has("--version") || word.equals("version")) {
            return "gvj version " + VERSION + "\nspec: " + FeaturesCommand.OCI_VERSION + "\n";
        }
        if (word.equals(TRAIN)) {
            return training();
        }
        if (words.size() > 1) {
            return Help.of(Command.called(words.get(1)));
        }
        if (flags.has("--help") || word.equals("help")) {
            return Help.all();
        }
        throw new UsageException("gvj: no command given\n\n" + Help.all().stripTrailing());
    }

    private static Container container(CommandLine line) throws UsageException, ToolException {
        List<String> words = line.options().words();
        if (words.isEmpty()) {
            throw new UsageException("gvj " + line.command().name() + ": a container id is needed (see gvj "
                    + line.command().name() + " --help)");
        }
        return Container.open(Container.root(line.flags()), words.get(0));
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

    /** {@code --log}: container engines read there what went wrong. */
    private static void log(Options flags, String message) {
        if (!flags.has("--log")) {
            return;
        }
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("level", "error");
        entry.put("msg", message);
        entry.put("time", Instant.now().toString());
        String line =
                flags.value("--log-format", "text").equals("json") ? JsonWriter.compact(entry) : "gvj: " + message;
        try {
            Files.writeString(
                    Path.of(flags.value("--log", "")),
                    line + "\n",
                    StandardCharsets.UTF_8,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            System.err.println("gvj: cannot write " + flags.value("--log", "") + ": " + e);
        }
    }
}
