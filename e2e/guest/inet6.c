/* IPv6 and both at once: dual stack, scopes, addresses that are none, ancillary data. */
#include "guest.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>

static struct sockaddr_in6 at6(const char *address, int port) {
    struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    MUST(inet_pton(AF_INET6, address, &a.sin6_addr) == 1);
    return a;
}

static int port_of(int s) {
    struct sockaddr_in6 a;
    socklen_t length = sizeof a;
    MUST(getsockname(s, (void *)&a, &length) == 0);
    return ntohs(a.sin6_port);
}

static int bound(const char *address, int type) {
    struct sockaddr_in6 a = at6(address, 0);
    int s = socket(AF_INET6, type, 0);
    MUST(s >= 0 && bind(s, (void *)&a, sizeof a) == 0);
    return s;
}

TEST(a_stream) {
    int l = bound("::1", SOCK_STREAM), c = socket(AF_INET6, SOCK_STREAM, 0);
    CHECK_EQ(listen(l, 1), 0);
    struct sockaddr_in6 a = at6("::1", port_of(l)), from;
    socklen_t length = sizeof from;
    CHECK_EQ(connect(c, (void *)&a, sizeof a), 0);
    int s = accept(l, (void *)&from, &length);
    MUST(s >= 0);
    CHECK_EQ(length, sizeof from);
    CHECK_EQ(from.sin6_family, AF_INET6);
    CHECK_EQ(ntohs(from.sin6_port), port_of(c));
    CHECK(IN6_IS_ADDR_LOOPBACK(&from.sin6_addr));
    char text[8] = {0};
    CHECK_EQ(write(c, "six", 3), 3);
    CHECK_EQ(read(s, text, 8), 3);
    CHECK_STR(text, "six");
}

TEST(both_families_on_one_socket) {
    int l = bound("::", SOCK_STREAM), c = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_EQ(listen(l, 1), 0);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port_of(l)), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct sockaddr_in6 from;
    socklen_t length = sizeof from;
    CHECK_EQ(connect(c, (void *)&a, sizeof a), 0);
    int s = accept(l, (void *)&from, &length);
    MUST(s >= 0);
    CHECK(IN6_IS_ADDR_V4MAPPED(&from.sin6_addr));
    char name[64];
    CHECK_STR(inet_ntop(AF_INET6, &from.sin6_addr, name, sizeof name), "::ffff:127.0.0.1");
}

TEST(only_ipv6) {
    int s = socket(AF_INET6, SOCK_STREAM, 0), one = 1, got = -1;
    socklen_t length = sizeof got;
    CHECK_EQ(getsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &got, &length), 0);
    CHECK_EQ(got, 0);
    CHECK_EQ(setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one), 0);
    struct sockaddr_in6 a = at6("::", 0);
    CHECK_EQ(bind(s, (void *)&a, sizeof a), 0);
    CHECK_ERRNO(setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one), EINVAL);
    CHECK_EQ(listen(s, 1), 0);
    struct sockaddr_in b = {.sin_family = AF_INET, .sin_port = htons(port_of(s)), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int c = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_ERRNO(connect(c, (void *)&b, sizeof b), ECONNREFUSED);
}

TEST(addresses_that_are_none) {
    struct sockaddr_in6 a = at6("::1", 0);
    int s = socket(AF_INET6, SOCK_STREAM, 0), u = socket(AF_INET6, SOCK_DGRAM, 0);
    CHECK_ERRNO(bind(s, (void *)&a, 23), EINVAL);
    CHECK_ERRNO(bind(s, (void *)&a, 16), EINVAL);
    CHECK_ERRNO(connect(s, (void *)&a, 20), EINVAL);
    a.sin6_family = AF_INET;
    CHECK_ERRNO(bind(s, (void *)&a, sizeof a), EAFNOSUPPORT);
    CHECK_ERRNO(connect(s, (void *)&a, sizeof a), EAFNOSUPPORT);
    a.sin6_family = AF_UNIX;
    CHECK_ERRNO(connect(u, (void *)&a, sizeof a), EAFNOSUPPORT);
    CHECK_ERRNO(sendto(u, "x", 1, 0, (void *)&a, sizeof a), EINVAL);
    a = at6("2001:db8::7", 0);
    CHECK_ERRNO(bind(s, (void *)&a, sizeof a), EADDRNOTAVAIL);
    a = at6("fe80::1", 0);
    CHECK_ERRNO(bind(s, (void *)&a, sizeof a), EINVAL);
    a = at6("::1", 0);
    CHECK_EQ(bind(s, (void *)&a, 24), 0);
}

TEST(datagrams_to_either_family) {
    int s = bound("::", SOCK_DGRAM), u = socket(AF_INET6, SOCK_DGRAM, 0);
    struct sockaddr_in6 six = at6("::1", port_of(s)), mapped = at6("::ffff:127.0.0.1", port_of(s)), from;
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = six.sin6_port, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof from;
    char text[8];
    CHECK_EQ(sendto(u, "a", 1, 0, (void *)&six, sizeof six), 1);
    CHECK_EQ(recvfrom(s, text, 8, 0, (void *)&from, &length), 1);
    CHECK_EQ(length, sizeof from);
    CHECK(IN6_IS_ADDR_LOOPBACK(&from.sin6_addr));
    CHECK_EQ(sendto(u, "b", 1, 0, (void *)&mapped, sizeof mapped), 1);
    CHECK_EQ(recvfrom(s, text, 8, 0, (void *)&from, &length), 1);
    CHECK(IN6_IS_ADDR_V4MAPPED(&from.sin6_addr));
    CHECK_EQ(sendto(u, "c", 1, 0, (void *)&four, sizeof four), 1);
    CHECK_EQ(recvfrom(s, text, 8, 0, (void *)&from, &length), 1);
    CHECK(IN6_IS_ADDR_V4MAPPED(&from.sin6_addr));
    CHECK_EQ(connect(u, (void *)&four, sizeof four), 0);
    CHECK_EQ(send(u, "d", 1, 0), 1);
    CHECK_EQ(recv(s, text, 8, 0), 1);
}

TEST(what_comes_with_a_datagram) {
    int s = bound("::1", SOCK_DGRAM), u = socket(AF_INET6, SOCK_DGRAM, 0), one = 1, hops = 7, class = 0x20;
    CHECK_EQ(setsockopt(s, IPPROTO_IPV6, IPV6_RECVPKTINFO, &one, sizeof one), 0);
    CHECK_EQ(setsockopt(s, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &one, sizeof one), 0);
    CHECK_EQ(setsockopt(s, IPPROTO_IPV6, IPV6_RECVTCLASS, &one, sizeof one), 0);
    struct sockaddr_in6 a = at6("::1", port_of(s));
    char control[256] = {0}, text[8];
    struct iovec iov = {text, 1};
    struct msghdr m = {.msg_name = &a, .msg_namelen = sizeof a, .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control};
    m.msg_controllen = CMSG_SPACE(sizeof hops) + CMSG_SPACE(sizeof class);
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = IPPROTO_IPV6;
    c->cmsg_type = IPV6_HOPLIMIT;
    c->cmsg_len = CMSG_LEN(sizeof hops);
    memcpy(CMSG_DATA(c), &hops, sizeof hops);
    c = CMSG_NXTHDR(&m, c);
    c->cmsg_level = IPPROTO_IPV6;
    c->cmsg_type = IPV6_TCLASS;
    c->cmsg_len = CMSG_LEN(sizeof class);
    memcpy(CMSG_DATA(c), &class, sizeof class);
    CHECK_EQ(sendmsg(u, &m, 0), 1);
    m.msg_controllen = sizeof control;
    CHECK_EQ(recvmsg(s, &m, 0), 1);
    int seen = 0;
    for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
        CHECK_EQ(c->cmsg_level, IPPROTO_IPV6);
        int n;
        memcpy(&n, CMSG_DATA(c), sizeof n);
        if (c->cmsg_type == IPV6_HOPLIMIT) {
            CHECK_EQ(n, 7);
            seen |= 1;
        } else if (c->cmsg_type == IPV6_TCLASS) {
            CHECK_EQ(n, 0x20);
            seen |= 2;
        } else if (c->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            CHECK(IN6_IS_ADDR_LOOPBACK(&info.ipi6_addr));
            CHECK_EQ(info.ipi6_ifindex, 1);
            seen |= 4;
        }
    }
    CHECK_EQ(seen, 7);
}

TEST(hop_limits) {
    int s = socket(AF_INET6, SOCK_DGRAM, 0), n = 256, got;
    socklen_t length = sizeof got;
    CHECK_ERRNO(setsockopt(s, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &n, sizeof n), EINVAL);
    n = -2;
    CHECK_ERRNO(setsockopt(s, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &n, sizeof n), EINVAL);
    n = 255;
    CHECK_EQ(setsockopt(s, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &n, sizeof n), 0);
    CHECK_EQ(getsockopt(s, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &got, &length), 0);
    CHECK_EQ(got, 255);
    n = -1;
    CHECK_EQ(setsockopt(s, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &n, sizeof n), 0);
    CHECK_EQ(getsockopt(s, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &got, &length), 0);
    CHECK_EQ(got, 64);
    CHECK_ERRNO(setsockopt(s, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &n, 3), EINVAL);
    int four = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK_ERRNO(setsockopt(four, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &n, sizeof n), ENOPROTOOPT);
}

TEST(groups) {
    int s = socket(AF_INET6, SOCK_DGRAM, 0), on = 1;
    struct ipv6_mreq m = {.ipv6mr_interface = 1};
    inet_pton(AF_INET6, "ff02::1234", &m.ipv6mr_multiaddr);
    CHECK_EQ(setsockopt(s, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &m, sizeof m), 0);
    CHECK_ERRNO(setsockopt(s, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &m, sizeof m), EADDRINUSE);
    CHECK_ERRNO(setsockopt(s, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &m, sizeof m - 1), EINVAL);
    CHECK_EQ(setsockopt(s, IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP, &m, sizeof m), 0);
    CHECK_ERRNO(setsockopt(s, IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP, &m, sizeof m), EADDRNOTAVAIL);
    m.ipv6mr_interface = 12345;
    CHECK_ERRNO(setsockopt(s, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &m, sizeof m), ENODEV);
    CHECK_EQ(setsockopt(s, IPPROTO_IPV6, IPV6_MULTICAST_IF, &on, sizeof on), 0);
}

TEST(a_namespace_without_interfaces) {
    pid_t pid = FORK();
    if (pid == 0) {
        MUST(unshare(CLONE_NEWNET) == 0);
        struct sockaddr_in6 a = at6("::1", 80);
        int s = socket(AF_INET6, SOCK_STREAM, 0);
        CHECK_ERRNO(connect(s, (void *)&a, sizeof a), EADDRNOTAVAIL);
        CHECK_ERRNO(bind(s, (void *)&a, sizeof a), EADDRNOTAVAIL);
        a = at6("::", 80);
        CHECK_EQ(bind(s, (void *)&a, sizeof a), 0);
        CHECK_EQ(port_of(s), 80);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}
