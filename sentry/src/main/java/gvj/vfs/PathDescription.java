package gvj.vfs;

import gvj.abi.Errno;
import gvj.kernel.Task;

/** What O_PATH opens: a place in the tree and nothing else. */
final class PathDescription extends FileDescription {
    PathDescription(Path path, int flags) {
        super(path, flags);
    }

    @Override
    public long ioctl(Task task, int request, long argument) {
        return -Errno.EBADF;
    }

    @Override
    public int poll(int mask) {
        return gvj.abi.Poll.POLLNVAL;
    }
}
