package gvj.e2e.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import gvj.e2e.oci.Work;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What CRI's streaming server carries: several channels of bytes in one web socket, each message with its channel's number first. */
final class Channels implements AutoCloseable, WebSocket.Listener {
    static final int STDIN = 0;
    static final int STDOUT = 1;
    static final int STDERR = 2;
    /** How it ended, as a Status of the Kubernetes API. */
    static final int ERROR = 3;

    static final int RESIZE = 4;

    private final ConcurrentHashMap<Integer, ByteArrayOutputStream> received = new ConcurrentHashMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final HttpClient client = HttpClient.newHttpClient();
    private final WebSocket socket;

    /** Connects to an address that the runtime has answered. */
    Channels(String url) {
        socket = client.newWebSocketBuilder()
                .subprotocols("v4.channel.k8s.io")
                .buildAsync(URI.create(url.replaceFirst("^http", "ws")), this)
                .join();
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
        if (data.hasRemaining()) { // no message of these servers is split
            int channel = data.get();
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            received.computeIfAbsent(channel, number -> new ByteArrayOutputStream())
                    .writeBytes(bytes);
        }
        from.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
        closed.countDown();
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
        closed.countDown();
    }

    void send(int channel, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer message = ByteBuffer.allocate(1 + bytes.length).put((byte) channel);
        socket.sendBinary(message.put(bytes).flip(), true).join();
    }

    /** What has come on a channel. */
    String text(int channel) {
        ByteArrayOutputStream bytes = received.get(channel);
        return bytes == null ? "" : bytes.toString(StandardCharsets.ISO_8859_1);
    }

    /** Waits until this has come. */
    void await(int channel, String text) {
        Work.until("\"" + text + "\" on channel " + channel, () -> text(channel).contains(text));
    }

    /** Waits for the end, and returns how it ended. */
    String awaitEnd() throws InterruptedException {
        assertThat(closed.await(10, TimeUnit.SECONDS)).as("the stream ends").isTrue();
        return text(ERROR);
    }

    @Override
    public void close() {
        socket.abort();
        client.close();
    }
}
