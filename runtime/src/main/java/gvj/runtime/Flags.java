package gvj.runtime;

import java.util.ArrayList;
import java.util.List;

/**
 * The one definition of the flags that are no command's own. They stand before the command, as dockerd and containerd
 * write them, or in the configuration file; those of the sandbox may also stand behind {@code do}, {@code run} and
 * {@code create}, and some in a container's annotations. A later source wins: file, command line, annotations.
 */
final class Flags {
    static final Option HELP = Option.flag("--help", "-h", "Print this text.");
    static final Option PLUGIN_PATH = Option.of(
            "--plugin-path", "JARS", "Jars, separated by colons, that add system calls (see examples/square).");

    /** What a sandbox is like. */
    static final List<Option> SANDBOX = List.of(
            Option.of("--platform", "NAME", "What runs the program: kvm, systrap, or auto (the default).")
                    .oneOf("auto", "kvm", "systrap")
                    .forContainers(),
            Option.flag(
                            "--keep-code",
                            "With systrap, run the program's code as it is: its system calls trap, which is slower than a"
                                    + " jump.")
                    .forContainers(),
            Option.of("--memory", "SIZE", "Memory of the sandbox: bytes, or with k, m, g (default: the machine's)."),
            Option.of(
                            "--network",
                            "MODE",
                            "host: the network namespace of the caller, or the one that the bundle names (the default);"
                                    + " none: a fresh one with nothing but loopback; sandbox: does not exist yet.")
                    .oneOf("host", "none", "sandbox"),
            Option.flag(
                    "--net-raw",
                    "With the host's network: the Sentry keeps CAP_NET_RAW, so that programs with it may open raw sockets."),
            Option.of(
                            "--jail",
                            "MODE",
                            "on (the default); off: Sentry and gofer get no namespaces, no root and no user of their own, but"
                                    + " filters of system calls all the same (docs/security.md).")
                    .oneOf("on", "off"),
            Option.of(
                            "--overlay2",
                            "MODE",
                            "Where containers write: none (the default): into their root and volumes; root:memory,"
                                    + " root:self, root:dir=/DIR: what they write to the root stays in memory, in a"
                                    + " directory beside the root that goes with the sandbox, in one in DIR that stays;"
                                    + " all:memory: what they write to volumes stays in memory, too.")
                    .oneOf("none", "root:memory", "root:self", "root:dir=/", "all:memory")
                    .forContainers(),
            Option.of(
                            "--file-access",
                            "MODE",
                            "How a container's root is shared with the host: exclusive (the default): what others change"
                                    + " there is seen within a second; shared: at once, and slower.")
                    .oneOf("exclusive", "shared")
                    .forContainers(),
            Option.flag("--oci-seccomp", "Apply the bundle's linux.seccomp to the programs in the sandbox."),
            Option.flag("--debug", "Log what the Sentry and the gofer do.").forContainers(),
            Option.of(
                    "--debug-log",
                    "DIR/",
                    "Put logs into files in DIR, or into a file named by a pattern with %ID%, %COMMAND%, %TIMESTAMP%"
                            + " (default: standard error)."),
            Option.flag("--strace", "Log every system call of the program.").forContainers(),
            Option.of("--strace-syscalls", "NAMES", "Log these system calls only, separated by commas.")
                    .forContainers(),
            Option.flag("--stats", "At the end, print how often each system call was made."),
            PLUGIN_PATH);

    /** What is about gvj as a whole. */
    static final List<Option> GLOBAL = List.of(
            Option.of(
                    "--config",
                    "FILE",
                    "Read flags from FILE (default: /etc/gvj/config.toml, if there is one); docs/oci.md has the format."),
            Option.of(
                    "--root",
                    "DIR",
                    "Where containers' states are kept (default: /run/gvj, or $XDG_RUNTIME_DIR/gvj for an ordinary"
                            + " user)."),
            Option.of("--log", "FILE", "Append errors to FILE, too."),
            Option.of("--log-format", "FORMAT", "How: text (the default) or json.")
                    .oneOf("text", "json"),
            Option.of(
                            "--rootless",
                            "MODE",
                            "true, false or auto (the default): whether cgroups that cannot be set up are left out.")
                    .oneOf("auto", "true", "false"),
            Option.flag("--systemd-cgroup", "Fails: cgroups are made directly, not by systemd."),
            HELP,
            Option.flag("--version", "-v", "Print the version."));

    /** Every flag that may stand before the command. */
    static final List<Option> ALL = concat(SANDBOX, GLOBAL);

    private Flags() {}

    static List<Option> concat(List<Option> first, List<Option> second) {
        List<Option> all = new ArrayList<>(first);
        all.addAll(second);
        return List.copyOf(all);
    }
}
