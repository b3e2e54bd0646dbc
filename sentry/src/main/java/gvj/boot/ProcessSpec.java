package gvj.boot;

import java.util.List;

/**
 * A process that the runtime asks for: the first one of a sandbox, or one that joins it later (exec).
 *
 * <p>Strings hold one char per byte (Latin-1), like every path inside the Sentry.
 *
 * @param args the program and its arguments, at least one; a program without a slash is looked up in PATH
 * @param env {@code NAME=VALUE} strings
 * @param cwd absolute path inside the sandbox
 * @param user who the process is
 * @param privileges what it may do beyond that
 * @param rlimits limits that differ from {@link gvj.kernel.ResourceLimits#initial}
 * @param oomScoreAdj what {@code /proc/PID/oom_score_adj} begins with
 * @param terminal the host terminal behind its standard input, in raw mode; {@link Terminal#NONE} where there is none
 */
public record ProcessSpec(
        List<String> args,
        List<String> env,
        String cwd,
        User user,
        Privileges privileges,
        List<Limit> rlimits,
        int oomScoreAdj,
        Terminal terminal) {

    /** The same with another environment. */
    ProcessSpec withEnv(List<String> newEnv) {
        return new ProcessSpec(args, newEnv, cwd, user, privileges, rlimits, oomScoreAdj, terminal);
    }

    /** With the rights of its user, and no limits or scores of its own. */
    public static ProcessSpec plain(List<String> args, List<String> env, String cwd, User user, Terminal terminal) {
        return new ProcessSpec(args, env, cwd, user, Privileges.OF_USER, List.of(), 0, terminal);
    }

    /**
     * An identity.
     *
     * @param name a name to look up in the sandbox's {@code /etc/passwd} once it is mounted, or empty: then the ids count
     * @param groups supplementary groups
     * @param umask file mode creation mask
     */
    public record User(String name, int uid, int gid, List<Integer> groups, int umask) {
        /** Linux's usual mask. */
        public static final int UMASK = 0022;

        /** uid 0, gid 0, no other groups. */
        public static final User ROOT = new User("", 0, 0, List.of(), UMASK);
    }

    /**
     * Capabilities, as bit masks of capabilities(7).
     *
     * @param given whether the masks count; without them root has all and others have none
     */
    public record Privileges(
            boolean given,
            long bounding,
            long effective,
            long inheritable,
            long permitted,
            long ambient,
            boolean noNewPrivs) {
        /** What the user id alone gives. */
        public static final Privileges OF_USER = new Privileges(false, 0, 0, 0, 0, 0, false);
    }

    /**
     * One setrlimit(2).
     *
     * @param resource RLIMIT_*
     * @param soft compared unsigned, -1 for RLIM_INFINITY
     */
    public record Limit(int resource, long soft, long hard) {}

    /** Whether standard input is a terminal, and its size at the start. */
    public record Terminal(boolean present, int rows, int columns) {
        public static final Terminal NONE = new Terminal(false, 0, 0);
    }
}
