package gvj.kernel;

import java.util.concurrent.atomic.AtomicLong;

/** What happens when application memory is used up. */
public final class OomKiller {
    private final Kernel kernel;
    private final AtomicLong kills = new AtomicLong();

    OomKiller(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Processes killed so far: oom_kill of memory.events. */
    public long kills() {
        return kills.get();
    }
}
