package gvj.abi;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Puts one netlink message together: struct nlmsghdr, a header of the family, attributes. */
public final class NlMessage {
    private byte[] bytes = new byte[512];
    private int length = Netlink.NLMSG_HDRLEN;

    /** An empty message. */
    public NlMessage(int type, int flags, int sequence, int port) {
        Bytes.putShort(bytes, 4, type);
        Bytes.putShort(bytes, 6, flags);
        Bytes.putInt(bytes, 8, sequence);
        Bytes.putInt(bytes, 12, port);
    }

    /** Room at the end: where; the array may be another one afterwards. */
    private int grow(int more) {
        int at = length;
        if (bytes.length - at < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, at + more));
        }
        length = at + more;
        return at;
    }

    /** One byte, unaligned: for headers. */
    public NlMessage u8(int value) {
        int at = grow(1);
        bytes[at] = (byte) value;
        return this;
    }

    /** Two bytes. */
    public NlMessage u16(int value) {
        int at = grow(2);
        Bytes.putShort(bytes, at, value);
        return this;
    }

    /** Four bytes. */
    public NlMessage u32(int value) {
        int at = grow(4);
        Bytes.putInt(bytes, at, value);
        return this;
    }

    /** Eight bytes. */
    public NlMessage u64(long value) {
        int at = grow(8);
        Bytes.putLong(bytes, at, value);
        return this;
    }

    /** A part of an array as it is. */
    public NlMessage raw(byte[] from, int offset, int count) {
        int at = grow(count);
        System.arraycopy(from, offset, bytes, at, count);
        return this;
    }

    /** Begins an attribute that {@link #end} closes: where it is. */
    public int begin(int type) {
        int at = grow(Netlink.NLA_HDRLEN);
        Bytes.putShort(bytes, at + 2, type);
        return at;
    }

    /** Ends the attribute that began at {@code at}. */
    public NlMessage end(int at) {
        Bytes.putShort(bytes, at, length - at);
        return pad();
    }

    /** Zeros up to a multiple of 4. */
    public NlMessage pad() {
        grow(Netlink.align(length) - length);
        return this;
    }

    /** An attribute of one byte. */
    public NlMessage putByte(int type, int value) {
        int at = begin(type);
        return u8(value).end(at);
    }

    /** An attribute of two bytes. */
    public NlMessage putShort(int type, int value) {
        int at = begin(type);
        return u16(value).end(at);
    }

    /** An attribute of four bytes. */
    public NlMessage putInt(int type, int value) {
        int at = begin(type);
        return u32(value).end(at);
    }

    /** An attribute of bytes; none if they are null. */
    public NlMessage put(int type, byte[] value) {
        if (value == null) {
            return this;
        }
        int at = begin(type);
        return raw(value, 0, value.length).end(at);
    }

    /** An attribute of numbers; none if they are null. */
    public NlMessage putInts(int type, int[] values) {
        if (values == null) {
            return this;
        }
        int at = begin(type);
        for (int value : values) {
            u32(value);
        }
        return end(at);
    }

    /** An attribute of text with a NUL; none if it is null. */
    public NlMessage put(int type, String text) {
        if (text == null) {
            return this;
        }
        int at = begin(type);
        byte[] value = text.getBytes(StandardCharsets.ISO_8859_1);
        return raw(value, 0, value.length).u8(0).end(at);
    }

    /** The message, its length at its start. */
    public byte[] finish() {
        Bytes.putInt(bytes, 0, length);
        return Arrays.copyOf(bytes, length);
    }
}
