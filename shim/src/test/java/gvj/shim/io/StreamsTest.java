package gvj.shim.io;

import static gvj.shim.Scripts.await;
import static gvj.shim.Scripts.client;
import static gvj.shim.Scripts.outputOf;
import static gvj.shim.Scripts.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import gvj.host.Host;
import gvj.host.HostSpawn;
import gvj.shim.Scripts;
import gvj.shim.api.RpcException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process's streams begin and end as containerd's clients expect, whoever comes and goes. */
@Timeout(20)
class StreamsTest {
    @TempDir
    private Path directory;

    private Path stdin;
    private Path stdout;

    @BeforeEach
    void makeFifos() throws Exception {
        stdin = directory.resolve("stdin");
        stdout = directory.resolve("stdout");
        outputOf(client("mkfifo " + stdin + " " + stdout));
    }

    private static StdioPaths paths(String stdin, String stdout, String stderr) {
        return new StdioPaths("c1", "default", false, stdin, stdout, stderr);
    }

    private static StdioPaths terminal(String stdin, String stdout) {
        return new StdioPaths(
                "c1", "default", true, stdin, stdout, "/no/such/fifo"); // which there is none of with a terminal
    }

    private static int start(Streams streams, String script) throws RpcException {
        int pid = Scripts.start(script, streams.descriptors());
        streams.handOver();
        return pid;
    }

    /** Somebody who reads all output; it is opened once there is somebody to write. */
    private Process reader() throws Exception {
        return client("exec cat <" + stdout);
    }

    private void awaitOpened(Process reader) {
        Path input = Path.of("/proc/" + reader.pid() + "/fd/0");
        until("the reader has opened it", () -> leadsTo(stdout, input));
    }

    private static boolean leadsTo(Path target, Path link) {
        try {
            return Files.readSymbolicLink(link).equals(target);
        } catch (IOException e) {
            return false;
        }
    }

    /** A client that comes, writes and leaves. */
    private void send(String text) throws Exception {
        outputOf(client("printf '" + text + "' >" + stdin));
    }

    // ---- FIFOs ----

    @Test
    void aReaderMayGoAndComeBack() throws Exception {
        try (Streams streams = Streams.open(paths(stdin.toString(), stdout.toString(), stdout.toString()))) {
            int pid = start(streams, "echo first; read go; echo second; read go; echo third");
            assertThat(outputOf(client("head -n 1 <" + stdout))).isEqualTo("first\n");
            send("go\n"); // what is printed while nobody reads kills nobody, and is not lost
            Process back = reader();
            awaitOpened(back);
            send("go\n");
            assertThat(await(pid)).isZero();
            assertThat(outputOf(back)).isEqualTo("second\nthird\n");
        }
    }

    @Test
    void aReaderThatCameFirstMissesNothing() throws Exception {
        Process reader = reader();
        try (Streams streams = Streams.open(paths("", stdout.toString(), ""))) {
            awaitOpened(reader);
            assertThat(await(start(streams, "seq 1000"))).isZero();
            assertThat(outputOf(reader)).startsWith("1\n2\n").endsWith("1000\n"); // and hears the end before Delete
        }
    }

    @Test
    void onlyCloseIoEndsInput() throws Exception {
        Path file = directory.resolve("out");
        try (Streams streams = Streams.open(paths(stdin.toString(), "file://" + file, ""))) {
            int pid = start(streams, "cat; echo end");
            send("one ");
            until("the first client's text is there", () -> "one ".equals(contents(file)));
            send("two ");
            until("the second client's text is there", () -> "one two ".equals(contents(file)));
            streams.closeStdin();
            streams.closeStdin();
            assertThat(await(pid)).isZero();
        }
        assertThat(file).hasContent("one two end\n");
    }

    @Test
    void closeIoWaitsForTheClientThatIsThere() throws Exception {
        Path file = directory.resolve("out");
        try (Streams streams = Streams.open(paths(stdin.toString(), "file://" + file, ""))) {
            int pid = start(streams, "cat; echo end");
            Process there = client("{ echo before; read go; echo after; } >" + stdin);
            until("it has written", () -> "before\n".equals(contents(file)));
            streams.closeStdin();
            there.getOutputStream().write('\n');
            there.getOutputStream().close();
            assertThat(await(pid)).isZero();
        }
        assertThat(file).hasContent("before\nafter\nend\n");
    }

    @Test
    void noStreamIsNoInputAndNoOutput() throws Exception {
        try (Streams streams = Streams.open(paths("", "", ""))) {
            assertThat(await(start(streams, "cat && echo out && echo err >&2"))).isZero();
            streams.closeStdin();
            streams.resize(1, 1);
        }
    }

    @Test
    void aUriOfAFifoIsItsPath() throws Exception {
        Process reader = reader();
        try (Streams streams = Streams.open(paths("", "fifo://" + stdout, ""))) {
            awaitOpened(reader);
            assertThat(await(start(streams, "echo out; echo err >&2"))).isZero();
            assertThat(outputOf(reader)).isEqualTo("out\n");
        }
    }

    // ---- files ----

    @Test
    void aFileIsAppendedToAndItsDirectoryMade() throws Exception {
        Path file = directory.resolve("logs/pod/out");
        String uri = "file://" + file;
        for (int i = 0; i < 2; i++) {
            try (Streams streams = Streams.open(paths("", uri, uri))) {
                assertThat(await(start(streams, "echo out; echo err >&2; cat"))).isZero();
            }
        }
        assertThat(file).hasContent("out\nerr\nout\nerr\n");
    }

    @Test
    void withoutAStreamOfItsOwnStderrGoesToTheFile() throws Exception {
        Path file = directory.resolve("out");
        try (Streams streams = Streams.open(paths("", "file://" + file, ""))) {
            assertThat(await(start(streams, "echo out; echo err >&2"))).isZero();
        }
        assertThat(file).hasContent("out\nerr\n");
    }

    // ---- terminals ----

    @Test
    void aTerminalHasItsSizeFromBeforeItWasThereAndAfter() throws Exception {
        try (Streams streams = Streams.open(terminal(stdin.toString(), stdout.toString()))) {
            streams.resize(33, 77);
            int[] terminal = streams.openTerminal();
            Path seen = directory.resolve("seen");
            Process output = client("cat <" + stdout + " >" + seen);
            streams.attach(terminal[0]);
            int pid = startAt(terminal[1], "stty size; read go; stty size");
            until("it has printed its size", () -> contents(seen).equals("33 77\n")); // raw: there is no \r
            streams.resize(44, 99);
            send("go\n");
            assertThat(await(pid)).isZero();
            streams.drain(5_000);
            outputOf(output);
            assertThat(seen).hasContent("33 77\n44 99\n");
        }
    }

    @Test
    void aTerminalsOutputEndsWithItsLastUser() throws Exception {
        try (Streams streams = Streams.open(terminal("", stdout.toString()))) {
            int[] terminal = streams.openTerminal();
            Process output = client("cat <" + stdout);
            streams.attach(terminal[0]);
            int pid = startAt(terminal[1], "seq 20000");
            assertThat(await(pid)).isZero();
            assertThat(outputOf(output)).startsWith("1\n").endsWith("20000\n");
        }
    }

    @Test
    void nobodyWaitsForAReaderThatDoesNotRead() throws Exception {
        Streams streams = Streams.open(terminal(stdin.toString(), stdout.toString()));
        int[] terminal = streams.openTerminal();
        streams.attach(terminal[0]);
        int pid = startAt(terminal[1], "exec yes");
        HostSpawn.kill(pid, 9);
        await(pid);
        long start = System.nanoTime();
        streams.drain(200);
        streams.close();
        assertThat(System.nanoTime() - start).isLessThan(2_000_000_000L);
        streams.close();
        streams.resize(1, 1);
    }

    private static int startAt(int slave, String script) throws RpcException {
        int pid = Scripts.start(script, slave, slave, slave);
        Host.close(slave);
        return pid;
    }

    // ---- what is no stream ----

    @Test
    void whatIsNoStreamIsRefusedAndNothingStaysOpen() {
        String[][] wrong = {
            {"", "tcp://host:1", "unknown kind of stream: tcp://host:1"},
            {"relative", "", "unknown kind of stream: relative"},
            {"", "/no/such/fifo", "cannot open /no/such/fifo: no such file or directory"},
            {"/no/such/fifo", "", "cannot open /no/such/fifo: no such file or directory"},
            {"", "file:///dev/null/out", "/dev/null"},
            {"", "binary:///no/such/logger", "cannot start /no/such/logger: no such file or directory"},
            {"", "binary:///bin/true?a=%zz", "not a logger: binary:///bin/true?a=%zz"},
        };
        int before = openDescriptors();
        for (String[] paths : wrong) {
            assertThatThrownBy(() -> Streams.open(paths(paths[0], paths[1], "")))
                    .isInstanceOf(RpcException.class)
                    .hasMessageContaining(paths[2]);
        }
        assertThat(openDescriptors()).isEqualTo(before);
    }

    private static int openDescriptors() {
        return new java.io.File("/proc/self/fd").list().length;
    }

    private static String contents(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
