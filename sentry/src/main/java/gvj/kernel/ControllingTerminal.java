package gvj.kernel;

/** What the kernel room knows of a session's terminal; {@link gvj.fs.tty.Tty} is one. */
public interface ControllingTerminal {
    /** tty_nr of /proc/PID/stat: the device number of the slave. */
    int deviceNumber();

    /** The name that ps shows, without /dev/: {@code pts/0}. */
    String name();

    /** The session loses the terminal: its leader exited, or gave it up. The task lock may be held. */
    void disassociate(Session leaving);
}
