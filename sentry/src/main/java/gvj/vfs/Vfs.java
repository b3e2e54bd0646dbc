package gvj.vfs;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.fs.tmpfs.TmpFs;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.Kernel;
import gvj.kernel.Task;
import gvj.kernel.UserNamespace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The virtual file system of one sandbox, seen from the rest of the kernel: types of file systems, the first mounts,
 * programs to execute, names of places.
 *
 * <p>Lock: the monitor guards the table of types and the file system of anonymous memory.
 */
public final class Vfs {
    /** Makes a file system of one type for mount(2). */
    @FunctionalInterface
    public interface Type {
        /**
         * A new instance, or the one there is.
         *
         * @param task null while the sandbox starts
         * @param data options behind {@code -o} that are not flags; EINVAL for unknown ones
         */
        FileSystem make(Task task, String source, String data);
    }

    private final Kernel kernel;
    private final Map<String, Type> types = new TreeMap<>();
    private TmpFs shmem;

    public Vfs(Kernel kernel) {
        this.kernel = kernel;
        register("tmpfs", (task, source, data) -> new TmpFs(kernel.memoryFile, data));
        register("ramfs", (task, source, data) -> new TmpFs(kernel.memoryFile, "size=0,nr_inodes=0,mode=755"));
    }

    /** Makes a type known to mount(2) and /proc/filesystems. */
    public synchronized void register(String name, Type type) {
        types.put(name, type);
    }

    /** The names of all types. */
    public synchronized List<String> typeNames() {
        return new ArrayList<>(types.keySet());
    }

    /** A file system for mount(2); ENODEV for an unknown type. */
    public FileSystem make(String name, Task task, String source, String data) {
        Type type;
        synchronized (this) {
            type = types.get(name);
        }
        if (type == null) {
            throw ErrnoException.of(Errno.ENODEV);
        }
        return type.make(task, source, data);
    }

    /** The tmpfs that holds memfds and shared memory without a name in a directory. */
    public synchronized TmpFs shmem() {
        if (shmem == null) {
            shmem = TmpFs.unlimited(kernel.memoryFile);
        }
        return shmem;
    }

    /** A namespace with one mount. */
    public MountNamespace newNamespace(FileSystem root, String source, int mountFlags) {
        return new MountNamespace(Mount.of(root, source, mountFlags), kernel.rootUserNamespace);
    }

    /** Root's credentials in the first user namespace: as whom the Sentry sets a sandbox up. */
    public static Credentials rootCredentials(UserNamespace namespace) {
        long all = (1L << Capability.CAP_LAST_CAP + 1) - 1;
        return new Credentials(0, 0, 0, 0, 0, 0, 0, 0, new int[0], 0, all, all, all, 0, 0, false, namespace);
    }

    /** The Sentry itself as a caller in {@code namespace}. */
    public Caller bootCaller(MountNamespace namespace) {
        Path root = namespace.rootPath();
        return new Caller(null, rootCredentials(kernel.rootUserNamespace), root, root, 0);
    }

    /**
     * Mounts {@code fs} at a place seen from the namespace's root, making directories (or an empty file if {@code fs} is a
     * single file) that are missing.
     */
    public void mountAt(MountNamespace namespace, FileSystem fs, String source, String destination, int mountFlags) {
        Path place =
                MountPlace.make(bootCaller(namespace), destination, fs.root().isDirectory());
        namespace.attach(Mount.of(fs, source, mountFlags), place);
    }

    /**
     * Opens a program: execve(2), execveat(2). Nobody can open it for writing until the last reference is gone.
     *
     * @param flags AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH
     * @return with one reference; EACCES unless it is a regular file that may be executed, ETXTBSY, ELOOP
     */
    public FileDescription openForExec(Task task, int dirfd, String path, int flags) {
        Caller caller = Caller.of(task);
        int walk = ((flags & Fcntl.AT_SYMLINK_NOFOLLOW) != 0 ? 0 : PathWalker.FOLLOW)
                | ((flags & Fcntl.AT_EMPTY_PATH) != 0 ? PathWalker.EMPTY : 0);
        return openForExec(caller, caller.lookup(dirfd, path, walk));
    }

    /** As above, of a place that was looked up already. */
    public FileDescription openForExec(Caller caller, Path found) {
        Inode inode = found.inode();
        if (inode.isSymlink()) {
            throw ErrnoException.of(Errno.ELOOP);
        }
        if (!inode.isRegular() || found.mount().has(Mount.NOEXEC)) {
            throw ErrnoException.of(Errno.EACCES);
        }
        Permissions.check(caller.creds(), found, Fcntl.X_OK);
        inode.denyWriteAccess();
        try {
            FileDescription file = inode.open(caller.task(), found, Fcntl.O_RDONLY | Fcntl.O_LARGEFILE);
            file.deniesWriting = true;
            return file;
        } catch (ErrnoException e) {
            inode.allowWriteAccess();
            throw e;
        }
    }

    /** The name of a place as seen from {@code root}, " (deleted)" behind it if it was removed. */
    public static String pathName(Path path, Path root) {
        return PathNames.of(path, root);
    }
}
