package gvj.vfs;

/** A file that can be sealed: memfd_create(2), fcntl(F_ADD_SEALS). The mode of one with F_SEAL_EXEC keeps its x bits. */
public interface Sealable {
    /** F_SEAL_EXEC: the execute bits cannot change. */
    int F_SEAL_EXEC = 0x20;

    /** F_GET_SEALS. */
    int seals();

    /** MFD_ALLOW_SEALING: a file that is not told so is sealed with F_SEAL_SEAL. */
    void allowSealing();

    /** F_ADD_SEALS: 0, -EINVAL, -EPERM if sealed against seals, -EBUSY while it is mapped shared and writable. */
    int addSeals(int seals);
}
