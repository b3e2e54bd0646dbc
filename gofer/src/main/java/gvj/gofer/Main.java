package gvj.gofer;

import gvj.host.Host;
import gvj.host.HostProcess;
import gvj.host.Mem;
import gvj.host.Seccomp;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The gofer process.
 *
 * <pre>
 *   --channels=5,6           inherited connected SOCK_SEQPACKET descriptors, one thread each; more come with NEWCHANNEL
 *   --mount=7:rw             mount 0: an inherited descriptor, O_PATH for a directory
 *   --mount=/var/lib/x:ro    mount 1: a path as this process sees it; as many as wanted, numbered in order
 *   --trees=8                an inherited connected socket on which more mounts come: {@link TreeSocket}
 *   --listen=9               an inherited listening socket on which trees come later: {@link TreeListener}
 *   --max-nodes=N            files the Sentry may know at once (default: heap / 256, at most 1048576)
 *   --max-fds=N              descriptors kept open for them (default: three quarters of RLIMIT_NOFILE, at most 8192)
 * </pre>
 *
 * <p>It ends with status 0 when the Sentry has closed all channels, 2 if the arguments are wrong, 1 if a mount cannot
 * be opened; then standard error has a line that says why. Paths are bytes: one that is not UTF-8 is given as a
 * descriptor.
 */
public final class Main implements Consumer<String> {
    private static final int MOST_NODES = 1 << 20;
    /** What a node costs of the heap, with its name and its share of the tables, generously. */
    private static final int NODE_BYTES = 256;

    private static final int MOST_FDS = 8192;
    /** After this long the start is over, and what only it needed is given back. */
    private static final long STARTED_MILLIS = 1000;

    private final List<String> mounts = new ArrayList<>();
    private final List<String> channels = new ArrayList<>();
    private int maxNodes = (int) Math.min(MOST_NODES, Runtime.getRuntime().maxMemory() / NODE_BYTES);
    private int maxFds;
    private int trees = -1;
    private int listen = -1;

    private Main() {}

    public static void main(String[] args) throws InterruptedException {
        // no exitNow: a training run writes the AOT cache on the way out
        Runtime.getRuntime().halt(new Main().run(args));
    }

    @Override
    public void accept(String complaint) { // a method reference would cost its bootstrap at start
        line(complaint);
    }

    private int run(String[] args) throws InterruptedException {
        try {
            for (String arg : args) {
                parse(arg);
            }
        } catch (IllegalArgumentException e) {
            return fail(e.getMessage(), 2);
        }
        if (channels.isEmpty() || mounts.isEmpty() && trees < 0) {
            return fail("--channels and --mount or --trees are needed", 2);
        }
        HostProcess.umask(0); // modes are the Sentry's to decide
        GoferServer server = new GoferServer(maxNodes, maxFds > 0 ? maxFds : raiseFdLimit(), this);
        for (String mount : mounts) {
            String problem = mount(server, mount);
            if (!problem.isEmpty()) {
                return fail(problem, 1);
            }
        }
        if (trees >= 0) {
            String problem = TreeSocket.receive(trees, server);
            if (!problem.isEmpty()) {
                return fail(problem, 1);
            }
        }
        int confined = Seccomp.enter("gofer");
        if (confined < 0) {
            return fail("the system call filter was refused: errno " + -confined, 1);
        }
        for (String channel : channels) {
            server.addChannel(Integer.parseInt(channel));
        }
        if (listen >= 0) {
            new TreeListener(listen, server).start();
        }
        while (!server.await(STARTED_MILLIS)) {
            HostProcess.trim(); // what starting needed, or one more container
            if (!server.awaitMounts()) {
                break;
            }
        }
        return 0;
    }

    private void parse(String arg) {
        int equals = arg.indexOf('=');
        String value = arg.substring(equals + 1);
        switch (equals < 0 ? arg : arg.substring(0, equals)) {
            case "--channels" -> {
                for (String fd : value.split(",")) {
                    channels.add(Integer.toString(number(fd, arg)));
                }
            }
            case "--mount" -> mounts.add(value);
            case "--trees" -> trees = number(value, arg);
            case "--listen" -> listen = number(value, arg);
            case "--max-nodes" -> maxNodes = number(value, arg);
            case "--max-fds" -> maxFds = number(value, arg);
            default -> throw new IllegalArgumentException("unknown argument " + arg);
        }
    }

    private static int number(String text, String arg) {
        try {
            int n = Integer.parseInt(text);
            if (n >= 0) {
                return n;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new IllegalArgumentException("a number is expected in " + arg);
    }

    /** Adds {@code FD-or-PATH:ro|rw}; what is wrong, or empty. */
    private static String mount(GoferServer server, String text) {
        boolean readOnly = text.endsWith(":ro");
        if (!readOnly && !text.endsWith(":rw")) {
            return "mount " + text + " does not end in :ro or :rw";
        }
        String what = text.substring(0, text.length() - 3);
        boolean isFd = isNumber(what);
        int result = isFd
                ? server.addMount(Integer.parseInt(what), readOnly)
                : server.addMount(what.getBytes(StandardCharsets.UTF_8), readOnly);
        return result < 0 ? "cannot open mount " + what + ": errno " + -result : "";
    }

    private static boolean isNumber(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return !text.isEmpty() && text.length() < 10;
    }

    /** Raises the soft limit to the hard one; how many descriptors nodes may use of it. */
    private static int raiseFdLimit() {
        long limits = Host.malloc(16);
        int usable = 256;
        if (HostProcess.getrlimit(HostProcess.RLIMIT_NOFILE, limits) == 0) {
            long soft = Mem.getLong(limits);
            long hard = Mem.getLong(limits + 8);
            if (HostProcess.setrlimit(HostProcess.RLIMIT_NOFILE, hard, hard) == 0) {
                soft = hard;
            }
            usable = soft < 0 || soft > 2L * MOST_FDS ? MOST_FDS : (int) (soft * 3 / 4);
        }
        Host.free(limits);
        return Math.min(usable, MOST_FDS);
    }

    private static int fail(String why, int status) {
        line("gofer: " + why);
        return status;
    }

    private static void line(String text) {
        byte[] bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
        long at = Host.malloc(bytes.length);
        if (at >= 0) {
            Mem.copy(bytes, 0, at, bytes.length);
            Host.write(2, at, bytes.length);
            Host.free(at);
        }
    }
}
