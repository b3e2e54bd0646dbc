package gvj.net.unix;

import gvj.abi.Errno;
import gvj.kernel.ErrnoException;
import gvj.mm.IoBuffer;
import gvj.net.Message;
import gvj.net.SocketCredentials;
import gvj.vfs.FileDescription;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * Bytes on their way to a stream socket: a ring that grows with use. Most bytes carry nothing; what carries files or
 * credentials is remembered as a segment of the stream. The monitor guards it, held while user memory is copied.
 */
final class StreamQueue {
    /** What one send adds at least once there is any room, as Linux's buffers do. */
    private static final int OVERSHOOT = 32 << 10;

    private static final int FIRST_RING = 4 << 10;
    /** An empty ring larger than this is given back. */
    private static final int KEEP_RING = 256 << 10;

    private static final byte[] NO_RING = new byte[0];

    /** Bytes [start, end) of the stream carry something. */
    private static final class Segment {
        final long start;
        long end;
        final SocketCredentials credentials;
        FileDescription[] files;

        Segment(long start, long end, SocketCredentials credentials, FileDescription[] files) {
            this.start = start;
            this.end = end;
            this.credentials = credentials;
            this.files = files;
        }
    }

    private byte[] ring = NO_RING;
    /** Stream position of the first byte that is here; its place in the ring is this modulo the ring's length. */
    private long position;

    private int size;
    private boolean closed;
    private ArrayDeque<Segment> segments;

    synchronized int size() {
        return size;
    }

    /**
     * Adds bytes.
     *
     * @param limit the sender's SO_SNDBUF
     * @param credentials what the bytes carry, or null
     * @param message files are taken from it; may be null
     * @return how many, EAGAIN when full, EPIPE when the reader is gone
     */
    synchronized long append(IoBuffer from, int limit, SocketCredentials credentials, Message message) {
        if (closed) {
            return -Errno.EPIPE;
        }
        if (size >= limit) {
            return -Errno.EAGAIN;
        }
        int wanted = (int) Math.min(from.remaining(), Math.max(limit - size, OVERSHOOT));
        reserve(wanted);
        int moved = 0;
        try {
            while (moved < wanted) {
                int tail = (int) (position + size & ring.length - 1);
                int run = Math.min(wanted - moved, ring.length - tail);
                int n = from.copyIn(ring, tail, run);
                size += n;
                moved += n;
                if (n < run) {
                    break;
                }
            }
        } catch (ErrnoException e) {
            if (moved == 0) {
                return -e.errno();
            }
        }
        if (moved > 0) {
            mark(moved, credentials, message);
        }
        return moved;
    }

    private void mark(int bytes, SocketCredentials credentials, Message message) {
        boolean withFiles = message != null && message.files.length > 0;
        if (credentials == null && !withFiles) {
            return;
        }
        if (segments == null) {
            segments = new ArrayDeque<>();
        }
        long end = position + size;
        Segment last = segments.peekLast();
        if (!withFiles
                && last != null
                && last.end == end - bytes
                && last.files.length == 0
                && credentials.same(last.credentials)) {
            last.end = end;
            return;
        }
        FileDescription[] files = message == null ? new FileDescription[0] : message.takeFiles();
        segments.add(new Segment(end - bytes, end, credentials, files));
        InFlight.sent(files);
    }

    private void reserve(int bytes) {
        int needed = size + bytes;
        if (needed <= ring.length) {
            return;
        }
        byte[] larger = new byte[Math.max(FIRST_RING, Integer.highestOneBit(needed - 1) * 2)];
        for (int moved = 0; moved < size; ) {
            int from = (int) (position + moved & ring.length - 1);
            int to = (int) (position + moved & larger.length - 1);
            int run = Math.min(size - moved, Math.min(ring.length - from, larger.length - to));
            System.arraycopy(ring, from, larger, to, run);
            moved += run;
        }
        ring = larger;
    }

    /**
     * Takes bytes out, or looks at them. Bytes of different senders are not mixed for one who wants credentials, and
     * nothing is read behind bytes that carry files.
     *
     * @param message takes files and credentials; null drops them
     * @return how many, 0 if there are none
     */
    synchronized long take(IoBuffer to, Message message, boolean wantsCredentials, boolean peek) {
        long at = position;
        long end = position + size;
        long moved = 0;
        boolean first = true;
        SocketCredentials seen = null;
        try {
            while (at < end && to.remaining() > 0) {
                Segment segment = segmentAt(at);
                boolean inside = segment != null && segment.start <= at;
                SocketCredentials credentials = inside ? segment.credentials : null;
                if (wantsCredentials && message != null) {
                    if (!first && !(credentials == null ? seen == null : credentials.same(seen))) {
                        break;
                    }
                    seen = credentials;
                    message.credentials = credentials == null ? SocketCredentials.NOBODY : credentials;
                }
                first = false;
                long stop = segment == null ? end : inside ? segment.end : segment.start;
                int wanted = (int) Math.min(stop - at, to.remaining());
                int n = copyOut(to, at, wanted);
                moved += n;
                at += n;
                boolean files = inside && deliver(segment, message, peek);
                if (!peek) {
                    advance(n);
                }
                if (files || n < wanted) {
                    break;
                }
            }
        } catch (ErrnoException e) {
            if (moved == 0) {
                return -e.errno();
            }
        }
        if (size == 0 && ring.length > KEEP_RING) {
            ring = NO_RING;
        }
        return moved;
    }

    /** The first segment that ends behind {@code at}. */
    private Segment segmentAt(long at) {
        if (segments == null) {
            return null;
        }
        for (Segment segment : segments) {
            if (segment.end > at) {
                return segment;
            }
        }
        return null;
    }

    private int copyOut(IoBuffer to, long at, int bytes) {
        int moved = 0;
        while (moved < bytes) {
            int place = (int) (at + moved & ring.length - 1);
            int run = Math.min(bytes - moved, ring.length - place);
            int n = to.copyOut(ring, place, run);
            moved += n;
            if (n < run) {
                break;
            }
        }
        return moved;
    }

    /** Hands over the files of a segment; whether there were any. */
    private static boolean deliver(Segment segment, Message message, boolean peek) {
        FileDescription[] files = segment.files;
        if (files.length == 0) {
            return false;
        }
        if (peek) {
            if (message != null) {
                message.files = files.clone();
                for (FileDescription file : files) {
                    file.incRef();
                }
            }
            return true;
        }
        segment.files = new FileDescription[0];
        InFlight.received(files);
        if (message != null) {
            message.files = files;
        } else {
            InFlight.dropLater(files);
        }
        return true;
    }

    private void advance(int bytes) {
        position += bytes;
        size -= bytes;
        if (segments != null) {
            while (!segments.isEmpty() && segments.peekFirst().end <= position) {
                segments.removeFirst();
            }
        }
    }

    /** The reader is gone: nothing is taken any more; answers whether something was left. Files are dropped. */
    boolean close() {
        ArrayDeque<Segment> dropped;
        boolean unread;
        synchronized (this) {
            closed = true;
            unread = size > 0;
            size = 0;
            ring = NO_RING;
            dropped = segments;
            segments = null;
        }
        if (dropped != null) {
            for (Segment segment : dropped) {
                InFlight.received(segment.files);
                InFlight.dropLater(segment.files);
            }
        }
        return unread;
    }

    /** Shows every file that is on its way. */
    synchronized void forEachFile(Consumer<FileDescription> action) {
        if (segments != null) {
            for (Segment segment : segments) {
                for (FileDescription file : segment.files) {
                    action.accept(file);
                }
            }
        }
    }
}
