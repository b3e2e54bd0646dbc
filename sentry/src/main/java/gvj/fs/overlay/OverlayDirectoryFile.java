package gvj.fs.overlay;

import gvj.kernel.Task;
import gvj.vfs.DirectoryFile;
import gvj.vfs.DirectorySink;
import gvj.vfs.Inode;
import gvj.vfs.Path;
import java.util.List;

/**
 * An open directory of an overlay. What it shows is decided when reading starts: entries of one layer are passed on as
 * they come, two layers are merged once.
 */
final class OverlayDirectoryFile extends DirectoryFile {
    private final OverlayDirectory directory;
    private List<OverlayDirectory.Entry> merged;
    private Inode only;

    OverlayDirectoryFile(Path path, int flags, OverlayDirectory directory) {
        super(path, flags);
        this.directory = directory;
    }

    @Override
    protected void list(Task task, long position, DirectorySink sink) {
        if (position == 0 || merged == null && only == null) {
            start(task);
        }
        if (only != null) {
            listOne(task, position, sink);
            return;
        }
        for (int i = (int) Math.min(position, merged.size()); i < merged.size(); i++) {
            OverlayDirectory.Entry entry = merged.get(i);
            if (!sink.add(entry.name(), entry.ino(), entry.type(), i + 1L)) {
                return;
            }
        }
    }

    private void start(Task task) {
        Inode up = directory.upper();
        only = up == null ? directory.lower() : directory.lower() == null ? up : null;
        merged = only == null ? directory.entries(task, false) : null;
    }

    private void listOne(Task task, long position, DirectorySink sink) {
        boolean isLower = only == directory.lower();
        only.readdir(task, position, (name, ino, type, next) -> {
            Inode up = directory.upper();
            Inode hides = up == null ? null : up.lookup(name);
            if (hides != null && OverlayDirectory.isWhiteout(hides)) {
                return true;
            }
            return sink.add(
                    name, isLower || hides == null ? ino : directory.fs().inoOf(hides), type, next);
        });
    }
}
