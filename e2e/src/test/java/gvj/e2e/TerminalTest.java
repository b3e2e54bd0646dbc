package gvj.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A person at a terminal: a bash in the sandbox behind a pty, driven by {@code e2e/terminal.py}. */
@ExtendWith(PlatformCondition.class)
class TerminalTest {
    /** Follows the steps at a native bash, to prove them, then at one in a sandbox. */
    private static void drive(String... steps) {
        String[] shell = {"bash", "--norc", "-i"};
        follow(List.of("env", "PS1=$ ", "TERM=xterm"), shell, steps);
        List<String> gvj =
                List.of(Run.GVJ, "do", "--platform=" + Run.PLATFORM, "--env=PS1=$ ", "--env=TERM=xterm", "--");
        follow(gvj, shell, steps);
    }

    private static void follow(List<String> front, String[] shell, String[] steps) {
        List<String> command = new ArrayList<>();
        command.add("/usr/bin/python3");
        command.add(Run.ROOT.resolve("e2e/terminal.py").toString());
        command.addAll(front);
        command.addAll(List.of(shell));
        Result result = Run.command(command.toArray(new String[0]))
                .input(String.join("\n", steps))
                .timeout(120)
                .run();
        assertThat(result.status())
                .as(front.get(0) + ": " + result.out() + result.err())
                .isZero();
    }

    @Test
    void aShellAnswers() {
        drive("expect $ ", "send tty; stty size\\r", "expect /dev/", "expect 24 80", "send exit 3\\r", "status 3");
    }

    @Test
    void controlCInterruptsAndControlDEnds() {
        drive(
                "expect $ ",
                "send sleep 100\\r",
                "wait 0.5",
                "send \\x03",
                "expect $ ",
                "send echo st=$?\\r",
                "expect st=130",
                "send \\x04",
                "status 0");
    }

    @Test
    void jobsAreStoppedAndContinued() {
        drive(
                "expect $ ",
                "send cat\\r",
                "wait 0.5",
                // an answer shows that cat is in the foreground, so ^Z goes to it and not to the shell
                "send ready\\r",
                "expect ready\\r\\nready",
                "send \\x1a",
                "expect Stopped",
                "send fg\\r",
                "expect cat",
                "wait 0.5",
                "send abc\\r",
                "expect abc\\r\\nabc",
                "send \\x04",
                "expect $ ",
                "send exit\\r",
                "status 0");
    }

    @Test
    void theWindowHasASize() {
        drive(
                "expect $ ",
                "resize 33 99",
                "wait 0.5",
                "send stty size\\r",
                "expect 33 99",
                "send exit 0\\r",
                "status 0");
    }

    @Test
    void anEditorWorks() {
        drive(
                "expect $ ",
                "send cd /tmp && vi -n -u NONE e2e-note\\r",
                "wait 2",
                "send ihello\\x1b",
                "wait 0.5",
                "send :wq\\r",
                "wait 1",
                "send cat e2e-note\\r",
                "expect hello\\r\\n",
                "send exit 0\\r",
                "status 0");
    }

    @Test
    void theTerminalIsGivenBackAsItWas() {
        drive("expect $ ", "send kill -9 $$\\r", "status 137", "cooked");
    }
}
