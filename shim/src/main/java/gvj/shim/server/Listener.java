package gvj.shim.server;

import gvj.host.Host;
import gvj.host.HostErrno;
import gvj.host.HostProcess;
import gvj.host.Mem;
import gvj.shim.api.Log;
import gvj.shim.api.SandboxService;
import gvj.shim.api.TaskService;
import gvj.ttrpc.Dispatcher;
import gvj.ttrpc.ServerConnection;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** Accepts connections, finds out what each one speaks, and serves it. */
public final class Listener {
    private static final int POLLIN = 1;
    private static final int MSG_PEEK = 0x02;
    private static final int MSG_WAITALL = 0x100;
    /** The first bytes of an HTTP/2 connection, "PRI ": as a ttrpc frame it would have more than a gigabyte. */
    private static final int HTTP2 = 0x50524920;

    private static final String GRPC_SERVER = "gvj.shim.grpc.GrpcServer";

    private static final int PAUSE_MILLIS = 10;
    /** For so long nobody has come: what began has started. containerd comes by for each container. */
    private static final int STARTED_MILLIS = 2_000;

    private final int fd;
    private final Services services;
    private final TaskService tasks;
    private final ExecutorService executor;
    private final AtomicInteger connections = new AtomicInteger();
    private Adopter grpc; // once a client speaks it

    /**
     * Serves on a listening Unix socket, which stays open.
     *
     * <p>Requests get platform threads: most of them block in native code, where a virtual thread would hold its carrier.
     */
    public Listener(int fd, TaskService tasks, SandboxService sandboxes) {
        this.fd = fd;
        this.tasks = tasks;
        this.services = new Services(tasks, sandboxes);
        this.executor = Executors.newCachedThreadPool(new DaemonThreads());
    }

    /**
     * Accepts connections.
     *
     * @param patienceMillis ends when there is no connection and no container, and nobody has come for so long
     */
    public void run(long patienceMillis) {
        boolean starting = true;
        while (true) {
            if (!await(starting ? STARTED_MILLIS : patienceMillis)) {
                if (starting) {
                    HostProcess.trim();
                    starting = false;
                } else if (connections.get() == 0 && tasks.idle()) {
                    return;
                }
                continue;
            }
            starting = true;
            int connection = Host.accept4(fd, Host.SOCK_CLOEXEC);
            if (connection >= 0) {
                connections.incrementAndGet();
                executor.execute(new Handshake(connection));
            } else if (connection == -HostErrno.EBADF || connection == -HostErrno.EINVAL) {
                return;
            } else if (connection != -HostErrno.EINTR && connection != -HostErrno.EAGAIN) {
                sleep(); // no descriptors or no memory: there may be some later
            }
        }
    }

    /** Waits until no call is under way but those that wait for something, so that answers have been sent. */
    public void drain(long patienceMillis) {
        long end = System.nanoTime() + patienceMillis * 1_000_000;
        do {
            sleep();
        } while (services.active() > 0 && System.nanoTime() < end);
    }

    private boolean await(long patienceMillis) {
        long polled = Host.malloc(8);
        Mem.putInt(polled, fd);
        Mem.putInt(polled + 4, POLLIN);
        int ready;
        do {
            ready = Host.poll(polled, 1, patienceMillis * 1_000_000);
        } while (ready == -HostErrno.EINTR);
        Host.free(polled);
        return ready != 0;
    }

    private static void sleep() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The server for gRPC. Its jars are on the class path, which nothing looks into before. */
    private synchronized Adopter grpc() throws ReflectiveOperationException {
        if (grpc == null) {
            grpc = (Adopter) ClassLoader.getSystemClassLoader()
                    .loadClass(GRPC_SERVER)
                    .getConstructor(Dispatcher.class, ExecutorService.class)
                    .newInstance(services, executor);
        }
        return grpc;
    }

    /** A new connection, whose first bytes say what it speaks. They stay where they are. */
    private final class Handshake implements Runnable {
        private final int connection;

        Handshake(int connection) {
            this.connection = connection;
        }

        @Override
        public void run() {
            switch (peek()) {
                case HTTP2 -> speakGrpc();
                case 0 -> drop();
                default -> {
                    new ServerConnection(connection, services, executor).run();
                    connections.decrementAndGet();
                }
            }
        }

        private void speakGrpc() {
            try {
                grpc().adopt(connection, connections::decrementAndGet);
            } catch (ReflectiveOperationException | LinkageError e) {
                drop();
                Log.error("a gRPC client cannot be served: " + e);
            }
        }

        private void drop() {
            Host.close(connection);
            connections.decrementAndGet();
        }

        /** The first four bytes; {@link #HTTP2} or anything else, 0 if the connection ends before. */
        private int peek() {
            long four = Host.malloc(4);
            Mem.putInt(four, 0);
            long read;
            do {
                read = Host.recvmsg(connection, four, 4, 0, 0, MSG_PEEK | MSG_WAITALL);
            } while (read == -HostErrno.EINTR);
            int first = Integer.reverseBytes(Mem.getInt(four));
            Host.free(four);
            if (read < 4) {
                return 0;
            }
            return first == HTTP2 ? HTTP2 : -1;
        }
    }

    private static final class DaemonThreads implements ThreadFactory {
        @Override
        public Thread newThread(Runnable task) {
            Thread thread = new Thread(null, task, "rpc");
            thread.setDaemon(true);
            return thread;
        }
    }
}
