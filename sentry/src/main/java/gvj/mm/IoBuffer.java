package gvj.mm;

/**
 * Where a read puts its bytes, or a write takes them from: a cursor over user memory ({@link UserIoBuffer}) or over an
 * array of the Sentry's ({@link ArrayIoBuffer}). File implementations know only this.
 *
 * <p>A copy advances the cursor by what it moved. It moves less than asked for only if user memory ends (EFAULT there);
 * if nothing at all could be moved because of that, it throws EFAULT.
 */
public abstract class IoBuffer {
    /** Bytes left between the cursor and the end. */
    public abstract long remaining();

    /** Copies from an array to the buffer; returns the bytes moved, at most {@link #remaining}. */
    public abstract int copyOut(byte[] from, int offset, int length);

    /** Copies from Sentry memory (an address, see {@link gvj.host.Mem}) to the buffer. */
    public abstract long copyOut(long fromAddress, long length);

    /**
     * Reads from a host file straight into the buffer what can be had so: perhaps nothing. Short is no sign of the file's
     * end nor of an error; whoever gets less than {@code length} goes on in another way.
     */
    public long readCached(int fd, long offset, long length) {
        return 0;
    }

    /**
     * Says where the next bytes of the buffer are in the Sentry's memory, as struct iovecs for a host call, and keeps them
     * there until {@link #unpin}, which must follow whatever happens. A host call in between must not wait for anything.
     *
     * @param vectors Sentry memory for {@code max} struct iovecs
     * @param most bytes of interest; no more than {@link #remaining} are pinned
     * @param write whether the host will write there
     * @param whole whether all of them are wanted: faults in what is not there yet, until memory ends; without, the
     *     beginning is enough. EFAULT if there is not even that
     * @return the number of iovecs, or -1 where it cannot be done, also because more iovecs would be needed for the whole:
     *     the caller copies then and does not unpin
     */
    public int pin(long vectors, int max, long most, boolean write, boolean whole) {
        return -1;
    }

    /** Bytes that {@link #pin} found. */
    public long pinned() {
        return 0;
    }

    /** Ends {@link #pin} and moves the cursor on by {@code moved} bytes, at most {@link #pinned}. */
    public void unpin(long moved) {}

    /** Copies from the buffer into an array. */
    public abstract int copyIn(byte[] to, int offset, int length);

    /** Copies from the buffer to Sentry memory. */
    public abstract long copyIn(long toAddress, long length);

    /** Writes {@code length} zero bytes to the buffer. */
    public abstract long zeroOut(long length);

    /** Moves the cursor on without copying. */
    public abstract void skip(long bytes);

    /** Bytes between the start and the cursor. */
    public abstract long transferred();

    /** Moves the cursor back to {@code transferred} bytes behind the start. */
    public abstract void rewind(long transferred);

    /** Makes the buffer end {@code bytes} behind the cursor, if it does not end before. */
    public abstract void limit(long bytes);
}
