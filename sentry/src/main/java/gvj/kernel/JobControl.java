package gvj.kernel;

import gvj.abi.Signals;

/**
 * Stopping and continuing a process: group-stop of signal(7), and what wait(2) has not heard of it yet. Guarded by
 * {@link ThreadGroup#signalLock}.
 */
final class JobControl {
    private final ThreadGroup process;

    /** The signal that stops the process, 0 while it may run. */
    private int stopSignal;
    /** Threads that still run and must stop. */
    private int runningThreads;

    /** All threads were stopped once since the stop signal came. */
    private boolean completed;
    /** The stop is complete and was not waited for (WUNTRACED). */
    private boolean stopUnreported;
    /** It was continued and that was not waited for (WCONTINUED). */
    private boolean continueUnreported;
    /** The CLD_* code that the next thread that runs is to tell the parent with SIGCHLD; 0 for none. */
    private int newsForParent;

    JobControl(ThreadGroup process) {
        this.process = process;
    }

    /** Whether the process is stopped, or is on the way to be. */
    boolean isStopping() {
        return stopSignal != 0;
    }

    /** Whether every thread has stopped. */
    boolean isStopped() {
        return stopSignal != 0 && runningThreads == 0;
    }

    /** Whether {@code task} sleeps, by job control or for its tracer, who may also let it run in a stopped process. */
    boolean isStopped(Task task) {
        Tracee traced = task.tracee;
        return traced != null ? traced.stopped : stopSignal != 0 && !task.stopCounted;
    }

    int stopSignal() {
        return stopSignal;
    }

    /** A thread took a stop signal: all are to stop. */
    void stop(int signo) {
        if (process.exiting) {
            return;
        }
        if (stopSignal != 0) {
            stopSignal = signo; // a tracer let threads run on in a stopped process
            for (Task task : process.threads) {
                if (task.tracee != null && !task.tracee.stopped) {
                    rejoin(task);
                }
            }
            return;
        }
        stopSignal = signo;
        completed = false;
        stopUnreported = false;
        continueUnreported = false;
        runningThreads = 0;
        for (Task task : process.threads) {
            task.stopCounted = true;
            runningThreads++;
            task.interrupt();
        }
    }

    /**
     * {@code task} has stopped, or exits while others stop.
     *
     * @return whether that completes the stop, so that the parent is to be told
     */
    boolean threadStopped(Task task) {
        if (!task.stopCounted) {
            return false;
        }
        task.stopCounted = false;
        if (--runningThreads == 0 && stopSignal != 0 && !completed) {
            completed = true;
            stopUnreported = true;
            return true;
        }
        return false;
    }

    /** SIGCONT was sent (or SIGKILL, which only lets the threads run). */
    void resume(boolean byContinue) {
        if (stopSignal == 0) {
            return;
        }
        boolean complete = completed;
        stopSignal = 0;
        stopUnreported = false;
        for (Task task : process.threads) {
            task.stopCounted = false;
            task.interrupt();
        }
        if (byContinue) {
            // A stop that some threads had not reached yet is reported as the stop it would have been.
            newsForParent = complete ? Signals.CLD_CONTINUED : Signals.CLD_STOPPED;
            continueUnreported = true;
        }
    }

    /** A thread that runs while the process is stopped, which only a tracer can bring about, stops again. */
    void rejoin(Task task) {
        if (stopSignal != 0 && !process.exiting && !task.stopCounted) {
            task.stopCounted = true;
            runningThreads++;
            task.interrupt();
        }
    }

    /** Tracers that seized threads hear of every SIGCONT. */
    void tellSeizing() {
        for (Task task : process.threads) {
            Tracee traced = task.tracee;
            if (traced != null && traced.seized) {
                traced.trapNotify = true;
                task.interrupt();
            }
        }
    }

    /** The CLD_* code that the caller is to tell the parent now, 0 for none. */
    int takeNews() {
        int news = newsForParent;
        newsForParent = 0;
        return news;
    }

    boolean hasNews() {
        return newsForParent != 0;
    }

    /** A thread was born while the process stops: it stops as well. */
    void threadBorn(Task task) {
        if (stopSignal != 0) {
            task.stopCounted = true;
            runningThreads++;
            task.interrupted = true;
        }
    }

    /** The stop signal that wait(2) has not heard of, 0 if none. */
    int takeStop(boolean consume) {
        if (!stopUnreported || stopSignal == 0) {
            return 0;
        }
        stopUnreported = !consume;
        return stopSignal;
    }

    /** Whether wait(2) has not heard that it was continued. */
    boolean takeContinue(boolean consume) {
        boolean news = continueUnreported;
        if (consume) {
            continueUnreported = false;
        }
        return news;
    }
}
