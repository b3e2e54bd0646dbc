package gvj.shim.api;

import java.util.List;

/** What the services are told, and whom they tell: one for each shim. */
public interface ShimContext {
    /** containerd's namespace; the only place that says it reliably. */
    String namespace();

    /** Where {@code gvj} keeps its containers' directories: {@code --root}. */
    String root();

    /** The {@code gvj} program. */
    String gvj();

    /** Flags for every {@code gvj create}, from the runtime's configuration: {@code --name=value}. */
    List<String> flags();

    /** Whether containerd logs at debug level. */
    boolean debug();

    /** Where events go. */
    EventPublisher events();

    /** A line in the shim's log, which is containerd's; never blocks, never fails. */
    void log(String line);

    /** Ends this shim: answers that are under way and events are sent first. Returns at once. */
    void stop();
}
