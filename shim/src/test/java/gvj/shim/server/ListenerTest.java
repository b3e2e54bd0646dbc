package gvj.shim.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import gvj.proto.sandbox.PlatformRequest;
import gvj.proto.sandbox.PlatformResponse;
import gvj.proto.task.ConnectRequest;
import gvj.proto.task.CreateTaskRequest;
import gvj.proto.task.CreateTaskResponse;
import gvj.proto.task.KillRequest;
import gvj.proto.task.StateRequest;
import gvj.proto.task.StateResponse;
import gvj.proto.task.WaitRequest;
import gvj.proto.task.WaitResponse;
import gvj.shim.FakeServices;
import gvj.shim.UnixServer;
import gvj.shim.api.RpcException;
import gvj.ttrpc.Client;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One socket, two protocols, the same services. */
@Timeout(30)
class ListenerTest {
    private static final String V2 = "containerd.task.v2.Task";
    private static final String V3 = "containerd.task.v3.Task";
    private static final String SANDBOX = "containerd.runtime.sandbox.v1.Sandbox";

    @TempDir
    private Path directory;

    private final FakeServices services = new FakeServices();
    private UnixServer server;
    private Client ttrpc;
    private EventLoopGroup loop;
    private ManagedChannel grpc;

    @BeforeEach
    void connect() throws IOException {
        server = UnixServer.listen(directory.resolve("s"));
        Thread thread = new Thread(() -> new Listener(server.fd(), services, services).run(60_000));
        thread.setDaemon(true);
        thread.start();
        ttrpc = Client.connect(server.path().toString());
        loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        grpc = NettyChannelBuilder.forAddress(
                        new DomainSocketAddress(server.path().toString()))
                .channelType(EpollDomainSocketChannel.class)
                .eventLoopGroup(loop)
                .usePlaintext()
                .build();
    }

    @AfterEach
    void disconnect() {
        ttrpc.close();
        grpc.shutdownNow();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        server.close();
    }

    @Test
    void bothProtocolsReachTheSameContainers() throws Exception {
        ByteString create = CreateTaskRequest.newBuilder().setId("one").build().toByteString();
        assertThat(CreateTaskResponse.parseFrom(ttrpc.call(V2, "Create", create, 5_000))
                        .getPid())
                .isEqualTo(FakeServices.PID);
        ByteString state = StateRequest.newBuilder().setId("one").build().toByteString();
        for (String service : new String[] {V2, V3}) {
            assertThat(StateResponse.parseFrom(ttrpc.call(service, "State", state, 5_000))
                            .getId())
                    .isEqualTo("one");
            assertThat(StateResponse.parseFrom(grpc(service, "State", state)).getId())
                    .isEqualTo("one");
        }
        assertThatThrownBy(() -> grpc(V3, "Create", create)).hasMessage("ALREADY_EXISTS: one");
        assertThatThrownBy(() -> ttrpc.call(V3, "Create", create, 5_000))
                .isInstanceOfSatisfying(
                        RpcException.class, e -> assertThat(e.code()).isEqualTo(RpcException.Code.ALREADY_EXISTS));
    }

    @Test
    void bothServeSandboxes() throws Exception {
        ByteString request = PlatformRequest.getDefaultInstance().toByteString();
        assertThat(PlatformResponse.parseFrom(ttrpc.call(SANDBOX, "Platform", request, 5_000))
                        .getPlatform()
                        .getOs())
                .isEqualTo("linux");
        assertThat(PlatformResponse.parseFrom(grpc(SANDBOX, "Platform", request))
                        .getPlatform()
                        .getArchitecture())
                .isEqualTo("amd64");
    }

    @Test
    void whatIsUnknownIsUnimplemented() {
        ByteString nothing = Empty.getDefaultInstance().toByteString();
        assertThatThrownBy(() -> grpc(V3, "Nothing", nothing)).hasMessageStartingWith("UNIMPLEMENTED");
        assertThatThrownBy(() -> grpc("no.Service", "State", nothing)).hasMessageStartingWith("UNIMPLEMENTED");
        assertThatThrownBy(() -> ttrpc.call("no.Service", "State", nothing, 5_000))
                .isInstanceOf(RpcException.class);
        assertThatThrownBy(() -> ttrpc.call(V2, "State", ByteString.copyFrom(new byte[] {1}), 5_000))
                .isInstanceOfSatisfying(
                        RpcException.class, e -> assertThat(e.code()).isEqualTo(RpcException.Code.INVALID_ARGUMENT));
    }

    @Test
    void longAnswersFitInBoth() throws Exception {
        services.answerLength = 3 << 20;
        ByteString request = ConnectRequest.getDefaultInstance().toByteString();
        assertThat(ttrpc.call(V2, "Connect", request, 5_000).size()).isGreaterThan(3 << 20);
        assertThat(grpc(V3, "Connect", request).size()).isGreaterThan(3 << 20);
    }

    @Test
    void waitingEndsForAllWhoWait() throws Exception {
        ByteString create = CreateTaskRequest.newBuilder().setId("one").build().toByteString();
        ttrpc.call(V2, "Create", create, 5_000);
        ByteString wait = WaitRequest.newBuilder().setId("one").build().toByteString();
        Future<ByteString> waiter = ClientCalls.futureUnaryCall(grpcCall(V3, "Wait"), wait);
        assertThat(services.waiting.await(10, TimeUnit.SECONDS)).isTrue();
        ttrpc.call(V2, "Kill", KillRequest.newBuilder().setId("one").build().toByteString(), 5_000);
        assertThat(WaitResponse.parseFrom(waiter.get(10, TimeUnit.SECONDS)).getExitStatus())
                .isEqualTo(137);
        assertThat(WaitResponse.parseFrom(ttrpc.call(V2, "Wait", wait, 5_000)).getExitStatus())
                .isEqualTo(137);
    }

    @Test
    void aWaiterThatHangsUpIsForgotten() throws Exception {
        ByteString create = CreateTaskRequest.newBuilder().setId("one").build().toByteString();
        ttrpc.call(V2, "Create", create, 5_000);
        ByteString wait = WaitRequest.newBuilder().setId("one").build().toByteString();
        Future<ByteString> waiter = ClientCalls.futureUnaryCall(grpcCall(V3, "Wait"), wait);
        assertThat(services.waiting.await(10, TimeUnit.SECONDS)).isTrue();
        waiter.cancel(true);
        assertThat(services.givenUp.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aShimThatNobodyNeedsEnds() {
        try (UnixServer unused = UnixServer.listen(directory.resolve("unused"))) {
            new Listener(unused.fd(), services, services).run(50);
        }
    }

    private ByteString grpc(String service, String method, ByteString request) throws StatusRuntimeException {
        return ClientCalls.blockingUnaryCall(grpcCall(service, method), request);
    }

    private ClientCall<ByteString, ByteString> grpcCall(String service, String method) {
        return grpc.newCall(
                MethodDescriptor.<ByteString, ByteString>newBuilder()
                        .setType(MethodDescriptor.MethodType.UNARY)
                        .setFullMethodName(service + "/" + method)
                        .setRequestMarshaller(new Raw())
                        .setResponseMarshaller(new Raw())
                        .build(),
                CallOptions.DEFAULT);
    }

    private static final class Raw implements MethodDescriptor.Marshaller<ByteString> {
        @Override
        public InputStream stream(ByteString value) {
            return new ByteArrayInputStream(value.toByteArray());
        }

        @Override
        public ByteString parse(InputStream stream) {
            try {
                return ByteString.readFrom(stream);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
