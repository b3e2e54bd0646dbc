package gvj.fs.pseudo;

import gvj.vfs.Inode;

/**
 * One line of a directory.
 *
 * @param type DT_* of {@link gvj.abi.Stat}
 */
public record DirectoryEntry(String name, long ino, int type) {
    /** The entry of an inode. */
    public static DirectoryEntry of(String name, Inode inode) {
        return new DirectoryEntry(name, inode.ino(), inode.type() >> 12);
    }
}
