package gvj.kernel;

/** network_namespaces(7): an identity that abstract socket names and, later, network stacks belong to. */
public final class NetNamespace {
    public final long inode = Namespaces.nextInode();
    private final UserNamespace owner;

    public NetNamespace(UserNamespace owner) {
        this.owner = owner;
    }

    public UserNamespace owner() {
        return owner;
    }
}
