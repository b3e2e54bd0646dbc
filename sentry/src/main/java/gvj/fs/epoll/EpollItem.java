package gvj.fs.epoll;

import gvj.abi.Poll;
import gvj.kernel.WaitEntry;
import gvj.vfs.FileDescription;

/** One file that an epoll instance watches. What is not final is guarded by locks of {@link Epoll}, as named there. */
final class EpollItem extends WaitEntry implements FileDescription.ReleaseWatch {
    /** Bits that say how to report, not what. */
    static final int PRIVATE = Poll.EPOLLET | Poll.EPOLLONESHOT | Poll.EPOLLEXCLUSIVE | Poll.EPOLLWAKEUP;

    final Epoll epoll;
    final FileDescription file;
    final int fd;

    /** What EPOLL_CTL_ADD or MOD asked for with EPOLLERR and EPOLLHUP; only private bits once EPOLLONESHOT fired. */
    volatile int interest;
    /** epoll_data. */
    long data;

    EpollItem nextSameFd;
    boolean removed;

    EpollItem previousReady;
    EpollItem nextReady;
    boolean isReady;

    EpollItem(Epoll epoll, FileDescription file, int fd, int interest, long data) {
        this.epoll = epoll;
        this.file = file;
        this.fd = fd;
        this.interest = interest;
        this.data = data;
        this.exclusive = (interest & Poll.EPOLLEXCLUSIVE) != 0;
        this.edges = (interest & Poll.EPOLLET) != 0;
    }

    /** The bits it wants to hear of; 0 if it is disabled. */
    int wanted() {
        return interest & ~PRIVATE;
    }

    /** What holds now among the wanted bits. */
    int pollFile() {
        int wanted = wanted();
        return wanted == 0 ? 0 : file.poll(wanted) & wanted;
    }

    @Override
    protected boolean wake(int happened) {
        return epoll.happened(this, happened);
    }

    @Override
    public void fileReleased(FileDescription released) {
        epoll.forget(this);
    }
}
