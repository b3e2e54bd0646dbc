package gvj.shim;

import gvj.host.Host;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A listening Unix socket, as the launcher makes it. */
public record UnixServer(int fd, Path path) implements AutoCloseable {
    private static final int ADDRESS = 110;
    private static final int BACKLOG = 16;

    public static UnixServer listen(Path path) {
        return listen(path, Host.SOCK_STREAM);
    }

    /** One of another type. */
    public static UnixServer listen(Path path, int type) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(ADDRESS);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) Host.AF_UNIX);
            address.setString(2, path.toString(), StandardCharsets.UTF_8);
            int fd = (int) function("socket", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)
                    .invokeExact(Host.AF_UNIX, type | Host.SOCK_CLOEXEC, 0);
            int bound = (int) function("bind", ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT)
                    .invokeExact(fd, address, ADDRESS);
            int listens = (int) function("listen", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)
                    .invokeExact(fd, BACKLOG);
            if (bound < 0 || listens < 0) {
                throw new IllegalStateException("cannot listen at " + path);
            }
            return new UnixServer(fd, path);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static MethodHandle function(String name, ValueLayout... arguments) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments));
    }

    @Override
    public void close() {
        Host.shutdown(
                fd, Host.SHUT_RDWR); // not closed: a thread may be about to accept, and its number become another's
        path.toFile().delete();
    }
}
