package gvj.fs.pseudo;

import gvj.abi.Errno;
import gvj.abi.Stat;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.vfs.FileDescription;
import gvj.vfs.Path;

/** A symlink with a fixed target. */
public class PseudoSymlink extends PseudoInode {
    private final String target;

    public PseudoSymlink(PseudoFileSystem fs, String target) {
        super(fs, Stat.S_IFLNK | 0777);
        this.target = target;
    }

    protected PseudoSymlink(PseudoFileSystem fs, long ino, String target) {
        super(fs, ino, Stat.S_IFLNK | 0777);
        this.target = target;
    }

    @Override
    public String readlink() {
        return target;
    }

    @Override
    protected long size() {
        return 0;
    }

    @Override
    public FileDescription open(Task task, Path path, int flags) {
        throw ErrnoException.of(Errno.ELOOP);
    }
}
