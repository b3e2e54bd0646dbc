package gvj.boot;

/**
 * A connection that something lives with, from its start to its end: {@link Control#EXEC}, {@link Control#CREATE} and
 * {@link Control#TRACE}.
 */
interface Session {
    /** {@code waiter} is about to run {@link #awaitEnd}. */
    void waitedForBy(Thread waiter);

    /** Acts on the message that {@code client} sent last. */
    void hear(ControlSocket client);

    /** The client is gone. */
    void hangUp();

    /** Waits for the end and tells the client of it. */
    void awaitEnd();
}
