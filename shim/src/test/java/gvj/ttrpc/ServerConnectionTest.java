package gvj.ttrpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import com.google.protobuf.StringValue;
import gvj.host.Host;
import gvj.host.Mem;
import gvj.proto.ttrpc.Request;
import gvj.proto.ttrpc.Response;
import gvj.shim.api.RpcException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Frames by hand at one end, and the server's side of a connection at the other. */
@Timeout(20)
class ServerConnectionTest {
    private final CountDownLatch givenUp = new CountDownLatch(1);
    private final CountDownLatch waiting = new CountDownLatch(1);
    private ExecutorService executor;
    private int client;
    private Connection frames;

    @BeforeEach
    void connect() {
        long fds = Host.malloc(8);
        assertThat(Host.socketpair(Host.AF_UNIX, Host.SOCK_STREAM, 0, fds)).isZero();
        client = Mem.getInt(fds);
        frames = new Connection(client);
        executor = Executors.newCachedThreadPool();
        executor.execute(new ServerConnection(Mem.getInt(fds + 4), new Echo(), executor));
        Host.free(fds);
    }

    @AfterEach
    void disconnect() {
        frames.close();
        executor.shutdownNow();
    }

    @Test
    void answersWhatItIsAsked() throws IOException {
        ask(1, "Echo", "hello");
        assertThat(hear(1).getPayload()).isEqualTo(string("hello").toByteString());
    }

    @Test
    void takesFramesInPieces() throws IOException {
        byte[] frame = frame(1, Frame.REQUEST, request("Echo", "in pieces"));
        for (byte one : frame) {
            send(new byte[] {one});
        }
        assertThat(hear(1).getPayload()).isEqualTo(string("in pieces").toByteString());
    }

    @Test
    void takesManyFramesAtOnce() throws IOException {
        ByteBuffer all = ByteBuffer.allocate(1 << 16);
        for (int stream = 1; stream < 200; stream += 2) {
            all.put(frame(stream, Frame.REQUEST, request("Echo", "hello")));
        }
        send(java.util.Arrays.copyOf(all.array(), all.position()));
        for (int i = 1; i < 200; i += 2) {
            assertThat(frames.read().type()).isEqualTo(Frame.RESPONSE);
        }
    }

    @Test
    void anEmptyAnswerHasNoBytes() throws IOException {
        ask(1, "Echo", "");
        Frame answer = frames.read();
        assertThat(answer.type()).isEqualTo(Frame.RESPONSE);
        assertThat(answer.data()).isEmpty();
    }

    @Test
    void refusesStreamsThatAreEvenOrDescend() throws IOException {
        ask(2, "Echo", "even");
        assertThat(hear(2).getStatus().getCode()).isEqualTo(3);
        ask(5, "Echo", "hello");
        assertThat(hear(5).getStatus().getCode()).isZero();
        ask(5, "Echo", "again");
        assertThat(hear(5).getStatus().getCode()).isEqualTo(3);
        ask(3, "Echo", "lower");
        assertThat(hear(3).getStatus().getCode()).isEqualTo(3);
        ask(7, "Echo", "hello");
        assertThat(hear(7).getStatus().getCode()).isZero();
    }

    @Test
    void throwsAwayWhatIsTooLongAndGoesOn() throws IOException {
        byte[] tooLong = new byte[Frame.HEADER + Frame.MAX_DATA + 1];
        ByteBuffer.wrap(tooLong).putInt(Frame.MAX_DATA + 1).putInt(1).put((byte) Frame.REQUEST);
        send(tooLong);
        assertThat(hear(1).getStatus().getCode()).isEqualTo(8);
        ask(3, "Echo", "hello");
        assertThat(hear(3).getStatus().getCode()).isZero();
    }

    @Test
    void refusesAnswersThatAreTooLong() throws IOException {
        ask(1, "Long", "");
        assertThat(hear(1).getStatus().getCode()).isEqualTo(8);
    }

    @Test
    void tellsWhatIsNoRequest() throws IOException {
        send(frame(1, Frame.REQUEST, new byte[] {(byte) 0xff, (byte) 0xff}));
        assertThat(hear(1).getStatus().getCode()).isEqualTo(3);
        ask(3, "Nothing", "");
        assertThat(hear(3).getStatus().getCode()).isEqualTo(12);
        ask(5, "Bug", "");
        assertThat(hear(5).getStatus().getCode()).isEqualTo(13);
    }

    @Test
    void ignoresFramesItDoesNotKnow() throws IOException {
        send(frame(1, 9, new byte[5]));
        send(frame(1, Frame.DATA, new byte[5]));
        assertThat(hear(1).getStatus().getCode()).isEqualTo(3);
        ask(1, "Echo", "hello");
        assertThat(hear(1).getStatus().getCode()).isZero();
    }

    @Test
    void aCallThatWaitsHoldsUpNoOther() throws IOException {
        ask(1, "Wait", "");
        ask(3, "Echo", "hello");
        assertThat(hear(3).getStatus().getCode()).isZero();
    }

    @Test
    void aCallThatWaitsIsGivenUpWithItsConnection() throws Exception {
        ask(1, "Wait", "");
        assertThat(waiting.await(10, TimeUnit.SECONDS)).isTrue();
        frames.shutdown();
        assertThat(givenUp.await(10, TimeUnit.SECONDS)).isTrue();
    }

    private void ask(int stream, String method, String text) throws IOException {
        frames.write(new Frame(stream, Frame.REQUEST, 0, request(method, text)));
    }

    private Response hear(int stream) throws IOException {
        Frame frame = frames.read();
        assertThat(frame.type()).isEqualTo(Frame.RESPONSE);
        assertThat(frame.stream()).isEqualTo(stream);
        return Response.parseFrom(frame.data());
    }

    private void send(byte[] bytes) {
        long buffer = Host.malloc(bytes.length);
        Mem.copy(bytes, 0, buffer, bytes.length);
        for (int sent = 0; sent < bytes.length; ) {
            long now = Host.write(client, buffer + sent, bytes.length - sent);
            assertThat(now).isPositive();
            sent += (int) now;
        }
        Host.free(buffer);
    }

    private static byte[] frame(int stream, int type, byte[] data) {
        return ByteBuffer.allocate(Frame.HEADER + data.length)
                .putInt(data.length)
                .putInt(stream)
                .put((byte) type)
                .put((byte) 0)
                .put(data)
                .array();
    }

    private static byte[] request(String method, String text) {
        return Request.newBuilder()
                .setService("test.Service")
                .setMethod(method)
                .setPayload(string(text).toByteString())
                .build()
                .toByteArray();
    }

    private static StringValue string(String text) {
        return StringValue.of(text);
    }

    private final class Echo implements Dispatcher {
        @Override
        public MessageLite call(String service, String method, ByteString request)
                throws RpcException, InterruptedException {
            return switch (method) {
                case "Echo" -> parse(request);
                case "Long" -> string("x".repeat(Frame.MAX_DATA));
                case "Bug" -> throw new IllegalStateException("a bug");
                case "Wait" -> await();
                default -> throw RpcException.unimplemented(method);
            };
        }

        private static StringValue parse(ByteString request) throws RpcException {
            try {
                return StringValue.parseFrom(request);
            } catch (IOException e) {
                throw RpcException.invalidArgument(e.getMessage());
            }
        }

        private StringValue await() throws InterruptedException {
            waiting.countDown();
            try {
                new CountDownLatch(1).await();
                return string("");
            } finally {
                givenUp.countDown();
            }
        }

        @Override
        public boolean waits(String service, String method) {
            return method.equals("Wait");
        }
    }
}
