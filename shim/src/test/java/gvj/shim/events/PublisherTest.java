package gvj.shim.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import com.google.protobuf.MessageLite;
import gvj.host.Host;
import gvj.proto.events.ForwardRequest;
import gvj.proto.events.TaskExit;
import gvj.proto.types.Envelope;
import gvj.shim.UnixServer;
import gvj.shim.api.RpcException;
import gvj.ttrpc.Dispatcher;
import gvj.ttrpc.ServerConnection;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Events reach a containerd that comes and goes. */
@Timeout(30)
class PublisherTest {
    @TempDir
    private Path directory;

    @Test
    void eventsComeInOrderAsContainerdWantsThem() throws Exception {
        Path path = directory.resolve("events");
        try (Sink sink = new Sink(path)) {
            Publisher publisher = new Publisher(path.toString(), "k8s.io");
            for (int i = 0; i < 50; i++) {
                publish(publisher, "c" + i);
            }
            for (int i = 0; i < 50; i++) {
                Envelope envelope = sink.next();
                assertThat(envelope.getNamespace()).isEqualTo("k8s.io");
                assertThat(envelope.getTopic()).isEqualTo("/tasks/exit");
                assertThat(envelope.getTimestamp().getSeconds()).isPositive();
                assertThat(envelope.getEvent().getTypeUrl()).isEqualTo("containerd.events.TaskExit");
                assertThat(TaskExit.parseFrom(envelope.getEvent().getValue()).getContainerId())
                        .isEqualTo("c" + i);
            }
            assertThat(publisher.flush(5_000)).isTrue();
        }
    }

    @Test
    void nothingIsLostWhileContainerdIsDown() throws Exception {
        Path path = directory.resolve("events");
        Publisher publisher = new Publisher("unix://" + path, "default");
        publish(publisher, "before");
        assertThat(publisher.flush(100)).isFalse();
        try (Sink sink = new Sink(path)) {
            assertThat(exit(sink.next())).isEqualTo("before");
            assertThat(publisher.flush(5_000)).isTrue(); // what was heard but not answered comes again
        }
        publish(publisher, "meanwhile");
        publish(publisher, "and more");
        Thread.sleep(100);
        try (Sink sink = new Sink(path)) {
            assertThat(exit(sink.next())).isEqualTo("meanwhile");
            assertThat(exit(sink.next())).isEqualTo("and more");
        }
    }

    @Test
    void whatContainerdRefusesIsDroppedInTheEnd() throws Exception {
        Path path = directory.resolve("events");
        try (Sink sink = new Sink(path)) {
            Publisher publisher = new Publisher(path.toString(), "default");
            publish(publisher, "refused");
            publish(publisher, "good");
            assertThat(exit(sink.next())).isEqualTo("good");
        }
    }

    @Test
    void withoutAnAddressThereIsNothingToDo() throws Exception {
        Publisher publisher = new Publisher("", "default");
        publish(publisher, "unheard");
        assertThat(publisher.flush(1)).isTrue();
    }

    private static void publish(Publisher publisher, String id) {
        publisher.publish(
                "/tasks/exit",
                "containerd.events.TaskExit",
                TaskExit.newBuilder().setContainerId(id).build());
    }

    private static String exit(Envelope envelope) throws Exception {
        return TaskExit.parseFrom(envelope.getEvent().getValue()).getContainerId();
    }

    /** What containerd has at TTRPC_ADDRESS. */
    private static final class Sink implements Dispatcher, AutoCloseable {
        private final UnixServer server;
        private final BlockingQueue<Envelope> heard = new LinkedBlockingQueue<>();
        private volatile int connection = -1;

        Sink(Path path) {
            server = UnixServer.listen(path);
            Thread thread = new Thread(this::serve);
            thread.setDaemon(true);
            thread.start();
        }

        private void serve() {
            for (int fd = Host.accept4(server.fd(), 0); fd >= 0; fd = Host.accept4(server.fd(), 0)) {
                connection = fd;
                new ServerConnection(fd, this, Runnable::run).run();
            }
        }

        Envelope next() throws InterruptedException {
            Envelope envelope = heard.poll(20, TimeUnit.SECONDS);
            assertThat(envelope).isNotNull();
            return envelope;
        }

        @Override
        public MessageLite call(String service, String method, ByteString request) throws RpcException {
            try {
                assertThat(service).isEqualTo("containerd.services.events.ttrpc.v1.Events");
                assertThat(method).isEqualTo("Forward");
                Envelope envelope = ForwardRequest.parseFrom(request).getEnvelope();
                if (exit(envelope).equals("refused")) {
                    throw RpcException.invalidArgument("refused");
                }
                heard.add(envelope);
                return Empty.getDefaultInstance();
            } catch (RpcException e) {
                throw e;
            } catch (Exception e) {
                throw RpcException.invalidArgument(e.toString());
            }
        }

        @Override
        public boolean waits(String service, String method) {
            return false;
        }

        @Override
        public void close() {
            server.close();
            if (connection >= 0) {
                Host.shutdown(connection, Host.SHUT_RDWR);
            }
        }
    }
}
