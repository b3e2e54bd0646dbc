package gvj.kernel;

import java.util.concurrent.ConcurrentHashMap;

/** ipc_namespaces(7): what System V IPC and POSIX message queues hang on. */
public final class IpcNamespace {
    public final long inode = Namespaces.nextInode();
    private final UserNamespace owner;

    /** Registries of the IPC families, each kept by the class that serves it. */
    private final ConcurrentHashMap<Class<?>, Object> registries = new ConcurrentHashMap<>();

    public IpcNamespace(UserNamespace owner) {
        this.owner = owner;
    }

    public UserNamespace owner() {
        return owner;
    }

    /** The registry of {@code type} in this namespace, made by its constructor without arguments the first time. */
    public <T> T registry(Class<T> type, java.util.function.Supplier<T> maker) {
        return type.cast(registries.computeIfAbsent(type, t -> maker.get()));
    }
}
