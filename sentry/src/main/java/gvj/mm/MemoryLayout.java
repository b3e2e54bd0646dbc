package gvj.mm;

/** Where the loader put things, as /proc/PID/stat shows them. Plain fields, written before the program runs. */
public final class MemoryLayout {
    /** The top of the area that mmap(2) fills downwards. */
    public long mmapBase = 0x7fff_0000_0000L - (256L << 20);
    /** RLIMIT_STACK when the program began, -1 for none. */
    public long stackLimit = 8L << 20;

    public long startBrk;
    public long startCode;
    public long endCode;
    public long startData;
    public long endData;
    public long startStack;
    public long argStart;
    public long argEnd;
    public long envStart;
    public long envEnd;
    public byte[] auxv = new byte[0];
    /** The program file; a reference is held. Null before the first program. */
    public MappedFile executable;
}
