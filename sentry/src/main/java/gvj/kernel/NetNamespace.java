package gvj.kernel;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** network_namespaces(7): an identity that abstract socket names and, later, network stacks belong to. */
public final class NetNamespace {
    public final long inode = Namespaces.nextInode();
    private final UserNamespace owner;
    /** What the socket families keep per namespace, each by the class that serves it. */
    private final ConcurrentHashMap<Class<?>, Object> registries = new ConcurrentHashMap<>();

    public NetNamespace(UserNamespace owner) {
        this.owner = owner;
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
