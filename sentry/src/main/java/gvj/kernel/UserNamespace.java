package gvj.kernel;

/** user_namespaces(7): its owner, its parent and the ids it maps. The root namespace maps every id to itself. */
public final class UserNamespace {
    public final long inode = Namespaces.nextInode();

    private final UserNamespace parent;
    private final int ownerUid;

    /** The root namespace has no parent. */
    public UserNamespace(UserNamespace parent, int ownerUid) {
        this.parent = parent;
        this.ownerUid = ownerUid;
    }

    /** The namespace around it; itself for the root. */
    public UserNamespace parent() {
        return parent == null ? this : parent;
    }

    /** The effective user id that made it, as the root namespace sees it. */
    public int ownerUid() {
        return ownerUid;
    }
}
