package gvj.vfs;

/** Takes directory entries, for getdents(2) and getdents64(2). */
public interface DirectorySink {
    /**
     * Offers an entry.
     *
     * @param nextPosition what the directory's position is behind this entry (d_off)
     * @param type DT_* of {@link gvj.abi.Stat}
     * @return false if it does not fit; nothing was taken then
     */
    boolean add(String name, long ino, int type, long nextPosition);
}
