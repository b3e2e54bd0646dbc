package gvj.shim.grpc;

import com.google.protobuf.ByteString;
import gvj.shim.api.RpcException;
import gvj.shim.server.Adopter;
import gvj.ttrpc.Dispatcher;
import gvj.ttrpc.Interruptible;
import io.grpc.Context;
import io.grpc.HandlerRegistry;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Serves the same services to clients that speak gRPC, on connections that somebody else has accepted. This package is a jar of
 * its own, on a class path with the libraries that it needs; all else of the shim are boot classes.
 */
public final class GrpcServer implements Adopter {
    private static final int MAX_MESSAGE = 4 << 20;

    private final AdoptedChannels channels = new AdoptedChannels();
    private final Dispatcher services;

    /** Starts the server; connections come with {@link #adopt}. No keep-alive, no idle time: containerd takes an end for death. */
    public GrpcServer(Dispatcher services, ExecutorService executor) throws IOException {
        this.services = services;
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        Server server = NettyServerBuilder.forAddress(AdoptedChannels.ADDRESS)
                .channelFactory(() -> channels)
                .bossEventLoopGroup(loop)
                .workerEventLoopGroup(loop)
                .executor(executor)
                .maxInboundMessageSize(MAX_MESSAGE)
                .permitKeepAliveTime(1, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .fallbackHandlerRegistry(new Registry())
                .build();
        server.start();
    }

    @Override
    public void adopt(int fd, Runnable closed) {
        channels.adopt(fd, closed);
    }

    /** Every method there may be: the services say which there are. */
    private final class Registry extends HandlerRegistry {
        @Override
        public ServerMethodDefinition<?, ?> lookupMethod(String name, String authority) {
            MethodDescriptor<ByteString, ByteString> method = MethodDescriptor.<ByteString, ByteString>newBuilder()
                    .setType(MethodDescriptor.MethodType.UNARY)
                    .setFullMethodName(name)
                    .setRequestMarshaller(new Bytes())
                    .setResponseMarshaller(new Bytes())
                    .build();
            String service = MethodDescriptor.extractFullServiceName(name);
            String bare = MethodDescriptor.extractBareMethodName(name);
            if (service == null || bare == null) {
                return null;
            }
            return ServerMethodDefinition.create(
                    method, ServerCalls.asyncUnaryCall((request, out) -> call(service, bare, request, out)));
        }
    }

    private void call(String service, String method, ByteString request, StreamObserver<ByteString> out) {
        try {
            ByteString response = answer(service, method, request);
            out.onNext(response);
            out.onCompleted();
        } catch (RpcException e) {
            out.onError(Status.fromCodeValue(e.code().number())
                    .withDescription(e.getMessage())
                    .asRuntimeException());
        } catch (InterruptedException e) {
            out.onError(Status.CANCELLED.asRuntimeException());
        } catch (RuntimeException e) {
            out.onError(Status.INTERNAL.withDescription(e.toString()).asRuntimeException());
        }
    }

    private ByteString answer(String service, String method, ByteString request)
            throws RpcException, InterruptedException {
        if (!services.waits(service, method)) {
            return services.call(service, method, request).toByteString();
        }
        // A call's own listener hears of its end only when it has returned; its context hears at once.
        Interruptible call = new Interruptible();
        Context.CancellationListener given = context -> call.interrupt();
        Context context = Context.current();
        call.begin();
        context.addListener(given, Runnable::run);
        try {
            return services.call(service, method, request).toByteString();
        } finally {
            context.removeListener(given);
            call.end();
        }
    }

    /** Messages pass as they are: the services parse them. */
    private static final class Bytes implements MethodDescriptor.Marshaller<ByteString> {
        @Override
        public InputStream stream(ByteString value) {
            return value.newInput();
        }

        @Override
        public ByteString parse(InputStream stream) {
            try {
                return ByteString.readFrom(stream);
            } catch (IOException e) {
                throw Status.INTERNAL.withCause(e).asRuntimeException();
            }
        }
    }
}
