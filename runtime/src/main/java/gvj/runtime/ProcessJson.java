package gvj.runtime;

import gvj.boot.BootException;
import gvj.boot.ProcessParser;
import gvj.boot.ProcessSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * The {@code process} object of config.json, which also comes by itself with {@code gvj exec}:
 * <a href="https://github.com/opencontainers/runtime-spec/blob/main/config.md#process">config.md, Process</a>.
 */
final class ProcessJson implements ProcessParser {
    private static final long MAX_ID = 0xffff_fffeL;
    private static final int WORST_SCORE = 1000;
    private static final int MAX_WINDOW = 0xffff;

    private final ProcessSpec.Privileges container;

    /**
     * A parser for processes that join a container.
     *
     * @param container what such a process may do if it does not say so itself: what the container's first one may
     */
    ProcessJson(ProcessSpec.Privileges container) {
        this.container = container;
    }

    @Override
    public ProcessSpec parse(byte[] json) throws BootException {
        Json process = Json.parse("process", json);
        ProcessSpec.Terminal terminal = process.get("terminal").bool()
                ? terminal(process, new ProcessSpec.Terminal(true, 0, 0))
                : ProcessSpec.Terminal.NONE;
        return parse(process, container, terminal, new Notes());
    }

    /**
     * The process of a value that is there.
     *
     * @param otherwise its privileges without {@code capabilities}
     */
    static ProcessSpec parse(Json process, ProcessSpec.Privileges otherwise, ProcessSpec.Terminal terminal, Notes notes)
            throws BootException {
        List<String> args = process.get("args").strings();
        if (args.isEmpty()) {
            throw process.get("args").wrong("must name a program");
        }
        String cwd = process.get("cwd").required();
        if (!cwd.startsWith("/")) {
            throw process.get("cwd").wrong("must be an absolute path");
        }
        notes.ignored(process.get("apparmorProfile"), "there is no AppArmor inside a sandbox");
        notes.ignored(process.get("selinuxLabel"), "there is no SELinux inside a sandbox");
        notes.ignored(process.get("scheduler"), "the Sentry's threads have the host's usual policy");
        notes.ignored(process.get("ioPriority"), "the gofer's requests have the host's usual priority");
        return new ProcessSpec(
                args,
                process.get("env").strings(),
                cwd,
                user(process.get("user")),
                privileges(process, otherwise, notes),
                rlimits(process.get("rlimits")),
                oomScoreAdj(process.get("oomScoreAdj")),
                terminal);
    }

    /** {@code actual} with the size that the bundle asks for, if it does. */
    static ProcessSpec.Terminal terminal(Json process, ProcessSpec.Terminal actual) throws BootException {
        Json size = process.get("consoleSize");
        int rows = (int) size.get("height").integer(0, 0, MAX_WINDOW);
        int columns = (int) size.get("width").integer(0, 0, MAX_WINDOW);
        return rows == 0 || columns == 0 ? actual : new ProcessSpec.Terminal(actual.present(), rows, columns);
    }

    private static ProcessSpec.User user(Json user) throws BootException {
        List<Integer> groups = new ArrayList<>();
        for (Json group : user.get("additionalGids").elements()) {
            groups.add((int) group.integer(0, 0, MAX_ID));
        }
        return new ProcessSpec.User(
                "",
                (int) user.get("uid").integer(0, 0, MAX_ID),
                (int) user.get("gid").integer(0, 0, MAX_ID),
                groups,
                (int) user.get("umask").integer(ProcessSpec.User.UMASK, 0, 0777));
    }

    private static ProcessSpec.Privileges privileges(Json process, ProcessSpec.Privileges otherwise, Notes notes)
            throws BootException {
        Json sets = process.get("capabilities");
        boolean noNewPrivs = process.get("noNewPrivileges").bool();
        if (!sets.present()) {
            return new ProcessSpec.Privileges(
                    otherwise.given(),
                    otherwise.bounding(),
                    otherwise.effective(),
                    otherwise.inheritable(),
                    otherwise.permitted(),
                    otherwise.ambient(),
                    noNewPrivs);
        }
        return new ProcessSpec.Privileges(
                true,
                mask(sets.get("bounding"), notes),
                mask(sets.get("effective"), notes),
                mask(sets.get("inheritable"), notes),
                mask(sets.get("permitted"), notes),
                mask(sets.get("ambient"), notes),
                noNewPrivs);
    }

    /** Unknown capabilities are those of a newer kernel: as with runc they cannot be had, which is no error. */
    private static long mask(Json names, Notes notes) throws BootException {
        long mask = 0;
        for (Json name : names.elements()) {
            int number = Names.capability(name.required());
            if (number < 0) {
                notes.ignored(name, "no capability has this name");
            } else {
                mask |= 1L << number;
            }
        }
        return mask;
    }

    private static List<ProcessSpec.Limit> rlimits(Json rlimits) throws BootException {
        List<ProcessSpec.Limit> limits = new ArrayList<>();
        for (Json rlimit : rlimits.elements()) {
            int resource = Names.rlimit(rlimit.get("type").required());
            if (resource < 0) {
                throw rlimit.get("type")
                        .wrong("is \"" + rlimit.get("type").bytes("") + "\", which is no resource of getrlimit(2)");
            }
            long soft = rlimit.get("soft").unsigned(0);
            long hard = rlimit.get("hard").unsigned(0);
            if (Long.compareUnsigned(soft, hard) > 0) {
                throw rlimit.get("soft").wrong("is larger than the hard limit");
            }
            limits.add(new ProcessSpec.Limit(resource, soft, hard));
        }
        return limits;
    }

    private static int oomScoreAdj(Json score) throws BootException {
        long value = score.integer(0, Integer.MIN_VALUE, Integer.MAX_VALUE);
        return (int) Math.max(-WORST_SCORE, Math.min(WORST_SCORE, value));
    }
}
