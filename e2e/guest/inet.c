/* TCP over IPv4: connecting, names, blocking and not, shutting down, urgent data, readiness, files to sockets. */
#include "guest.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <linux/sockios.h>

static struct sockaddr_in loopback(int port) {
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
}

/* A listener on a port that the kernel chose. */
static int listener(struct sockaddr_in *at, int backlog) {
    socklen_t length = sizeof *at;
    int s = socket(AF_INET, SOCK_STREAM, 0);
    *at = loopback(0);
    MUST(s >= 0 && bind(s, (void *)at, sizeof *at) == 0 && listen(s, backlog) == 0);
    MUST(getsockname(s, (void *)at, &length) == 0 && length == sizeof *at && at->sin_port != 0);
    return s;
}

/* Two connected sockets: the one that connected first. */
static void tcp_pair(int s[2]) {
    struct sockaddr_in at;
    int l = listener(&at, 5);
    s[0] = socket(AF_INET, SOCK_STREAM, 0);
    MUST(s[0] >= 0 && connect(s[0], (void *)&at, sizeof at) == 0);
    MUST((s[1] = accept(l, NULL, NULL)) >= 0);
    close(l);
}

/* A port that nobody listens on. */
static struct sockaddr_in nobody(void) {
    struct sockaddr_in at;
    close(listener(&at, 1));
    return at;
}

static int ready(int fd, int events, int timeout) {
    struct pollfd p = {fd, events, 0};
    int n = poll(&p, 1, timeout);
    return n < 0 ? -errno : p.revents;
}

static int nonblocking(int fd) {
    return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

TEST(families_types_and_protocols) {
    CHECK_ERRNO(socket(AF_INET, SOCK_SEQPACKET, 0), ESOCKTNOSUPPORT);
    CHECK_ERRNO(socket(AF_INET, SOCK_RDM, 0), ESOCKTNOSUPPORT);
    CHECK_ERRNO(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP), EPROTONOSUPPORT);
    CHECK_ERRNO(socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP), EPROTONOSUPPORT);
    CHECK_ERRNO(socket(AF_INET, SOCK_STREAM, -1), EINVAL);
    CHECK_ERRNO(socket(AF_INET, SOCK_STREAM, 100000), EINVAL);
    CHECK_ERRNO(socket(AF_INET, SOCK_RAW, 0), EPROTONOSUPPORT);
    CHECK_ERRNO(socket(AF_INET, 77, 0), EINVAL);
    int pair[2];
    CHECK_ERRNO(socketpair(AF_INET, SOCK_STREAM, 0, pair), EOPNOTSUPP);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
    MUST(s >= 0);
    CHECK_EQ(fcntl(s, F_GETFD), FD_CLOEXEC);
    CHECK_EQ(fcntl(s, F_GETFL), O_RDWR | O_NONBLOCK);
    struct stat st;
    CHECK_EQ(fstat(s, &st), 0);
    CHECK(S_ISSOCK(st.st_mode));
    CHECK_ERRNO(lseek(s, 0, SEEK_SET), ESPIPE);
    CHECK_ERRNO(pread(s, &st, 1, 0), ESPIPE);
    close(s);
}

TEST(raw_needs_a_capability) {
    pid_t pid = FORK();
    if (pid == 0) {
        MUST(setresuid(65534, 65534, 65534) == 0);
        CHECK_ERRNO(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), EPERM);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

TEST(privileged_ports) {
    pid_t pid = FORK();
    if (pid == 0) {
        MUST(setresuid(65534, 65534, 65534) == 0);
        struct sockaddr_in at = loopback(81);
        int s = socket(AF_INET, SOCK_STREAM, 0);
        CHECK_ERRNO(bind(s, (void *)&at, sizeof at), EACCES);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

TEST(addresses_that_are_none) {
    struct sockaddr_in at = loopback(0);
    int s = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_ERRNO(bind(s, (void *)&at, 15), EINVAL);
    CHECK_ERRNO(bind(s, (void *)&at, -1), EINVAL);
    CHECK_ERRNO(bind(s, (void *)&at, 1000), EINVAL);
    CHECK_ERRNO(bind(s, (void *)8, sizeof at), EFAULT);
    at.sin_family = AF_INET6;
    CHECK_ERRNO(bind(s, (void *)&at, sizeof at), EAFNOSUPPORT);
    CHECK_ERRNO(connect(s, (void *)&at, sizeof at), EAFNOSUPPORT);
    at.sin_family = AF_UNSPEC;
    CHECK_ERRNO(bind(s, (void *)&at, sizeof at), EAFNOSUPPORT);
    at.sin_family = AF_INET;
    CHECK_ERRNO(connect(s, (void *)&at, 1), EINVAL);
    CHECK_ERRNO(connect(s, (void *)&at, 8), EINVAL);
    at.sin_addr.s_addr = inet_addr("203.0.113.7");
    CHECK_ERRNO(bind(s, (void *)&at, sizeof at), EADDRNOTAVAIL);
    at.sin_family = AF_UNSPEC;
    at.sin_addr.s_addr = 0;
    CHECK_EQ(bind(s, (void *)&at, sizeof at), 0);
    CHECK_ERRNO(bind(s, (void *)&at, sizeof at), EINVAL);
}

TEST(names) {
    struct sockaddr_in at, name;
    int l = listener(&at, 1), c = socket(AF_INET, SOCK_STREAM, 0);
    socklen_t length = sizeof name;
    CHECK_EQ(getsockname(c, (void *)&name, &length), 0);
    CHECK_EQ(length, sizeof name);
    CHECK_EQ(name.sin_family, AF_INET);
    CHECK_EQ(name.sin_port, 0);
    CHECK_ERRNO(getpeername(c, (void *)&name, &length), ENOTCONN);
    CHECK_EQ(connect(c, (void *)&at, sizeof at), 0);
    CHECK_ERRNO(connect(c, (void *)&at, sizeof at), EISCONN);
    CHECK_EQ(getpeername(c, (void *)&name, &length), 0);
    CHECK(!memcmp(&name, &at, sizeof at));
    length = 4;
    memset(&name, 0x55, sizeof name);
    CHECK_EQ(getpeername(c, (void *)&name, &length), 0);
    CHECK_EQ(length, sizeof name);
    CHECK_EQ(name.sin_addr.s_addr, 0x55555555);
    length = -1;
    CHECK_ERRNO(getpeername(c, (void *)&name, &length), EINVAL);
    struct sockaddr_in from, own;
    length = sizeof from;
    int a = accept4(l, (void *)&from, &length, SOCK_NONBLOCK);
    MUST(a >= 0);
    CHECK_EQ(fcntl(a, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    CHECK_EQ(fcntl(a, F_GETFD), 0);
    length = sizeof own;
    CHECK_EQ(getsockname(c, (void *)&own, &length), 0);
    CHECK(!memcmp(&from, &own, sizeof own));
    CHECK_ERRNO(accept4(l, NULL, NULL, 1), EINVAL);
    CHECK_ERRNO(accept(c, NULL, NULL), EINVAL);
    CHECK_ERRNO(listen(c, 1), EINVAL);
}

TEST(address_in_use) {
    struct sockaddr_in at;
    int l = listener(&at, 1), s = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    CHECK_ERRNO(bind(s, (void *)&at, sizeof at), EADDRINUSE);
    CHECK_EQ(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one), 0);
    CHECK_ERRNO(bind(s, (void *)&at, sizeof at), EADDRINUSE);
    close(l);
    CHECK_EQ(bind(s, (void *)&at, sizeof at), 0);
    CHECK_EQ(listen(s, 1), 0);
}

TEST(many_on_one_port) {
    int s[3], one = 1;
    struct sockaddr_in at = loopback(0);
    socklen_t length = sizeof at;
    for (int i = 0; i < 3; i++) {
        s[i] = socket(AF_INET, SOCK_STREAM, 0);
        CHECK_EQ(setsockopt(s[i], SOL_SOCKET, SO_REUSEPORT, &one, sizeof one), 0);
        CHECK_EQ(bind(s[i], (void *)&at, sizeof at), 0);
        CHECK_EQ(getsockname(s[i], (void *)&at, &length), 0);
        CHECK_EQ(listen(s[i], 8), 0);
    }
    int c = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_EQ(connect(c, (void *)&at, sizeof at), 0);
    struct pollfd p[3];
    for (int i = 0; i < 3; i++)
        p[i] = (struct pollfd){s[i], POLLIN, 0};
    CHECK_EQ(poll(p, 3, 5000), 1);
}

TEST(refused) {
    struct sockaddr_in at = nobody();
    int s = socket(AF_INET, SOCK_STREAM, 0), error = -1;
    socklen_t length = sizeof error;
    CHECK_ERRNO(connect(s, (void *)&at, sizeof at), ECONNREFUSED);
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_ERROR, &error, &length), 0);
    CHECK_EQ(error, 0);
    s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    int r = connect(s, (void *)&at, sizeof at);
    CHECK(r == -1 && (errno == EINPROGRESS || errno == ECONNREFUSED));
    CHECK_EQ(ready(s, POLLOUT, 5000), POLLOUT | POLLERR | POLLHUP);
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_ERROR, &error, &length), 0);
    CHECK_EQ(error, ECONNREFUSED);
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_ERROR, &error, &length), 0);
    CHECK_EQ(error, 0);
}

TEST(connecting_without_waiting) {
    struct sockaddr_in at;
    int l = listener(&at, 1), s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), error = -1;
    socklen_t length = sizeof error;
    CHECK_EQ(ready(s, POLLIN | POLLOUT, 0), POLLOUT | POLLHUP);
    CHECK_ERRNO(connect(s, (void *)&at, sizeof at), EINPROGRESS);
    CHECK_EQ(ready(s, POLLOUT, 5000), POLLOUT);
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_ERROR, &error, &length), 0);
    CHECK_EQ(error, 0);
    CHECK_EQ(connect(s, (void *)&at, sizeof at), 0);
    CHECK_ERRNO(connect(s, (void *)&at, sizeof at), EISCONN);
    CHECK_ERRNO(recv(s, &error, 1, 0), EAGAIN);
    close(l);
}

TEST(dissolving_a_connection) {
    int s[2];
    tcp_pair(s);
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    CHECK_EQ(connect(s[0], &none, sizeof none), 0);
    struct sockaddr_in name;
    socklen_t length = sizeof name;
    CHECK_ERRNO(getpeername(s[0], (void *)&name, &length), ENOTCONN);
    struct sockaddr_in at;
    int l = listener(&at, 1);
    CHECK_EQ(connect(s[0], (void *)&at, sizeof at), 0);
    close(l);
}

TEST(accepting_without_waiting) {
    struct sockaddr_in at;
    int l = listener(&at, 1);
    nonblocking(l);
    CHECK_ERRNO(accept(l, NULL, NULL), EAGAIN);
    CHECK_EQ(ready(l, POLLIN | POLLOUT, 0), 0);
    int c = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_EQ(connect(c, (void *)&at, sizeof at), 0);
    CHECK_EQ(ready(l, POLLIN | POLLOUT, 5000), POLLIN);
    int a = accept(l, NULL, NULL);
    CHECK(a >= 0);
    CHECK_EQ(fcntl(a, F_GETFL), O_RDWR);
}

TEST(accepting_late) {
    struct sockaddr_in at;
    int l = listener(&at, 1);
    pid_t pid = FORK();
    if (pid == 0) {
        nap(50);
        int c = socket(AF_INET, SOCK_STREAM, 0);
        CHECK_EQ(connect(c, (void *)&at, sizeof at), 0);
        CHECK_EQ(write(c, "late", 4), 4);
        DONE();
    }
    int a = accept(l, NULL, NULL);
    MUST(a >= 0);
    char text[8];
    CHECK_EQ(read(a, text, 8), 4);
    CHECK_EQ(read(a, text, 8), 0);
    CHECK_EXIT(pid, 0);
}

TEST(streams_have_no_borders) {
    int s[2];
    tcp_pair(s);
    char text[16] = {0};
    CHECK_EQ(write(s[0], "abc", 3), 3);
    CHECK_EQ(write(s[0], "defgh", 5), 5);
    CHECK_EQ(recv(s[1], text, 4, MSG_WAITALL), 4);
    CHECK_STR(text, "abcd");
    CHECK_EQ(recv(s[1], text, 4, MSG_PEEK | MSG_WAITALL), 4);
    CHECK_STR(text, "efgh");
    int n = -1;
    CHECK_EQ(ioctl(s[1], FIONREAD, &n), 0);
    CHECK_EQ(n, 4);
    struct iovec iov[3] = {{text, 1}, {text + 8, 0}, {text + 9, 3}};
    CHECK_EQ(readv(s[1], iov, 3), 4);
    CHECK_STR(text + 9, "fgh");
    CHECK_ERRNO(recv(s[1], text, 1, MSG_DONTWAIT), EAGAIN);
    CHECK_EQ(send(s[0], "xyz", 3, MSG_MORE), 3);
    CHECK_EQ(send(s[0], "!", 1, 0), 1);
    CHECK_EQ(recv(s[1], text, 4, MSG_WAITALL), 4);
    CHECK_EQ(send(s[0], "thrown away", 11, 0), 11);
    CHECK_EQ(recv(s[1], NULL, 7, MSG_TRUNC | MSG_WAITALL), 7);
    CHECK_EQ(recv(s[1], text, 16, 0), 4);
    text[4] = 0;
    CHECK_STR(text, "away");
}

TEST(shutting_down) {
    int s[2];
    tcp_pair(s);
    char c;
    CHECK_EQ(ready(s[1], POLLIN | POLLOUT | POLLRDHUP, 0), POLLOUT);
    CHECK_EQ(shutdown(s[0], SHUT_WR), 0);
    CHECK_EQ(ready(s[1], POLLIN | POLLRDHUP, 5000), POLLIN | POLLRDHUP);
    CHECK_EQ(read(s[1], &c, 1), 0);
    CHECK_ERRNO(send(s[0], "x", 1, MSG_NOSIGNAL), EPIPE);
    CHECK_EQ(write(s[1], "y", 1), 1);
    CHECK_EQ(read(s[0], &c, 1), 1);
    CHECK_EQ(shutdown(s[1], SHUT_RDWR), 0);
    CHECK_EQ(ready(s[0], POLLIN | POLLOUT | POLLRDHUP, 5000), POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
    CHECK_ERRNO(shutdown(s[0], 3), EINVAL);
    int u = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_ERRNO(shutdown(u, SHUT_WR), ENOTCONN);
    CHECK_ERRNO(send(u, "x", 1, MSG_NOSIGNAL), EPIPE);
    CHECK_ERRNO(recv(u, &c, 1, 0), ENOTCONN);
}

TEST(broken_pipe_is_a_signal) {
    pid_t pid = FORK();
    if (pid == 0) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        int s[2];
        tcp_pair(s);
        shutdown(s[0], SHUT_WR);
        write(s[0], "x", 1);
        DONE();
    }
    CHECK_KILLED(pid, SIGPIPE);
}

TEST(reset) {
    int s[2];
    tcp_pair(s);
    struct linger hard = {1, 0};
    char c;
    CHECK_EQ(setsockopt(s[0], SOL_SOCKET, SO_LINGER, &hard, sizeof hard), 0);
    close(s[0]);
    CHECK_EQ(ready(s[1], POLLIN | POLLOUT | POLLRDHUP, 5000), POLLIN | POLLOUT | POLLRDHUP | POLLERR | POLLHUP);
    CHECK_ERRNO(read(s[1], &c, 1), ECONNRESET);
    CHECK_EQ(read(s[1], &c, 1), 0);
    CHECK_ERRNO(send(s[1], "x", 1, MSG_NOSIGNAL), EPIPE);
}

TEST(full_and_empty_again) {
    int s[2];
    tcp_pair(s);
    nonblocking(s[0]);
    static char data[1 << 16];
    long sent = 0, got = 0, n;
    while ((n = write(s[0], data, sizeof data)) > 0)
        sent += n;
    CHECK(n == -1 && errno == EAGAIN);
    CHECK_EQ(ready(s[0], POLLOUT, 0), 0);
    struct pollfd p = {s[0], POLLOUT, 0};
    pid_t pid = FORK();
    if (pid == 0) {
        close(s[0]);
        while ((n = read(s[1], data, sizeof data)) > 0)
            got += n;
        CHECK_EQ(got, sent + 1);
        DONE();
    }
    CHECK_EQ(poll(&p, 1, 5000), 1);
    CHECK_EQ(p.revents, POLLOUT);
    fcntl(s[0], F_SETFL, O_RDWR);
    CHECK_EQ(write(s[0], "x", 1), 1);
    close(s[0]);
    close(s[1]);
    CHECK_EXIT(pid, 0);
}

TEST(much_at_once) {
    int s[2];
    tcp_pair(s);
    size_t size = 5 << 20;
    unsigned char *data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (size_t i = 0; i < size; i++)
        data[i] = i * 7 >> 3;
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(send(s[0], data, size, 0), size);
        DONE();
    }
    unsigned char *got = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK_EQ(recv(s[1], got, size, MSG_WAITALL), size);
    CHECK(!memcmp(got, data, size));
    CHECK_EXIT(pid, 0);
}

TEST(memory_that_ends) {
    int s[2];
    tcp_pair(s);
    char *two = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(two, 'a', 8192);
    munmap(two + 4096, 4096);
    CHECK_ERRNO(send(s[0], (void *)8, 1, 0), EFAULT);
    CHECK_ERRNO(send(s[0], two + 4096, 10, 0), EFAULT);
    CHECK_EQ(send(s[0], two + 4090, 6, 0), 6);
    CHECK_ERRNO(recv(s[1], two + 4096, 4, 0), EFAULT);
    CHECK_EQ(recv(s[1], two, 4, 0), 4);
    mprotect(two, 4096, PROT_READ);
    CHECK_ERRNO(recv(s[1], two, 1, 0), EFAULT);
    mprotect(two, 4096, PROT_READ | PROT_WRITE);
    CHECK_EQ(recv(s[1], two, 2, 0), 2);
    nonblocking(s[1]);
    CHECK_ERRNO(recvfrom(s[1], two, 4096, 0, NULL, NULL), EAGAIN);
}

TEST(waits_end) {
    int s[2];
    tcp_pair(s);
    char c;
    struct timeval t = {0, 30000};
    CHECK_EQ(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t), 0);
    long long begin = now_ms();
    CHECK_ERRNO(recv(s[0], &c, 1, 0), EAGAIN);
    CHECK(now_ms() - begin >= 29);
    struct sockaddr_in at;
    int l = listener(&at, 1);
    CHECK_EQ(setsockopt(l, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t), 0);
    CHECK_ERRNO(accept(l, NULL, NULL), EAGAIN);
}

static void nothing(int signal) { (void)signal; }

TEST(signals_interrupt) {
    int s[2];
    tcp_pair(s);
    char c;
    struct sigaction a = {.sa_handler = nothing};
    sigaction(SIGALRM, &a, NULL);
    struct itimerval soon = {{0, 20000}, {0, 20000}};
    setitimer(ITIMER_REAL, &soon, NULL);
    CHECK_ERRNO(recv(s[0], &c, 1, 0), EINTR);
    struct pollfd p = {s[0], POLLIN, 0};
    CHECK_ERRNO(poll(&p, 1, -1), EINTR);
    struct sockaddr_in at;
    int l = listener(&at, 1);
    CHECK_ERRNO(accept(l, NULL, NULL), EINTR);
    a.sa_flags = SA_RESTART;
    sigaction(SIGALRM, &a, NULL);
    pid_t pid = FORK();
    if (pid == 0) {
        nap(100);
        CHECK_EQ(write(s[1], "z", 1), 1);
        DONE();
    }
    CHECK_EQ(recv(s[0], &c, 1, 0), 1);
    memset(&soon, 0, sizeof soon);
    setitimer(ITIMER_REAL, &soon, NULL);
    CHECK_EXIT(pid, 0);
}

TEST(killed_while_waiting) {
    int s[2];
    tcp_pair(s);
    pid_t pid = FORK();
    if (pid == 0) {
        char c;
        recv(s[0], &c, 1, 0);
        DONE();
    }
    nap(30);
    kill(pid, SIGKILL);
    CHECK_KILLED(pid, SIGKILL);
}

static volatile int urgent_signals;
static void on_urgent(int signal) {
    (void)signal;
    urgent_signals++;
}

TEST(urgent_data) {
    int s[2], mark = -1, one = 1;
    tcp_pair(s);
    char text[8] = {0};
    signal(SIGURG, on_urgent);
    CHECK_EQ(fcntl(s[1], F_SETOWN, getpid()), 0);
    CHECK_ERRNO(recv(s[1], text, 1, MSG_OOB), EINVAL);
    CHECK_EQ(send(s[0], "ab!", 3, MSG_OOB), 3);
    CHECK_EQ(ready(s[1], POLLPRI, 5000), POLLPRI);
    CHECK(UNTIL(urgent_signals == 1));
    CHECK_EQ(ready(s[1], POLLPRI | POLLIN, 0), POLLPRI | POLLIN);
    fd_set except;
    FD_ZERO(&except);
    FD_SET(s[1], &except);
    CHECK_EQ(select(s[1] + 1, NULL, NULL, &except, NULL), 1);
    CHECK_EQ(ioctl(s[1], SIOCATMARK, &mark), 0);
    CHECK_EQ(mark, 0);
    CHECK_EQ(recv(s[1], text, 8, 0), 2);
    CHECK_STR(text, "ab");
    CHECK_EQ(ioctl(s[1], SIOCATMARK, &mark), 0);
    CHECK_EQ(mark, 1);
    CHECK_EQ(recv(s[1], text, 1, MSG_OOB), 1);
    CHECK_EQ(text[0], '!');
    CHECK_ERRNO(recv(s[1], text, 1, MSG_OOB), EINVAL);
    CHECK_EQ(write(s[0], "-", 1), 1);
    CHECK_EQ(recv(s[1], text, 8, 0), 1);
    CHECK_EQ(setsockopt(s[1], SOL_SOCKET, SO_OOBINLINE, &one, sizeof one), 0);
    CHECK_EQ(send(s[0], "cd", 2, MSG_OOB), 2);
    CHECK_EQ(ready(s[1], POLLPRI, 5000), POLLPRI);
    CHECK_EQ(recv(s[1], text, 8, 0), 1);
    CHECK_EQ(recv(s[1], text, 8, 0), 1);
    CHECK_EQ(text[0], 'd');
    CHECK(UNTIL(urgent_signals == 2));
}

TEST(epoll_levels_and_edges) {
    int s[2];
    tcp_pair(s);
    int level = epoll_create1(0), edge = epoll_create1(0);
    struct epoll_event e = {EPOLLIN | EPOLLRDHUP, {.u64 = 1}}, got[4];
    CHECK_EQ(epoll_ctl(level, EPOLL_CTL_ADD, s[0], &e), 0);
    e.events |= EPOLLET;
    CHECK_EQ(epoll_ctl(edge, EPOLL_CTL_ADD, s[0], &e), 0);
    CHECK_EQ(epoll_wait(level, got, 4, 0), 0);
    CHECK_EQ(epoll_wait(edge, got, 4, 0), 0);
    CHECK_EQ(write(s[1], "ab", 2), 2);
    CHECK_EQ(epoll_wait(edge, got, 4, 5000), 1);
    CHECK_EQ(got[0].events, EPOLLIN);
    CHECK_EQ(epoll_wait(edge, got, 4, 20), 0);
    CHECK_EQ(epoll_wait(level, got, 4, 5000), 1);
    CHECK_EQ(epoll_wait(level, got, 4, 0), 1);
    CHECK_EQ(write(s[1], "c", 1), 1);
    CHECK_EQ(epoll_wait(edge, got, 4, 5000), 1);
    char text[8];
    CHECK_EQ(read(s[0], text, 8), 3);
    CHECK_EQ(epoll_wait(level, got, 4, 0), 0);
    close(s[1]);
    CHECK_EQ(epoll_wait(edge, got, 4, 5000), 1);
    CHECK_EQ(got[0].events, EPOLLIN | EPOLLRDHUP);
    CHECK_EQ(epoll_wait(level, got, 4, 5000), 1);
    CHECK_EQ(epoll_wait(edge, got, 4, 20), 0);
}

TEST(edges_only_of_what_is_new) {
    struct epoll_event e = {EPOLLIN | EPOLLOUT | EPOLLET, {.u64 = 7}}, got[4];
    for (int i = 0; i < 20; i++) {
        int s[2], epoll = epoll_create1(0);
        tcp_pair(s);
        CHECK_EQ(write(s[1], "x", 1), 1);
        CHECK_EQ(ready(s[0], POLLIN, 5000), POLLIN);
        CHECK_EQ(epoll_ctl(epoll, EPOLL_CTL_ADD, s[0], &e), 0);
        CHECK_EQ(epoll_wait(epoll, got, 4, 5000), 1);
        CHECK_EQ(got[0].events, EPOLLIN | EPOLLOUT);
        CHECK_EQ(epoll_wait(epoll, got, 4, 10), 0);
        close(s[0]);
        close(s[1]);
        close(epoll);
    }
}

TEST(edges_of_room) {
    int s[2], epoll = epoll_create1(0);
    tcp_pair(s);
    nonblocking(s[0]);
    struct epoll_event e = {EPOLLOUT | EPOLLET, {.u64 = 7}}, got[4];
    CHECK_EQ(epoll_ctl(epoll, EPOLL_CTL_ADD, s[0], &e), 0);
    CHECK_EQ(epoll_wait(epoll, got, 4, 5000), 1);
    CHECK_EQ(epoll_wait(epoll, got, 4, 10), 0);
    static char data[1 << 16];
    long n, sent = 0;
    while ((n = write(s[0], data, sizeof data)) > 0)
        sent += n;
    CHECK_EQ(epoll_wait(epoll, got, 4, 10), 0);
    while (sent > 0 && (n = read(s[1], data, sizeof data)) > 0)
        sent -= n;
    CHECK_EQ(epoll_wait(epoll, got, 4, 5000), 1);
    CHECK_EQ(got[0].events, EPOLLOUT);
}

TEST(epoll_while_connecting) {
    struct sockaddr_in at;
    int l = listener(&at, 8), epoll = epoll_create1(0), s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct epoll_event e = {EPOLLIN, {.fd = l}}, got[4];
    CHECK_EQ(epoll_ctl(epoll, EPOLL_CTL_ADD, l, &e), 0);
    CHECK_EQ(epoll_wait(epoll, got, 4, 0), 0);
    CHECK_ERRNO(connect(s, (void *)&at, sizeof at), EINPROGRESS);
    CHECK_EQ(epoll_wait(epoll, got, 4, 5000), 1);
    CHECK_EQ(got[0].data.fd, l);
    int a = accept(l, NULL, NULL);
    MUST(a >= 0);
    e = (struct epoll_event){EPOLLOUT, {.fd = s}};
    CHECK_EQ(epoll_ctl(epoll, EPOLL_CTL_ADD, s, &e), 0);
    CHECK_EQ(epoll_wait(epoll, got, 4, 5000), 1);
    CHECK_EQ(got[0].data.fd, s);
    close(s);
    CHECK_EQ(epoll_wait(epoll, got, 4, 0), 0);
}

TEST(file_to_socket_to_file) {
    int s[2], pipes[2];
    tcp_pair(s);
    char path[PATH_MAX], text[64] = {0};
    snprintf(path, sizeof path, "%s/inet-file-%d", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", getpid());
    spit(path, "what a file holds");
    int f = open(path, O_RDWR);
    unlink(path);
    off_t at = 5;
    CHECK_EQ(sendfile(s[0], f, &at, 100), 12);
    CHECK_EQ(at, 17);
    CHECK_EQ(recv(s[1], text, 12, MSG_WAITALL), 12);
    CHECK_STR(text, "a file holds");
    CHECK_EQ(sendfile(s[0], f, NULL, 4), 4);
    CHECK_EQ(lseek(f, 0, SEEK_CUR), 4);
    CHECK_EQ(pipe(pipes), 0);
    CHECK_EQ(splice(s[1], NULL, pipes[1], NULL, 100, 0), 4);
    CHECK_EQ(splice(pipes[0], NULL, s[1], NULL, 100, 0), 4);
    CHECK_EQ(recv(s[0], text, 64, 0), 4);
    CHECK(!memcmp(text, "what", 4));
    nonblocking(s[0]);
    CHECK_ERRNO(splice(s[0], NULL, pipes[1], NULL, 1, 0), EAGAIN);
    CHECK_ERRNO(splice(s[0], &(off_t){0}, pipes[1], NULL, 1, 0), EINVAL);
}

TEST(copies_of_a_descriptor) {
    int s[2];
    tcp_pair(s);
    char c;
    int again = dup(s[0]);
    pid_t pid = FORK();
    if (pid == 0) {
        close(s[1]);
        CHECK_EQ(write(s[0], "q", 1), 1);
        DONE();
    }
    CHECK_EXIT(pid, 0);
    close(s[0]);
    CHECK_EQ(read(s[1], &c, 1), 1);
    CHECK_EQ(ready(s[1], POLLIN | POLLRDHUP, 0), 0);
    close(again);
    CHECK_EQ(ready(s[1], POLLIN | POLLRDHUP, 5000), POLLIN | POLLRDHUP);
}

TEST_T(a_thousand_connections, 60) {
    enum { N = 1000 };
    static int c[N], a[N];
    struct sockaddr_in at;
    struct rlimit many = {4096, 4096};
    MUST(setrlimit(RLIMIT_NOFILE, &many) == 0);
    int l = listener(&at, N), epoll = epoll_create1(0);
    for (int i = 0; i < N; i++) {
        c[i] = socket(AF_INET, SOCK_STREAM, 0);
        MUST(c[i] >= 0 && connect(c[i], (void *)&at, sizeof at) == 0);
        MUST((a[i] = accept(l, NULL, NULL)) >= 0);
        struct epoll_event e = {EPOLLIN | EPOLLET, {.u32 = i}};
        MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, a[i], &e) == 0);
    }
    for (int i = 0; i < N; i++)
        MUST(write(c[i], "x", 1) == 1);
    int seen = 0;
    struct epoll_event got[64];
    while (seen < N) {
        int n = epoll_wait(epoll, got, 64, 5000);
        MUST(n > 0);
        for (int i = 0; i < n; i++) {
            char x;
            CHECK_EQ(read(a[got[i].data.u32], &x, 1), 1);
        }
        seen += n;
    }
    CHECK_EQ(seen, N);
}

TEST(a_namespace_without_interfaces) {
    pid_t pid = FORK();
    if (pid == 0) {
        MUST(unshare(CLONE_NEWNET) == 0);
        struct sockaddr_in at = loopback(80);
        int s = socket(AF_INET, SOCK_STREAM, 0), u = socket(AF_INET, SOCK_DGRAM, 0);
        CHECK_ERRNO(connect(s, (void *)&at, sizeof at), ENETUNREACH);
        CHECK_ERRNO(sendto(u, "x", 1, 0, (void *)&at, sizeof at), ENETUNREACH);
        at.sin_addr.s_addr = inet_addr("203.0.113.7");
        CHECK_EQ(bind(s, (void *)&at, sizeof at), 0);
        CHECK_EQ(listen(s, 1), 0);
        nonblocking(s);
        CHECK_ERRNO(accept(s, NULL, NULL), EAGAIN);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}
