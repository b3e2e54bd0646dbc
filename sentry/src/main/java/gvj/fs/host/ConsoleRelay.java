package gvj.fs.host;

import gvj.abi.Fcntl;
import gvj.abi.Poll;
import gvj.fs.tty.Tty;
import gvj.host.Host;
import gvj.host.Mem;
import gvj.kernel.WaitEntry;
import gvj.mm.ArrayIoBuffer;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Connects the host's terminal, which the launcher has put into raw mode, with a terminal of the sandbox: one thread for
 * what is typed, one for what is shown. So job control, line editing and window size are all the Sentry's.
 */
public final class ConsoleRelay {
    private static final int BUFFER = 16 << 10;

    private final Tty tty;
    private final int input;
    private final int output;
    private final Semaphore news = new Semaphore(0);
    private final int stop = Host.eventfd(0, Fcntl.O_CLOEXEC);
    private volatile boolean ending;
    private Thread reader;
    private Thread writer;

    /** Both descriptors are the relay's from now on. */
    public ConsoleRelay(Tty tty, int input, int output) {
        this.tty = tty;
        this.input = input;
        this.output = output;
    }

    /** Starts both threads. */
    public void start() {
        tty.masterEvents().add(new WaitEntry() {
            @Override
            protected boolean wake(int happened) {
                news.release();
                return true;
            }
        });
        reader = start("console-in", this::type);
        writer = start("console-out", this::show);
    }

    private static Thread start(String name, Runnable loop) {
        Thread thread = new Thread(null, loop, name, 256 << 10);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Returns when everything written so far has been shown, or after a second. */
    public void drain() {
        ending = true;
        news.release();
        join(writer);
    }

    /** Hangs the sandbox's terminal up and closes both descriptors; after {@link #drain}. */
    public void close() {
        tty.close();
        Host.eventfdWrite(stop, 1);
        join(reader);
        if (reader.isAlive() || writer.isAlive()) {
            return; // a host terminal that takes nothing: the descriptors are still in use
        }
        Host.close(input);
        Host.close(output);
        Host.close(stop);
    }

    private static void join(Thread thread) {
        try {
            thread.join(TimeUnit.SECONDS.toMillis(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void type() {
        long buffer = Host.malloc(BUFFER);
        byte[] bytes = new byte[BUFFER];
        while (awaitInput(buffer)) {
            long n = Host.read(input, buffer, BUFFER);
            if (n == -gvj.abi.Errno.EINTR || n == -gvj.abi.Errno.EAGAIN) {
                continue;
            }
            if (n <= 0) {
                break;
            }
            Mem.copy(buffer, bytes, 0, (int) n);
            ArrayIoBuffer typed = new ArrayIoBuffer(bytes, 0, (int) n);
            while (typed.remaining() > 0 && tty.type(typed) < 0 && !ending) {
                pause();
            }
        }
        Host.free(buffer);
    }

    /** Waits until there is something to read; false when the relay is being closed. {@code pollfds} is scratch space. */
    private boolean awaitInput(long pollfds) {
        Mem.putInt(pollfds, input);
        Mem.putInt(pollfds + 4, Poll.POLLIN);
        Mem.putInt(pollfds + 8, stop);
        Mem.putInt(pollfds + 12, Poll.POLLIN);
        Host.poll(pollfds, 2, -1);
        return Mem.getShort(pollfds + 14) == 0;
    }

    private static void pause() {
        try {
            Thread.sleep(5);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void show() {
        long buffer = Host.malloc(BUFFER);
        byte[] bytes = new byte[BUFFER];
        while (true) {
            long n = tty.shown(new ArrayIoBuffer(bytes, 0, BUFFER));
            if (n > 0) {
                Mem.copy(bytes, 0, buffer, (int) n);
                writeAll(buffer, n);
            } else if (ending) {
                Host.free(buffer);
                return;
            } else {
                news.acquireUninterruptibly();
                news.drainPermits();
            }
        }
    }

    private void writeAll(long from, long length) {
        for (long done = 0; done < length; ) {
            long n = Host.write(output, from + done, length - done);
            if (n == -gvj.abi.Errno.EAGAIN) {
                pause();
            } else if (n < 0 && n != -gvj.abi.Errno.EINTR) {
                return;
            }
            done += Math.max(n, 0);
        }
    }
}
