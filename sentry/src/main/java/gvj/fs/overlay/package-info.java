/**
 * A writable layer in memory over a tree that is only read, as Linux's overlayfs: what is changed is copied up first.
 *
 * <p>Differences to Linux: directories of the lower layer can be renamed, hard links of the lower layer stay links of
 * each other when one is copied up, and inode numbers never change. As on Linux, a mapping made through a description
 * that was open for reading only keeps showing the lower file after it was copied up.
 */
package gvj.fs.overlay;
