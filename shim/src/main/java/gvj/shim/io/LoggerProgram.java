package gvj.shim.io;

import gvj.abi.Signals;
import gvj.host.Host;
import gvj.host.HostFiles;
import gvj.host.HostSpawn;
import gvj.shim.api.Log;
import gvj.shim.api.RpcException;
import gvj.shim.runtime.Descriptors;
import gvj.shim.runtime.SmallThread;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The thread that sees to a logger's end. It is the only one that waits for the program, and so the only one that may send it
 * signals: its number cannot have become another's. A logger that dies before the process whose output it takes does not take that
 * along: the output goes nowhere from then on.
 */
final class LoggerProgram extends SmallThread {
    private static final Set<LoggerProgram> RUNNING = ConcurrentHashMap.newKeySet();
    private static final int CHUNK = 16 * 1024;

    private final String of;
    private final int pid;
    private final int pidfd;
    /** The pipes' other ends: a process that writes to them has a reader, whatever becomes of the logger. */
    private final int[] outputs;
    /** An eventfd that becomes readable when there is no more to log. */
    private final int over;

    private final Patience patience;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean useless;

    private LoggerProgram(String of, int pid, int pidfd, int over, int[] outputs, Patience patience) {
        super("logger-" + of);
        this.of = of;
        this.pid = pid;
        this.pidfd = pidfd;
        this.over = over;
        this.outputs = outputs;
        this.patience = patience;
    }

    /** Watches over the program {@code pid}, which reads from these pipes; their read ends are ours, unless this fails. */
    static LoggerProgram watch(String of, int pid, int out, int err, Patience patience) throws RpcException {
        int pidfd = HostSpawn.pidfdOpen(pid);
        int over = pidfd < 0 ? pidfd : Host.eventfd(0, HostFiles.O_CLOEXEC);
        if (over < 0) {
            HostSpawn.kill(pid, Signals.SIGKILL);
            HostSpawn.waitpid(pid, 0);
            Descriptors.close(pidfd);
            Descriptors.checked(over, "cannot watch over the logger");
        }
        LoggerProgram program = new LoggerProgram(of, pid, pidfd, over, new int[] {out, err}, patience);
        RUNNING.add(program);
        program.start();
        return program;
    }

    /** Waits until the loggers of all containers that are gone have ended, which they do. */
    static void awaitAll() throws InterruptedException {
        for (LoggerProgram program : RUNNING) {
            program.ended.await();
        }
    }

    /** It is of no use: it is killed. */
    void abandon() {
        useless = true;
        finish();
    }

    /** There is no more to log: it may write what it has, but is not waited for long. To be called once. */
    void finish() {
        Host.eventfdWrite(over, 1);
        try {
            ended.await(patience.delete(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void run() {
        if (Descriptors.awaitInput(-1, over, pidfd) == 0) {
            end();
        } else {
            discard(HostSpawn.waitpid(pid, 0));
        }
        for (int fd : new int[] {pidfd, over, outputs[0], outputs[1]}) {
            Descriptors.close(fd);
        }
        RUNNING.remove(this);
        ended.countDown();
    }

    private void end() {
        boolean dead = !useless && endsWithin(patience.drain());
        if (!dead && !useless) {
            HostSpawn.kill(pid, Signals.SIGTERM);
            dead = endsWithin(patience.end());
        }
        if (!dead) {
            HostSpawn.kill(pid, Signals.SIGKILL);
        }
        HostSpawn.waitpid(pid, 0);
    }

    private boolean endsWithin(long nanos) {
        return Descriptors.awaitInput(nanos, pidfd) == 0;
    }

    /** Reads what nobody else does any more. Mostly there is nothing: a logger may end at the end of what it reads. */
    private void discard(int status) {
        long buffer = Host.malloc(CHUNK);
        boolean said = false;
        int ready;
        while ((ready = Descriptors.awaitInput(-1, over, outputs[0], outputs[1])) > 0) {
            if (Host.read(outputs[ready - 1], buffer, CHUNK) == 0) {
                Host.close(outputs[ready - 1]);
                outputs[ready - 1] = Descriptors.NONE;
            } else if (!said) {
                Log.warning("the logger of " + of + " has ended with status " + status + ", and output is lost");
                said = true;
            }
        }
        Host.free(buffer);
    }
}
