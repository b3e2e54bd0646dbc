package gvj.shim;

import gvj.boot.Control;
import gvj.host.Host;
import gvj.host.Mem;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Listens at a {@code control.sock} as a container's Sentry does; a test says what becomes of its processes. */
public final class StandInSentry implements AutoCloseable {
    private static final int FIRST_PID = 100;

    private final UnixServer server;
    private final Map<Integer, Integer> requests = new ConcurrentHashMap<>();
    private final List<Integer> connections = new CopyOnWriteArrayList<>();
    private final List<Integer> processes = new CopyOnWriteArrayList<>();
    /** What it was asked, in words. */
    public final List<String> heard = new CopyOnWriteArrayList<>();
    /** The answer to {@link Control#STATS}. */
    public volatile String stats = "{}";
    /** What it says of {@link Control#EXEC} and {@link Control#KILL} if it is not empty: a refusal. */
    public volatile String refusal = "";
    /** Whether it says nothing about processes that are killed. */
    public volatile boolean silent;

    public StandInSentry(Path directory) {
        server = UnixServer.listen(directory.resolve("control.sock"), Host.SOCK_SEQPACKET);
        Thread.ofPlatform().daemon().start(this::accept);
    }

    // ---- what happens ----

    /** The first process has ended. */
    public void exit(int status) {
        tell(Control.WAIT, Control.EXITED, status);
    }

    /** The first process was killed. */
    public void signaled(int signal) {
        tell(Control.WAIT, Control.SIGNALED, signal);
    }

    public void outOfMemory() {
        tell(Control.EVENTS, Control.OOM, 1);
    }

    /** The process that was started as {@code number}, from 0 on, has ended. */
    public void exit(int number, int status) {
        say(processes.get(number), Control.EXITED, status, "");
    }

    private void tell(int request, int message, int number) {
        Scripts.until("somebody listens", () -> requests.containsValue(request));
        requests.forEach((connection, asked) -> {
            if (asked == request) {
                say(connection, message, number, "");
            }
        });
    }

    // ---- what is asked ----

    private void accept() {
        while (true) {
            int connection = Host.accept4(server.fd(), Host.SOCK_CLOEXEC);
            if (connection < 0) {
                return;
            }
            connections.add(connection);
            Thread.ofPlatform().daemon().start(() -> serve(connection));
        }
    }

    private void serve(int connection) {
        long packet = Host.malloc(Control.MAX);
        long fds = Host.malloc(Host.FDS_BYTES);
        while (Host.recvmsg(connection, packet, Control.MAX, fds, 4, 0) >= Control.HEADER) {
            int request = Mem.getInt(packet);
            int a = Mem.getInt(packet + 4);
            int b = Mem.getInt(packet + 8);
            List<Integer> files = new ArrayList<>();
            for (int i = 0; i < Mem.getInt(fds); i++) {
                files.add(Mem.getInt(fds + 4 + 4L * i));
            }
            requests.putIfAbsent(connection, request);
            answer(connection, request, a, b, files);
            files.forEach(Host::close);
        }
        Host.free(fds);
        Host.free(packet);
    }

    private void answer(int connection, int request, int a, int b, List<Integer> files) {
        switch (request) {
            case Control.EXEC -> exec(connection, a);
            case Control.SIGNAL -> {
                heard.add("signal " + a);
                if (!silent) {
                    say(connection, Control.SIGNALED, a, "");
                }
            }
            case Control.WINDOW -> heard.add("window " + a + " " + b);
            case Control.WAIT -> heard.add("wait");
            case Control.STATS -> {
                write(files.get(0), stats);
                say(connection, Control.OK, 0, "");
            }
            case Control.STATE -> say(connection, Control.OK, Control.STATE_RUNNING, "");
            case Control.KILL -> {
                heard.add("kill " + a + " " + b);
                say(connection, refusal.isEmpty() ? Control.OK : Control.ERROR, 0, refusal);
            }
            default -> {
                heard.add("request " + request);
                say(connection, Control.OK, 0, "");
            }
        }
    }

    private void exec(int connection, int terminal) {
        heard.add(terminal == 1 ? "exec at a terminal" : "exec");
        if (!refusal.isEmpty()) {
            say(connection, Control.ERROR, 0, refusal);
            return;
        }
        processes.add(connection);
        say(connection, Control.STARTED, FIRST_PID + processes.size() - 1, "");
    }

    private static void write(int file, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        long copy = Host.malloc(bytes.length + 1L);
        Mem.copy(bytes, 0, copy, bytes.length);
        Host.pwrite(file, copy, bytes.length, 0);
        Host.free(copy);
    }

    private static void say(int connection, int message, int number, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        long packet = Host.malloc(Control.HEADER + bytes.length);
        Mem.putInt(packet, message);
        Mem.putInt(packet + 4, number);
        Mem.copy(bytes, 0, packet + Control.HEADER, bytes.length);
        Host.sendmsg(connection, packet, Control.HEADER + bytes.length, 0, 0);
        Host.free(packet);
    }

    /** It has died. */
    @Override
    public void close() {
        server.close();
        for (int connection : connections) {
            Host.shutdown(connection, Host.SHUT_RDWR);
        }
    }
}
