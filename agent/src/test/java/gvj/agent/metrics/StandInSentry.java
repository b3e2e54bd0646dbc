package gvj.agent.metrics;

import gvj.host.Host;
import gvj.host.Mem;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Listens at a {@code control.sock} as a Sentry does, and says whatever a test wants it to. */
final class StandInSentry implements AutoCloseable {
    private static final int OK = 64;
    private static final int BACKLOG = 8;

    /** What METRICS answers; null to answer nothing at all. */
    volatile String answer;

    private final int listening;
    private final Path link;

    StandInSentry(Path directory, String answer) throws Throwable {
        this.answer = answer;
        link = directory.resolve("control.sock");
        listening = listen(link);
        Thread.ofPlatform().daemon().start(this::serve);
    }

    private void serve() {
        long packet = Host.malloc(65536);
        long fds = Host.malloc(Host.FDS_BYTES);
        while (true) {
            int client = Host.accept4(listening, Host.SOCK_CLOEXEC);
            if (client < 0) {
                return;
            }
            Host.recvmsg(client, packet, 65536, fds, 1, 0);
            String text = answer;
            if (text == null) {
                continue; // and hold the connection
            }
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            long copy = Host.malloc(Math.max(1, bytes.length));
            Mem.copy(bytes, 0, copy, bytes.length);
            Host.pwrite(Mem.getInt(fds + 4), copy, bytes.length, 0);
            Host.free(copy);
            Host.close(Mem.getInt(fds + 4));
            Mem.putInt(packet, OK);
            Mem.putInt(packet + 4, 0);
            Mem.putInt(packet + 8, 0);
            Host.sendmsg(client, packet, 12, 0, 0);
            Host.close(client);
        }
    }

    /** socket(2), bind(2) and listen(2): the JDK has no SOCK_SEQPACKET. */
    private static int listen(Path path) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            int fd = (int) call("socket", 3).invokeExact(Host.AF_UNIX, Host.SOCK_SEQPACKET | Host.SOCK_CLOEXEC, 0);
            byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
            MemorySegment address = arena.allocate(110);
            address.set(ValueLayout.JAVA_SHORT_UNALIGNED, 0, (short) Host.AF_UNIX);
            MemorySegment.copy(name, 0, address, ValueLayout.JAVA_BYTE, 2, name.length);
            MethodHandle bind = handle(
                    "bind",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
            if ((int) bind.invokeExact(fd, address, 110) != 0) {
                throw new IllegalStateException("cannot bind " + path);
            }
            int listening = (int) call("listen", 2).invokeExact(fd, BACKLOG);
            if (listening != 0) {
                throw new IllegalStateException("cannot listen at " + path);
            }
            return fd;
        }
    }

    private static MethodHandle call(String name, int ints) {
        ValueLayout[] arguments = new ValueLayout[ints];
        Arrays.fill(arguments, ValueLayout.JAVA_INT);
        return handle(name, FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments));
    }

    private static MethodHandle handle(String name, FunctionDescriptor type) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
    }

    @Override
    public void close() throws IOException {
        Files.delete(link);
        Host.shutdown(listening, 2);
    }
}
