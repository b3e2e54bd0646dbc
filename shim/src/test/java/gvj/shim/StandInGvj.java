package gvj.shim;

import com.google.protobuf.MessageLite;
import gvj.host.HostProcess;
import gvj.proto.events.TaskCreate;
import gvj.proto.events.TaskDelete;
import gvj.proto.events.TaskExit;
import gvj.shim.api.EventPublisher;
import gvj.shim.api.ShimContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A script in the place of {@code gvj}, and what a shim is told and tells. This process is every container's monitor, and has a
 * {@link StandInSentry} for each.
 */
public final class StandInGvj implements ShimContext, EventPublisher, AutoCloseable {
    /** Its calls are lines in the file calls; the file fail-COMMAND has why that fails, and hold-COMMAND has it wait. */
    private static final String SCRIPT = """
            base=BASE
            echo "$*" >>$base/calls
            while [ $# -gt 0 ]; do
                case $1 in
                --root) root=$2; shift;;
                --log) log=$2; shift;;
                --log-format) shift;;
                --pid-file) pidfile=$2; shift;;
                --console-socket) console=$2; shift;;
                --bundle) bundle=$2; shift;;
                -r) shift;;
                --*) ;;
                *) if [ -z "$command" ]; then command=$1; elif [ -z "$id" ]; then id=$1; fi;;
                esac
                shift
            done
            while [ -e $base/hold-$command ]; do sleep 0.01; done
            if [ -e $base/fail-$command ]; then
                [ -z "$log" ] || echo '{"level":"error","msg":"'"$(cat $base/fail-$command)"'"}' >>$log
                [ -n "$log" ] || echo "gvj: $(cat $base/fail-$command)" >&2
                exit 1
            fi
            case $command in
            create)
                [ -d $root/$id ] || exit 3
                echo created
                [ -z "$console" ] || python3 $base/terminal.py $console
                cp $base/state.json $root/$id/
                printf MONITOR >$pidfile;;
            update) cat >$base/updated;;
            delete) echo >$root/$id/deleted;;
            esac
            """;

    /** Sends a terminal, at which a shell is. */
    private static final String TERMINAL = """
            import os, pty, socket, subprocess, sys, tty
            master, slave = os.openpty()
            tty.setraw(slave)
            subprocess.Popen(["sh", "-c", "read go; stty size; echo end"], stdin=slave, stdout=slave, stderr=slave)
            s = socket.socket(socket.AF_UNIX)
            s.connect(sys.argv[1])
            socket.send_fds(s, [b"/dev/pts/0"], [master])
            """;

    private final Path base;
    private final String program;
    private final Map<String, StandInSentry> sentries = new ConcurrentHashMap<>();
    /** Topic, id, and for ends the status, of all that was published. */
    public final List<String> events = new CopyOnWriteArrayList<>();

    public volatile boolean stopped;

    public StandInGvj(Path base) throws IOException {
        this.base = base;
        String pid = Integer.toString(HostProcess.getpid());
        program = Scripts.program(
                        base.resolve("gvj"),
                        SCRIPT.replace("BASE", base.toString()).replace("MONITOR", pid))
                .toString();
        Files.writeString(base.resolve("terminal.py"), TERMINAL);
        Files.createDirectory(base.resolve("root"));
        setMonitor(HostProcess.getpid(), "");
    }

    /** Every state.json from now on has this process as the container's monitor, and these members. */
    public void setMonitor(long pid, String members) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String start = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[19];
        Files.writeString(
                base.resolve("state.json"), "{\"pid\":" + pid + ",\"init_process_start\":" + start + members + "}");
    }

    /** What makes a container's bundle: {@code id} can be created now. */
    public Path bundle(String id) throws IOException {
        Path directory = Files.createDirectories(base.resolve("root").resolve(id));
        if (sentries.containsKey(id)) {
            sentries.get(id).close();
        }
        sentries.put(id, new StandInSentry(directory));
        return Files.createDirectories(base.resolve("bundle-" + id));
    }

    public StandInSentry sentry(String id) {
        return sentries.get(id);
    }

    /** Has a command of gvj fail. */
    public void fail(String command, String why) throws IOException {
        Files.writeString(base.resolve("fail-" + command), why);
    }

    /** Has a command of gvj wait; {@link #release} lets it go on. */
    public void hold(String command) throws IOException {
        Files.createFile(base.resolve("hold-" + command));
    }

    public void release(String command) throws IOException {
        Files.delete(base.resolve("hold-" + command));
    }

    /** What gvj was called with, one line for each call. */
    public List<String> calls() {
        try {
            return Files.exists(base.resolve("calls")) ? Files.readAllLines(base.resolve("calls")) : List.of();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** The standard input of {@code gvj update}. */
    public String updated() throws IOException {
        return Files.readString(base.resolve("updated"));
    }

    // ---- what the shim is told ----

    @Override
    public String namespace() {
        return "test";
    }

    @Override
    public String root() {
        return base.resolve("root").toString();
    }

    @Override
    public String gvj() {
        return program;
    }

    @Override
    public List<String> flags() {
        return List.of("--platform=systrap");
    }

    @Override
    public boolean debug() {
        return false;
    }

    @Override
    public EventPublisher events() {
        return this;
    }

    @Override
    public void log(String line) {
        // what is worth to be logged is no business of tests
    }

    @Override
    public void stop() {
        stopped = true;
    }

    @Override
    public void publish(String topic, String type, MessageLite event) {
        String what = switch (event) {
            case TaskCreate create -> create.getContainerId();
            case TaskExit exit -> exit.getId() + " " + exit.getExitStatus();
            case TaskDelete delete -> delete.getId() + " " + delete.getExitStatus();
            default -> type.substring(type.lastIndexOf('.') + 1);
        };
        events.add(topic.substring("/tasks/".length()) + " " + what);
    }

    @Override
    public void close() {
        sentries.values().forEach(StandInSentry::close);
    }
}
