package gvj.vfs;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Stat;
import gvj.kernel.ErrnoException;

/**
 * The place in a sandbox at which something is to be mounted, found as container runtimes find it: relative paths begin at the
 * root, symbolic links and ".." are followed but never lead above it, and what does not exist is made.
 */
final class MountPlace {
    private static final int MAX_LINKS = 255;

    private final Caller caller;
    /** What is left to walk. */
    private String rest;
    /** Where the walk is: absolute, without links and dots; empty for the root. */
    private String at = "";

    private int links;

    private MountPlace(Caller caller, String destination) {
        this.caller = caller;
        this.rest = destination;
    }

    /** Finds the place, and makes it: a directory, or an empty file, and the directories above. */
    static Path make(Caller caller, String destination, boolean directory) {
        MountPlace place = new MountPlace(caller, destination);
        while (!place.rest.isEmpty()) {
            place.step();
        }
        return place.made(directory);
    }

    private void step() {
        int slash = rest.indexOf('/');
        String name = slash < 0 ? rest : rest.substring(0, slash);
        rest = slash < 0 ? "" : rest.substring(slash + 1);
        switch (name) {
            case "", "." -> {
                // stays where it is
            }
            case ".." -> at = at.substring(0, Math.max(at.lastIndexOf('/'), 0));
            default -> enter(at + "/" + name);
        }
    }

    private void enter(String next) {
        Path found = find(next);
        if (found == null || !found.inode().isSymlink()) {
            at = next;
            return;
        }
        if (++links > MAX_LINKS) {
            throw ErrnoException.of(Errno.ELOOP);
        }
        String target = found.inode().readlink();
        if (target.startsWith("/")) {
            at = "";
        }
        rest = target + "/" + rest;
    }

    /** What is there, not following a link; null for nothing. */
    private Path find(String path) {
        try {
            return caller.lookup(Fcntl.AT_FDCWD, path, 0);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
            return null;
        }
    }

    private Path made(boolean directory) {
        for (int slash = at.indexOf('/', 1); slash > 0; slash = at.indexOf('/', slash + 1)) {
            make(at.substring(0, slash), true);
        }
        if (!at.isEmpty()) {
            make(at, directory);
        }
        return caller.lookup(Fcntl.AT_FDCWD, at.isEmpty() ? "/" : at, 0);
    }

    private void make(String path, boolean directory) {
        if (find(path) != null) {
            return;
        }
        if (directory) {
            Names.mkdir(caller, Fcntl.AT_FDCWD, path, 0755);
        } else {
            Names.mknod(caller, Fcntl.AT_FDCWD, path, Stat.S_IFREG | 0755, 0, 0);
        }
    }
}
