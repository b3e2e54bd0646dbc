package gvj.fs.overlay;

import gvj.abi.Fcntl;
import gvj.vfs.FileContent;
import gvj.vfs.FileDescription;
import gvj.vfs.Inode;
import gvj.vfs.Path;
import gvj.vfs.RegularFile;

/**
 * An open file of an overlay. Reading goes straight to the layer's inode; when the file is copied up while it is open,
 * the next operation is the first one on the copy.
 *
 * <p>Lock: {@link #switching} guards which layer's file is held.
 */
final class OverlayFile extends RegularFile {
    private final OverlayInode inode;
    private final Object switching = new Object();
    private volatile Inode shown;
    private FileDescription held;
    /** The lower file, kept after a copy-up: it may be mapped. */
    private FileDescription heldBefore;

    OverlayFile(Path path, int flags, OverlayInode inode) {
        super(path, flags, null);
        this.inode = inode;
        inode.opened(1);
        show(inode.real());
    }

    private void show(Inode real) {
        heldBefore = held;
        boolean isUpper = real == inode.upper();
        int access = isUpper ? Fcntl.O_RDWR : Fcntl.O_RDONLY;
        held = real.open(null, inode.fs().layerPath(real), access);
        shown = real;
    }

    @Override
    protected FileContent content() {
        Inode real = inode.real();
        if (real != shown) {
            synchronized (switching) {
                if (real != shown) {
                    show(real);
                }
            }
        }
        return (FileContent) real;
    }

    @Override
    protected void release() {
        synchronized (switching) {
            held.decRef();
            if (heldBefore != null) {
                heldBefore.decRef();
            }
        }
        inode.opened(-1);
    }
}
