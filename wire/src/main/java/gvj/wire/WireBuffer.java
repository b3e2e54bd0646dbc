package gvj.wire;

import gvj.host.Host;
import gvj.host.Mem;

/**
 * A message being written or read: a cursor over {@link Wire#MAX_MESSAGE} bytes of native memory.
 *
 * <p>It never throws. Reading beyond the message, or writing beyond the room, does nothing, gives zero, and sticks:
 * {@link #bad} tells at the end. So a decoder reads all fields first and asks once. Not thread safe.
 */
public final class WireBuffer {
    private static final int LENGTH = 0;
    private static final int OP = 4;
    private static final int ZERO = 6;
    private static final int SEQUENCE = 8;
    private static final int RESULT = 12;

    private final long base;
    private int position;
    private int limit;
    private boolean bad;
    private int nameLength;

    public WireBuffer() {
        base = Host.malloc(Wire.MAX_MESSAGE);
        if (base < 0) {
            throw new OutOfMemoryError("message buffer");
        }
    }

    /** Gives the native memory back; the buffer must not be used again. */
    public void free() {
        Host.free(base);
    }

    /** Where the message begins. */
    public long address() {
        return base;
    }

    /** Starts a message: header, and the cursor at its body. */
    public void begin(int op, int sequence) {
        Mem.putShort(base + OP, (short) op);
        Mem.putShort(base + ZERO, (short) 0);
        Mem.putInt(base + SEQUENCE, sequence);
        Mem.putInt(base + RESULT, 0);
        position = Wire.HEADER_BYTES;
        limit = Wire.MAX_MESSAGE;
        bad = false;
    }

    /** Ends an answer with its result; an error has no body. */
    public int end(int result) {
        if (result < 0) {
            position = Wire.HEADER_BYTES;
        }
        Mem.putInt(base + RESULT, result);
        Mem.putInt(base + LENGTH, position);
        return position;
    }

    /** Starts reading a message of {@code bytes} bytes as received; false if it is none. */
    public boolean received(long bytes) {
        bad = false;
        position = Wire.HEADER_BYTES;
        limit = (int) bytes;
        return bytes >= Wire.HEADER_BYTES
                && bytes <= Wire.MAX_MESSAGE
                && Mem.getInt(base + LENGTH) == bytes
                && Mem.getShort(base + ZERO) == 0;
    }

    public int op() {
        return Mem.getShort(base + OP) & 0xffff;
    }

    public int sequence() {
        return Mem.getInt(base + SEQUENCE);
    }

    public int result() {
        return Mem.getInt(base + RESULT);
    }

    /** True if a field did not fit or was malformed. */
    public boolean bad() {
        return bad;
    }

    /** True if a message was read exactly to its end without anything bad. */
    public boolean complete() {
        return !bad && position == limit;
    }

    /** Bytes left to read or write. */
    public int remaining() {
        return limit - position;
    }

    /** The cursor, for {@link #rewind} and {@link #patchInt}. */
    public int position() {
        return position;
    }

    /** Puts the cursor back to where it was, forgetting what was written since. */
    public void rewind(int to) {
        position = to;
    }

    /** Overwrites an int written before. */
    public void patchInt(int at, int value) {
        Mem.putInt(base + at, value);
    }

    /** Overwrites a long written before. */
    public void patchLong(int at, long value) {
        Mem.putLong(base + at, value);
    }

    /** Moves the cursor over {@code bytes} bytes and gives the address of the first, or 0 if there is no such room. */
    public long skip(int bytes) {
        if (bytes < 0 || bytes > limit - position) {
            bad = true;
            position = limit;
            return 0;
        }
        long at = base + position;
        position += bytes;
        return at;
    }

    public void putInt(int value) {
        long at = skip(4);
        if (at != 0) {
            Mem.putInt(at, value);
        }
    }

    public int getInt() {
        long at = skip(4);
        return at == 0 ? 0 : Mem.getInt(at);
    }

    public void putLong(long value) {
        long at = skip(8);
        if (at != 0) {
            Mem.putLong(at, value);
        }
    }

    public long getLong() {
        long at = skip(8);
        return at == 0 ? 0 : Mem.getLong(at);
    }

    /** Writes a name or target: length, bytes, NUL. */
    public void putName(byte[] name) {
        long at = skip(name.length + 3);
        if (at != 0) {
            Mem.putShort(at, (short) name.length);
            Mem.copy(name, 0, at + 2, name.length);
            Mem.putByte(at + 2 + name.length, (byte) 0);
        }
    }

    /** Writes a name or target from native memory, which may lie anywhere but at the cursor. */
    public void putName(long from, int length) {
        long at = skip(length + 3);
        if (at != 0) {
            Mem.putShort(at, (short) length);
            Mem.copy(from, at + 2, length);
            Mem.putByte(at + 2 + length, (byte) 0);
        }
    }

    /**
     * Reads a name or target: the address of its bytes, which a NUL follows, or 0. A NUL within it makes the message
     * bad. {@link #nameLength} tells its length.
     */
    public long getName() {
        long head = skip(2);
        nameLength = head == 0 ? 0 : Mem.getShort(head) & 0xffff;
        long at = head == 0 ? 0 : skip(nameLength + 1);
        if (at == 0) {
            nameLength = 0;
            return 0;
        }
        for (int i = 0; i <= nameLength; i++) {
            if ((Mem.getByte(at + i) == 0) != (i == nameLength)) {
                bad = true;
                nameLength = 0;
                return 0;
            }
        }
        return at;
    }

    /** Length of what {@link #getName} gave last. */
    public int nameLength() {
        return nameLength;
    }

    /** Reads a name or target into a new array. */
    public byte[] getNameBytes() {
        long at = getName();
        if (nameLength == 0) {
            return Attr.NO_TARGET;
        }
        byte[] name = new byte[nameLength];
        Mem.copy(at, name, 0, nameLength);
        return name;
    }

    /** Writes bytes as they are. */
    public void putBytes(byte[] from, int offset, int length) {
        long at = skip(length);
        if (at != 0) {
            Mem.copy(from, offset, at, length);
        }
    }

    /** Reads bytes as they are. */
    public void getBytes(byte[] to, int offset, int length) {
        long at = skip(length);
        if (at != 0) {
            Mem.copy(at, to, offset, length);
        }
    }
}
