package gvj.shim.api;

import com.google.protobuf.MessageLite;

/** Takes what happens to tasks to containerd: in the order of the calls, each event once it can be sent. */
public interface EventPublisher {
    /** For what is no task. */
    EventPublisher NONE = (topic, type, event) -> {};

    /**
     * Never blocks.
     *
     * @param topic such as {@code /tasks/exit}
     * @param type the event's full protobuf name, such as {@code containerd.events.TaskExit}: an Any's type URL for containerd, which
     *     must have no prefix
     * @param event the message
     */
    void publish(String topic, String type, MessageLite event);
}
