package gvj.boot;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.fs.pseudo.PseudoFile;
import gvj.fs.pseudo.PseudoFileSystem;
import gvj.kernel.ErrnoException;
import gvj.kernel.Kernel;
import gvj.vfs.Caller;
import gvj.vfs.FileSystem;
import gvj.vfs.Mount;
import gvj.vfs.MountNamespace;
import gvj.vfs.Path;
import gvj.vfs.PathWalker;
import java.util.List;

/** Hides paths, and makes others read-only, by mounts: maskedPaths and readonlyPaths of an OCI bundle. */
final class PathRules {
    private static final int TMPFS_MAGIC = 0x01021994;
    private static final int SEALED = Mount.RDONLY | Mount.RELATIME;

    private final Kernel kernel;
    private final MountNamespace namespace;
    private final Caller caller;

    PathRules(Kernel kernel, MountNamespace namespace) {
        this.kernel = kernel;
        this.namespace = namespace;
        this.caller = kernel.vfs.bootCaller(namespace);
    }

    /** Puts something empty in the place of each; what is missing needs no hiding. */
    void mask(List<String> paths) throws BootException {
        for (String path : paths) {
            try {
                Path place = lookup(path);
                if (place != null) {
                    namespace.attach(place.inode().isDirectory() ? emptyDirectory() : nothing(), place);
                }
            } catch (ErrnoException e) {
                throw new BootException("cannot mask " + path + ": " + Messages.of(e.errno()));
            }
        }
    }

    /** Mounts each on itself, with what is mounted below, and read-only at the top. */
    void makeReadOnly(List<String> paths) throws BootException {
        for (String path : paths) {
            try {
                Path place = lookup(path);
                if (place != null) {
                    Mount copy = namespace.copyForBind(place, true);
                    copy.setFlags(copy.flags() | Mount.RDONLY);
                    namespace.attach(copy, place);
                }
            } catch (ErrnoException e) {
                throw new BootException("cannot make " + path + " read-only: " + Messages.of(e.errno()));
            }
        }
    }

    private Path lookup(String path) {
        try {
            return caller.lookup(Fcntl.AT_FDCWD, path, PathWalker.FOLLOW);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return null;
            }
            throw e;
        }
    }

    private Mount emptyDirectory() {
        FileSystem empty = kernel.vfs.make("tmpfs", null, "tmpfs", "size=0k,mode=755");
        return Mount.of(empty, "tmpfs", SEALED);
    }

    /** /dev/null, as runc has it; an empty file where there is none. */
    private Mount nothing() {
        Path device = lookup("/dev/null");
        if (device != null && !device.inode().isDirectory()) {
            return namespace.copyForBind(device, false);
        }
        PseudoFileSystem empty = new PseudoFileSystem("tmpfs", TMPFS_MAGIC);
        empty.setRoot(PseudoFile.fixed(empty, ""));
        return Mount.of(empty, "tmpfs", SEALED);
    }
}
