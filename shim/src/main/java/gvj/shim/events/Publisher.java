package gvj.shim.events;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Timestamp;
import gvj.proto.events.ForwardRequest;
import gvj.proto.types.Envelope;
import gvj.shim.api.EventPublisher;
import gvj.shim.api.Log;
import gvj.shim.api.RpcException;
import gvj.shim.api.RpcException.Code;
import gvj.ttrpc.Client;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One queue and one thread that empties it. While containerd is down events wait, as long as the shim lives: who asks for a
 * container's state afterwards must have heard of its end.
 */
public final class Publisher implements EventPublisher {
    private static final String SERVICE = "containerd.services.events.ttrpc.v1.Events";
    private static final int TIMEOUT_MILLIS = 5_000;
    private static final int FIRST_PAUSE_MILLIS = 50;
    private static final int LONGEST_PAUSE_MILLIS = 2_000;
    private static final int ATTEMPTS = 5;
    /** Above this only ends of processes are taken: how many of those there can be is up to containerd. */
    private static final int MANY = 2_048;

    private record Event(String topic, ByteString request) {}

    private final String address;
    private final String namespace;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Event> queue = new ArrayDeque<>();
    private Client client; // the sender's alone

    /**
     * Starts the sender.
     *
     * @param address path of containerd's ttrpc socket; empty if nobody listens to events, as with CRI-O
     */
    public Publisher(String address, String namespace) {
        this.address = address.startsWith("unix://") ? address.substring("unix://".length()) : address;
        this.namespace = namespace;
        if (!address.isEmpty()) {
            Thread sender = new Thread(null, this::send, "events");
            sender.setDaemon(true);
            sender.start();
        }
    }

    @Override
    public void publish(String topic, String type, MessageLite event) {
        if (address.isEmpty()) {
            return;
        }
        Instant now = Instant.now();
        Envelope envelope = Envelope.newBuilder()
                .setTimestamp(
                        Timestamp.newBuilder().setSeconds(now.getEpochSecond()).setNanos(now.getNano()))
                .setNamespace(namespace)
                .setTopic(topic)
                .setEvent(Any.newBuilder().setTypeUrl(type).setValue(event.toByteString()))
                .build();
        ByteString request =
                ForwardRequest.newBuilder().setEnvelope(envelope).build().toByteString();
        lock.lock();
        try {
            if (queue.size() < MANY || topic.equals("/tasks/exit") || topic.equals("/tasks/delete")) {
                queue.add(new Event(topic, request));
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits until everything has been sent; false if that did not come in time. */
    public boolean flush(long patienceMillis) throws InterruptedException {
        long left = TimeUnit.MILLISECONDS.toNanos(patienceMillis);
        lock.lock();
        try {
            while (!queue.isEmpty() && left > 0) {
                left = changed.awaitNanos(left);
            }
            return queue.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private void send() {
        try {
            while (true) {
                forward(first());
                lock.lock();
                try {
                    queue.remove();
                    changed.signalAll();
                } finally {
                    lock.unlock();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody does that
        }
    }

    /** The next event, which stays in the queue until it is sent. */
    private Event first() throws InterruptedException {
        lock.lock();
        try {
            while (queue.isEmpty()) {
                changed.await();
            }
            return queue.peek();
        } finally {
            lock.unlock();
        }
    }

    /** Tries until containerd has the event, or has refused it often enough. */
    private void forward(Event event) throws InterruptedException {
        int pause = FIRST_PAUSE_MILLIS;
        for (int refusals = 0; refusals < ATTEMPTS; ) {
            try {
                if (client == null) {
                    client = Client.connect(address);
                }
                client.call(SERVICE, "Forward", event.request(), TIMEOUT_MILLIS);
                return;
            } catch (IOException e) {
                disconnect(); // it is being restarted, perhaps
            } catch (RpcException e) {
                if (e.code() == Code.DEADLINE_EXCEEDED) {
                    disconnect();
                } else {
                    refusals++;
                }
                Log.warning("event " + event.topic() + ": " + e.getMessage());
            }
            Thread.sleep(pause);
            pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
        }
    }

    private void disconnect() {
        if (client != null) {
            client.close();
            client = null;
        }
    }
}
