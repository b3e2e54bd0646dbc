package gvj.mm;

import gvj.host.Mem;
import java.util.Arrays;

/** An {@link IoBuffer} over a Java array, for splice, sendfile, core code and tests. */
public final class ArrayIoBuffer extends IoBuffer {
    private final byte[] array;
    private final int start;
    private int position;
    private int end;

    /** A buffer over {@code length} bytes of {@code array} from {@code offset}. */
    public ArrayIoBuffer(byte[] array, int offset, int length) {
        this.array = array;
        this.start = offset;
        this.position = offset;
        this.end = offset + length;
    }

    @Override
    public long remaining() {
        return end - position;
    }

    @Override
    public int copyOut(byte[] from, int offset, int length) {
        int n = (int) Math.min(length, remaining());
        System.arraycopy(from, offset, array, position, n);
        position += n;
        return n;
    }

    @Override
    public long copyOut(long fromAddress, long length) {
        int n = (int) Math.min(length, remaining());
        Mem.copy(fromAddress, array, position, n);
        position += n;
        return n;
    }

    @Override
    public int copyIn(byte[] to, int offset, int length) {
        int n = (int) Math.min(length, remaining());
        System.arraycopy(array, position, to, offset, n);
        position += n;
        return n;
    }

    @Override
    public long copyIn(long toAddress, long length) {
        int n = (int) Math.min(length, remaining());
        Mem.copy(array, position, toAddress, n);
        position += n;
        return n;
    }

    @Override
    public long zeroOut(long length) {
        int n = (int) Math.min(length, remaining());
        Arrays.fill(array, position, position + n, (byte) 0);
        position += n;
        return n;
    }

    @Override
    public void skip(long bytes) {
        position += (int) Math.min(bytes, remaining());
    }

    @Override
    public long transferred() {
        return position - start;
    }

    @Override
    public void rewind(long transferred) {
        position = start + (int) transferred;
    }

    @Override
    public void limit(long bytes) {
        end = (int) Math.min(end, position + bytes);
    }
}
