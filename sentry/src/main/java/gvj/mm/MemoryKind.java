package gvj.mm;

/** What a page of the memory file is for: what memory.stat of a cgroup tells apart. */
public enum MemoryKind {
    /** Memory of one process and its forks; whatever is neither of the others. */
    ANONYMOUS,
    /** A copy of a page of a file elsewhere. */
    FILE,
    /** The only copy there is of a page of a file or shared mapping: tmpfs, shm. */
    SHARED
}
