package gvj.kernel;

/** What the parent of a vfork(2) sleeps on: the child has execed or is gone. */
final class VforkDone {
    private final Task parent;
    private volatile boolean done;

    VforkDone(Task parent) {
        this.parent = parent;
    }

    void complete() {
        done = true;
        parent.wakeUp();
    }

    /** Waits for the child; only the parent's own end cuts it short. */
    void await() {
        parent.vforkWait = true;
        while (!done) {
            parent.prepareToWait();
            if (!done && !parent.parkKillable()) {
                break;
            }
        }
        parent.vforkWait = false;
    }
}
