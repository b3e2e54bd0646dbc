package gvj.ttrpc;

/**
 * One frame: ten bytes of header (length, stream, type, flags; big endian), then data.
 *
 * @param data null if there was more of it than {@link #MAX_DATA}: it has been read and thrown away
 */
record Frame(int stream, int type, int flags, byte[] data) {
    static final int HEADER = 10;
    static final int MAX_DATA = 4 << 20;

    static final int REQUEST = 1;
    static final int RESPONSE = 2;
    static final int DATA = 3;
}
