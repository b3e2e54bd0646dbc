package gvj.ttrpc;

/** A call on its thread, for those that may give it up. What comes too late does not reach the thread's next call. */
public final class Interruptible {
    private Thread thread;
    private boolean unwanted;

    /** The current thread carries out the call now; answers whether anybody still wants it. */
    public synchronized boolean begin() {
        thread = Thread.currentThread();
        return !unwanted;
    }

    /** The call is done. */
    public synchronized void end() {
        thread = null;
        Thread.interrupted();
    }

    /** Nobody waits for the answer any more. */
    public synchronized void interrupt() {
        unwanted = true;
        if (thread != null) {
            thread.interrupt();
        }
    }
}
