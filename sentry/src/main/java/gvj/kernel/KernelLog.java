package gvj.kernel;

/** Where the kernel's plain lines go. */
public interface KernelLog {
    /** A line that is always worth reading. */
    void line(String text);

    /** A line worth reading in a log, but not between the program's own output: for {@code --debug} or a log file. */
    void notice(String text);

    /** A line for {@code --debug}. */
    void debug(String text);
}
