package gvj.kernel;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** network_namespaces(7): an identity that abstract socket names and, later, network stacks belong to. */
public final class NetNamespace {
    public final long inode = Namespaces.nextInode();
    private final UserNamespace owner;
    private final boolean hosts;
    /** What the socket families keep per namespace, each by the class that serves it. */
    private final ConcurrentHashMap<Class<?>, Object> registries = new ConcurrentHashMap<>();

    /** One made inside. */
    public NetNamespace(UserNamespace owner) {
        this(owner, false);
    }

    NetNamespace(UserNamespace owner, boolean hosts) {
        this.owner = owner;
        this.hosts = hosts;
    }

    /** Whether it stands for the host's that the Sentry is in: the one that the sandbox begins with. */
    public boolean isHosts() {
        return hosts;
    }

    public UserNamespace owner() {
        return owner;
    }

    /** The registry of {@code type} in this namespace, made by {@code maker} the first time. */
    public <T> T registry(Class<T> type, Supplier<T> maker) {
        Object known = registries.get(type);
        return type.cast(known != null ? known : registries.computeIfAbsent(type, t -> maker.get()));
    }
}
