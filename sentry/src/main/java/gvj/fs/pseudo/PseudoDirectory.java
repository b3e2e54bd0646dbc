package gvj.fs.pseudo;

import gvj.abi.Stat;
import gvj.kernel.Task;
import gvj.vfs.FileDescription;
import gvj.vfs.Inode;
import gvj.vfs.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A directory of fixed entries. Entries are added while the tree is built, before anybody looks. */
public class PseudoDirectory extends PseudoInode {
    private final Map<String, Inode> children = new LinkedHashMap<>();

    public PseudoDirectory(PseudoFileSystem fs, int permissions) {
        super(fs, Stat.S_IFDIR | permissions);
    }

    protected PseudoDirectory(PseudoFileSystem fs, long ino, int permissions) {
        super(fs, ino, Stat.S_IFDIR | permissions);
    }

    /** Adds an entry and returns this directory. */
    public final PseudoDirectory add(String name, Inode child) {
        synchronized (children) {
            children.put(name, child);
        }
        return this;
    }

    /** The subdirectory {@code name}, made if it is missing. */
    public final PseudoDirectory directory(String name) {
        synchronized (children) {
            return (PseudoDirectory)
                    children.computeIfAbsent(name, n -> new PseudoDirectory((PseudoFileSystem) fileSystem(), 0555));
        }
    }

    @Override
    public Inode lookup(String name) {
        synchronized (children) {
            return children.get(name);
        }
    }

    /** What readdir shows besides "." and "..", in order, as {@code reader} sees it. */
    public List<DirectoryEntry> entries(Task reader) {
        List<DirectoryEntry> list = new ArrayList<>();
        synchronized (children) {
            for (Map.Entry<String, Inode> child : children.entrySet()) {
                list.add(DirectoryEntry.of(child.getKey(), child.getValue()));
            }
        }
        return list;
    }

    @Override
    protected int links() {
        int directories = 0;
        synchronized (children) {
            for (Inode child : children.values()) {
                directories += child.isDirectory() ? 1 : 0;
            }
        }
        return 2 + directories;
    }

    @Override
    public FileDescription open(Task task, Path path, int flags) {
        return new PseudoDirectoryDescription(this, path, flags);
    }
}
