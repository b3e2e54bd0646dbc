package gvj.boot;

import gvj.abi.Errno;
import gvj.host.Host;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Answers whoever connects to the sandbox's socket: one thread accepts, and one serves each connection.
 */
final class ControlServer {
    /** Everybody has one at a time, but for exec: one each as long as its process lives. */
    private static final int MAX_CONNECTIONS = 256;

    private static final int STACK_BYTES = 256 << 10;
    private static final long PAUSE_MILLIS = 100;
    /** How long what is left may take to end when the first container has. */
    private static final long LAST_WORDS_MILLIS = 2000;

    private final int listen;
    private final ControlRequests requests;
    private final List<ControlSocket> connections = new CopyOnWriteArrayList<>();
    private final List<Thread> sessions = new CopyOnWriteArrayList<>();

    ControlServer(int listen, ControlRequests requests) {
        this.listen = listen;
        this.requests = requests;
    }

    /** Begins to accept. */
    void start() {
        thread("control-accept", new Acceptor()).start();
    }

    // classes, because the first lambda of a kind costs a starting sandbox milliseconds

    private final class Acceptor implements Runnable {
        @Override
        public void run() {
            accept();
        }
    }

    private final class Waiter implements Runnable {
        private final Session session;

        Waiter(Session session) {
            this.session = session;
        }

        @Override
        public void run() {
            session.awaitEnd();
            sessions.remove(Thread.currentThread());
        }
    }

    private final class Connection implements Runnable {
        private final ControlSocket client;

        Connection(ControlSocket client) {
            this.client = client;
        }

        @Override
        public void run() {
            serve(client);
        }
    }

    private static Thread thread(String name, Runnable body) {
        Thread thread = new Thread(null, body, name, STACK_BYTES);
        thread.setDaemon(true);
        return thread;
    }

    private void accept() {
        while (true) {
            int fd = Host.accept4(listen, Host.SOCK_CLOEXEC);
            if (fd == -Errno.EBADF || fd == -Errno.EINVAL) {
                return;
            }
            if (fd < 0) {
                pause(); // too many descriptors, say: it may pass
                continue;
            }
            ControlSocket client = ControlSocket.ofClient(fd);
            if (connections.size() >= MAX_CONNECTIONS) {
                client.send(Control.ERROR, Errno.EAGAIN, 0, "too many connections");
                client.close();
                continue;
            }
            connections.add(client);
            thread("control-client", new Connection(client)).start();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(ControlSocket client) {
        Session session = null;
        try {
            while (client.receive()) {
                if (session != null) {
                    session.hear(client);
                } else if (ControlRequests.beginsSession(client.type())) {
                    session = begin(client);
                } else {
                    requests.answer(client);
                }
            }
        } catch (RuntimeException | OutOfMemoryError e) {
            requests.lost(e); // the client's bad luck, and not the sandbox's
        } finally {
            if (session != null) {
                session.hangUp();
            }
            connections.remove(client);
            requests.forget(client);
            client.close();
        }
    }

    private Session begin(ControlSocket client) {
        Session session = requests.session(client);
        if (session != null) {
            Thread waiter = thread("session-wait", new Waiter(session));
            session.waitedForBy(waiter);
            sessions.add(waiter);
            waiter.start();
        }
        return session;
    }

    /** The sandbox ends: whoever waits for a process or a container of it hears how that one did. */
    void finish() throws InterruptedException {
        long deadline = System.nanoTime() + LAST_WORDS_MILLIS * 1_000_000;
        for (Thread session : sessions) {
            session.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
        }
    }
}
