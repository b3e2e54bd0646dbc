package gvj.runtime;

import java.util.List;

/**
 * A {@code gvj} command: its name, options and help text. With {@link Flags} the one definition of what the command line
 * may say; the launcher's {@code cmdline.c} repeats only which options have values.
 *
 * @param synopsis what follows the options
 * @param summary one sentence
 * @param options its own, and those flags that may stand behind its name
 * @param details more text for {@code --help}; may be empty
 */
record Command(String name, String synopsis, String summary, List<Option> options, String details) {
    private static final String STATUS = "The exit status is the command's, or 128 plus the number of the signal that"
            + " killed it;\n2 for a wrong command line, 125 if the sandbox failed, 126 if COMMAND cannot be run,\n"
            + "127 if it is not found.";

    private static final Option BUNDLE =
            Option.of("--bundle", "-b", "DIR", "Directory with config.json and the root (default: the current one).");
    private static final Option CONSOLE_SOCKET =
            Option.of("--console-socket", "SOCKET", "Unix socket that gets the master of the process's terminal.");
    private static final Option PID_FILE =
            Option.of("--pid-file", "FILE", "Write the process's number on the host here.");
    private static final Option PRESERVE_FDS =
            Option.of("--preserve-fds", "N", "Hand on N descriptors, from 3 on, besides the standard ones.");
    private static final Option DETACH = Option.flag("--detach", "-d", "Do not wait for the process's end.");
    private static final List<Option> FOR_RUNC = List.of(
            Option.flag("--no-pivot", "Accepted, and always so: the root is the Sentry's."),
            Option.flag("--no-new-keyring", "Accepted, and always so: there are no keyrings."));
    private static final List<Option> CREATION =
            Flags.concat(List.of(BUNDLE, CONSOLE_SOCKET, PID_FILE, PRESERVE_FDS), FOR_RUNC);

    static final Command DO = new Command(
            "do",
            "[--] COMMAND [ARGUMENT...]",
            "Run a command in a sandbox over the host's files; nothing it writes outlives it.",
            sandbox(List.of(
                    Option.of("--root", "DIR", "The sandbox's root directory (default: /)."),
                    Option.of(
                            "--volume",
                            "SRC:DST[:ro]",
                            "Show the host's SRC at DST and write to it, too; may be repeated."),
                    Option.of("--cwd", "DIR", "Directory to start in (default: the current one)."),
                    Option.of("--env", "NAME=VALUE", "Add to the environment, or change it; may be repeated."),
                    Option.of("--user", "UID[:GID]|NAME", "Who to be inside (default: who you are)."),
                    Option.of("--hostname", "NAME", "The sandbox's host name (default: this host's)."))),
            STATUS);

    static final Command CREATE = new Command(
            "create",
            "ID",
            "Make a container of an OCI bundle; its program waits for gvj start.",
            sandbox(CREATION),
            "");

    static final Command RUN = new Command(
            "run",
            "ID",
            "Make a container of an OCI bundle, start it, and wait for its end.",
            sandbox(Flags.concat(
                    CREATION,
                    List.of(
                            DETACH,
                            Option.flag("--keep", "Do not delete the container when it has ended."),
                            Option.flag("--no-subreaper", "Accepted, and always so: the monitor waits.")))),
            STATUS.replace("COMMAND", "the program"));

    static final Command START = of("start", "ID", "Let the program of a created container run.", List.of());
    static final Command STATE = of("state", "ID", "Print a container's state as JSON.", List.of());
    static final Command KILL = of(
            "kill",
            "ID [SIGNAL]",
            "Send a signal, by name or number, to a container's first process (default: SIGTERM).",
            List.of(Option.flag("--all", "-a", "To every process of the container.")));
    static final Command DELETE = of(
            "delete",
            "ID...",
            "Remove a stopped container's state.",
            List.of(Option.flag("--force", "-f", "Kill it first if it runs; no error if there is none.")));
    static final Command EXEC = of(
            "exec",
            "ID COMMAND [ARGUMENT...]",
            "Start one more process in a running container.",
            Flags.concat(
                    List.of(
                            Option.of(
                                    "--process", "-p", "FILE", "A process object of config.json, instead of COMMAND."),
                            Option.of("--cwd", "DIR", "Directory to start in (default: the container's)."),
                            Option.of("--env", "-e", "NAME=VALUE", "Add to the environment; may be repeated."),
                            Option.of("--user", "-u", "UID[:GID]", "Who to be (default: the container's user)."),
                            Option.of("--additional-gids", "-g", "GID", "One more group; may be repeated."),
                            Option.of("--cap", "-c", "CAP", "One more capability; may be repeated."),
                            Option.flag("--no-new-privs", "Set no_new_privs."),
                            Option.flag("--tty", "-t", "Give it a terminal."),
                            DETACH),
                    Flags.concat(
                            List.of(CONSOLE_SOCKET, PID_FILE, PRESERVE_FDS),
                            List.of(
                                    Option.flag("--ignore-paused", "Also in a paused container."),
                                    Option.of("--cgroup", "PATH", "Accepted: a container has one cgroup."),
                                    Option.of("--process-label", "LABEL", "Accepted: there is no SELinux inside."),
                                    Option.of("--apparmor", "PROFILE", "Accepted: there is no AppArmor inside.")))));
    static final Command WAIT = of("wait", "ID", "Wait for a container's end, and end with its status.", List.of());
    static final Command PAUSE = of("pause", "ID", "Stop a container's processes.", List.of());
    static final Command RESUME = of("resume", "ID", "Let a paused container's processes go on.", List.of());
    static final Command UPDATE = of(
            "update",
            "ID",
            "Change a running container's limits.",
            List.of(
                    Option.of("--resources", "-r", "FILE", "A resources object of config.json; - for standard input."),
                    Option.of("--memory", "BYTES", "Limit of memory; -1 for none."),
                    Option.of("--memory-reservation", "BYTES", "Soft limit of memory."),
                    Option.of("--memory-swap", "BYTES", "Limit of memory and swap."),
                    Option.of("--kernel-memory", "BYTES", "Accepted: not limited apart from the rest."),
                    Option.of("--kernel-memory-tcp", "BYTES", "Accepted: not limited apart from the rest."),
                    Option.of("--cpu-period", "MICROSECONDS", "Period of the quota."),
                    Option.of("--cpu-quota", "MICROSECONDS", "Processor time in each period; -1 for no limit."),
                    Option.of("--cpu-burst", "MICROSECONDS", "What may be saved up of the quota."),
                    Option.of("--cpu-share", "SHARES", "Weight against other containers."),
                    Option.of("--cpu-rt-period", "MICROSECONDS", "Period for real-time scheduling."),
                    Option.of("--cpu-rt-runtime", "MICROSECONDS", "Time for real-time scheduling."),
                    Option.of("--cpu-idle", "0|1", "Whether it runs only when nobody else wants to."),
                    Option.of("--cpuset-cpus", "LIST", "Processors that it may use."),
                    Option.of("--cpuset-mems", "LIST", "Memory nodes that it may use."),
                    Option.of("--blkio-weight", "WEIGHT", "Weight of its input and output."),
                    Option.of("--pids-limit", "N", "How many tasks there may be; -1 for no limit.")));

    static final Command LIST = of(
            "list",
            "",
            "List the containers.",
            List.of(
                    Option.of("--format", "-f", "FORMAT", "table (the default) or json.")
                            .oneOf("table", "json"),
                    Option.flag("--quiet", "-q", "Print the ids only.")));
    static final Command PS = of(
            "ps",
            "ID",
            "List a container's processes: the numbers are those inside; with --format=json, those on the host.",
            List.of(Option.of("--format", "-f", "FORMAT", "table (the default) or json.")
                    .oneOf("table", "json")));
    static final Command EVENTS = of(
            "events",
            "ID",
            "Print what a container uses, and when it ran out of memory, as lines of JSON.",
            List.of(
                    Option.of("--interval", "DURATION", "How often: 5s (the default), 500ms, 1m."),
                    Option.flag("--stats", "Print one line and end.")));
    static final Command METRICS = of(
            "metrics",
            "ID",
            "Print counters of a container: system calls, which failed how, which there are not; and of its sandbox.",
            List.of(Option.of("--format", "-f", "FORMAT", "table (the default) or json.")
                    .oneOf("table", "json")));
    static final Command TRACE = of(
            "trace",
            "ID",
            "Print each system call that a running container makes, until its end or ^C.",
            List.of(Option.of("--calls", "NAME,...", "Only these calls (default: all).")));
    static final Command STACKS =
            of("stacks", "ID", "Print what each thread of a container's Sentry does right now.", List.of());
    static final Command PROFILE = of(
            "profile",
            "ID",
            "Print where the time of a container's Sentry goes, as folded stacks for a flame graph.",
            List.of(Option.of("--seconds", "N", "How long to look (default: 5).")));
    static final Command SPEC = of(
            "spec",
            "",
            "Write a config.json to begin with.",
            List.of(
                    Option.of("--bundle", "-b", "DIR", "Where (default: the current directory)."),
                    Option.flag("--rootless", "One that an ordinary user may run.")));
    static final Command FEATURES =
            of("features", "", "Print what of the OCI specification there is, as JSON.", List.of());
    static final Command CHECKPOINT = of("checkpoint", "ID", "Fails: containers cannot be saved yet.", List.of());
    static final Command RESTORE = of("restore", "ID", "Fails: containers cannot be saved yet.", List.of());
    static final Command SYSCALLS = of(
            "syscalls",
            "",
            "Print the table of system calls.",
            List.of(
                    Option.of("--format", "FORMAT", "text (the default), markdown or json.")
                            .oneOf("text", "markdown", "json"),
                    Flags.PLUGIN_PATH));

    /** Every command, in the order of the help. */
    static final List<Command> ALL = List.of(
            DO,
            RUN,
            CREATE,
            START,
            EXEC,
            KILL,
            WAIT,
            DELETE,
            STATE,
            LIST,
            PS,
            PAUSE,
            RESUME,
            UPDATE,
            EVENTS,
            METRICS,
            TRACE,
            STACKS,
            PROFILE,
            SPEC,
            FEATURES,
            CHECKPOINT,
            RESTORE,
            SYSCALLS);

    /** The command called {@code name}, or a {@link UsageException} that says there is none. */
    static Command called(String name) throws UsageException {
        for (Command command : ALL) {
            if (command.name().equals(name)) {
                return command;
            }
        }
        throw new UsageException("gvj: unknown command " + name + " (see gvj help)");
    }

    /** Whether what follows the options is a program with its own options. */
    boolean hasWordsOfOthers() {
        return this == DO || this == EXEC || this == PS;
    }

    private static Command of(String name, String synopsis, String summary, List<Option> options) {
        return new Command(name, synopsis, summary, Flags.concat(options, List.of(Flags.HELP)), "");
    }

    private static List<Option> sandbox(List<Option> own) {
        return Flags.concat(own, Flags.concat(Flags.SANDBOX, List.of(Flags.HELP)));
    }
}
