package gvj.net.netlink;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.NetDevice;
import gvj.abi.NlAttributes;
import gvj.kernel.ErrnoException;
import java.nio.charset.StandardCharsets;

/**
 * The attributes of a request by type; of two of one type the later counts. Linux's nlmsg_parse: with too few bytes for its
 * type one answers ERANGE, and where requests are checked strictly one that nobody knows, or bytes behind the last, EINVAL.
 */
final class RequestAttributes {
    /** No attribute that is known here has a higher number. */
    private static final int MAX_TYPE = 64;
    /** In the place of a length: text of an interface's name. */
    static final int NAME = -1;

    private final byte[][] values = new byte[MAX_TYPE][];

    /**
     * Reads them.
     *
     * @param headerBytes where they begin in the payload
     * @param known types and at least how many bytes each has, or {@link #NAME}: pairs
     */
    static RequestAttributes parse(Requests.Request request, int headerBytes, int... known) {
        RequestAttributes all = new RequestAttributes();
        int from = request.payload() + headerBytes;
        if (from > request.end()) {
            throw Requests.invalid();
        }
        NlAttributes a = new NlAttributes(request.bytes(), from, request.end());
        while (a.next()) {
            int least = least(a.type(), known);
            if (least == Integer.MIN_VALUE) {
                if (request.isStrict()) {
                    throw Requests.invalid();
                }
                continue;
            }
            byte[] value = a.value();
            if (least == NAME ? !isName(value) : value.length < least) {
                throw ErrnoException.of(Errno.ERANGE);
            }
            all.values[a.type()] = value;
        }
        if (request.isStrict() && a.leftOver() > 0) {
            throw Requests.invalid();
        }
        return all;
    }

    private static int least(int type, int... known) {
        for (int i = 0; i < known.length; i += 2) {
            if (known[i] == type) {
                return known[i + 1];
            }
        }
        return Integer.MIN_VALUE;
    }

    private static boolean isName(byte[] value) {
        int length = value.length > 0 && value[value.length - 1] == 0 ? value.length - 1 : value.length;
        return value.length > 0 && length < NetDevice.IFNAMSIZ;
    }

    boolean has(int type) {
        return values[type] != null;
    }

    /** The value, or null. */
    byte[] value(int type) {
        return values[type];
    }

    /** A number; 0 if it is not there. */
    int number(int type) {
        byte[] value = values[type];
        return value == null || value.length < 4 ? 0 : Bytes.getInt(value, 0);
    }

    /** A number of two bytes. */
    int u16(int type) {
        byte[] value = values[type];
        return value == null || value.length < 2 ? 0 : Bytes.getShort(value, 0) & 0xffff;
    }

    /** A number of one byte. */
    int u8(int type) {
        byte[] value = values[type];
        return value == null || value.length < 1 ? 0 : value[0] & 0xff;
    }

    /** Text up to its NUL, or null. */
    String text(int type) {
        byte[] value = values[type];
        if (value == null) {
            return null;
        }
        int n = 0;
        while (n < value.length && value[n] != 0) {
            n++;
        }
        return new String(value, 0, n, StandardCharsets.ISO_8859_1);
    }

    /** The attributes in one, or none. */
    NlAttributes nested(int type) {
        byte[] value = values[type] == null ? new byte[0] : values[type];
        return new NlAttributes(value, 0, value.length);
    }
}
