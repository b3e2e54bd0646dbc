package gvj.trace;

/** Where the lines of a trace go. Any thread may bring one; lines never mix. */
public interface TraceSink {
    /** Takes one line, without its end; one char per byte. */
    void line(String text);
}
