package gvj.syscalls;

import gvj.abi.Errno;
import gvj.abi.Socket;
import gvj.kernel.Blocking;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.mm.IoBuffer;
import gvj.net.Message;
import gvj.net.Sock;

/** Sending and receiving until done: what sendmsg(2) and recvmsg(2) of every family wait for. */
final class SocketIo {
    private SocketIo() {}

    private static boolean nonBlocking(Sock sock, int flags) {
        return (flags & Socket.MSG_DONTWAIT) != 0 || sock.isNonBlocking();
    }

    /**
     * Receives: one message, or bytes of a stream up to SO_RCVLOWAT, with MSG_WAITALL all of them.
     *
     * @param message takes what comes with the bytes; null if nobody wants it
     */
    static long receive(Task task, Sock sock, IoBuffer to, Message message, int flags) {
        // nobody waits for errors, nor for urgent data
        boolean wait = !nonBlocking(sock, flags) && (flags & (Socket.MSG_ERRQUEUE | Socket.MSG_OOB)) == 0;
        int effective = wait ? flags : flags | Socket.MSG_DONTWAIT;
        long length = to.remaining();
        long n = sock.receive(task, to, message, effective);
        if (!wait || n < 0 && n != -Errno.EAGAIN || n == 0) {
            return n;
        }
        if (!sock.isStream()) {
            return n != -Errno.EAGAIN ? n : awaitOnce(task, sock, to, message, effective);
        }
        boolean all = (flags & Socket.MSG_WAITALL) != 0;
        long target = all ? length : Math.min(length, sock.options.receiveLowWater);
        boolean once = (flags & Socket.MSG_PEEK) != 0;
        if (n >= target || n > 0 && (once || hasFiles(message))) {
            return n;
        }
        if (once) {
            return awaitOnce(task, sock, to, message, effective);
        }
        return receiveRest(task, sock, to, message, effective, Math.max(n, 0), target);
    }

    private static boolean hasFiles(Message message) {
        return message != null && message.files.length > 0;
    }

    private static long awaitOnce(Task task, Sock sock, IoBuffer to, Message message, int flags) {
        return Blocking.await(task, sock, Blocking.READ_EVENTS, sock.readTimeoutNanos(), new Blocking.Attempt() {
            @Override
            protected long once() {
                return sock.receive(task, to, message, flags);
            }
        });
    }

    private static long receiveRest(
            Task task, Sock sock, IoBuffer to, Message message, int flags, long already, long target) {
        long start = to.transferred() - already;
        long result = Blocking.await(task, sock, Blocking.READ_EVENTS, sock.readTimeoutNanos(), new Blocking.Attempt() {
            @Override
            protected long once() {
                while (true) {
                    long n = sock.receive(task, to, message, flags);
                    if (n <= 0) {
                        return n;
                    }
                    long total = to.transferred() - start;
                    if (total >= target || hasFiles(message)) {
                        return total;
                    }
                }
            }
        });
        long total = to.transferred() - start;
        return total > 0 ? total : result;
    }

    /** Sends all of a stream's bytes or one message; raises SIGPIPE with EPIPE unless MSG_NOSIGNAL. */
    static long send(Task task, Sock sock, IoBuffer from, Message message, int flags) {
        boolean wait = !nonBlocking(sock, flags);
        long start = from.transferred();
        long n = sock.send(task, from, message, flags);
        boolean rest = n >= 0 ? sock.isStream() && from.remaining() > 0 : n == -Errno.EAGAIN;
        if (rest && wait) {
            n = sendRest(task, sock, from, message, flags, start);
        }
        if (n == -Errno.EPIPE && (flags & Socket.MSG_NOSIGNAL) == 0 && sock.raisesSigpipe()) {
            Blocking.raiseSigpipe(task);
        }
        return n;
    }

    private static long sendRest(Task task, Sock sock, IoBuffer from, Message message, int flags, long start) {
        Blocking.Attempt attempt = new Blocking.Attempt() {
            @Override
            protected long once() {
                while (true) {
                    long n;
                    try {
                        n = sock.send(task, from, message, flags);
                    } catch (ErrnoException e) {
                        n = -e.errno();
                    }
                    if (n < 0 || !sock.isStream() || from.remaining() == 0) {
                        return n;
                    }
                }
            }
        };
        long timeout = sock.writeTimeoutNanos();
        long result = message != null && message.waitOn != null
                ? Blocking.await(task, message.waitOn, ~0, timeout, attempt)
                : Blocking.await(task, sock, Blocking.WRITE_EVENTS, timeout, attempt);
        if (!sock.isStream()) {
            return result;
        }
        long total = from.transferred() - start;
        return total > 0 ? total : result;
    }
}
