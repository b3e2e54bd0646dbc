package gvj.shim.server;

/** Serves connections that somebody else has accepted. */
public interface Adopter {
    /** Takes over a connected socket with all that waits to be read from it; {@code closed} runs at its end. */
    void adopt(int fd, Runnable closed);
}
