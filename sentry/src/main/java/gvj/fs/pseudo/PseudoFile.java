package gvj.fs.pseudo;

import gvj.abi.Errno;
import gvj.abi.Stat;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.vfs.FileDescription;
import gvj.vfs.Path;

/**
 * A file whose content is made up when it is read: anew each time reading begins at offset 0, so that one read sees one
 * consistent state.
 */
public abstract class PseudoFile extends PseudoInode {
    protected PseudoFile(PseudoFileSystem fs, int permissions) {
        super(fs, Stat.S_IFREG | permissions);
    }

    protected PseudoFile(PseudoFileSystem fs, long ino, int permissions) {
        super(fs, ino, Stat.S_IFREG | permissions);
    }

    /** The content as {@code reader} sees it, one char per byte. */
    protected abstract String content(Task reader);

    /** A write of everything at once; EINVAL for what makes no sense, EPERM where nothing may be written. */
    protected void write(Task writer, String text) {
        throw ErrnoException.of(Errno.EPERM);
    }

    @Override
    public FileDescription open(Task task, Path path, int flags) {
        return new PseudoFileDescription(this, path, flags);
    }

    /** A file that always reads the same. */
    public static PseudoFile fixed(PseudoFileSystem fs, String text) {
        return new Fixed(fs, text);
    }

    private static final class Fixed extends PseudoFile {
        private final String text;

        Fixed(PseudoFileSystem fs, String text) {
            super(fs, 0444);
            this.text = text;
        }

        @Override
        protected String content(Task reader) {
            return text;
        }
    }
}
