package gvj.fs.tmpfs;

/** A device, fifo or socket. */
final class TmpfsSpecial extends TmpfsInode {
    private final int rdevMajor;
    private final int rdevMinor;

    TmpfsSpecial(TmpFs fs, int mode, int uid, int gid, int rdevMajor, int rdevMinor) {
        super(fs, mode, uid, gid);
        this.rdevMajor = rdevMajor;
        this.rdevMinor = rdevMinor;
    }

    @Override
    long bytes() {
        return 0;
    }

    @Override
    int rdevMajor() {
        return rdevMajor;
    }

    @Override
    int rdevMinor() {
        return rdevMinor;
    }
}
