package gvj.e2e.oci;

import static org.assertj.core.api.Assertions.assertThat;

import gvj.e2e.Result;
import gvj.e2e.Run;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Terminals: the master that comes through {@code --console-socket} is driven by {@code e2e/console.py}. */
class OciConsoleTest extends OciTest {
    private static final String SHELL = "PS1='> ' exec /bin/sh -i";

    private Container terminal(String script) {
        Container container = container().script(script);
        container.process().put("terminal", true);
        return container.write();
    }

    /** The runtime's command line with these words, as a step's shell word list. */
    private String call(Container container, String words) {
        return "run " + String.join(" ", runtime.command()) + " --root=" + container.root() + " " + words;
    }

    private static String socket(Container container) {
        return container.bundle().resolve("tty.sock").toString();
    }

    private void drive(Container container, String... steps) {
        Result result = new Call(
                        List.of(
                                "/usr/bin/python3",
                                Run.ROOT.resolve("e2e/console.py").toString(),
                                socket(container)),
                        container.bundle())
                .input(String.join("\n", steps) + "\n")
                .run();
        assertThat(result.status()).as(result.out() + result.err()).isZero();
    }

    /** create with a console, start, and what comes then. */
    private void created(Container container, String... steps) {
        List<String> all = new ArrayList<>();
        all.add(call(container, "create --console-socket " + socket(container) + " " + container.id));
        all.add("accept");
        all.add(call(container, "start " + container.id));
        all.addAll(List.of(steps));
        drive(container, all.toArray(String[]::new));
    }

    @Test
    void aShellAnswers() {
        Container container = terminal(SHELL);
        created(container, "expect > ", "send echo $((6*7))\\r", "expect 42\\r\\n", "send exit 3\\r", "hangup");
        container.await("stopped");
    }

    @Test
    void theStreamsAreTheTerminal() {
        Container container =
                terminal("for i in 0 1 2; do [ -t $i ] && echo tty$i; done; tty; ls -l /dev/console | cut -c1");
        created(
                container,
                "expect tty0\\r\\ntty1\\r\\ntty2\\r\\n",
                "expect /dev/pts/0\\r\\n",
                "expect c\\r\\n",
                "hangup");
    }

    @Test
    void theSizeIsTheBundles() {
        Container container = terminal("stty size");
        container.process().putObject("consoleSize").put("height", 33).put("width", 99);
        container.write();
        created(container, "expect 33 99", "hangup");
    }

    @Test
    void aNewSizeIsSeenAndSignalled() {
        Container container = terminal("trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.05; done");
        created(container, "expect ready", "resize 44 55", "expect 44 55", "hangup");
    }

    @Test
    void controlCInterrupts() {
        Container container = terminal("trap 'echo interrupted; exit' INT; echo ready; while :; do sleep 0.05; done");
        created(container, "expect ready", "send \\x03", "expect interrupted", "hangup");
    }

    @Test
    void controlDIsTheEnd() {
        Container container = terminal("cat; echo end");
        created(container, "send abc\\r", "expect abc\\r\\nabc\\r\\n", "send \\x04", "expect end", "hangup");
        container.await("stopped");
    }

    @Test
    void jobControlWorks() {
        Container container = terminal(SHELL);
        created(
                container,
                "expect > ",
                "send cat\\r",
                "wait 0.2",
                "send x\\r",
                "expect x\\r\\nx\\r\\n",
                "send \\x1a",
                "expect Stopped",
                "expect > ",
                "send fg\\r",
                "expect cat",
                "wait 0.2",
                "send y\\r",
                "expect y\\r\\ny\\r\\n",
                "send \\x04",
                "expect > ",
                "send exit\\r",
                "hangup");
    }

    @Test
    void killHangsUp() {
        Container container = terminal("echo ready; exec sleep 100");
        created(container, "expect ready", call(container, "kill " + container.id + " KILL"), "hangup");
        container.await("stopped");
    }

    @Test
    void runTakesASocketWhenDetached() {
        Container container = terminal("stty -echo; echo ready; read line; echo got $line");
        drive(
                container,
                call(container, "run --detach --console-socket " + socket(container) + " " + container.id),
                "accept",
                "expect ready",
                "send hello\\r",
                "expect got hello",
                "hangup");
    }

    @Test
    void execHasATerminal() {
        Container container = container().create().start();
        drive(
                container,
                call(
                        container,
                        "exec --detach --tty --console-socket " + socket(container) + " " + container.id
                                + " /bin/sh -c 'tty; stty size; read x; echo got $x'"),
                "accept",
                "expect /dev/pts/",
                "send abc\\r",
                "expect got abc",
                "hangup");
        assertThat(container.status()).isEqualTo("running");
    }

    @Test
    void execWithAProcessFileHasATerminal() {
        Container container = container().create().start();
        Work.write(container.bundle().resolve("process.json"), """
                {"terminal": true, "consoleSize": {"height": 12, "width": 34}, "cwd": "/", "env": ["PATH=/bin"],
                 "user": {"uid": 0, "gid": 0}, "args": ["/bin/sh", "-c", "stty size; [ -t 2 ] && echo yes"]}""");
        drive(
                container,
                call(
                        container,
                        "exec --process process.json --detach --pid-file exec.pid --console-socket " + socket(container)
                                + " " + container.id),
                "accept",
                "expect 12 34",
                "expect yes",
                "hangup");
        assertThat(Work.read(container.bundle().resolve("exec.pid"))).matches("\\d+");
    }

    /** run and exec in the foreground connect the terminal that they have themselves. */
    @Test
    void inTheForegroundTheCallersTerminalIsUsed() {
        Container container =
                terminal("tty; until stty size 2>/dev/null; do sleep 0.02; done; read x; echo got $x; exit 5");
        List<String> command = new ArrayList<>(
                List.of("/usr/bin/python3", Run.ROOT.resolve("e2e/terminal.py").toString()));
        command.addAll(runtime.command());
        command.addAll(List.of("--root=" + container.root(), "run", container.id));
        Result result = new Call(command, container.bundle())
                .input("expect /dev/pts/0\nexpect 24 80\nsend abc\\r\nexpect got abc\nstatus 5\ncooked\n")
                .run();
        assertThat(result.status()).as(result.out() + result.err()).isZero();
    }

    @Test
    void aTerminalNeedsASocket() {
        Container container = terminal("true");
        Result result = container.tryCreate();
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err()).containsIgnoringCase("console");
    }

    @Test
    void aSocketNeedsATerminal() {
        Container container = container();
        Result result = container.tryCreate("--console-socket=" + socket(container));
        assertThat(result.status()).isEqualTo(1);
        assertThat(container.command("state", container.id).run().err()).contains("does not exist");
    }

    @Test
    void aSocketWhereNobodyListens() {
        Container container = terminal("true");
        Result result = container.tryCreate("--console-socket=" + socket(container));
        assertThat(result.status()).isEqualTo(1);
        assertThat(container.command("state", container.id).run().err()).contains("does not exist");
    }
}
