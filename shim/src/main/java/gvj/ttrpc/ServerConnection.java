package gvj.ttrpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import gvj.proto.rpc.Status;
import gvj.proto.ttrpc.Request;
import gvj.proto.ttrpc.Response;
import gvj.shim.api.RpcException;
import gvj.shim.api.RpcException.Code;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * The server's side of one connection. Whatever is wrong with a request is told in its response: to containerd a connection
 * that ends is a shim that has died.
 */
public final class ServerConnection implements Runnable {
    private static final int NO_DATA = 0x04;

    private final Connection connection;
    private final Dispatcher dispatcher;
    private final Executor executor;
    private final Set<Interruptible> waiting = ConcurrentHashMap.newKeySet();
    private int lastStream;

    /**
     * Serves {@code fd}, which is closed at the end.
     *
     * @param executor runs each request, however many of them block
     */
    public ServerConnection(int fd, Dispatcher dispatcher, Executor executor) {
        this.connection = new Connection(fd);
        this.dispatcher = dispatcher;
        this.executor = executor;
    }

    /** Reads requests until the other side closes. */
    @Override
    public void run() {
        try (connection) {
            for (Frame frame = connection.read(); frame != null; frame = connection.read()) {
                take(frame);
            }
        } catch (IOException e) {
            // The other side is gone, as it would be after a close.
        }
        for (Interruptible call : waiting) {
            call.interrupt();
        }
    }

    private void take(Frame frame) throws IOException {
        int stream = frame.stream();
        if (frame.type() == Frame.DATA) {
            refuse(stream, Code.INVALID_ARGUMENT, "no such stream: " + Integer.toUnsignedString(stream));
            return;
        }
        if (frame.type() != Frame.REQUEST) {
            return; // of a newer protocol, perhaps
        }
        if ((stream & 1) == 0) {
            refuse(stream, Code.INVALID_ARGUMENT, "the stream of a client must be odd");
        } else if (Integer.compareUnsigned(stream, lastStream) <= 0) {
            refuse(stream, Code.INVALID_ARGUMENT, "streams must ascend");
        } else {
            lastStream = stream;
            request(frame);
        }
    }

    private void request(Frame frame) throws IOException {
        if (frame.data() == null) {
            refuse(frame.stream(), Code.RESOURCE_EXHAUSTED, "a message is longer than " + Frame.MAX_DATA + " bytes");
            return;
        }
        Request request;
        try {
            request = Request.parseFrom((frame.flags() & NO_DATA) == 0 ? frame.data() : new byte[0]);
        } catch (InvalidProtocolBufferException e) {
            refuse(frame.stream(), Code.INVALID_ARGUMENT, "not a request: " + e.getMessage());
            return;
        }
        Call call = new Call(frame.stream(), request);
        if (dispatcher.waits(request.getService(), request.getMethod())) {
            waiting.add(call.interruptible);
        }
        executor.execute(call);
    }

    private void refuse(int stream, Code code, String message) throws IOException {
        respond(stream, failure(code, message));
    }

    private static Response failure(Code code, String message) {
        return Response.newBuilder()
                .setStatus(Status.newBuilder().setCode(code.number()).setMessage(message == null ? "" : message))
                .build();
    }

    private void respond(int stream, Response response) throws IOException {
        connection.write(new Frame(stream, Frame.RESPONSE, 0, response.toByteArray()));
    }

    /** One request. */
    private final class Call implements Runnable {
        private final int stream;
        private final Request request;
        private final Interruptible interruptible = new Interruptible();

        Call(int stream, Request request) {
            this.stream = stream;
            this.request = request;
        }

        @Override
        public void run() {
            boolean wanted = interruptible.begin();
            Response response = wanted ? answer() : failure(Code.CANCELED, "the call was given up");
            waiting.remove(interruptible);
            interruptible.end();
            try {
                respond(stream, response);
            } catch (IOException e) {
                // Nobody is there to hear it.
            }
        }

        private Response answer() {
            try {
                ByteString payload = dispatcher
                        .call(request.getService(), request.getMethod(), request.getPayload())
                        .toByteString();
                Response response = Response.newBuilder().setPayload(payload).build();
                return response.getSerializedSize() <= Frame.MAX_DATA
                        ? response
                        : failure(Code.RESOURCE_EXHAUSTED, "the answer is longer than " + Frame.MAX_DATA + " bytes");
            } catch (RpcException e) {
                return failure(e.code(), e.getMessage());
            } catch (InterruptedException e) {
                return failure(Code.CANCELED, "the call was given up");
            } catch (RuntimeException | Error e) {
                return failure(Code.INTERNAL, e.toString());
            }
        }
    }
}
