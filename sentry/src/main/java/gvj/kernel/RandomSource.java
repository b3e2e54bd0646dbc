package gvj.kernel;

import gvj.host.Host;
import gvj.host.Mem;

/** The host's random numbers, for getrandom(2), /dev/urandom, AT_RANDOM and address space layout. */
public final class RandomSource {
    private static final int CHUNK = 256;

    private RandomSource() {}

    /** Fills the first {@code length} bytes of {@code to}. */
    public static void fill(byte[] to, int length) {
        long buffer = Host.malloc(CHUNK);
        try {
            for (int done = 0; done < length; done += CHUNK) {
                int n = Math.min(CHUNK, length - done);
                Host.getrandom(buffer, n, 0);
                Mem.copy(buffer, to, done, n);
            }
        } finally {
            Host.free(buffer);
        }
    }

    /** 64 random bits. */
    public static long nextLong() {
        byte[] bytes = new byte[8];
        fill(bytes, 8);
        long value = 0;
        for (byte b : bytes) {
            value = value << 8 | b & 0xff;
        }
        return value;
    }
}
