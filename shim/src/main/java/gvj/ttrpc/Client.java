package gvj.ttrpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import gvj.host.Host;
import gvj.proto.rpc.Status;
import gvj.proto.ttrpc.Request;
import gvj.proto.ttrpc.Response;
import gvj.shim.api.RpcException;
import gvj.shim.api.RpcException.Code;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A connection to a ttrpc server, for calls of any number of threads. */
public final class Client implements AutoCloseable {
    private final Connection connection;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition heard = lock.newCondition();
    private final Map<Integer, Response> pending = new HashMap<>(); // null: not heard yet
    private int nextStream = 1;
    private boolean closed;

    private Client(int fd) {
        connection = new Connection(fd);
        Thread reader = new Thread(null, this::read, "ttrpc client");
        reader.setDaemon(true);
        reader.start();
    }

    /** Connects to the Unix socket at {@code path}. */
    public static Client connect(String path) throws IOException {
        int fd = Host.connectUnix((path + "\0").getBytes(StandardCharsets.UTF_8), Host.SOCK_STREAM);
        if (fd < 0) {
            throw new IOException("cannot connect to " + path + ": errno " + -fd);
        }
        return new Client(fd);
    }

    /**
     * One call.
     *
     * @param timeoutMillis 0 to wait for ever
     * @return the answer's bytes
     * @throws IOException if the connection is or gets lost: whether the call was carried out is not known
     * @throws RpcException if the server says so, or if it does not answer in time
     */
    public ByteString call(String service, String method, ByteString request, long timeoutMillis)
            throws IOException, RpcException, InterruptedException {
        int stream = send(Request.newBuilder()
                .setService(service)
                .setMethod(method)
                .setPayload(request)
                .setTimeoutNano(TimeUnit.MILLISECONDS.toNanos(timeoutMillis))
                .build());
        Response response = await(stream, timeoutMillis);
        Status status = response.getStatus();
        if (status.getCode() != 0) {
            throw new RpcException(Code.of(status.getCode()), status.getMessage());
        }
        return response.getPayload();
    }

    @Override
    public void close() {
        connection.shutdown(); // the reader closes it
    }

    /** Streams ascend in the order in which they are sent. */
    private int send(Request request) throws IOException {
        lock.lock();
        try {
            if (closed) {
                throw new IOException("the connection is closed");
            }
            int stream = nextStream;
            nextStream += 2;
            pending.put(stream, null);
            connection.write(new Frame(stream, Frame.REQUEST, 0, request.toByteArray()));
            return stream;
        } finally {
            lock.unlock();
        }
    }

    private Response await(int stream, long timeoutMillis) throws IOException, RpcException, InterruptedException {
        long left = timeoutMillis == 0 ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        lock.lockInterruptibly();
        try {
            while (pending.get(stream) == null) {
                if (closed) {
                    throw new IOException("the connection was closed");
                }
                if (left <= 0) {
                    throw new RpcException(Code.DEADLINE_EXCEEDED, "no answer for " + timeoutMillis + " ms");
                }
                left = heard.awaitNanos(left);
            }
            return pending.get(stream);
        } finally {
            pending.remove(stream);
            lock.unlock();
        }
    }

    private void read() {
        try (connection) {
            for (Frame frame = connection.read(); frame != null; frame = connection.read()) {
                if (frame.type() == Frame.RESPONSE) {
                    hear(frame);
                }
            }
        } catch (IOException e) {
            // As if it had been closed: every call hears of it.
        }
        lock.lock();
        try {
            closed = true;
            heard.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void hear(Frame frame) {
        Response response;
        try {
            response = frame.data() == null
                    ? failure("the answer is longer than " + Frame.MAX_DATA + " bytes")
                    : Response.parseFrom(frame.data());
        } catch (InvalidProtocolBufferException e) {
            response = failure("the answer is not one: " + e.getMessage());
        }
        lock.lock();
        try {
            if (pending.containsKey(frame.stream())) {
                pending.put(frame.stream(), response);
                heard.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private static Response failure(String message) {
        return Response.newBuilder()
                .setStatus(Status.newBuilder().setCode(Code.INTERNAL.number()).setMessage(message))
                .build();
    }
}
