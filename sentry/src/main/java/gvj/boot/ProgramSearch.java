package gvj.boot;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.kernel.ErrnoException;
import gvj.kernel.Kernel;
import gvj.kernel.NewProcess;
import gvj.kernel.Task;
import gvj.vfs.Caller;
import gvj.vfs.Inode;
import gvj.vfs.PathWalker;

/**
 * Finds and loads the program of a process, in its PATH if the name has no slash, as execvp(3) does. What it says of
 * failures is what container engines know from runc and turn into the statuses 126 and 127.
 */
final class ProgramSearch {
    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final int NOT_FOUND = 127;
    private static final int NOT_EXECUTABLE = 126;

    private final Kernel kernel;
    private final NewProcess made;
    private final Task task;
    private final ProcessSpec process;

    ProgramSearch(Kernel kernel, NewProcess made, ProcessSpec process) {
        this.kernel = kernel;
        this.made = made;
        this.task = made.task();
        this.process = process;
    }

    void load() throws BootException {
        String name = process.args().get(0);
        String path = name.indexOf('/') >= 0 ? name : search(name);
        if (path == null) {
            throw new BootException(NOT_FOUND, "exec: \"" + name + "\": executable file not found in $PATH");
        }
        try {
            made.load(path, process.args(), process.env());
        } catch (ErrnoException e) {
            throw failed(name, path, e.errno());
        }
    }

    private BootException failed(String name, String path, int errno) {
        String exec = "exec: \"" + name + "\": ";
        return switch (errno) {
            case Errno.ENOENT ->
                // its interpreter may be what is missing
                exists(path)
                        ? new BootException(NOT_FOUND, "exec " + path + ": no such file or directory")
                        : new BootException(NOT_FOUND, exec + "stat " + path + ": no such file or directory");
            case Errno.ENOTDIR -> new BootException(NOT_FOUND, exec + "stat " + path + ": not a directory");
            case Errno.EACCES ->
                isDirectory(path)
                        ? new BootException(NOT_EXECUTABLE, exec + "is a directory")
                        : new BootException(NOT_EXECUTABLE, exec + "permission denied");
            case Errno.ENOEXEC -> new BootException(NOT_EXECUTABLE, "exec " + path + ": exec format error");
            default -> new BootException(NOT_EXECUTABLE, "exec " + path + ": " + Messages.of(errno));
        };
    }

    private String search(String name) {
        if (name.isEmpty()) {
            return null;
        }
        String variable = DEFAULT_PATH;
        for (String setting : process.env()) {
            if (setting.startsWith("PATH=")) {
                variable = setting.substring(5);
            }
        }
        String denied = null;
        for (String directory : variable.split(":")) {
            String candidate = (directory.isEmpty() ? "." : directory) + "/" + name;
            try {
                kernel.vfs.openForExec(task, Fcntl.AT_FDCWD, candidate, 0).decRef();
                return candidate;
            } catch (ErrnoException e) {
                Inode inode = e.errno() == Errno.EACCES ? inode(candidate) : null;
                if (inode != null && inode.isRegular()) {
                    denied = candidate;
                }
            }
        }
        return denied;
    }

    private boolean exists(String path) {
        return inode(path) != null;
    }

    private boolean isDirectory(String path) {
        Inode inode = inode(path);
        return inode != null && inode.isDirectory();
    }

    private Inode inode(String path) {
        try {
            return Caller.of(task)
                    .lookup(Fcntl.AT_FDCWD, path, PathWalker.FOLLOW)
                    .inode();
        } catch (ErrnoException e) {
            return null;
        }
    }
}
