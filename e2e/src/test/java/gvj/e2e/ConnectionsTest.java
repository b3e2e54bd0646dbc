package gvj.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Many connections at once, of which nothing is left in the Sentry. */
@ExtendWith(PlatformCondition.class)
class ConnectionsTest {
    /** A few descriptors come and go with threads. */
    private static final int SLACK = 16;
    /** Resident memory that may stay: what the JVM's heap has grown by, and pages of the program's. */
    private static final long SLACK_KIB = 100 << 10;

    /**
     * Opens as many connections as it is told; says so; closes them when a line comes, and so on.
     */
    private static final String PROGRAM = """
            import resource, select, socket, sys
            limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
            many = int(sys.argv[1])
            def round(count):
                listener = socket.socket()
                listener.bind(("127.0.0.1", 0))
                listener.listen(1024)
                epoll, ends, accepted = select.epoll(), [], {}
                for _ in range(count):
                    ends.append(socket.create_connection(listener.getsockname()))
                    one = listener.accept()[0]
                    accepted[one.fileno()] = one
                    epoll.register(one.fileno(), select.EPOLLIN | select.EPOLLET)
                for end in ends:
                    end.send(b"x")
                heard = 0
                while heard < count:
                    for fd, _ in epoll.poll():
                        heard += len(accepted[fd].recv(10))
                print("open", heard == count, flush=True)
                sys.stdin.readline()
                for end in [listener, epoll, *ends, *accepted.values()]:
                    end.close()
                print("closed", flush=True)
                sys.stdin.readline()
            round(10)
            round(many)
            round(many)
            """;

    private Process launcher;

    /** What the host's limit of descriptors has room for, both ends and the Sentry's own: at most 10,000. */
    private static long connections() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
            if (line.startsWith("Max open files") && !line.contains("unlimited")) {
                return Math.min(10_000, Long.parseLong(line.split("\\s+")[4]) / 2 - 700);
            }
        }
        return 10_000;
    }

    private void expect(String line) throws IOException {
        byte[] got = launcher.getInputStream().readNBytes(line.length());
        assertThat(new String(got, StandardCharsets.US_ASCII)).isEqualTo(line);
    }

    private void next() throws IOException {
        launcher.getOutputStream().write('\n');
        launcher.getOutputStream().flush();
    }

    private Path sentry() throws IOException {
        long pid = LeftoversTest.child(launcher, "gvj.runtime.SandboxMain").pid();
        return Path.of("/proc/" + pid);
    }

    private long descriptors() throws IOException {
        try (Stream<Path> all = Files.list(sentry().resolve("fd"))) {
            return all.count();
        }
    }

    private long residentKib() throws IOException {
        for (String line : Files.readAllLines(sentry().resolve("status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new AssertionError("no VmRSS");
    }

    @Test
    void tenThousandConnectionsLeaveNothing() throws Exception {
        launcher = Run.sandboxed("--", "/usr/bin/python3", "-c", PROGRAM, "" + connections())
                .start();
        try {
            expect("open True\n");
            next();
            expect("closed\n");
            long descriptors = descriptors();
            long resident = residentKib();
            for (int round = 0; round < 2; round++) {
                next();
                expect("open True\n");
                assertThat(descriptors()).isGreaterThan(descriptors + 1000);
                next();
                expect("closed\n");
                assertThat(descriptors()).isLessThan(descriptors + SLACK);
            }
            assertThat(residentKib()).isLessThan(resident + SLACK_KIB);
            next();
            assertThat(launcher.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(launcher.exitValue()).isZero();
        } finally {
            launcher.destroy();
        }
    }
}
