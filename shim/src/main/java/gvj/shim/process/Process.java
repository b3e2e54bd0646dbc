package gvj.shim.process;

import gvj.proto.types.Status;
import gvj.shim.io.StdioPaths;
import gvj.shim.io.Streams;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A container's first process, or one that was started in it later. */
public class Process {
    private final StdioPaths paths;
    private final CountDownLatch ended = new CountDownLatch(1);
    /** Null until it is about to be made. */
    private volatile Streams streams;

    /** 0 until somebody has said what it is. */
    private int rows;

    private int columns;

    private volatile int pid;
    private volatile boolean started;
    private volatile Exit exit;

    Process(StdioPaths paths) {
        this.paths = paths;
    }

    /** What its streams were asked to be. */
    public StdioPaths paths() {
        return paths;
    }

    /** Its number: for a container that of its monitor on the host, for others that inside. 0 if it has none yet. */
    public int pid() {
        return pid;
    }

    /** How it ended; null if it has not. */
    public Exit exit() {
        return exit;
    }

    /** Whether it has been let run. */
    public boolean isStarted() {
        return started;
    }

    /** What containerd calls its state; {@code paused} says that its container is. */
    public Status status(boolean paused) {
        if (exit != null) {
            return Status.STOPPED;
        }
        return paused ? Status.PAUSED : started ? Status.RUNNING : Status.CREATED;
    }

    /** Waits for its end. */
    public Exit await() throws InterruptedException {
        ended.await();
        return exit;
    }

    /** Waits for its end for so long; null if that has not come. */
    public Exit await(long millis) throws InterruptedException {
        return ended.await(millis, TimeUnit.MILLISECONDS) ? exit : null;
    }

    /** The terminal's new size, now or when there is one; nothing without a terminal. */
    public synchronized void resize(int newRows, int newColumns) {
        rows = newRows;
        columns = newColumns;
        if (streams != null) {
            streams.resize(rows, columns);
        }
    }

    synchronized int rows() {
        return rows;
    }

    synchronized int columns() {
        return columns;
    }

    /** Its input ends with what clients have sent. */
    public void closeStdin() {
        Streams open = streams;
        if (open != null) {
            open.closeStdin();
        }
    }

    synchronized void open(Streams opened) {
        streams = opened;
        streams.resize(rows, columns);
    }

    void made(int number) {
        pid = number;
    }

    void run() {
        started = true;
    }

    /** The record of its end, if this is the first. */
    synchronized boolean end(Exit how) {
        if (exit != null) {
            return false;
        }
        exit = how;
        return true;
    }

    /** Lets go those who wait. */
    void wake() {
        ended.countDown();
    }

    /** Gives up its streams, once what it has written is on its way. */
    void close(long drainMillis) throws InterruptedException {
        Streams open = streams;
        if (open != null) {
            open.drain(drainMillis);
            open.close();
        }
    }
}
