package gvj.shim.process;

import com.google.protobuf.MessageLite;

/** Names of events: an Any's type URL for containerd. */
public final class Events {
    private static final String PACKAGE = "containerd.events.";

    private Events() {}

    /** The full protobuf name of an event of {@code containerd.events}, found without its descriptor. */
    public static String name(MessageLite event) {
        return PACKAGE + event.getClass().getSimpleName();
    }
}
