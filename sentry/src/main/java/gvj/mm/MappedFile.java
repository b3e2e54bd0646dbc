package gvj.mm;

/**
 * The open file behind a mapping: what /proc/PID/maps names, and what stays open as long as the mapping lives. The file
 * description of the VFS implements it.
 */
public interface MappedFile {
    /** A mapping took a reference. */
    void incRef();

    /** A mapping went away. */
    void decRef();

    /** The path as /proc/PID/maps shows it. */
    String mappedName();

    /** Device number as st_dev has it. */
    long device();

    /** Inode number. */
    long inodeNumber();
}
