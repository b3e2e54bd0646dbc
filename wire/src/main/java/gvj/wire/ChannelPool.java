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
    private final Channel[] all;
    private final Consumer<String> lost;
    private int freeCount;
    private int count;
    private int wanted;
    private int waiting;
    private boolean growing;
    private boolean dead;

    ChannelPool(int[] sockets, int max, Consumer<String> lost) {
        wanted = Math.max(max, sockets.length);
        free = new Channel[wanted];
        all = new Channel[wanted];
        this.lost = lost;
        for (int socket : sockets) {
            add(new Channel(socket));
        }
    }

    private synchronized void add(Channel channel) {
        all[count++] = channel;
        free[freeCount++] = channel;
        notify();
    }

    /** A channel for this thread alone, or null if the gofer is dead. Waits while all are in use. */
    synchronized Channel take() {
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
        return free[--freeCount];
    }

    /** Puts a channel back. A broken one ends them all. */
    void put(Channel channel) {
        if (channel.broken()) {
            die(channel.fault());
            return;
        }
        if (mayGrow()) {
            grow(channel);
        }
        synchronized (this) {
            free[freeCount++] = channel;
            notify();
        }
    }

    private synchronized boolean mayGrow() {
        if (waiting == 0 || count >= wanted || growing || dead) {
            return false;
        }
        growing = true;
        return true;
    }

    private void grow(Channel channel) {
        channel.begin(Wire.NEWCHANNEL);
        int result = channel.call();
        int socket = result < 0 ? result : channel.takeDonated();
        if (socket >= 0) {
            add(new Channel(socket));
        }
        synchronized (this) {
            growing = false;
            if (socket < 0) {
                wanted = count; // the gofer cannot give more: make do
            }
        }
        if (channel.broken()) {
            die(channel.fault());
        }
    }

    private void die(String why) {
        synchronized (this) {
            if (dead) {
                return;
            }
            dead = true;
            for (int i = 0; i < count; i++) {
                all[i].shutdown();
            }
            notifyAll();
        }
        lost.accept("the gofer " + why);
    }

    /** Ends all use: every later call is answered with {@code -EIO}, silently. */
    void close() {
        synchronized (this) {
            dead = true;
            for (int i = 0; i < count; i++) {
                all[i].shutdown();
            }
            notifyAll();
        }
    }
}
