package gvj.abi;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Walks over struct nlattr in an array: {@code while (a.next()) switch (a.type())}. Whatever the bytes say, it stays between
 * its bounds: the walk ends at the first attribute that does not fit, as Linux's does.
 *
 * <pre>
 *  0        2        4
 *  +--------+--------+------------------+-----------------+
 *  | length | type   | length - 4 bytes | up to 4 aligned |
 *  +--------+--------+------------------+-----------------+
 * </pre>
 */
public final class NlAttributes {
    private final byte[] bytes;
    private final int end;
    private int at;
    private int following;

    /** Those from {@code start} to {@code end}, which lie in the array. */
    public NlAttributes(byte[] bytes, int start, int end) {
        this.bytes = bytes;
        this.end = end;
        this.following = start;
    }

    /** Goes to the next attribute; false behind the last, or where none is whole. */
    public boolean next() {
        if (end - following < Netlink.NLA_HDRLEN) {
            return false;
        }
        int length = Bytes.getShort(bytes, following) & 0xffff;
        if (length < Netlink.NLA_HDRLEN || length > end - following) {
            return false;
        }
        at = following;
        following = Math.min(end, at + Netlink.align(length));
        return true;
    }

    /** Bytes behind the last attribute that was whole. */
    public int leftOver() {
        return end - following;
    }

    /** Its type, without the flags for nesting and byte order. */
    public int type() {
        return Bytes.getShort(bytes, at + 2) & Netlink.NLA_TYPE_MASK;
    }

    /** Bytes of its value. */
    public int length() {
        return (Bytes.getShort(bytes, at) & 0xffff) - Netlink.NLA_HDRLEN;
    }

    private int start() {
        return at + Netlink.NLA_HDRLEN;
    }

    /** Its first four bytes; 0 if it has fewer. */
    public int intValue() {
        return intAt(0);
    }

    /** Four bytes at {@code offset} of its value; 0 if they are not there. */
    public int intAt(int offset) {
        return length() < offset + 4 ? 0 : Bytes.getInt(bytes, start() + offset);
    }

    /** Eight bytes at {@code offset}; 0 if they are not there. */
    public long longAt(int offset) {
        return length() < offset + 8 ? 0 : Bytes.getLong(bytes, start() + offset);
    }

    /** Its first two bytes, unsigned; 0 if it has fewer. */
    public int shortValue() {
        return length() < 2 ? 0 : Bytes.getShort(bytes, start()) & 0xffff;
    }

    /** Its first byte, unsigned; 0 if it is empty. */
    public int byteValue() {
        return length() < 1 ? 0 : bytes[start()] & 0xff;
    }

    /** A copy of its value. */
    public byte[] value() {
        return Arrays.copyOfRange(bytes, start(), start() + length());
    }

    /** Its value up to a NUL, one char per byte. */
    public String text() {
        int n = 0;
        while (n < length() && bytes[start() + n] != 0) {
            n++;
        }
        return new String(bytes, start(), n, StandardCharsets.ISO_8859_1);
    }

    /** The attributes in its value. */
    public NlAttributes nested() {
        return nested(0);
    }

    /** The attributes behind the first {@code skip} bytes of its value. */
    public NlAttributes nested(int skip) {
        int from = Math.min(start() + skip, start() + length());
        return new NlAttributes(bytes, from, start() + length());
    }
}
