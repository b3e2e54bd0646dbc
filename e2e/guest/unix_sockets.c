/* AF_UNIX: stream, datagram, seqpacket, abstract names, passing descriptors and credentials. */
#include "guest.h"
#include <poll.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct sockaddr_un name_of(const char *path) {
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    strcpy(a.sun_path, path);
    return a;
}

/* An abstract name of our own: the process id keeps runs apart. */
static socklen_t abstract(struct sockaddr_un *a, const char *suffix) {
    *a = (struct sockaddr_un){.sun_family = AF_UNIX};
    int n = snprintf(a->sun_path + 1, sizeof a->sun_path - 1, "guest-%d-%s", getpid(), suffix);
    return offsetof(struct sockaddr_un, sun_path) + 1 + n;
}

static int server(const char *path, int type, int backlog) {
    struct sockaddr_un a = name_of(path);
    int s = socket(AF_UNIX, type, 0);
    MUST(s >= 0 && bind(s, (void *)&a, sizeof a) == 0);
    if (backlog >= 0)
        MUST(listen(s, backlog) == 0);
    return s;
}

static int dial(const char *path, int type) {
    struct sockaddr_un a = name_of(path);
    int s = socket(AF_UNIX, type, 0);
    MUST(s >= 0);
    if (connect(s, (void *)&a, sizeof a) == 0)
        return s;
    int e = errno;
    close(s);
    errno = e;
    return -1;
}

static void pair(int type, int s[2]) {
    MUST(socketpair(AF_UNIX, type, 0, s) == 0);
}

static long send_fds(int s, const char *text, const int *fds, int n) {
    char control[CMSG_SPACE(sizeof(int) * 300)] = {0};
    struct iovec iov = {(char *)text, strlen(text)};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control};
    m.msg_controllen = CMSG_SPACE(sizeof(int) * n);
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int) * n);
    memcpy(CMSG_DATA(c), fds, sizeof(int) * n);
    return sendmsg(s, &m, MSG_NOSIGNAL);
}

/* Receives; the number of descriptors that came, and the message flags. */
static int receive_fds(int s, char *text, size_t size, int *fds, int room, int flags, int *msg_flags) {
    char control[CMSG_SPACE(sizeof(int) * 300)];
    struct iovec iov = {text, size};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control};
    m.msg_controllen = room == 0 ? 0 : CMSG_LEN(sizeof(int) * room);
    ssize_t n = recvmsg(s, &m, flags);
    *msg_flags = m.msg_flags;
    if (n < 0)
        return -1;
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    if (!c || c->cmsg_type != SCM_RIGHTS)
        return 0;
    int count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    memcpy(fds, CMSG_DATA(c), count * sizeof(int));
    return count;
}

TEST(stream_connect_and_talk) {
    char buf[20] = "";
    struct sockaddr_un a;
    socklen_t len = sizeof a;
    int l = server("s", SOCK_STREAM, 5), c = dial("s", SOCK_STREAM);
    CHECK(c >= 0);
    CHECK_EQ(write(c, "before accept", 13), 13);
    int s = accept4(l, (void *)&a, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
    CHECK_EQ(len, sizeof(sa_family_t)); /* the client has no name */
    CHECK_EQ(fcntl(s, F_GETFD), FD_CLOEXEC);
    CHECK_EQ(fcntl(s, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    CHECK_EQ(read(s, buf, 6), 6);
    CHECK_EQ(read(s, buf + 6, 20), 7);
    CHECK_STR(buf, "before accept");
    CHECK_ERRNO(read(s, buf, 20), EAGAIN);
    CHECK_EQ(write(s, "answer", 6), 6);
    CHECK_EQ(recv(c, buf, 20, 0), 6);
    len = sizeof a;
    CHECK_EQ(getsockname(s, (void *)&a, &len), 0);
    CHECK_STR(a.sun_path, "s");
    CHECK_EQ(len, sizeof(sa_family_t) + 2);
    len = sizeof a;
    CHECK_EQ(getpeername(c, (void *)&a, &len), 0);
    CHECK_STR(a.sun_path, "s");
    close(c);
    CHECK_EQ(read(s, buf, 20), 0);
}

TEST(bind_errors) {
    struct sockaddr_un a = name_of("s");
    struct stat st;
    int s = server("s", SOCK_STREAM, -1), t = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_EQ(stat("s", &st), 0);
    CHECK_EQ(st.st_mode, S_IFSOCK | 0755); /* the umask counts */
    CHECK_ERRNO(bind(t, (void *)&a, sizeof a), EADDRINUSE);
    a = name_of("other");
    CHECK_ERRNO(bind(s, (void *)&a, sizeof a), EINVAL); /* bound already */
    a = name_of("absent/s");
    CHECK_ERRNO(bind(t, (void *)&a, sizeof a), ENOENT);
    a = name_of("s/s");
    CHECK_ERRNO(bind(t, (void *)&a, sizeof a), ENOTDIR);
    a.sun_family = AF_INET;
    CHECK_ERRNO(bind(t, (void *)&a, sizeof a), EINVAL);
    CHECK_ERRNO(bind(t, (void *)&a, 1), EINVAL);
    CHECK_ERRNO(bind(t, (void *)&a, sizeof a + 1), EINVAL);
    CHECK_ERRNO(bind(t, (void *)8, sizeof a), EFAULT);
    CHECK_ERRNO(bind(0, (void *)&a, sizeof a), ENOTSOCK);
    CHECK_ERRNO(bind(9999, (void *)&a, sizeof a), EBADF);
}

TEST(connect_errors) {
    int s = server("bound", SOCK_STREAM, -1);
    CHECK_ERRNO(dial("absent", SOCK_STREAM), ENOENT);
    CHECK_ERRNO(dial("bound", SOCK_STREAM), ECONNREFUSED);
    spit("file", "");
    CHECK_ERRNO(dial("file", SOCK_STREAM), ECONNREFUSED);
    CHECK_EQ(listen(s, 5), 0);
    CHECK_ERRNO(dial("bound", SOCK_DGRAM), EPROTOTYPE);
    int c = dial("bound", SOCK_STREAM);
    struct sockaddr_un a = name_of("bound");
    CHECK_ERRNO(connect(c, (void *)&a, sizeof a), EISCONN);
    CHECK_ERRNO(connect(s, (void *)&a, sizeof a), EINVAL); /* it listens */
    close(s);
    CHECK_ERRNO(dial("bound", SOCK_STREAM), ECONNREFUSED); /* the name stays, nobody is there */
    CHECK_EQ(unlink("bound"), 0);
}

TEST(accept_and_listen_errors) {
    int l = server("s", SOCK_STREAM, -1), d = server("d", SOCK_DGRAM, -1), u = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_ERRNO(accept(l, NULL, NULL), EINVAL);
    CHECK_ERRNO(listen(d, 5), EOPNOTSUPP);
    CHECK_ERRNO(accept(d, NULL, NULL), EOPNOTSUPP);
    CHECK_ERRNO(listen(u, 5), EINVAL);
    CHECK_EQ(listen(l, 5), 0);
    CHECK_EQ(fcntl(l, F_SETFL, O_NONBLOCK), 0);
    CHECK_ERRNO(accept(l, NULL, NULL), EAGAIN);
    CHECK_ERRNO(accept4(l, NULL, NULL, 1), EINVAL);
    CHECK_ERRNO(accept(0, NULL, NULL), ENOTSOCK);
    char c;
    CHECK_ERRNO(read(u, &c, 1), EINVAL);
    CHECK_ERRNO(write(u, &c, 1), ENOTCONN);
    struct sockaddr_un a;
    socklen_t len = sizeof a;
    CHECK_ERRNO(getpeername(u, (void *)&a, &len), ENOTCONN);
    len = -1;
    CHECK_ERRNO(getsockname(u, (void *)&a, &len), EINVAL);
}

TEST(backlog_fills) {
    struct sockaddr_un a = name_of("s");
    int n = 0, l = server("s", SOCK_STREAM, 2);
    for (; n < 100; n++) {
        int c = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
        if (connect(c, (void *)&a, sizeof a) != 0)
            break;
    }
    CHECK_EQ(errno, EAGAIN);
    CHECK_EQ(n, 3);
    CHECK(accept(l, NULL, NULL) >= 0);
    int c = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CHECK_EQ(connect(c, (void *)&a, sizeof a), 0);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK(dial("s", SOCK_STREAM) >= 0); /* waits for its turn */
        DONE();
    }
    nap(40);
    CHECK(accept(l, NULL, NULL) >= 0);
    CHECK_EXIT(pid, 0);
}

TEST(abstract_names) {
    struct sockaddr_un a, b;
    socklen_t len = abstract(&a, "x"), got = sizeof b;
    int l = socket(AF_UNIX, SOCK_STREAM, 0), t = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_EQ(bind(l, (void *)&a, len), 0);
    CHECK_EQ(listen(l, 1), 0);
    CHECK_ERRNO(bind(t, (void *)&a, len), EADDRINUSE);
    CHECK_EQ(getsockname(l, (void *)&b, &got), 0);
    CHECK_EQ(got, len);
    CHECK(memcmp(&a, &b, len) == 0);
    CHECK_ERRNO(connect(t, (void *)&a, len - 1), ECONNREFUSED); /* every byte counts */
    CHECK_EQ(connect(t, (void *)&a, len), 0);
    close(l);
    close(t);
    t = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_ERRNO(connect(t, (void *)&a, len), ECONNREFUSED);
    CHECK_EQ(bind(t, (void *)&a, len), 0); /* free again */
}

TEST(autobind) {
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    socklen_t len = sizeof a;
    int s = socket(AF_UNIX, SOCK_DGRAM, 0);
    CHECK_EQ(bind(s, (void *)&a, sizeof(sa_family_t)), 0);
    CHECK_EQ(getsockname(s, (void *)&a, &len), 0);
    CHECK_EQ(len, sizeof(sa_family_t) + 6);
    CHECK_EQ(a.sun_path[0], 0);
}

TEST(datagrams) {
    char buf[100];
    struct sockaddr_un a = name_of("d"), from;
    socklen_t len = sizeof from;
    int d = server("d", SOCK_DGRAM, -1), c = server("c", SOCK_DGRAM, -1);
    CHECK_EQ(sendto(c, "one", 3, 0, (void *)&a, sizeof a), 3);
    CHECK_EQ(sendto(c, "", 0, 0, (void *)&a, sizeof a), 0);
    CHECK_EQ(sendto(c, "three", 5, 0, (void *)&a, sizeof a), 5);
    CHECK_EQ(recvfrom(d, buf, 100, 0, (void *)&from, &len), 3);
    CHECK_STR(from.sun_path, "c");
    CHECK_EQ(recv(d, buf, 100, 0), 0);
    CHECK_EQ(recv(d, buf, 2, MSG_TRUNC), 5); /* the real length; the rest is lost */
    CHECK_ERRNO(recv(d, buf, 100, MSG_DONTWAIT), EAGAIN);
    CHECK_ERRNO(send(c, "x", 1, 0), ENOTCONN);
    CHECK_EQ(connect(c, (void *)&a, sizeof a), 0);
    CHECK_EQ(send(c, "x", 1, 0), 1);
    CHECK_EQ(recv(d, buf, 100, 0), 1);
    a = name_of("absent");
    CHECK_ERRNO(sendto(d, "x", 1, 0, (void *)&a, sizeof a), ENOENT);
    close(d);
    CHECK_ERRNO(send(c, "x", 1, 0), ECONNREFUSED);
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    CHECK_EQ(connect(c, &none, sizeof none), 0);
    CHECK_ERRNO(send(c, "x", 1, 0), ENOTCONN);
}

TEST(datagram_filter_by_connection) {
    struct sockaddr_un a = name_of("a"), b = name_of("b");
    int sa = server("a", SOCK_DGRAM, -1), sb = server("b", SOCK_DGRAM, -1), sc = server("c", SOCK_DGRAM, -1);
    CHECK_EQ(connect(sa, (void *)&b, sizeof b), 0);
    CHECK_ERRNO(sendto(sc, "x", 1, 0, (void *)&a, sizeof a), EPERM); /* a hears only b */
    CHECK_EQ(sendto(sb, "x", 1, 0, (void *)&a, sizeof a), 1);
}

TEST(seqpacket_keeps_boundaries) {
    char buf[100];
    int s[2];
    pair(SOCK_SEQPACKET, s);
    CHECK_EQ(send(s[0], "one", 3, 0), 3);
    CHECK_EQ(send(s[0], "twotwo", 6, 0), 6);
    CHECK_EQ(recv(s[1], buf, 100, 0), 3);
    CHECK_EQ(recv(s[1], buf, 2, 0), 2);
    CHECK_ERRNO(recv(s[1], buf, 100, MSG_DONTWAIT), EAGAIN);
    close(s[0]);
    CHECK_EQ(recv(s[1], buf, 100, 0), 0);
    signal(SIGPIPE, SIG_IGN);
    CHECK_ERRNO(send(s[1], "x", 1, 0), EPIPE);
    int l = server("s", SOCK_SEQPACKET, 5), c = dial("s", SOCK_SEQPACKET), a = accept(l, NULL, NULL);
    CHECK_EQ(send(c, "abc", 3, 0), 3);
    CHECK_EQ(recv(a, buf, 100, 0), 3);
}

TEST(message_truncated_flag) {
    char buf[3];
    int s[2];
    struct iovec iov = {buf, 3};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
    pair(SOCK_DGRAM, s);
    CHECK_EQ(send(s[0], "12345", 5, 0), 5);
    CHECK_EQ(recvmsg(s[1], &m, 0), 3);
    CHECK_EQ(m.msg_flags & MSG_TRUNC, MSG_TRUNC);
    CHECK_EQ(send(s[0], "12", 2, 0), 2);
    CHECK_EQ(recvmsg(s[1], &m, MSG_PEEK), 2);
    CHECK_EQ(recvmsg(s[1], &m, 0), 2);
    CHECK_EQ(m.msg_flags & MSG_TRUNC, 0);
}

TEST(peek_and_waitall) {
    char buf[20] = "";
    int s[2];
    pair(SOCK_STREAM, s);
    CHECK_EQ(write(s[0], "abcdef", 6), 6);
    CHECK_EQ(recv(s[1], buf, 3, MSG_PEEK), 3);
    CHECK_EQ(recv(s[1], buf, 20, MSG_PEEK), 6);
    CHECK_EQ(recv(s[1], buf, 3, 0), 3);
    CHECK_STR(buf, "abcdef");
    pid_t pid = FORK();
    if (pid == 0) {
        nap(40);
        CHECK_EQ(write(s[0], "ghi", 3), 3);
        DONE();
    }
    memset(buf, 0, sizeof buf);
    CHECK_EQ(recv(s[1], buf, 6, MSG_WAITALL), 6);
    CHECK_STR(buf, "defghi");
    CHECK_EXIT(pid, 0);
}

TEST(shutdown_directions) {
    char c;
    int s[2];
    signal(SIGPIPE, SIG_IGN);
    pair(SOCK_STREAM, s);
    CHECK_EQ(write(s[0], "x", 1), 1);
    CHECK_EQ(shutdown(s[0], SHUT_WR), 0);
    CHECK_EQ(read(s[1], &c, 1), 1);
    CHECK_EQ(read(s[1], &c, 1), 0);
    CHECK_ERRNO(write(s[0], "x", 1), EPIPE);
    CHECK_EQ(write(s[1], "y", 1), 1); /* the other way is open */
    CHECK_EQ(read(s[0], &c, 1), 1);
    CHECK_EQ(shutdown(s[0], SHUT_RD), 0);
    CHECK_EQ(read(s[0], &c, 1), 0);
    CHECK_ERRNO(write(s[1], "y", 1), EPIPE);
    CHECK_ERRNO(shutdown(s[0], 7), EINVAL);
    CHECK_EQ(shutdown(socket(AF_UNIX, SOCK_STREAM, 0), SHUT_WR), 0); /* no ENOTCONN in this family */
}

static volatile sig_atomic_t pipes;
static void on_pipe(int sig GUEST_UNUSED) {
    pipes++;
}

TEST(sigpipe_and_nosignal) {
    int s[2];
    on(SIGPIPE, on_pipe, 0);
    pair(SOCK_STREAM, s);
    close(s[1]);
    CHECK_ERRNO(write(s[0], "x", 1), EPIPE);
    CHECK_EQ(pipes, 1);
    CHECK_ERRNO(send(s[0], "x", 1, MSG_NOSIGNAL), EPIPE);
    CHECK_EQ(pipes, 1);
}

TEST(close_with_unread_data_resets) {
    char c;
    int s[2];
    pair(SOCK_STREAM, s);
    CHECK_EQ(write(s[0], "unread", 6), 6);
    close(s[1]);
    CHECK_ERRNO(read(s[0], &c, 1), ECONNRESET);
    CHECK_EQ(read(s[0], &c, 1), 0);
}

TEST(passing_descriptors) {
    char text[10] = "", c;
    int s[2], p[2], got[4] = {-1, -1, -1, -1}, flags;
    pair(SOCK_STREAM, s);
    MUST(pipe(p) == 0);
    CHECK_EQ(send_fds(s[0], "fds", p, 2), 3);
    close(p[0]);
    close(p[1]);
    CHECK_EQ(receive_fds(s[1], text, 10, got, 4, 0, &flags), 2);
    CHECK_STR(text, "fds");
    CHECK_EQ(flags, 0);
    CHECK_EQ(write(got[1], "x", 1), 1);
    CHECK_EQ(read(got[0], &c, 1), 1);
    CHECK_EQ(fcntl(got[0], F_GETFD), 0);
    CHECK_EQ(send_fds(s[0], "x", got, 1), 1);
    CHECK_EQ(receive_fds(s[1], text, 10, got, 4, MSG_CMSG_CLOEXEC, &flags), 1);
    CHECK_EQ(fcntl(got[0], F_GETFD), FD_CLOEXEC);
    CHECK_EQ(flags & MSG_CMSG_CLOEXEC, MSG_CMSG_CLOEXEC);
    int bad[1] = {9999};
    CHECK_ERRNO(send_fds(s[0], "x", bad, 1), EBADF);
    int many[254];
    for (int i = 0; i < 254; i++)
        many[i] = 0;
    CHECK_ERRNO(send_fds(s[0], "x", many, 254), EINVAL);
}

TEST(passed_descriptors_share_the_offset) {
    char text[10], c;
    int s[2], got[1], flags;
    spit("f", "0123456789");
    int fd = open("f", O_RDONLY);
    pair(SOCK_DGRAM, s);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(receive_fds(s[1], text, 10, got, 1, 0, &flags), 1);
        CHECK_EQ(read(got[0], &c, 1), 1);
        DONE();
    }
    CHECK_EQ(send_fds(s[0], "f", &fd, 1), 1);
    CHECK_EXIT(pid, 0);
    CHECK_EQ(lseek(fd, 0, SEEK_CUR), 1);
}

TEST(descriptors_do_not_fit) {
    char text[10], c;
    int s[2], p[2], got[4], flags;
    pair(SOCK_STREAM, s);
    MUST(pipe(p) == 0);
    CHECK_EQ(send_fds(s[0], "x", p, 2), 1);
    CHECK_EQ(receive_fds(s[1], text, 10, got, 1, 0, &flags), 1);
    CHECK_EQ(flags & MSG_CTRUNC, MSG_CTRUNC);
    close(got[0]);
    CHECK_EQ(send_fds(s[0], "x", &p[1], 1), 1);
    close(p[1]);
    CHECK_EQ(receive_fds(s[1], text, 10, got, 0, 0, &flags), 0); /* dropped: closes the pipe's last writer */
    CHECK_EQ(flags & MSG_CTRUNC, MSG_CTRUNC);
    CHECK_EQ(read(p[0], &c, 1), 0);
}

TEST(descriptors_in_flight_die_with_the_socket) {
    int s[2], p[2];
    char c;
    pair(SOCK_STREAM, s);
    MUST(pipe(p) == 0);
    CHECK_EQ(send_fds(s[0], "x", &p[1], 1), 1);
    close(p[1]);
    CHECK_EQ(fcntl(p[0], F_SETFL, O_NONBLOCK), 0);
    CHECK_ERRNO(read(p[0], &c, 1), EAGAIN);
    close(s[0]);
    close(s[1]);
    CHECK(UNTIL(read(p[0], &c, 1) == 0));
}

TEST(rights_in_a_stream) {
    char text[20];
    int s[2], p[2], got[2], flags;
    pair(SOCK_STREAM, s);
    MUST(pipe(p) == 0);
    CHECK_EQ(write(s[0], "ab", 2), 2);
    CHECK_EQ(send_fds(s[0], "cd", p, 1), 2);
    CHECK_EQ(write(s[0], "ef", 2), 2);
    /* Plain bytes before them come along, but a read ends after what descriptors came with. */
    CHECK_EQ(receive_fds(s[1], text, 20, got, 2, 0, &flags), 1);
    CHECK(memcmp(text, "abcd", 4) == 0);
    CHECK_EQ(read(s[1], text, 20), 2);
    CHECK_EQ(send_fds(s[0], "gh", p, 1), 2);
    CHECK_EQ(send_fds(s[0], "ij", p, 2), 2);
    CHECK_EQ(read(s[1], text, 1), 1); /* the descriptors went with the first byte, unasked for */
    CHECK_EQ(receive_fds(s[1], text, 20, got, 2, 0, &flags), 2); /* so the rest is plain again and comes along */
    CHECK(memcmp(text, "hij", 3) == 0);
}

TEST(credentials) {
    char text[10], control[CMSG_SPACE(sizeof(struct ucred))];
    int s[2], one = 1;
    struct iovec iov = {text, 10};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    pair(SOCK_STREAM, s);
    CHECK_EQ(setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &one, sizeof one), 0);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(setresuid(1000, 1000, 1000), 0);
        CHECK_EQ(write(s[0], "x", 1), 1);
        DONE();
    }
    CHECK_EQ(recvmsg(s[1], &m, 0), 1);
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    MUST(c && c->cmsg_type == SCM_CREDENTIALS);
    struct ucred *u = (void *)CMSG_DATA(c);
    CHECK_EQ(u->pid, pid);
    CHECK_EQ(u->uid, 1000);
    CHECK_EQ(u->gid, 0);
    CHECK_EXIT(pid, 0);
    struct ucred me;
    socklen_t len = sizeof me;
    CHECK_EQ(getsockopt(s[0], SOL_SOCKET, SO_PEERCRED, &me, &len), 0);
    CHECK_EQ(me.pid, getpid());
    CHECK_EQ(me.uid, 0);
}

static long send_credentials(int s, struct ucred u) {
    char control[CMSG_SPACE(sizeof u)] = {0};
    struct iovec iov = {"x", 1};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_CREDENTIALS;
    c->cmsg_len = CMSG_LEN(sizeof u);
    memcpy(CMSG_DATA(c), &u, sizeof u);
    return sendmsg(s, &m, 0);
}

TEST(credentials_cannot_be_forged) {
    int s[2];
    pair(SOCK_DGRAM, s);
    CHECK_EQ(send_credentials(s[0], (struct ucred){getpid(), 5, 6}), 1); /* root may */
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(setresgid(1000, 1000, 1000), 0);
        CHECK_EQ(setresuid(1000, 1000, 1000), 0);
        CHECK_ERRNO(send_credentials(s[0], (struct ucred){getpid(), 0, 1000}), EPERM);
        CHECK_ERRNO(send_credentials(s[0], (struct ucred){1, 1000, 1000}), EPERM);
        CHECK_EQ(send_credentials(s[0], (struct ucred){getpid(), 1000, 1000}), 1);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

TEST(permissions_of_the_name) {
    int l = server("s", SOCK_STREAM, 5);
    CHECK(l >= 0);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(setresuid(1000, 1000, 1000), 0);
        CHECK_ERRNO(dial("s", SOCK_STREAM), EACCES);
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CHECK_EQ(chmod("s", 0666), 0);
    pid = FORK();
    if (pid == 0) {
        CHECK_EQ(setresuid(1000, 1000, 1000), 0);
        CHECK(dial("s", SOCK_STREAM) >= 0);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

TEST(socket_options) {
    int s[2], v = -1;
    socklen_t len = sizeof v;
    pair(SOCK_STREAM, s);
    CHECK_EQ(getsockopt(s[0], SOL_SOCKET, SO_TYPE, &v, &len), 0);
    CHECK_EQ(v, SOCK_STREAM);
    CHECK_EQ(getsockopt(s[0], SOL_SOCKET, SO_DOMAIN, &v, &len), 0);
    CHECK_EQ(v, AF_UNIX);
    CHECK_EQ(getsockopt(s[0], SOL_SOCKET, SO_PROTOCOL, &v, &len), 0);
    CHECK_EQ(v, 0);
    CHECK_EQ(getsockopt(s[0], SOL_SOCKET, SO_ERROR, &v, &len), 0);
    CHECK_EQ(v, 0);
    CHECK_EQ(getsockopt(s[0], SOL_SOCKET, SO_ACCEPTCONN, &v, &len), 0);
    CHECK_EQ(v, 0);
    v = 20000;
    CHECK_EQ(setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &v, sizeof v), 0);
    CHECK_EQ(getsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &v, &len), 0);
    CHECK_EQ(v, 40000); /* doubled */
    CHECK_ERRNO(getsockopt(s[0], SOL_SOCKET, 9999, &v, &len), ENOPROTOOPT);
    CHECK_ERRNO(setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &v, 1), EINVAL);
    CHECK_ERRNO(getsockopt(0, SOL_SOCKET, SO_TYPE, &v, &len), ENOTSOCK);
    CHECK_ERRNO(getsockopt(s[0], SOL_SOCKET, SO_TYPE, (void *)8, &len), EFAULT);
    struct timeval t = {0, 30000};
    CHECK_EQ(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t), 0);
    char c;
    long long before = now_ms();
    CHECK_ERRNO(read(s[0], &c, 1), EAGAIN);
    CHECK(now_ms() - before >= 29);
}

TEST(creation_errors) {
    int s[2];
    CHECK_ERRNO(socket(AF_UNIX, 99, 0), EINVAL);
    CHECK_ERRNO(socket(AF_UNIX, SOCK_STREAM, 5), EPROTONOSUPPORT);
    CHECK_ERRNO(socket(AF_UNIX, SOCK_RDM, 0), ESOCKTNOSUPPORT);
    CHECK_ERRNO(socket(999, SOCK_STREAM, 0), EAFNOSUPPORT);
    CHECK_ERRNO(socketpair(AF_UNIX, 99, 0, s), EINVAL);
    CHECK_ERRNO(syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, 8), EFAULT);
    int u = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    CHECK_EQ(fcntl(u, F_GETFD), FD_CLOEXEC);
    CHECK_EQ(fcntl(u, F_GETFL), O_RDWR | O_NONBLOCK);
    CHECK_ERRNO(lseek(u, 0, SEEK_SET), ESPIPE);
    server("s", SOCK_STREAM, 1);
    CHECK_ERRNO(open("s", O_RDWR), ENXIO);
}

TEST(sendmmsg_and_recvmmsg) {
    int s[2];
    char bufs[3][10] = {"", "", ""};
    struct iovec out[3] = {{"a", 1}, {"bb", 2}, {"ccc", 3}}, in[3] = {{bufs[0], 9}, {bufs[1], 9}, {bufs[2], 9}};
    struct mmsghdr m[3], r[3];
    memset(m, 0, sizeof m);
    memset(r, 0, sizeof r);
    pair(SOCK_DGRAM, s);
    for (int i = 0; i < 3; i++) {
        m[i].msg_hdr.msg_iov = &out[i];
        r[i].msg_hdr.msg_iov = &in[i];
        m[i].msg_hdr.msg_iovlen = r[i].msg_hdr.msg_iovlen = 1;
    }
    CHECK_EQ(sendmmsg(s[0], m, 3, 0), 3);
    CHECK_EQ(m[2].msg_len, 3);
    CHECK_EQ(recvmmsg(s[1], r, 2, 0, NULL), 2);
    CHECK_STR(bufs[1], "bb");
    CHECK_EQ(recvmmsg(s[1], r, 3, MSG_DONTWAIT, NULL), 1);
    CHECK_ERRNO(recvmmsg(s[1], r, 3, MSG_DONTWAIT, NULL), EAGAIN);
}

TEST(message_errors) {
    int s[2];
    char buf[10];
    struct iovec iov = {buf, 10};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
    pair(SOCK_DGRAM, s);
    CHECK_ERRNO(syscall(SYS_sendmsg, s[0], 8, 0), EFAULT);
    m.msg_iovlen = 1025;
    CHECK_ERRNO(sendmsg(s[0], &m, 0), EMSGSIZE);
    m.msg_iovlen = 1;
    iov.iov_base = (void *)8;
    CHECK_ERRNO(sendmsg(s[0], &m, 0), EFAULT);
    static char big[1 << 20];
    CHECK_ERRNO(send(s[0], big, sizeof big, 0), EMSGSIZE);
    CHECK_ERRNO(send(0, buf, 1, 0), ENOTSOCK);
    int n = -1;
    CHECK_EQ(send(s[0], "abc", 3, 0), 3);
    CHECK_EQ(ioctl(s[1], FIONREAD, &n), 0);
    CHECK_EQ(n, 3);
}

TEST_T(large_stream_transfer, 60) {
    enum { TOTAL = 4 << 20 };
    static char buf[100000];
    int s[2];
    long got = 0, n;
    pair(SOCK_STREAM, s);
    pid_t pid = FORK();
    if (pid == 0) {
        close(s[0]);
        for (long left = TOTAL; left > 0; left -= n) {
            n = write(s[1], buf, left < (long)sizeof buf ? left : (long)sizeof buf);
            MUST(n > 0);
        }
        DONE();
    }
    close(s[1]);
    while ((n = read(s[0], buf, 33333)) > 0)
        got += n;
    CHECK_EQ(got, TOTAL);
    CHECK_EXIT(pid, 0);
}

TEST(nonblocking_fill_and_drain) {
    static char buf[4096];
    int s[2];
    long sent = 0, got = 0, n;
    pair(SOCK_STREAM | SOCK_NONBLOCK, s);
    while ((n = write(s[0], buf, sizeof buf)) > 0)
        sent += n;
    CHECK_EQ(errno, EAGAIN);
    struct pollfd p = {s[0], POLLOUT, 0};
    CHECK_EQ(poll(&p, 1, 0), 0);
    while ((n = read(s[1], buf, sizeof buf)) > 0)
        got += n;
    CHECK_EQ(got, sent);
    CHECK_EQ(poll(&p, 1, 0), 1);
}
