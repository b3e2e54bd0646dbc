package gvj.vfs;

import gvj.abi.Fcntl;

/** When reading moves a file's atime: mount(2), open(2) O_NOATIME. */
final class Atime {
    private Atime() {}

    static void touch(FileDescription file) {
        if ((file.flags() & Fcntl.O_NOATIME) == 0) {
            touch(file.path().mount(), file.inode());
        }
    }

    static void touch(Mount mount, Inode inode) {
        int flags = mount.flags();
        if ((flags & (Mount.NOATIME | Mount.RDONLY)) != 0
                || (flags & Mount.NODIRATIME) != 0 && inode.isDirectory()
                || inode.fileSystem().isReadOnly()) {
            return;
        }
        inode.accessed((flags & Mount.RELATIME) != 0);
    }
}
