package gvj.kernel;

/** uts_namespaces(7): host name and domain name. */
public final class UtsNamespace {
    /** Longest name, sethostname(2). */
    public static final int MAX = 64;

    public final long inode = Namespaces.nextInode();
    private final UserNamespace owner;
    private volatile String nodeName;
    private volatile String domainName;

    public UtsNamespace(UserNamespace owner, String nodeName, String domainName) {
        this.owner = owner;
        this.nodeName = nodeName;
        this.domainName = domainName;
    }

    /** A copy for CLONE_NEWUTS. */
    UtsNamespace copy(UserNamespace newOwner) {
        return new UtsNamespace(newOwner, nodeName, domainName);
    }

    public UserNamespace owner() {
        return owner;
    }

    public String nodeName() {
        return nodeName;
    }

    /** Latin-1, at most {@value #MAX} characters. */
    public void setNodeName(String name) {
        nodeName = name;
    }

    public String domainName() {
        return domainName;
    }

    public void setDomainName(String name) {
        domainName = name;
    }
}
