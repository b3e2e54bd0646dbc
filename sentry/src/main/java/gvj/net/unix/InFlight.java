package gvj.net.unix;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Sched;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.vfs.FileDescription;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Files on their way through sockets (SCM_RIGHTS), and the collector that finds sockets which only keep each other: sent
 * through one another and closed everywhere else, unix(7).
 *
 * <p>Lock: the class's own monitor guards the counts. It is taken with the lock of a queue held, and never the other way
 * round: the collector copies what it needs first.
 */
final class InFlight {
    /** Sockets on their way, and how many messages hold each. */
    private static final Map<UnixSocket, Integer> SOCKETS = new IdentityHashMap<>();
    /** Files whose last reference may have to be dropped without any lock. */
    private static final ThreadLocal<ArrayDeque<FileDescription>> DROPS = ThreadLocal.withInitial(ArrayDeque::new);

    private static final ThreadLocal<Boolean> DROPPING = ThreadLocal.withInitial(() -> false);

    private static long files;
    private static volatile boolean any;

    private InFlight() {}

    /** Throws ETOOMANYREFS if the sender may not send more files now. */
    static void check(Task task, int count) {
        long limit = task.rlimit(Sched.RLIMIT_NOFILE);
        synchronized (InFlight.class) {
            boolean over = limit >= 0 && files + count > limit;
            if (over
                    && !task.credentials().has(Capability.CAP_SYS_RESOURCE)
                    && !task.credentials().has(Capability.CAP_SYS_ADMIN)) {
                throw ErrnoException.of(Errno.ETOOMANYREFS);
            }
        }
    }

    /** Files went into a queue. */
    static void sent(FileDescription[] sent) {
        if (sent.length == 0) {
            return;
        }
        synchronized (InFlight.class) {
            files += sent.length;
            for (FileDescription file : sent) {
                if (file instanceof UnixSocket socket) {
                    SOCKETS.merge(socket, 1, Integer::sum);
                    any = true;
                }
            }
        }
    }

    /** Files left a queue. */
    static void received(FileDescription[] received) {
        if (received.length == 0) {
            return;
        }
        synchronized (InFlight.class) {
            files -= received.length;
            for (FileDescription file : received) {
                if (file instanceof UnixSocket socket) {
                    SOCKETS.computeIfPresent(socket, (s, n) -> n == 1 ? null : n - 1);
                }
            }
            any = !SOCKETS.isEmpty();
        }
    }

    /** Drops references once the caller holds no lock any more: at its next {@link #dropNow}. */
    static void dropLater(FileDescription[] dropped) {
        ArrayDeque<FileDescription> drops = DROPS.get();
        for (FileDescription file : dropped) {
            drops.add(file);
        }
    }

    /** Drops what was left for later. No lock is held. Deep chains of sockets in sockets are worked off in a loop. */
    static void dropNow() {
        ArrayDeque<FileDescription> drops = DROPS.get();
        if (drops.isEmpty() || DROPPING.get()) {
            return;
        }
        DROPPING.set(true);
        try {
            for (FileDescription file = drops.poll(); file != null; file = drops.poll()) {
                file.decRef();
            }
        } finally {
            DROPPING.set(false);
        }
    }

    /** After a socket was closed: empties the queues of sockets that nobody can reach any more. No lock is held. */
    static void collect() {
        if (!any) {
            return;
        }
        for (UnixSocket socket : unreachable()) {
            socket.discardReceived();
        }
        dropNow();
    }

    /**
     * Sockets all of whose references are messages in queues of such sockets. First guess: all that only messages hold;
     * then whatever a message elsewhere holds is taken out, with what its own queue holds.
     */
    private static List<UnixSocket> unreachable() {
        Map<UnixSocket, Integer> counts;
        synchronized (InFlight.class) {
            counts = new IdentityHashMap<>(SOCKETS);
        }
        Set<UnixSocket> candidates = java.util.Collections.newSetFromMap(new IdentityHashMap<>());
        counts.forEach((socket, count) -> {
            if (socket.references() == count) {
                candidates.add(socket);
            }
        });
        if (candidates.isEmpty()) {
            return List.of();
        }
        Map<UnixSocket, Integer> inside = new HashMap<>();
        Map<UnixSocket, Set<UnixSocket>> holds = new HashMap<>();
        for (UnixSocket socket : candidates) {
            Set<UnixSocket> held = new HashSet<>();
            socket.forEachReceivedFile(file -> {
                if (file instanceof UnixSocket other && candidates.contains(other)) {
                    inside.merge(other, 1, Integer::sum);
                    held.add(other);
                }
            });
            holds.put(socket, held);
        }
        ArrayDeque<UnixSocket> reachable = new ArrayDeque<>();
        for (UnixSocket socket : new ArrayList<>(candidates)) {
            if (inside.getOrDefault(socket, 0) < counts.get(socket)) {
                candidates.remove(socket);
                reachable.add(socket);
            }
        }
        while (!reachable.isEmpty()) {
            for (UnixSocket held : holds.get(reachable.poll())) {
                if (candidates.remove(held)) {
                    reachable.add(held);
                }
            }
        }
        return new ArrayList<>(candidates);
    }
}
