package gvj.runtime;

import gvj.boot.BootException;
import gvj.boot.ProcessParser;
import gvj.boot.ProcessSpec;
import java.util.ArrayList;
import java.util.List;

/** The {@code process} object of config.json as it comes with {@code gvj exec}. */
final class ProcessJson implements ProcessParser {
    private static final long MAX_ID = 0xffff_fffeL;

    private final ProcessSpec.Privileges container;

    /**
     * A parser for processes that join a container.
     *
     * @param container what such a process may do: what the container's first one may
     */
    ProcessJson(ProcessSpec.Privileges container) {
        this.container = container;
    }

    @Override
    public ProcessSpec parse(byte[] json) throws BootException {
        Json process = Json.parse("process", json);
        List<String> args = process.get("args").strings();
        if (args.isEmpty()) {
            throw process.get("args").wrong("must name a program");
        }
        String cwd = process.get("cwd").required();
        if (!cwd.startsWith("/")) {
            throw process.get("cwd").wrong("must be an absolute path");
        }
        return new ProcessSpec(
                args,
                process.get("env").strings(),
                cwd,
                user(process.get("user")),
                container,
                List.of(),
                (int) process.get("oomScoreAdj").integer(0, -1000, 1000),
                new ProcessSpec.Terminal(process.get("terminal").bool(), 0, 0));
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
}
