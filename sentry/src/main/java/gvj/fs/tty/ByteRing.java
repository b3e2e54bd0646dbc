package gvj.fs.tty;

import gvj.mm.IoBuffer;

/** A bounded queue of bytes. Not synchronised: the terminal's lock guards it. */
final class ByteRing {
    private final byte[] bytes;
    private int head;
    private int size;

    ByteRing(int capacity) {
        bytes = new byte[capacity];
    }

    int size() {
        return size;
    }

    int free() {
        return bytes.length - size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Appends a byte; dropped when full. */
    void put(int c) {
        if (size < bytes.length) {
            bytes[(head + size) % bytes.length] = (byte) c;
            size++;
        }
    }

    void clear() {
        head = 0;
        size = 0;
    }

    /** Moves what fits to {@code to}; returns the bytes moved. */
    int drainTo(IoBuffer to) {
        int moved = 0;
        while (size > 0 && to.remaining() > 0) {
            int run = (int) Math.min(Math.min(size, bytes.length - head), to.remaining());
            int n = to.copyOut(bytes, head, run);
            head = (head + n) % bytes.length;
            size -= n;
            moved += n;
            if (n < run) {
                break;
            }
        }
        return moved;
    }
}
