package gvj.runtime;

import gvj.boot.BootException;
import gvj.boot.BootSpec;
import gvj.host.Host;
import gvj.host.Mem;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * How gvj was called, as the launcher saw it; its layout is in {@code launcher/src/main/c/boot.c}. Strings have one char
 * per byte.
 *
 * @param listenFd the socket at which others ask, -1 without one
 * @param kvmFd {@code /dev/kvm}, {@code -errno} if it could not be opened
 * @param gated whether the program waits for {@code gvj start}
 * @param terminal whether fd 0 is a terminal
 * @param memoryMib memory of the machine, or what the sandbox may have of it
 * @param cpus how many CPUs it may keep busy, 0 for all
 * @param arguments command line without the program's name
 * @param stdio the descriptors that become the program's 0, 1, 2 and on
 * @param config the bundle's config.json, empty without a bundle
 */
record BootMessage(
        int controlFd,
        int logFd,
        int listenFd,
        int kvmFd,
        List<Integer> channels,
        boolean gated,
        boolean terminal,
        int rows,
        int columns,
        int memoryMib,
        int cpus,
        int uid,
        int gid,
        List<Integer> groups,
        List<Integer> stdio,
        String id,
        String cwd,
        String hostname,
        List<String> arguments,
        List<String> environment,
        byte[] config) {
    private static final int VERSION = 3;
    private static final int CHANNELS = 2;
    private static final int CHUNK = 8192;

    /** The descriptors, as the Sentry wants to know them. */
    BootSpec.Descriptors descriptors() {
        return new BootSpec.Descriptors(logFd, controlFd, listenFd, kvmFd, channels, stdio);
    }

    /** Reads the message from the descriptor that the launcher left, and closes it. */
    static BootMessage read(int fd) throws BootException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(CHUNK);
        byte[] chunk = new byte[CHUNK];
        long buffer = Host.malloc(CHUNK);
        long length;
        while ((length = Host.read(fd, buffer, CHUNK)) > 0) {
            Mem.copy(buffer, chunk, 0, (int) length);
            bytes.write(chunk, 0, (int) length);
        }
        Host.free(buffer);
        Host.close(fd);
        if (length < 0 || bytes.size() == 0) {
            throw new BootException("cannot read the boot message: errno " + -length);
        }
        return parse(bytes.toByteArray());
    }

    static BootMessage parse(byte[] bytes) throws BootException {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int version = in.getInt();
        if (version != VERSION) {
            throw new BootException("launcher and jars are of different versions; build them again");
        }
        int controlFd = in.getInt();
        int logFd = in.getInt();
        int listenFd = in.getInt();
        int kvmFd = in.getInt();
        List<Integer> channels = ints(in, CHANNELS);
        int stdioCount = in.getInt();
        boolean gated = in.getInt() != 0;
        boolean terminal = in.getInt() != 0;
        int rows = in.getInt();
        int columns = in.getInt();
        int memoryMib = in.getInt();
        int cpus = in.getInt();
        int uid = in.getInt();
        int gid = in.getInt();
        int groupCount = in.getInt();
        int argumentCount = in.getInt();
        int variableCount = in.getInt();
        int configBytes = in.getInt();
        List<Integer> groups = ints(in, groupCount);
        List<Integer> stdio = ints(in, stdioCount);
        String id = string(in);
        String cwd = string(in);
        String hostname = string(in);
        List<String> arguments = strings(in, argumentCount);
        List<String> environment = strings(in, variableCount);
        byte[] config = new byte[configBytes];
        in.get(config);
        return new BootMessage(
                controlFd,
                logFd,
                listenFd,
                kvmFd,
                channels,
                gated,
                terminal,
                rows,
                columns,
                memoryMib,
                cpus,
                uid,
                gid,
                groups,
                stdio,
                id,
                cwd,
                hostname,
                arguments,
                environment,
                config);
    }

    private static List<Integer> ints(ByteBuffer in, int count) {
        List<Integer> list = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            list.add(in.getInt());
        }
        return list;
    }

    private static List<String> strings(ByteBuffer in, int count) {
        List<String> list = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            list.add(string(in));
        }
        return list;
    }

    private static String string(ByteBuffer in) {
        int from = in.position();
        while (in.get() != 0) {
            // on to the end
        }
        byte[] bytes = new byte[in.position() - 1 - from];
        in.get(from, bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
