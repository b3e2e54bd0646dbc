package gvj.shim;

import static org.assertj.core.api.Assertions.assertThat;

import gvj.host.HostErrno;
import gvj.host.HostSpawn;
import gvj.shim.api.RpcException;
import gvj.shim.runtime.Programs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Shell scripts in the place of programs, and waiting for them with a limit: no test hangs because one of them does. */
public final class Scripts {
    private static final List<String> ENVIRONMENT = List.of("PATH=/usr/sbin:/usr/bin:/sbin:/bin");
    /** A shell wants descriptors that block. Whoever opens a FIFO again gets one of his own, as a Sentry has no need to. */
    private static final String BLOCKING = "exec </dev/stdin >>/dev/stdout 2>>/dev/stderr\n";

    private static final long PATIENCE_NANOS = 10_000_000_000L;
    private static final int SIGKILL = 9;

    private Scripts() {}

    /** Runs {@code script} with these descriptors as 0, 1 and so on: its process id. */
    public static int start(String script, int... descriptors) throws RpcException {
        return Programs.start(List.of("/bin/sh", "-c", BLOCKING + script), ENVIRONMENT, "/", descriptors);
    }

    /** How a program of ours ended. */
    public static int await(int pid) {
        int[] status = new int[1];
        try {
            until("program " + pid + " ends", () -> {
                status[0] = HostSpawn.waitpid(pid, HostSpawn.WNOHANG);
                return status[0] != -HostErrno.EAGAIN;
            });
        } catch (AssertionError e) {
            HostSpawn.kill(pid, SIGKILL);
            HostSpawn.waitpid(pid, 0);
            throw e;
        }
        return status[0];
    }

    /** A program of somebody else, who has nothing of this process open. */
    public static Process client(String script) throws IOException {
        return new ProcessBuilder("/bin/sh", "-c", script)
                .redirectErrorStream(true)
                .start();
    }

    /** What a client has printed when it has ended well. */
    public static String outputOf(Process client) throws Exception {
        CompletableFuture<byte[]> output = CompletableFuture.supplyAsync(() -> {
            try {
                return client.getInputStream().readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        try {
            String text = new String(output.get(PATIENCE_NANOS, TimeUnit.NANOSECONDS), StandardCharsets.UTF_8);
            assertThat(client.waitFor()).as(text).isZero();
            return text;
        } finally {
            client.destroyForcibly();
        }
    }

    /** A program with this text. */
    public static Path program(Path file, String text) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + text + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Waits until {@code condition} holds. */
    public static void until(String what, BooleanSupplier condition) {
        long limit = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waiting until " + what).isLessThan(limit);
            LockSupport.parkNanos(2_000_000);
        }
    }
}
