package gvj.fs.tmpfs;

import gvj.abi.Stat;

/** A symbolic link. */
final class TmpfsSymlink extends TmpfsInode {
    private final String target;

    TmpfsSymlink(TmpFs fs, int uid, int gid, String target) {
        super(fs, Stat.S_IFLNK | 0777, uid, gid);
        this.target = target;
    }

    @Override
    long bytes() {
        return target.length();
    }

    @Override
    public String readlink() {
        return target;
    }
}
