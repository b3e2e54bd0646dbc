package gvj.boot;

import gvj.abi.Errno;
import gvj.host.Host;
import gvj.host.Mem;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What comes along with requests: files to read, and places to write answers to. */
final class Attached {
    /** No config.json, process or resources object is larger. */
    private static final int MAX_JSON = 4 << 20;

    private static final int CHUNK = 64 << 10;

    private Attached() {}

    /** Reads the one file that came with the last message of {@code client}. */
    static byte[] read(ControlSocket client) throws ControlException {
        List<Integer> descriptors = client.takeDescriptors();
        try {
            return readAll(one(descriptors));
        } finally {
            close(descriptors);
        }
    }

    /** Writes {@code text} to the one descriptor that came with the last message of {@code client}. */
    static void write(ControlSocket client, String text) throws ControlException {
        List<Integer> descriptors = client.takeDescriptors();
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        long buffer = Host.malloc(Math.max(bytes.length, 1));
        try {
            int fd = one(descriptors);
            Mem.copy(bytes, 0, buffer, bytes.length);
            for (long done = 0; done < bytes.length; ) {
                long n = Host.write(fd, buffer + done, bytes.length - done);
                if (n < 0 && n != -Errno.EINTR) {
                    throw new ControlException((int) -n, "cannot write the answer");
                }
                done += Math.max(n, 0);
            }
        } finally {
            Host.free(buffer);
            close(descriptors);
        }
    }

    static void close(List<Integer> descriptors) {
        for (int descriptor : descriptors) {
            Host.close(descriptor);
        }
    }

    /** The only one. */
    static int one(List<Integer> descriptors) throws ControlException {
        if (descriptors.size() != 1) {
            throw new ControlException(Errno.EINVAL, "this request comes with one descriptor");
        }
        return descriptors.get(0);
    }

    /** Reads a file to its end. */
    static byte[] readAll(int fd) throws ControlException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] chunk = new byte[CHUNK];
        long buffer = Host.malloc(CHUNK);
        try {
            long n;
            while ((n = Host.read(fd, buffer, CHUNK)) != 0) {
                if (n < 0 && n != -Errno.EINTR) {
                    throw new ControlException((int) -n, "cannot read what came with the request");
                }
                Mem.copy(buffer, chunk, 0, (int) Math.max(n, 0));
                all.write(chunk, 0, (int) Math.max(n, 0));
                if (all.size() > MAX_JSON) {
                    throw new ControlException(Errno.E2BIG, "what came with the request is too long");
                }
            }
        } finally {
            Host.free(buffer);
        }
        return all.toByteArray();
    }
}
