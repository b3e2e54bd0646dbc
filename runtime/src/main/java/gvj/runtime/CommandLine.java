package gvj.runtime;

import java.util.List;

/**
 * A whole command line: {@code gvj [FLAG...] COMMAND [OPTION...] [WORD...]}. The flags of a configuration file are its
 * first flags: the launcher has put them there.
 *
 * @param flags what stands before the command
 * @param command null without one
 * @param options the command's; flags that it knows, too, are among them
 */
record CommandLine(Options flags, Command command, Options options) {
    static CommandLine parse(List<String> arguments) throws UsageException {
        Options flags = Options.parse("gvj", Flags.ALL, arguments);
        List<String> words = flags.words();
        if (words.isEmpty()) {
            return new CommandLine(flags, null, flags);
        }
        Command command = Command.called(words.get(0));
        Options own = Options.parse(command, words.subList(1, words.size()));
        return new CommandLine(flags, command, own.after(flags));
    }
}
