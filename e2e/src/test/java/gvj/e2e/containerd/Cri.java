package gvj.e2e.containerd;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.util.JsonFormat;
import gvj.e2e.oci.Work;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.protobuf.lite.ProtoLiteUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The runtime service of the container runtime interface as the kubelet calls it. Messages are JSON, with the names of runtime.proto. */
final class Cri implements AutoCloseable {
    private static final ServiceDescriptor SERVICE = service();
    private static final JsonFormat.Printer PRINTER =
            JsonFormat.printer().preservingProtoFieldNames().alwaysPrintFieldsWithNoPresence();

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final ManagedChannel channel;

    Cri(Path socket) {
        channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .overrideAuthority("localhost")
                .eventLoopGroup(group)
                .channelType(EpollDomainSocketChannel.class)
                .usePlaintext()
                .build();
    }

    /**
     * Calls a method and waits for its answer.
     *
     * @throws io.grpc.StatusRuntimeException what the runtime says went wrong
     */
    JsonNode call(String name, JsonNode request) {
        MethodDescriptor method = SERVICE.findMethodByName(name);
        DynamicMessage.Builder message = DynamicMessage.newBuilder(method.getInputType());
        try {
            JsonFormat.parser().merge(request.toString(), message);
            DynamicMessage answer = ClientCalls.blockingUnaryCall(
                    channel,
                    io.grpc.MethodDescriptor.<DynamicMessage, DynamicMessage>newBuilder()
                            .setType(MethodType.UNARY)
                            .setFullMethodName(SERVICE.getFullName() + "/" + name)
                            .setRequestMarshaller(
                                    ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(method.getInputType())))
                            .setResponseMarshaller(
                                    ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(method.getOutputType())))
                            .build(),
                    CallOptions.DEFAULT.withWaitForReady().withDeadlineAfter(60, TimeUnit.SECONDS),
                    message.build());
            return Work.parse(PRINTER.print(answer));
        } catch (InvalidProtocolBufferException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same, with one field of the request. */
    JsonNode call(String name, String field, String value) {
        return call(name, Work.JSON.createObjectNode().put(field, value));
    }

    /** What containerd's own service of sandboxes says of the metrics of one that its shim made: {@code MetricsResponse}. */
    UnknownFieldSet sandboxMetrics(String id) {
        UnknownFieldSet request = UnknownFieldSet.newBuilder()
                .addField(10, text("shim"))
                .addField(1, text(id))
                .build();
        var marshaller = ProtoLiteUtils.marshaller(UnknownFieldSet.getDefaultInstance());
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("containerd-namespace", Metadata.ASCII_STRING_MARSHALLER), Containerd.NAMESPACE);
        return ClientCalls.blockingUnaryCall(
                ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers)),
                io.grpc.MethodDescriptor.<UnknownFieldSet, UnknownFieldSet>newBuilder()
                        .setType(MethodType.UNARY)
                        .setFullMethodName("containerd.services.sandbox.v1.Controller/Metrics")
                        .setRequestMarshaller(marshaller)
                        .setResponseMarshaller(marshaller)
                        .build(),
                CallOptions.DEFAULT.withDeadlineAfter(60, TimeUnit.SECONDS),
                request);
    }

    private static UnknownFieldSet.Field text(String text) {
        return UnknownFieldSet.Field.newBuilder()
                .addLengthDelimited(ByteString.copyFromUtf8(text))
                .build();
    }

    @Override
    public void close() {
        channel.shutdownNow();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private static ServiceDescriptor service() {
        try (InputStream in = Cri.class.getResourceAsStream("/cri.desc")) {
            FileDescriptorSet files = FileDescriptorSet.parseFrom(in);
            return FileDescriptor.buildFrom(files.getFile(0), new FileDescriptor[0])
                    .findServiceByName("RuntimeService");
        } catch (IOException | DescriptorValidationException e) {
            throw new IllegalStateException(e);
        }
    }
}
