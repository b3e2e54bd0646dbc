package gvj.host;

import java.util.Objects;
import jdk.internal.misc.Unsafe;

/**
 * Native memory by absolute address. The only place that turns a number into memory.
 *
 * <p>Callers answer for the address: it must lie in memory that can never vanish (the sandbox's memory file, a buffer
 * of our own); a wrong one ends the process. A compiled loop over a page that disappears is an {@link InternalError},
 * an interpreted compare-and-set kills the JVM. All multi-byte accesses are little endian and need no alignment, except
 * the atomic ones. Arrays are checked.
 */
public final class Mem {
    private static final Unsafe UNSAFE = Unsafe.getUnsafe();

    private Mem() {}

    public static byte getByte(long address) {
        return UNSAFE.getByte(address);
    }

    public static void putByte(long address, byte value) {
        UNSAFE.putByte(address, value);
    }

    public static short getShort(long address) {
        return UNSAFE.getShort(address);
    }

    public static void putShort(long address, short value) {
        UNSAFE.putShort(address, value);
    }

    public static int getInt(long address) {
        return UNSAFE.getInt(address);
    }

    public static void putInt(long address, int value) {
        UNSAFE.putInt(address, value);
    }

    public static long getLong(long address) {
        return UNSAFE.getLong(address);
    }

    public static void putLong(long address, long value) {
        UNSAFE.putLong(address, value);
    }

    /** Volatile read of an aligned int. */
    public static int getIntVolatile(long address) {
        return UNSAFE.getIntVolatile(null, address);
    }

    /** Volatile write of an aligned int. */
    public static void putIntVolatile(long address, int value) {
        UNSAFE.putIntVolatile(null, address, value);
    }

    /** Atomic compare-and-exchange of an aligned int; returns what was there. */
    public static int compareAndExchangeInt(long address, int expected, int value) {
        return UNSAFE.compareAndExchangeInt(null, address, expected, value);
    }

    /** Atomic compare-and-exchange of an aligned long; returns what was there. */
    public static long compareAndExchangeLong(long address, long expected, long value) {
        return UNSAFE.compareAndExchangeLong(null, address, expected, value);
    }

    /** Copies native memory to native memory. */
    public static void copy(long from, long to, long bytes) {
        UNSAFE.copyMemory(from, to, bytes);
    }

    /** Copies native memory into an array. */
    public static void copy(long from, byte[] to, int offset, int bytes) {
        Objects.checkFromIndexSize(offset, bytes, to.length);
        UNSAFE.copyMemory(null, from, to, Unsafe.ARRAY_BYTE_BASE_OFFSET + offset, bytes);
    }

    /** Copies an array into native memory. */
    public static void copy(byte[] from, int offset, long to, int bytes) {
        Objects.checkFromIndexSize(offset, bytes, from.length);
        UNSAFE.copyMemory(from, Unsafe.ARRAY_BYTE_BASE_OFFSET + offset, null, to, bytes);
    }

    /** Sets native memory to zero. */
    public static void zero(long address, long bytes) {
        UNSAFE.setMemory(address, bytes, (byte) 0);
    }
}
