package gvj.fs.host;

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
    private volatile boolean ending;
    private Thread writer;

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
        start("console-in", this::type);
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
        try {
            writer.join(TimeUnit.SECONDS.toMillis(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void type() {
        long buffer = Host.malloc(BUFFER);
        byte[] bytes = new byte[BUFFER];
        while (true) {
            long n = Host.read(input, buffer, BUFFER);
            if (n == -gvj.abi.Errno.EINTR) {
                continue;
            }
            if (n <= 0) {
                return;
            }
            Mem.copy(buffer, bytes, 0, (int) n);
            ArrayIoBuffer typed = new ArrayIoBuffer(bytes, 0, (int) n);
            while (typed.remaining() > 0 && tty.type(typed) < 0) {
                pause();
            }
        }
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
