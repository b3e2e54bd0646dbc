package gvj.boot;

import gvj.abi.Errno;
import gvj.kernel.Cgroup;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The containers of a sandbox, by id. The first one is never removed. The monitor guards the table. */
final class Containers {
    private final Container first;
    /** With null for one that is being made. */
    private final Map<String, Container> byId = new LinkedHashMap<>();

    Containers(Container first) {
        this.first = first;
        byId.put(first.id(), first);
    }

    Container first() {
        return first;
    }

    /** The one that a request means: no id, the first. ENOENT. */
    synchronized Container get(String id) throws ControlException {
        Container container = id.isEmpty() ? first : byId.get(id);
        if (container == null) {
            throw new ControlException(Errno.ENOENT, "there is no container " + id);
        }
        return container;
    }

    /** The one whose tasks {@code cgroup} has, or null. */
    synchronized Container of(Cgroup cgroup) {
        for (Container container : byId.values()) {
            if (container != null && container.cgroup() == cgroup) {
                return container;
            }
        }
        return null;
    }

    /** All that are made, the first one first. */
    synchronized List<Container> all() {
        List<Container> all = new ArrayList<>();
        for (Container container : byId.values()) {
            if (container != null) {
                all.add(container);
            }
        }
        return all;
    }

    /** The first one has ended, and with its pid namespace all that runs: so do those that were never started. */
    synchronized void abandonAll() {
        for (Container container : byId.values()) {
            if (container != null) {
                container.abandon();
            }
        }
    }

    /** Keeps an id for a container that is to be made. EEXIST. */
    synchronized void reserve(String id) throws ControlException {
        if (id.isEmpty() || byId.containsKey(id)) {
            throw new ControlException(Errno.EEXIST, "there is a container \"" + id + "\" already");
        }
        byId.put(id, null);
    }

    /** It is made. */
    synchronized void add(Container container) {
        byId.put(container.id(), container);
    }

    /** It could not be made. */
    synchronized void cancel(String id) {
        byId.remove(id);
    }

    /** Forgets one that has ended: EBUSY for another, and for the first. */
    synchronized void remove(String id) throws ControlException {
        Container container = get(id);
        if (container == first) {
            throw new ControlException(Errno.EBUSY, "the sandbox ends with its first container");
        }
        if (container.state() != Control.STATE_STOPPED) {
            throw new ControlException(Errno.EBUSY, "container is still running");
        }
        byId.remove(container.id());
    }
}
