package gvj.kernel;

/** user_namespaces(7): its owner, its parent and the ids it maps. */
public final class UserNamespace {
    public final long inode = Namespaces.nextInode();

    private final UserNamespace parent;
    private final int ownerUid;
    private volatile IdMap uids = IdMap.ALL;
    private volatile IdMap gids = IdMap.ALL;

    /** The root namespace has no parent. */
    public UserNamespace(UserNamespace parent, int ownerUid) {
        this.parent = parent;
        this.ownerUid = ownerUid;
    }

    /** The namespace around it; itself for the root. */
    public UserNamespace parent() {
        return parent == null ? this : parent;
    }

    /** It has these ids and no others. Before there is a process in it. */
    public void map(IdMap newUids, IdMap newGids) {
        uids = newUids;
        gids = newGids;
    }

    /** The user ids that there are in it. */
    public IdMap uids() {
        return uids;
    }

    /** The group ids that there are in it. */
    public IdMap gids() {
        return gids;
    }

    /** The effective user id that made it, as the root namespace sees it. */
    public int ownerUid() {
        return ownerUid;
    }
}
