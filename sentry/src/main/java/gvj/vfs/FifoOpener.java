package gvj.vfs;

import gvj.kernel.Task;

/** Opens FIFO special files, fifo(7). The pipe of one belongs to its inode ({@link Inode#setBoundEndpoint}). */
@FunctionalInterface
public interface FifoOpener {
    /**
     * Opens one end, or both for O_RDWR. Waits for the other end unless O_NONBLOCK; ENXIO for O_WRONLY|O_NONBLOCK without
     * a reader, ERESTARTSYS if interrupted.
     */
    FileDescription open(Task task, Path path, int flags);
}
