package gvj.vfs;

import gvj.abi.Errno;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import java.util.Arrays;

/**
 * File descriptors of a process: Linux's {@code files_struct}.
 *
 * <p>Lock: the table's monitor guards the arrays; lookups take it too, because taking the reference must not race with
 * close. It is innermost: nothing is called while it is held.
 */
public final class FdTable {
    /** No process may have more, whatever its rlimit: fs.nr_open. */
    public static final int NR_OPEN = 1 << 20;

    private FileDescription[] files = new FileDescription[16];
    private boolean[] closeOnExec = new boolean[16];
    private int firstFree;
    private int users = 1;

    /** The description behind {@code fd} with a reference taken; EBADF if there is none. The caller drops it. */
    public FileDescription get(int fd) {
        FileDescription file = getOrNull(fd);
        if (file == null) {
            throw ErrnoException.of(Errno.EBADF);
        }
        return file;
    }

    /** As {@link #get}, null instead of EBADF. */
    public synchronized FileDescription getOrNull(int fd) {
        if (fd < 0 || fd >= files.length || files[fd] == null) {
            return null;
        }
        files[fd].incRef();
        return files[fd];
    }

    /**
     * Puts {@code file} at the lowest free descriptor that is at least {@code from}. The caller's reference moves into the
     * table.
     *
     * @param limit RLIMIT_NOFILE; EMFILE at or above it
     */
    public synchronized int install(FileDescription file, int from, boolean cloexec, long limit) {
        int fd = Math.max(from, from <= firstFree ? firstFree : from);
        while (fd < files.length && files[fd] != null) {
            fd++;
        }
        if (fd >= Math.min(limit, NR_OPEN)) {
            throw ErrnoException.of(Errno.EMFILE);
        }
        grow(fd);
        files[fd] = file;
        closeOnExec[fd] = cloexec;
        if (from <= firstFree) {
            firstFree = fd + 1;
        }
        return fd;
    }

    /** dup2: puts {@code file} at exactly {@code fd}; answers what was there, whose reference is now the caller's. */
    public synchronized FileDescription replace(int fd, FileDescription file, boolean cloexec) {
        grow(fd);
        FileDescription old = files[fd];
        files[fd] = file;
        closeOnExec[fd] = cloexec;
        return old;
    }

    /** Takes {@code fd} out; the table's reference is now the caller's. EBADF if there is none. */
    public synchronized FileDescription remove(int fd) {
        if (fd < 0 || fd >= files.length || files[fd] == null) {
            throw ErrnoException.of(Errno.EBADF);
        }
        FileDescription old = files[fd];
        files[fd] = null;
        firstFree = Math.min(firstFree, fd);
        return old;
    }

    /** close(2) of a description that {@link #remove} or {@link #replace} took out: drops its reference. */
    public void close(FileDescription file, Task task) {
        VfsHooks.closing(file, this, task);
        file.decRef();
    }

    /** FD_CLOEXEC of {@code fd}; EBADF. */
    public synchronized boolean closeOnExec(int fd) {
        check(fd);
        return closeOnExec[fd];
    }

    /** Sets FD_CLOEXEC of {@code fd}; EBADF. */
    public synchronized void setCloseOnExec(int fd, boolean value) {
        check(fd);
        closeOnExec[fd] = value;
    }

    /** A copy for fork, with references on everything. */
    public synchronized FdTable copy() {
        FdTable copy = new FdTable();
        copy.files = files.clone();
        copy.closeOnExec = closeOnExec.clone();
        copy.firstFree = firstFree;
        for (FileDescription file : copy.files) {
            if (file != null) {
                file.incRef();
            }
        }
        return copy;
    }

    /** One more task uses the table (CLONE_FILES). */
    public synchronized void incUsers() {
        users++;
    }

    /** How many tasks use it. */
    public synchronized int users() {
        return users;
    }

    /** A task stops using the table; the last one closes everything. */
    public void decUsers(Task task) {
        FileDescription[] all;
        synchronized (this) {
            if (--users > 0) {
                return;
            }
            all = files;
            files = new FileDescription[0];
            closeOnExec = new boolean[0];
        }
        for (FileDescription file : all) {
            if (file != null) {
                VfsHooks.closing(file, this, task);
                file.decRef();
            }
        }
    }

    /** execve: closes everything marked so. */
    public void closeOnExec(Task task) {
        for (int fd = 0; ; fd++) {
            FileDescription file = null;
            synchronized (this) {
                if (fd >= files.length) {
                    return;
                }
                if (files[fd] != null && closeOnExec[fd]) {
                    file = remove(fd);
                }
            }
            if (file != null) {
                VfsHooks.closing(file, this, task);
                file.decRef();
            }
        }
    }

    /** Descriptors the table has room for: what select(2) looks at, at most; a multiple of 64. */
    public synchronized int capacity() {
        return (files.length + 63) & ~63;
    }

    /** The lowest open descriptor that is at least {@code from}, or -1. */
    public synchronized int next(int from) {
        for (int fd = Math.max(from, 0); fd < files.length; fd++) {
            if (files[fd] != null) {
                return fd;
            }
        }
        return -1;
    }

    /** How many descriptors are open. */
    public synchronized int open() {
        int count = 0;
        for (FileDescription file : files) {
            count += file == null ? 0 : 1;
        }
        return count;
    }

    private void check(int fd) {
        if (fd < 0 || fd >= files.length || files[fd] == null) {
            throw ErrnoException.of(Errno.EBADF);
        }
    }

    private void grow(int fd) {
        if (fd >= files.length) {
            int size = Math.max(fd + 1, files.length * 2);
            files = Arrays.copyOf(files, size);
            closeOnExec = Arrays.copyOf(closeOnExec, size);
        }
    }
}
