package gvj.net.netlink;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Netlink;
import gvj.abi.NlMessage;
import gvj.abi.Socket;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;

/**
 * The kernel's end of a netlink protocol: takes a datagram apart into requests and answers each. Lengths are the
 * application's and checked here; what handlers get lies in the array.
 */
abstract class Requests {
    /** One request: a struct nlmsghdr at {@code at}, its payload behind it up to {@code end}. */
    record Request(Task task, NetlinkSocket socket, byte[] bytes, int at, int end) {
        int type() {
            return Bytes.getShort(bytes, at + 4) & 0xffff;
        }

        int flags() {
            return Bytes.getShort(bytes, at + 6) & 0xffff;
        }

        int sequence() {
            return Bytes.getInt(bytes, at + 8);
        }

        int payload() {
            return at + Netlink.NLMSG_HDRLEN;
        }

        /** Bytes of the payload. */
        int length() {
            return end - payload();
        }

        boolean is(int flag) {
            return (flags() & flag) != 0;
        }

        /** Whether every field of it must make sense: NETLINK_GET_STRICT_CHK. */
        boolean isStrict() {
            return socket.isOn(Socket.NETLINK_GET_STRICT_CHK);
        }

        /** An answer to it. */
        NlMessage reply(int type, int flags) {
            return new NlMessage(type, flags, sequence(), socket.port());
        }

        /** One byte of the payload. */
        int u8(int offset) {
            return bytes[payload() + offset] & 0xff;
        }

        int u16(int offset) {
            return Bytes.getShort(bytes, payload() + offset) & 0xffff;
        }

        int u32(int offset) {
            return Bytes.getInt(bytes, payload() + offset);
        }
    }

    /**
     * Answers one request: true if a success may be acknowledged, false if the answer tells it (a dump); an error is thrown.
     */
    abstract boolean handle(Request request);

    /** Takes what {@code socket} sent: messages one behind the other, up to the first that is not whole. */
    final void receive(Task task, NetlinkSocket socket, byte[] bytes) {
        int at = 0;
        while (bytes.length - at >= Netlink.NLMSG_HDRLEN) {
            int length = Bytes.getInt(bytes, at);
            if (length < Netlink.NLMSG_HDRLEN || length > bytes.length - at) {
                return;
            }
            Request request = new Request(task, socket, bytes, at, at + length);
            int result = 0;
            boolean acknowledge = true;
            if (request.is(Netlink.NLM_F_REQUEST) && request.type() >= Netlink.NLMSG_MIN_TYPE) {
                try {
                    acknowledge = handle(request);
                } catch (ErrnoException e) {
                    result = -e.errno();
                }
            }
            if (result < 0 || acknowledge && request.is(Netlink.NLM_F_ACK)) {
                acknowledge(request, result);
            }
            at = Math.min(bytes.length, at + Netlink.align(length));
        }
    }

    /** NLMSG_ERROR: an error shows the whole request unless NETLINK_CAP_ACK, a success its header. */
    private static void acknowledge(Request request, int result) {
        boolean whole = result < 0 && !request.socket.isOn(Socket.NETLINK_CAP_ACK);
        int shown = whole ? request.end - request.at : Netlink.NLMSG_HDRLEN;
        NlMessage answer = request.reply(Netlink.NLMSG_ERROR, whole ? 0 : Netlink.NLM_F_CAPPED);
        request.socket.answer(
                answer.u32(result).raw(request.bytes, request.at, shown).pad().finish());
    }

    /** The error that nothing here does: EOPNOTSUPP. */
    static ErrnoException unsupported() {
        return ErrnoException.of(Errno.EOPNOTSUPP);
    }

    /** EINVAL. */
    static ErrnoException invalid() {
        return ErrnoException.of(Errno.EINVAL);
    }
}
