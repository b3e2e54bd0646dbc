package gvj.abi;

/** poll(2), epoll(7), eventfd(2), timerfd, signalfd, inotify(7), select and pipe constants. */
public final class Poll {
    public static final int EFD_SEMAPHORE = 1;
    public static final int EFD_NONBLOCK = 2048;
    public static final int EFD_CLOEXEC = 524288;

    public static final int EPOLL_CTL_ADD = 1;
    public static final int EPOLL_CTL_DEL = 2;
    public static final int EPOLL_CTL_MOD = 3;
    public static final int EPOLL_CLOEXEC = 524288;

    public static final int EPOLLERR = 8;

    public static final int EPOLLET = 0x80000000;

    public static final int EPOLLEXCLUSIVE = 268435456;

    public static final int EPOLLHUP = 16;

    public static final int EPOLLIN = 1;

    public static final int EPOLLMSG = 1024;

    public static final int EPOLLONESHOT = 1073741824;

    public static final int EPOLLOUT = 4;

    public static final int EPOLLPRI = 2;

    public static final int EPOLLRDBAND = 128;

    public static final int EPOLLRDHUP = 8192;

    public static final int EPOLLRDNORM = 64;

    public static final int EPOLLWAKEUP = 536870912;

    public static final int EPOLLWRBAND = 512;

    public static final int EPOLLWRNORM = 256;

    public static final int FD_SETSIZE = 0x400;

    public static final int IN_ACCESS = 1;
    public static final int IN_MODIFY = 2;
    public static final int IN_ATTRIB = 4;
    public static final int IN_CLOSE_WRITE = 8;
    public static final int IN_CLOSE_NOWRITE = 0x10;
    public static final int IN_CLOSE = 0x18;
    public static final int IN_OPEN = 0x20;
    public static final int IN_MOVED_FROM = 0x40;
    public static final int IN_MOVED_TO = 0x80;
    public static final int IN_MOVE = 0xc0;
    public static final int IN_CREATE = 0x100;
    public static final int IN_DELETE = 0x200;
    public static final int IN_DELETE_SELF = 0x400;
    public static final int IN_MOVE_SELF = 0x800;
    public static final int IN_NONBLOCK = 0x800;
    public static final int IN_ALL_EVENTS = 0xfff;
    public static final int IN_UNMOUNT = 0x2000;
    public static final int IN_Q_OVERFLOW = 0x4000;
    public static final int IN_IGNORED = 0x8000;
    public static final int IN_CLOEXEC = 0x80000;
    public static final int IN_ONLYDIR = 0x1000000;
    public static final int IN_DONT_FOLLOW = 0x2000000;
    public static final int IN_EXCL_UNLINK = 0x4000000;
    public static final int IN_MASK_CREATE = 0x10000000;
    public static final int IN_MASK_ADD = 0x20000000;
    public static final int IN_ISDIR = 0x40000000;
    public static final int IN_ONESHOT = 0x80000000;

    public static final long INT_FAST16_MIN = 0x8000000000000000L;
    public static final long INT_FAST32_MIN = 0x8000000000000000L;
    public static final long INT_FAST64_MIN = 0x8000000000000000L;
    public static final long INT_LEAST64_MIN = 0x8000000000000000L;
    public static final int INT_LEAST32_MIN = -2147483648;
    public static final int INT_LEAST16_MIN = -32768;
    public static final int INT_FAST8_MIN = -128;
    public static final int INT_LEAST8_MIN = -128;
    public static final int INT_FAST8_WIDTH = 8;
    public static final int INT_LEAST8_WIDTH = 8;
    public static final int INT_LEAST16_WIDTH = 0x10;
    public static final int INT_LEAST32_WIDTH = 0x20;
    public static final int INT_FAST16_WIDTH = 0x40;
    public static final int INT_FAST32_WIDTH = 0x40;
    public static final int INT_FAST64_WIDTH = 0x40;
    public static final int INT_LEAST64_WIDTH = 0x40;
    public static final int INT_FAST8_MAX = 0x7f;
    public static final int INT_LEAST8_MAX = 0x7f;
    public static final int INT_LEAST16_MAX = 0x7fff;
    public static final int INT_LEAST32_MAX = 0x7fffffff;
    public static final long INT_FAST16_MAX = 0x7fffffffffffffffL;
    public static final long INT_FAST32_MAX = 0x7fffffffffffffffL;
    public static final long INT_FAST64_MAX = 0x7fffffffffffffffL;
    public static final long INT_LEAST64_MAX = 0x7fffffffffffffffL;

    public static final int INT16_MIN = -32768;
    public static final int INT16_WIDTH = 0x10;
    public static final int INT16_MAX = 0x7fff;

    public static final int INT32_MIN = -2147483648;
    public static final int INT32_WIDTH = 0x20;
    public static final int INT32_MAX = 0x7fffffff;

    public static final long INT64_MIN = 0x8000000000000000L;
    public static final int INT64_WIDTH = 0x40;
    public static final long INT64_MAX = 0x7fffffffffffffffL;

    public static final int INT8_MIN = -128;
    public static final int INT8_WIDTH = 8;
    public static final int INT8_MAX = 0x7f;

    public static final long INTMAX_MIN = 0x8000000000000000L;
    public static final int INTMAX_WIDTH = 0x40;
    public static final long INTMAX_MAX = 0x7fffffffffffffffL;

    public static final long INTPTR_MIN = 0x8000000000000000L;
    public static final int INTPTR_WIDTH = 0x40;
    public static final long INTPTR_MAX = 0x7fffffffffffffffL;

    public static final int POLLERR = 8;

    public static final int POLLHUP = 0x10;

    public static final int POLLIN = 1;

    public static final int POLLMSG = 0x400;

    public static final int POLLNVAL = 0x20;

    public static final int POLLOUT = 4;

    public static final int POLLPRI = 2;

    public static final int POLLRDBAND = 0x80;

    public static final int POLLRDHUP = 0x2000;

    public static final int POLLRDNORM = 0x40;

    public static final int POLLREMOVE = 0x1000;

    public static final int POLLWRBAND = 0x200;

    public static final int POLLWRNORM = 0x100;

    public static final int SFD_NONBLOCK = 0x800;
    public static final int SFD_CLOEXEC = 0x80000;

    public static final int TFD_TIMER_ABSTIME = 1;
    public static final int TFD_TIMER_CANCEL_ON_SET = 2;
    public static final int TFD_NONBLOCK = 0x800;
    public static final int TFD_CLOEXEC = 0x80000;

    private Poll() {}
}
