package gvj.kernel;

import java.util.PriorityQueue;

/**
 * One thread that runs callbacks when their time has come: behind interval timers, POSIX timers and timerfd.
 *
 * <p>Lock: its monitor guards the queue and is never held while a callback runs.
 */
public final class Timers {
    /** A callback at a time; reusable. */
    public abstract static class Timer implements Comparable<Timer> {
        private long deadline;
        private long sequence;
        private boolean armed;

        /** Called on the timer thread without locks; must be short and must not block. */
        protected abstract void fire();

        @Override
        public final int compareTo(Timer other) {
            int order = Long.compare(deadline - other.deadline, 0);
            return order != 0 ? order : Long.compare(sequence, other.sequence);
        }

        @Override
        public final boolean equals(Object other) {
            return this == other;
        }

        @Override
        public final int hashCode() {
            return System.identityHashCode(this);
        }
    }

    private final PriorityQueue<Timer> queue = new PriorityQueue<>();
    private long sequence;
    private Thread thread;

    /** Expiries that a full heap cost; of the timer thread. */
    private int lost;

    /** Arms {@code timer} for {@code deadline} ({@link Clock#monotonic}), moving it if it was armed. */
    public synchronized void arm(Timer timer, long deadline) {
        if (timer.armed) {
            queue.remove(timer);
        }
        timer.deadline = deadline;
        timer.sequence = sequence++;
        timer.armed = true;
        queue.add(timer);
        if (thread == null) {
            thread = new Thread(null, this::loop, "timers", 256 << 10);
            thread.setDaemon(true);
            thread.start();
        } else if (queue.peek() == timer) {
            notifyAll();
        }
    }

    /** Disarms it; a callback that is running already is not waited for. */
    public synchronized void cancel(Timer timer) {
        if (timer.armed) {
            timer.armed = false;
            queue.remove(timer);
        }
    }

    private void loop() {
        while (true) {
            Timer timer = next();
            try {
                timer.fire();
            } catch (OutOfMemoryError e) {
                lost++; // whoever filled the heap is being killed
            }
        }
    }

    private synchronized Timer next() {
        while (true) {
            try {
                Timer first = queue.peek();
                if (first == null) {
                    wait();
                    continue;
                }
                long left = first.deadline - Clock.monotonic();
                if (left <= 0) {
                    queue.poll();
                    first.armed = false;
                    return first;
                }
                wait(left / 1_000_000, (int) (left % 1_000_000));
            } catch (InterruptedException e) {
                // nobody interrupts this thread; go on waiting
            }
        }
    }
}
