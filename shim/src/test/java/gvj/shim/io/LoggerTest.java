package gvj.shim.io;

import static gvj.shim.Scripts.await;
import static gvj.shim.Scripts.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import gvj.shim.Scripts;
import gvj.shim.api.RpcException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Loggers are told what containerd's are told; one that misbehaves holds up nobody. */
@Timeout(20)
class LoggerTest {
    private static final long MILLISECOND = 1_000_000L;
    private static final Patience SHORT =
            new Patience(500 * MILLISECOND, 100 * MILLISECOND, 300 * MILLISECOND, 300 * MILLISECOND);
    /** Says that it is ready, and copies both streams to the file LOG. */
    private static final String COPY = "exec 5>&-; { cat <&3; cat <&4; } >>LOG";

    @TempDir
    private Path directory;

    private Path log() {
        return directory.resolve("log");
    }

    private Streams open(String script, String query, Patience patience) throws Exception {
        Path logger = Scripts.program(directory.resolve("logger"), script.replace("LOG", log().toString()));
        String uri = "binary://" + logger + query;
        return Streams.open(new StdioPaths("c1", "default", false, "", uri, uri), patience);
    }

    private static int run(Streams streams, String script) throws RpcException {
        int pid = Scripts.start(script, streams.descriptors());
        streams.handOver();
        return await(pid);
    }

    /** How long {@code streams} take to close, in milliseconds. */
    private static long close(Streams streams) {
        long start = System.nanoTime();
        streams.close();
        return (System.nanoTime() - start) / MILLISECOND;
    }

    @Test
    void itGetsBothStreamsItsArgumentsAndTheContainersName() throws Exception {
        String script = "env | grep ^CONTAINER_ | sort >LOG; echo $# $1 $2 $3 $4 >>LOG; " + COPY;
        try (Streams streams = open(script, "?key=a%20b&flag&last=", Patience.USUAL)) {
            assertThat(run(streams, "echo out; echo err >&2")).isZero();
        }
        assertThat(log()).hasContent("""
                CONTAINER_ID=c1
                CONTAINER_NAMESPACE=default
                4 key a b flag last
                out
                err
                """);
    }

    @Test
    void itsEnvironmentIsNotOurs() throws Exception {
        try (Streams streams = open("env >LOG; " + COPY, "", Patience.USUAL)) {
            assertThat(run(streams, "true")).isZero();
        }
        assertThat(Files.readAllLines(log())).noneMatch(line -> line.startsWith("PATH=") || line.startsWith("HOME="));
    }

    @Test
    void aByteIsAsGoodAsTheEnd() throws Exception {
        try (Streams streams = open("echo >&5; cat <&3 >LOG; sleep 0.01", "", SHORT)) {
            assertThat(run(streams, "echo out")).isZero();
        }
        assertThat(log()).hasContent("out\n");
    }

    @Test
    void oneThatIsNeverReadyIsKilled() {
        assertThatThrownBy(() -> open("echo $$ >LOG; exec sleep 1000", "", SHORT))
                .isInstanceOf(RpcException.class)
                .hasMessage("the logger does not become ready")
                .extracting(e -> ((RpcException) e).code())
                .isEqualTo(RpcException.Code.DEADLINE_EXCEEDED);
        untilItIsGone();
    }

    @Test
    void oneThatDiesTakesNobodyAlong() throws Exception {
        try (Streams streams = open("exec 5>&-; head -n 1 <&3 >LOG; exit 7", "", Patience.USUAL)) {
            // more than a pipe holds: nobody is killed by SIGPIPE, and nobody hangs
            assertThat(run(streams, "echo first; seq 50000; seq 50000 >&2")).isZero();
        }
        assertThat(log()).hasContent("first\n");
    }

    @Test
    void oneThatDiesBeforeItIsReadyToo() throws Exception {
        try (Streams streams = open("exit 1", "", Patience.USUAL)) {
            assertThat(run(streams, "echo out; seq 50000 >&2")).isZero();
        }
    }

    @Test
    void aSlowOneWritesAllThereIsWhileDeleteGoesOn() throws Exception {
        Patience patience = new Patience(500 * MILLISECOND, 50 * MILLISECOND, 5000 * MILLISECOND, 0);
        Streams streams = open("exec 5>&-; while read line; do sleep 0.1; echo $line; done <&3 >LOG", "", patience);
        assertThat(run(streams, "seq 6")).isZero();
        assertThat(close(streams)).isBetween(40L, 450L);
        Streams.awaitLoggers();
        assertThat(log()).hasContent("1\n2\n3\n4\n5\n6\n");
    }

    @Test
    void oneThatDoesNotEndIsAskedTo() throws Exception {
        Streams streams = open(
                "trap 'echo asked >>LOG; exit' TERM; exec 5>&-; echo $$ >LOG; while :; do sleep 0.05; done", "", SHORT);
        assertThat(run(streams, "echo out")).isZero();
        assertThat(close(streams)).isLessThan(1000);
        Streams.awaitLoggers();
        assertThat(log()).content().endsWith("asked\n");
        untilItIsGone();
    }

    @Test
    void oneThatHangsIsKilledAndDeleteDoesNotWait() throws Exception {
        Streams streams = open("trap '' TERM; echo $$ >LOG; exec 5>&-; exec sleep 1000", "", SHORT);
        assertThat(run(streams, "echo out")).isZero();
        assertThat(close(streams)).isLessThan(1000);
        Streams.awaitLoggers();
        untilItIsGone();
    }

    @Test
    void inAllContainerdWaitsForTwoSecondsAtMost() {
        assertThat(Patience.USUAL.delete()).isLessThanOrEqualTo(2000 * MILLISECOND);
        assertThat(Patience.USUAL.drain() + Patience.USUAL.end()).isEqualTo(12_000 * MILLISECOND);
    }

    private void untilItIsGone() {
        until("the logger is gone", () -> {
            try {
                return !Files.exists(Path.of(
                        "/proc", Files.readString(log()).lines().findFirst().orElse("none")));
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }
}
