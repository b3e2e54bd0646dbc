package gvj.wire;

import java.util.function.Consumer;

/**
 * The channels of one gofer. A stack, so that the channel used last, whose gofer thread is warm, is used next.
 *
 * <p>Starts small; when threads have waited for a channel, who puts one back first asks the gofer for another.
 *
 * <p>Locks: the monitor of this object guards all fields. It is never held during a request, and nothing else is locked
 * under it.
 */
final class ChannelPool {
    private final Channel[] free;
    /** Channels in use, in no order. */
    private final Channel[] busy;

    private final Consumer<String> lost;
    private int freeCount;
    private int busyCount;
    private int wanted;
    private int waiting;
    private boolean growing;
    private boolean dead;

    ChannelPool(int[] sockets, int max, Consumer<String> lost) {
        wanted = Math.max(max, sockets.length);
        free = new Channel[wanted];
        busy = new Channel[wanted];
        this.lost = lost;
        for (int socket : sockets) {
            free[freeCount++] = new Channel(socket);
        }
    }

    /**
     * A channel for this thread alone, with a request begun on it; null if the gofer is dead. Waits while all are in
     * use.
     */
    Channel begin(int op) {
        Channel channel = take();
        if (channel != null) {
            channel.begin(op);
        }
        return channel;
    }

    private synchronized Channel take() {
        boolean interrupted = false;
        while (freeCount == 0 && !dead) {
            waiting++;
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
            waiting--;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (dead) {
            return null;
        }
        Channel channel = free[--freeCount];
        busy[busyCount++] = channel;
        return channel;
    }

    /** Puts a channel back. A broken one ends them all. */
    void put(Channel channel) {
        if (!channel.broken() && mayGrow()) {
            grow(channel);
        }
        boolean first = false;
        synchronized (this) {
            remove(channel);
            if (channel.broken() && !dead) {
                first = true;
                end();
            }
            if (dead) {
                channel.close();
            } else {
                free[freeCount++] = channel;
                notify();
            }
        }
        if (first) {
            lost.accept("the gofer " + channel.fault());
        }
    }

    private void remove(Channel channel) {
        for (int i = 0; i < busyCount; i++) {
            if (busy[i] == channel) {
                busy[i] = busy[--busyCount];
                busy[busyCount] = null;
                return;
            }
        }
    }

    private synchronized boolean mayGrow() {
        if (waiting == 0 || freeCount + busyCount >= wanted || growing || dead) {
            return false;
        }
        growing = true;
        return true;
    }

    private void grow(Channel channel) {
        channel.begin(Wire.NEWCHANNEL);
        int result = channel.call();
        int socket = result < 0 ? result : channel.takeDonated();
        Channel more = socket < 0 ? null : new Channel(socket);
        synchronized (this) {
            growing = false;
            if (more == null) {
                wanted = freeCount + busyCount; // the gofer cannot give more: make do
            } else if (!dead) {
                free[freeCount++] = more;
                more = null;
                notify();
            }
        }
        if (more != null) {
            more.close();
        }
    }

    /** Adds the requests of all channels to {@code to}. */
    synchronized void count(long[] to) {
        for (int i = 0; i < freeCount; i++) {
            free[i].count(to);
        }
        for (int i = 0; i < busyCount; i++) {
            busy[i].count(to);
        }
    }

    /** Ends all use: every later call is answered with {@code -EIO}, silently. */
    synchronized void close() {
        if (!dead) {
            end();
        }
    }

    /** Closes the idle channels and wakes those who wait for an answer; they close theirs when they put it back. */
    private void end() {
        dead = true;
        while (freeCount > 0) {
            free[--freeCount].close();
        }
        for (int i = 0; i < busyCount; i++) {
            busy[i].shutdown();
        }
        notifyAll();
    }
}
