/* UDP: messages whole or cut, their ancillary data, errors that come back, many at once, groups. */
#include "guest.h"
#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static struct sockaddr_in loopback(int port) {
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
}

static int bound(struct sockaddr_in *at) {
    socklen_t length = sizeof *at;
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    *at = loopback(0);
    MUST(s >= 0 && bind(s, (void *)at, sizeof *at) == 0 && getsockname(s, (void *)at, &length) == 0);
    return s;
}

/* Two sockets, the first connected to the second. */
static void udp_pair(int s[2], struct sockaddr_in *at) {
    s[1] = bound(at);
    s[0] = socket(AF_INET, SOCK_DGRAM, 0);
    MUST(s[0] >= 0 && connect(s[0], (void *)at, sizeof *at) == 0);
}

static int ready(int fd, int events, int timeout) {
    struct pollfd p = {fd, events, 0};
    int n = poll(&p, 1, timeout);
    return n < 0 ? -errno : p.revents;
}

TEST(messages_have_borders) {
    int s[2], n = -1;
    struct sockaddr_in at, from;
    socklen_t length = sizeof from;
    udp_pair(s, &at);
    char text[16] = {0};
    CHECK_EQ(send(s[0], "first", 5, 0), 5);
    CHECK_EQ(send(s[0], "second", 6, 0), 6);
    CHECK_EQ(ioctl(s[1], FIONREAD, &n), 0);
    CHECK_EQ(n, 5);
    CHECK_EQ(recvfrom(s[1], text, 3, MSG_PEEK, (void *)&from, &length), 3);
    CHECK_EQ(length, sizeof from);
    CHECK_EQ(from.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    CHECK_EQ(recv(s[1], text, 3, MSG_PEEK | MSG_TRUNC), 5);
    CHECK_EQ(recv(s[1], text, 3, 0), 3);
    CHECK_EQ(read(s[1], text, 16), 6);
    CHECK_STR(text, "second");
    CHECK_ERRNO(recv(s[1], text, 16, MSG_DONTWAIT), EAGAIN);
}

TEST(messages_of_nothing) {
    int s[2];
    struct sockaddr_in at;
    char c;
    udp_pair(s, &at);
    CHECK_EQ(send(s[0], NULL, 0, 0), 0);
    CHECK_EQ(ready(s[1], POLLIN, 5000), POLLIN);
    CHECK_EQ(recv(s[1], &c, 1, 0), 0);
    CHECK_EQ(write(s[0], "", 0), 0);
    CHECK_EQ(recv(s[1], NULL, 0, 0), 0);
    CHECK_EQ(ready(s[1], POLLIN, 0), 0);
}

TEST(messages_too_long) {
    int s[2];
    struct sockaddr_in at;
    static char data[70000];
    udp_pair(s, &at);
    CHECK_ERRNO(send(s[0], data, 65508, 0), EMSGSIZE);
    CHECK_ERRNO(send(s[0], data, 70000, 0), EMSGSIZE);
    CHECK_ERRNO(send(s[0], data, 0x7fffffff, 0), EMSGSIZE);
    CHECK_EQ(send(s[0], data, 65507, 0), 65507);
    CHECK_EQ(recv(s[1], data, 70000, 0), 65507);
}

TEST(scattered) {
    int s[2];
    struct sockaddr_in at;
    udp_pair(s, &at);
    static char from[3 * 4096], to[3 * 4096];
    for (unsigned i = 0; i < sizeof from; i++)
        from[i] = i * 31 >> 2;
    struct iovec out[1024], in[7];
    for (int i = 0; i < 1024; i++)
        out[i] = (struct iovec){from + i * 8, 8};
    for (int i = 0; i < 7; i++)
        in[i] = (struct iovec){to + i * 1200, 1200};
    struct msghdr m = {.msg_iov = out, .msg_iovlen = 1024};
    CHECK_EQ(sendmsg(s[0], &m, 0), 8192);
    m = (struct msghdr){.msg_iov = in, .msg_iovlen = 7};
    CHECK_EQ(recvmsg(s[1], &m, 0), 8192);
    CHECK(!memcmp(from, to, 8192));
    CHECK_EQ(m.msg_flags, 0);
    m = (struct msghdr){.msg_iov = out, .msg_iovlen = 1025};
    CHECK_ERRNO(sendmsg(s[0], &m, 0), EMSGSIZE);
    out[0].iov_base = (void *)8;
    m.msg_iovlen = 2;
    CHECK_ERRNO(sendmsg(s[0], &m, 0), EFAULT);
    CHECK_EQ(ready(s[1], POLLIN, 0), 0);
}

TEST(cut_off) {
    int s[2];
    struct sockaddr_in at, from;
    udp_pair(s, &at);
    char text[4];
    struct iovec iov = {text, 4};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_name = &from, .msg_namelen = sizeof from};
    CHECK_EQ(send(s[0], "too much", 8, 0), 8);
    CHECK_EQ(recvmsg(s[1], &m, 0), 4);
    CHECK_EQ(m.msg_flags, MSG_TRUNC);
    CHECK_EQ(m.msg_namelen, sizeof from);
    CHECK_EQ(send(s[0], "too much", 8, 0), 8);
    CHECK_EQ(recvmsg(s[1], &m, MSG_TRUNC), 8);
    CHECK_EQ(m.msg_flags, MSG_TRUNC);
}

TEST(where_to) {
    struct sockaddr_in at, to;
    int s = bound(&at), u = socket(AF_INET, SOCK_DGRAM, 0);
    char text[8];
    CHECK_ERRNO(send(u, "x", 1, 0), EDESTADDRREQ);
    CHECK_ERRNO(sendto(u, "x", 1, 0, (void *)&at, 15), EINVAL);
    to = at;
    to.sin_port = 0;
    CHECK_ERRNO(sendto(u, "x", 1, 0, (void *)&to, sizeof to), EINVAL);
    to = at;
    to.sin_family = AF_INET6;
    CHECK_ERRNO(sendto(u, "x", 1, 0, (void *)&to, sizeof to), EAFNOSUPPORT);
    to.sin_family = AF_UNSPEC;
    CHECK_EQ(sendto(u, "x", 1, 0, (void *)&to, sizeof to), 1);
    CHECK_EQ(recv(s, text, 8, 0), 1);
    CHECK_ERRNO(getpeername(u, (void *)&to, &(socklen_t){sizeof to}), ENOTCONN);
    CHECK_ERRNO(listen(u, 1), EOPNOTSUPP);
    CHECK_ERRNO(accept(u, NULL, NULL), EOPNOTSUPP);
    to = loopback(9);
    to.sin_addr.s_addr = INADDR_BROADCAST;
    CHECK_ERRNO(sendto(u, "x", 1, 0, (void *)&to, sizeof to), EACCES);
}

TEST(only_from_the_peer) {
    int s[2];
    struct sockaddr_in at, own;
    socklen_t length = sizeof own;
    udp_pair(s, &at);
    CHECK_EQ(getsockname(s[0], (void *)&own, &length), 0);
    int stranger = socket(AF_INET, SOCK_DGRAM, 0);
    char text[8];
    CHECK_EQ(sendto(stranger, "x", 1, 0, (void *)&own, sizeof own), 1);
    CHECK_EQ(sendto(s[1], "yy", 2, 0, (void *)&own, sizeof own), 2);
    CHECK_EQ(recv(s[0], text, 8, 0), 2);
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    CHECK_EQ(connect(s[0], &none, sizeof none), 0);
    CHECK_ERRNO(send(s[0], "x", 1, 0), EDESTADDRREQ);
}

TEST(nobody_there) {
    struct sockaddr_in at;
    int error = -1;
    socklen_t length = sizeof error;
    close(bound(&at));
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    char c;
    CHECK_EQ(connect(s, (void *)&at, sizeof at), 0);
    CHECK_EQ(send(s, "x", 1, 0), 1);
    CHECK_EQ(ready(s, POLLIN, 5000), POLLERR);
    CHECK_ERRNO(recv(s, &c, 1, 0), ECONNREFUSED);
    CHECK_EQ(ready(s, POLLIN, 0), 0);
    CHECK_EQ(send(s, "x", 1, 0), 1);
    CHECK_EQ(ready(s, POLLIN, 5000), POLLERR);
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_ERROR, &error, &length), 0);
    CHECK_EQ(error, ECONNREFUSED);
}

TEST(errors_in_a_queue) {
    struct sockaddr_in at, to;
    int one = 1;
    close(bound(&at));
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK_EQ(setsockopt(s, IPPROTO_IP, IP_RECVERR, &one, sizeof one), 0);
    CHECK_EQ(sendto(s, "lost", 4, 0, (void *)&at, sizeof at), 4);
    CHECK_EQ(ready(s, POLLIN, 5000) & POLLERR, POLLERR);
    char control[512], text[8] = {0};
    struct iovec iov = {text, 8};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    m.msg_name = &to;
    m.msg_namelen = sizeof to;
    CHECK_EQ(recvmsg(s, &m, MSG_ERRQUEUE), 4);
    CHECK_STR(text, "lost");
    CHECK_EQ(m.msg_flags, MSG_ERRQUEUE);
    CHECK_EQ(to.sin_port, at.sin_port);
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    MUST(c != NULL);
    CHECK_EQ(c->cmsg_level, IPPROTO_IP);
    CHECK_EQ(c->cmsg_type, IP_RECVERR);
    struct sock_extended_err e;
    memcpy(&e, CMSG_DATA(c), sizeof e);
    CHECK_EQ(e.ee_errno, ECONNREFUSED);
    CHECK_EQ(e.ee_origin, SO_EE_ORIGIN_ICMP);
    m.msg_controllen = sizeof control;
    CHECK_ERRNO(recvmsg(s, &m, MSG_ERRQUEUE), EAGAIN);
}

TEST(what_comes_with_a_datagram) {
    int s[2], one = 1;
    struct sockaddr_in at;
    udp_pair(s, &at);
    CHECK_EQ(setsockopt(s[1], IPPROTO_IP, IP_PKTINFO, &one, sizeof one), 0);
    CHECK_EQ(setsockopt(s[1], IPPROTO_IP, IP_RECVTTL, &one, sizeof one), 0);
    CHECK_EQ(setsockopt(s[1], IPPROTO_IP, IP_RECVTOS, &one, sizeof one), 0);
    CHECK_EQ(setsockopt(s[1], SOL_SOCKET, SO_TIMESTAMP, &one, sizeof one), 0);
    char control[256] = {0}, text[8];
    struct iovec iov = {text, 1};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control};
    int ttl = 9;
    m.msg_controllen = CMSG_SPACE(sizeof ttl);
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = IPPROTO_IP;
    c->cmsg_type = IP_TTL;
    c->cmsg_len = CMSG_LEN(sizeof ttl);
    memcpy(CMSG_DATA(c), &ttl, sizeof ttl);
    CHECK_EQ(sendmsg(s[0], &m, 0), 1);
    m.msg_controllen = sizeof control;
    CHECK_EQ(recvmsg(s[1], &m, 0), 1);
    int seen = 0;
    for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMP) {
            struct timeval t;
            memcpy(&t, CMSG_DATA(c), sizeof t);
            CHECK(labs(t.tv_sec - time(NULL)) <= 5);
            seen |= 1;
        } else if (c->cmsg_type == IP_TTL) {
            memcpy(&ttl, CMSG_DATA(c), sizeof ttl);
            CHECK_EQ(ttl, 9);
            seen |= 2;
        } else if (c->cmsg_type == IP_TOS) {
            CHECK_EQ(*CMSG_DATA(c), 0);
            seen |= 4;
        } else if (c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            CHECK_EQ(info.ipi_ifindex, 1);
            CHECK_EQ(info.ipi_addr.s_addr, htonl(INADDR_LOOPBACK));
            seen |= 8;
        }
    }
    CHECK_EQ(seen, 15);
    /* no room for all of it */
    CHECK_EQ(send(s[0], "x", 1, 0), 1);
    m.msg_controllen = CMSG_SPACE(sizeof(struct timeval));
    CHECK_EQ(recvmsg(s[1], &m, 0), 1);
    CHECK_EQ(m.msg_flags, MSG_CTRUNC);
    CHECK_EQ(send(s[0], "x", 1, 0), 1);
    m.msg_controllen = 20;
    CHECK_EQ(recvmsg(s[1], &m, 0), 1);
    CHECK_EQ(m.msg_flags, MSG_CTRUNC);
    CHECK_EQ(m.msg_controllen, 20);
}

static long send_with(int s, int level, int type, const void *data, size_t length, size_t said) {
    char control[128] = {0};
    struct iovec iov = {"x", 1};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(length)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = level;
    c->cmsg_type = type;
    c->cmsg_len = said;
    memcpy(CMSG_DATA(c), data, length);
    return sendmsg(s, &m, 0);
}

TEST(ancillary_data_that_is_none) {
    int s[2], n = 5;
    struct sockaddr_in at;
    struct in_pktinfo info = {.ipi_ifindex = 12345};
    udp_pair(s, &at);
    CHECK_ERRNO(send_with(s[0], IPPROTO_IP, IP_TTL, &n, 4, 8), EINVAL);
    CHECK_ERRNO(send_with(s[0], IPPROTO_IP, IP_TTL, &n, 4, 1000), EINVAL);
    CHECK_ERRNO(send_with(s[0], IPPROTO_IP, IP_TTL, &n, 4, -1UL), EINVAL);
    CHECK_ERRNO(send_with(s[0], IPPROTO_IP, IP_TTL, &n, 2, CMSG_LEN(2)), EINVAL);
    CHECK_ERRNO(send_with(s[0], IPPROTO_IP, 99, &n, 4, CMSG_LEN(4)), EINVAL);
    n = 256;
    CHECK_ERRNO(send_with(s[0], IPPROTO_IP, IP_TTL, &n, 4, CMSG_LEN(4)), EINVAL);
    CHECK_ERRNO(send_with(s[0], IPPROTO_IP, IP_PKTINFO, &info, 8, CMSG_LEN(8)), EINVAL);
    CHECK_EQ(send_with(s[0], IPPROTO_TCP, 99, &n, 4, CMSG_LEN(4)), 1);
    CHECK_ERRNO(send_with(s[0], SOL_SOCKET, 99, &n, 4, CMSG_LEN(4)), EINVAL);
    n = 0;
    CHECK_EQ(send_with(s[0], SOL_SOCKET, SCM_RIGHTS, &n, 4, CMSG_LEN(4)), 1);
    info.ipi_ifindex = 1;
    CHECK_EQ(send_with(s[0], IPPROTO_IP, IP_PKTINFO, &info, sizeof info, CMSG_LEN(sizeof info)), 1);
    struct msghdr m = {.msg_control = &n, .msg_controllen = -1UL};
    CHECK_ERRNO(sendmsg(s[0], &m, 0), ENOBUFS);
}

TEST(many_at_once) {
    int s[2];
    struct sockaddr_in at;
    udp_pair(s, &at);
    struct mmsghdr m[4] = {0};
    struct iovec iov[4];
    char text[4][4];
    for (int i = 0; i < 4; i++) {
        iov[i] = (struct iovec){"0123" + i, 4 - i};
        m[i].msg_hdr = (struct msghdr){.msg_iov = &iov[i], .msg_iovlen = 1};
    }
    CHECK_EQ(sendmmsg(s[0], m, 3, 0), 3);
    CHECK_EQ(m[2].msg_len, 2);
    for (int i = 0; i < 4; i++)
        iov[i] = (struct iovec){text[i], 4};
    CHECK_EQ(recvmmsg(s[1], m, 4, MSG_WAITFORONE, NULL), 3);
    CHECK_EQ(m[0].msg_len, 4);
    CHECK_EQ(m[1].msg_len, 3);
    CHECK_EQ(m[2].msg_len, 2);
    CHECK(!memcmp(text[2], "23", 2));
    struct timespec t = {0, 20000000};
    CHECK_EQ(sendmmsg(s[0], m, 1, 0), 1);
    CHECK_EQ(sendmmsg(s[0], m, 1, 0), 1);
    nap(30);
    CHECK_EQ(recvmmsg(s[1], m, 2, 0, &t), 2);
    CHECK_ERRNO(recvmmsg(s[1], m, 4, MSG_DONTWAIT, NULL), EAGAIN);
    struct timespec bad = {-1, 0};
    CHECK_ERRNO(recvmmsg(s[1], m, 4, 0, &bad), EINVAL);
}

TEST(in_one_piece) {
    int s[2], one = 1, zero = 0;
    struct sockaddr_in at;
    char text[16] = {0};
    udp_pair(s, &at);
    CHECK_EQ(send(s[0], "one ", 4, MSG_MORE), 4);
    CHECK_EQ(send(s[0], "piece", 5, 0), 5);
    CHECK_EQ(recv(s[1], text, 16, 0), 9);
    CHECK_STR(text, "one piece");
    CHECK_EQ(setsockopt(s[0], IPPROTO_UDP, UDP_CORK, &one, sizeof one), 0);
    CHECK_EQ(send(s[0], "a", 1, 0), 1);
    CHECK_EQ(send(s[0], "b", 1, 0), 1);
    CHECK_EQ(ready(s[1], POLLIN, 0), 0);
    CHECK_EQ(setsockopt(s[0], IPPROTO_UDP, UDP_CORK, &zero, sizeof zero), 0);
    CHECK_EQ(recv(s[1], text, 16, 0), 2);
}

TEST(groups) {
    int s = socket(AF_INET, SOCK_DGRAM, 0), u = socket(AF_INET, SOCK_DGRAM, 0), one = 1;
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t length = sizeof at;
    struct ip_mreqn m = {.imr_ifindex = 1};
    inet_aton("239.1.2.3", &m.imr_multiaddr);
    CHECK_EQ(bind(s, (void *)&at, sizeof at), 0);
    CHECK_EQ(getsockname(s, (void *)&at, &length), 0);
    CHECK_EQ(setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, &m, sizeof m), 0);
    CHECK_ERRNO(setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, &m, sizeof m), EADDRINUSE);
    CHECK_ERRNO(setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, &m, 7), EINVAL);
    CHECK_EQ(setsockopt(u, IPPROTO_IP, IP_MULTICAST_IF, &m, sizeof m), 0);
    CHECK_EQ(setsockopt(u, IPPROTO_IP, IP_MULTICAST_LOOP, &one, sizeof one), 0);
    at.sin_addr = m.imr_multiaddr;
    char text[8];
    CHECK_EQ(sendto(u, "group", 5, 0, (void *)&at, sizeof at), 5);
    CHECK_EQ(ready(s, POLLIN, 5000), POLLIN);
    CHECK_EQ(recv(s, text, 8, 0), 5);
    CHECK_EQ(setsockopt(s, IPPROTO_IP, IP_DROP_MEMBERSHIP, &m, sizeof m), 0);
    CHECK_ERRNO(setsockopt(s, IPPROTO_IP, IP_DROP_MEMBERSHIP, &m, sizeof m), EADDRNOTAVAIL);
}

TEST(memory_that_ends) {
    int s[2];
    struct sockaddr_in at;
    udp_pair(s, &at);
    char *two = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(two + 4096, 4096);
    CHECK_ERRNO(send(s[0], two + 4090, 10, 0), EFAULT);
    CHECK_ERRNO(send(s[0], (void *)-1L, 10, 0), EFAULT);
    CHECK_EQ(ready(s[1], POLLIN, 0), 0);
    CHECK_ERRNO(sendmsg(s[0], (void *)8, 0), EFAULT);
    CHECK_ERRNO(recvmsg(s[1], (void *)8, 0), EFAULT);
    struct msghdr m = {.msg_iov = (void *)8, .msg_iovlen = 1};
    CHECK_ERRNO(sendmsg(s[0], &m, 0), EFAULT);
    m = (struct msghdr){.msg_name = &at, .msg_namelen = -1};
    CHECK_ERRNO(sendmsg(s[0], &m, 0), EINVAL);
}

TEST(raw_icmp) {
    int s = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    if (s < 0 && errno == EPERM)
        return; /* a sandbox need not have the right on its host */
    MUST(s >= 0);
    unsigned char ping[8] = {8, 0, 0, 0, 0x12, 0x34, 0, 1}, got[128];
    unsigned sum = 0x800 + 0x1234 + 1;
    ping[2] = ~sum >> 8;
    ping[3] = ~sum;
    struct sockaddr_in at = loopback(0);
    CHECK_EQ(sendto(s, ping, sizeof ping, 0, (void *)&at, sizeof at), 8);
    bool answered = false;
    for (int i = 0; i < 100 && !answered && ready(s, POLLIN, 5000) == POLLIN; i++)
        answered = recv(s, got, sizeof got, 0) == 28 && got[20] == 0 && got[24] == 0x12 && got[25] == 0x34;
    CHECK(answered);
}
