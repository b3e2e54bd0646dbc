/* Options of Internet sockets. The differential cases print what each option answers to sizes and values of all kinds, so that
 * the comparison with a native run is the test. */
#include "guest.h"
#include <arpa/inet.h>
#include <linux/icmp.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#ifndef IP_RECVFRAGSIZE
#define IP_RECVFRAGSIZE 25
#endif
#ifndef IPV6_MINHOPCOUNT
#define IPV6_MINHOPCOUNT 73
#endif

struct option {
    int level, name;
    const char *text;
};
#define O(LEVEL, NAME) {LEVEL, NAME, #NAME}

static const struct option any[] = {
    O(SOL_SOCKET, SO_REUSEADDR), O(SOL_SOCKET, SO_REUSEPORT), O(SOL_SOCKET, SO_KEEPALIVE), O(SOL_SOCKET, SO_BROADCAST),
    O(SOL_SOCKET, SO_DONTROUTE), O(SOL_SOCKET, SO_OOBINLINE), O(SOL_SOCKET, SO_NO_CHECK), O(SOL_SOCKET, SO_LINGER),
    O(SOL_SOCKET, SO_RCVLOWAT), O(SOL_SOCKET, SO_SNDLOWAT), O(SOL_SOCKET, SO_RCVTIMEO),
    O(SOL_SOCKET, SO_SNDTIMEO), O(SOL_SOCKET, SO_TYPE), O(SOL_SOCKET, SO_PROTOCOL), O(SOL_SOCKET, SO_DOMAIN),
    O(SOL_SOCKET, SO_ERROR), O(SOL_SOCKET, SO_ACCEPTCONN), O(SOL_SOCKET, SO_TIMESTAMP), O(SOL_SOCKET, SO_TIMESTAMPNS),
    O(SOL_SOCKET, SO_RXQ_OVFL), O(SOL_SOCKET, 77777), O(SOL_SOCKET, -1),
};
static const struct option ip[] = {
    O(IPPROTO_IP, IP_TOS), O(IPPROTO_IP, IP_TTL), O(IPPROTO_IP, IP_PKTINFO), O(IPPROTO_IP, IP_MTU_DISCOVER),
    O(IPPROTO_IP, IP_RECVERR), O(IPPROTO_IP, IP_RECVTTL), O(IPPROTO_IP, IP_RECVTOS), O(IPPROTO_IP, IP_FREEBIND),
    O(IPPROTO_IP, IP_MINTTL), O(IPPROTO_IP, IP_MULTICAST_TTL), O(IPPROTO_IP, IP_MULTICAST_LOOP),
    O(IPPROTO_IP, IP_MULTICAST_ALL), O(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT), O(IPPROTO_IP, IP_RECVFRAGSIZE),
    O(IPPROTO_IP, IP_MTU), O(IPPROTO_IP, 7777), O(IPPROTO_IP, -1),
};
static const struct option ipv6[] = {
    O(IPPROTO_IPV6, IPV6_V6ONLY), O(IPPROTO_IPV6, IPV6_UNICAST_HOPS), O(IPPROTO_IPV6, IPV6_MULTICAST_HOPS),
    O(IPPROTO_IPV6, IPV6_MULTICAST_LOOP), O(IPPROTO_IPV6, IPV6_RECVPKTINFO), O(IPPROTO_IPV6, IPV6_RECVHOPLIMIT),
    O(IPPROTO_IPV6, IPV6_RECVTCLASS), O(IPPROTO_IPV6, IPV6_TCLASS), O(IPPROTO_IPV6, IPV6_RECVERR),
    O(IPPROTO_IPV6, IPV6_MTU_DISCOVER), O(IPPROTO_IPV6, IPV6_DONTFRAG), O(IPPROTO_IPV6, IPV6_MINHOPCOUNT),
    O(IPPROTO_IPV6, 7777), O(IPPROTO_IPV6, -1),
};
static const struct option tcp[] = {
    O(IPPROTO_TCP, TCP_NODELAY), O(IPPROTO_TCP, TCP_CORK), O(IPPROTO_TCP, TCP_KEEPIDLE), O(IPPROTO_TCP, TCP_KEEPINTVL),
    O(IPPROTO_TCP, TCP_KEEPCNT), O(IPPROTO_TCP, TCP_SYNCNT), O(IPPROTO_TCP, TCP_LINGER2),
    O(IPPROTO_TCP, TCP_DEFER_ACCEPT), O(IPPROTO_TCP, TCP_USER_TIMEOUT), O(IPPROTO_TCP, TCP_FASTOPEN),
    O(IPPROTO_TCP, TCP_NOTSENT_LOWAT), O(IPPROTO_TCP, 7777), O(IPPROTO_TCP, -1),
};
static const struct option udp[] = {
    O(IPPROTO_UDP, UDP_CORK), O(IPPROTO_UDP, 7777), O(IPPROTO_UDP, -1), O(IPPROTO_TCP, TCP_NODELAY), O(12345, 1), O(-1, 1),
};

static const int lengths[] = {0, 1, 2, 3, 4, 5, 8, 16, 4096, -1, INT_MIN, INT_MAX};
static const int values[] = {0, 1, -1, 5, 255, 256, 40000, INT_MIN, INT_MAX};

/* One letter for each answer: a digit for what is all right, else one for the error. */
static char letter(long result) {
    if (result >= 0)
        return '.';
    switch (errno) {
    case EINVAL: return 'i';
    case ENOPROTOOPT: return 'n';
    case EFAULT: return 'f';
    case EPERM: return 'p';
    case EACCES: return 'a';
    case EOPNOTSUPP: return 'o';
    case EDOM: return 'd';
    case ENOTCONN: return 'c';
    default: return '?';
    }
}

/* Sets and gets every option in every way; a line for each. */
static void differential(int family, int type, const struct option *all, int count) {
    static char page[8192];
    for (int i = 0; i < count; i++) {
        int s = socket(family, type, 0);
        MUST(s >= 0);
        char line[512];
        int n = snprintf(line, sizeof line, "%d/%d %-24s set ", family, type, all[i].text);
        for (unsigned l = 0; l < sizeof lengths / sizeof *lengths; l++) {
            memset(page, 0, sizeof page);
            page[0] = 1;
            bool huge = lengths[l] > 4096; /* Linux copies what it needs of it: no error */
            line[n++] = letter(setsockopt(s, all[i].level, all[i].name, page, huge ? 4095 : lengths[l]));
        }
        line[n++] = ' ';
        for (unsigned v = 0; v < sizeof values / sizeof *values; v++) {
            memset(page, 0, sizeof page);
            memcpy(page, &values[v], 4);
            bool wide = all[i].level == SOL_SOCKET;
            line[n++] = letter(setsockopt(s, all[i].level, all[i].name, page, wide ? 16 : 4));
        }
        line[n++] = ' ';
        line[n++] = letter(setsockopt(s, all[i].level, all[i].name, (void *)8, 4));
        n += snprintf(line + n, sizeof line - n, " get ");
        close(s);
        s = socket(family, type, 0);
        for (unsigned l = 0; l < sizeof lengths / sizeof *lengths; l++) {
            socklen_t length = lengths[l];
            memset(page, 0x55, sizeof page);
            long r = getsockopt(s, all[i].level, all[i].name, page, &length);
            line[n++] = letter(r);
            if (r == 0)
                n += snprintf(line + n, sizeof line - n, "%d", (int)length);
        }
        line[n] = 0;
        puts(line);
        close(s);
    }
    fflush(stdout);
}

#define DIFFERENTIAL(NAME, FAMILY, TYPE, ALL)                                                                          \
    TEST(NAME) { differential(FAMILY, TYPE, ALL, sizeof ALL / sizeof *ALL); }

DIFFERENTIAL(any_of_tcp, AF_INET, SOCK_STREAM, any)
DIFFERENTIAL(any_of_udp, AF_INET, SOCK_DGRAM, any)
DIFFERENTIAL(any_of_udp6, AF_INET6, SOCK_DGRAM, any)
DIFFERENTIAL(ip_of_tcp, AF_INET, SOCK_STREAM, ip)
DIFFERENTIAL(ip_of_udp, AF_INET, SOCK_DGRAM, ip)
DIFFERENTIAL(ipv6_of_tcp, AF_INET6, SOCK_STREAM, ipv6)
DIFFERENTIAL(ipv6_of_udp, AF_INET6, SOCK_DGRAM, ipv6)
DIFFERENTIAL(ipv6_of_four, AF_INET, SOCK_STREAM, ipv6)
DIFFERENTIAL(tcp_of_tcp, AF_INET, SOCK_STREAM, tcp)
DIFFERENTIAL(tcp_of_six, AF_INET6, SOCK_STREAM, tcp)
DIFFERENTIAL(udp_of_udp, AF_INET, SOCK_DGRAM, udp)
DIFFERENTIAL(udp_of_tcp, AF_INET, SOCK_STREAM, udp)

static int get(int s, int level, int name) {
    int value = -12345;
    socklen_t length = sizeof value;
    CHECK_EQ(getsockopt(s, level, name, &value, &length), 0);
    CHECK_EQ(length, sizeof value);
    return value;
}

static int set(int s, int level, int name, int value) { return setsockopt(s, level, name, &value, sizeof value); }

TEST(what_a_socket_is) {
    int s = socket(AF_INET, SOCK_STREAM, 0), u = socket(AF_INET6, SOCK_DGRAM, 0);
    CHECK_EQ(get(s, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
    CHECK_EQ(get(s, SOL_SOCKET, SO_DOMAIN), AF_INET);
    CHECK_EQ(get(s, SOL_SOCKET, SO_PROTOCOL), IPPROTO_TCP);
    CHECK_EQ(get(s, SOL_SOCKET, SO_ACCEPTCONN), 0);
    CHECK_EQ(get(u, SOL_SOCKET, SO_DOMAIN), AF_INET6);
    CHECK_EQ(get(u, SOL_SOCKET, SO_PROTOCOL), IPPROTO_UDP);
    CHECK_EQ(listen(s, 1), 0);
    CHECK_EQ(get(s, SOL_SOCKET, SO_ACCEPTCONN), 1);
    CHECK_ERRNO(set(s, SOL_SOCKET, SO_TYPE, 1), ENOPROTOOPT);
    unsigned long long cookie[2] = {0, 0};
    socklen_t length = 8;
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_COOKIE, &cookie[0], &length), 0);
    CHECK_EQ(getsockopt(u, SOL_SOCKET, SO_COOKIE, &cookie[1], &length), 0);
    CHECK(cookie[0] != 0 && cookie[0] != cookie[1]);
}

TEST(buffers_are_doubled) {
    int s = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_EQ(set(s, SOL_SOCKET, SO_RCVBUF, 20000), 0);
    CHECK_EQ(get(s, SOL_SOCKET, SO_RCVBUF), 40000);
    CHECK_EQ(set(s, SOL_SOCKET, SO_SNDBUF, 20000), 0);
    CHECK_EQ(get(s, SOL_SOCKET, SO_SNDBUF), 40000);
    CHECK_EQ(set(s, SOL_SOCKET, SO_RCVBUF, 0), 0);
    CHECK_EQ(get(s, SOL_SOCKET, SO_RCVBUF), 2304);
    CHECK_EQ(set(s, SOL_SOCKET, SO_SNDBUF, 1), 0);
    CHECK_EQ(get(s, SOL_SOCKET, SO_SNDBUF), 4608);
    int most = 2 * atoi(slurp("/proc/sys/net/core/rmem_max"));
    CHECK_EQ(set(s, SOL_SOCKET, SO_RCVBUF, -1), 0);
    CHECK_EQ(get(s, SOL_SOCKET, SO_RCVBUF), most);
    CHECK_EQ(set(s, SOL_SOCKET, SO_RCVBUF, INT_MAX), 0);
    CHECK_EQ(get(s, SOL_SOCKET, SO_RCVBUF), most);
}

TEST(options_keep_their_values) {
    int s = socket(AF_INET, SOCK_STREAM, 0);
    static const int ints[][3] = {
        {IPPROTO_TCP, TCP_NODELAY, 1}, {IPPROTO_TCP, TCP_KEEPIDLE, 77}, {IPPROTO_TCP, TCP_KEEPINTVL, 7},
        {IPPROTO_TCP, TCP_KEEPCNT, 3}, {IPPROTO_TCP, TCP_USER_TIMEOUT, 4321}, {IPPROTO_TCP, TCP_SYNCNT, 2},
        {IPPROTO_IP, IP_TOS, 0x10}, {IPPROTO_IP, IP_TTL, 33}, {SOL_SOCKET, SO_KEEPALIVE, 1}, {SOL_SOCKET, SO_PRIORITY, 3},
        {SOL_SOCKET, SO_REUSEPORT, 1}, {IPPROTO_IP, IP_RECVTTL, 1}, {SOL_SOCKET, SO_RCVLOWAT, 9},
    };
    for (unsigned i = 0; i < sizeof ints / sizeof *ints; i++) {
        CHECK_EQ(set(s, ints[i][0], ints[i][1], ints[i][2]), 0);
        CHECK_EQ(get(s, ints[i][0], ints[i][1]), ints[i][2]);
    }
    struct linger l = {1, 5}, got;
    socklen_t length = sizeof got;
    CHECK_EQ(setsockopt(s, SOL_SOCKET, SO_LINGER, &l, sizeof l), 0);
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_LINGER, &got, &length), 0);
    CHECK(got.l_onoff == 1 && got.l_linger == 5);
    char name[16];
    length = sizeof name;
    CHECK_EQ(getsockopt(s, IPPROTO_TCP, TCP_CONGESTION, name, &length), 0);
    CHECK_EQ(length, 16);
    CHECK_EQ(setsockopt(s, IPPROTO_TCP, TCP_CONGESTION, name, strlen(name)), 0);
    CHECK_ERRNO(setsockopt(s, IPPROTO_TCP, TCP_CONGESTION, "", 0), EINVAL);
    CHECK_ERRNO(setsockopt(s, IPPROTO_TCP, TCP_CONGESTION, "nosuchthing", 11), ENOENT);
    CHECK_ERRNO(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "nosuchdevice", 13), ENODEV);
    CHECK_EQ(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3), 0);
    length = sizeof name;
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, name, &length), 0);
    CHECK_EQ(length, 3);
    CHECK_STR(name, "lo");
}

TEST(who_may) {
    pid_t pid = FORK();
    if (pid == 0) {
        MUST(setresuid(65534, 65534, 65534) == 0);
        int s = socket(AF_INET, SOCK_DGRAM, 0);
        CHECK_ERRNO(set(s, SOL_SOCKET, SO_MARK, 1), EPERM);
        CHECK_ERRNO(set(s, SOL_SOCKET, SO_RCVBUFFORCE, 1 << 20), EPERM);
        CHECK_ERRNO(set(s, SOL_SOCKET, SO_SNDBUFFORCE, 1 << 20), EPERM);
        CHECK_ERRNO(set(s, SOL_SOCKET, SO_PRIORITY, 7), EPERM);
        CHECK_EQ(set(s, SOL_SOCKET, SO_PRIORITY, 6), 0);
        CHECK_ERRNO(set(s, SOL_SOCKET, SO_DEBUG, 1), EACCES);
        CHECK_ERRNO(set(s, IPPROTO_IP, IP_TRANSPARENT, 1), EPERM);
        CHECK_EQ(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2), 0);
        CHECK_ERRNO(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2), EPERM);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

TEST(state_of_a_connection) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof at;
    int l = socket(AF_INET, SOCK_STREAM, 0), c = socket(AF_INET, SOCK_STREAM, 0), n = -1;
    MUST(bind(l, (void *)&at, length) == 0 && listen(l, 1) == 0 && getsockname(l, (void *)&at, &length) == 0);
    struct tcp_info info;
    length = sizeof info;
    CHECK_EQ(getsockopt(c, IPPROTO_TCP, TCP_INFO, &info, &length), 0);
    CHECK_EQ(info.tcpi_state, TCP_CLOSE);
    CHECK_EQ(connect(c, (void *)&at, sizeof at), 0);
    CHECK_EQ(getsockopt(c, IPPROTO_TCP, TCP_INFO, &info, &length), 0);
    CHECK_EQ(info.tcpi_state, TCP_ESTABLISHED);
    CHECK_EQ(getsockopt(l, IPPROTO_TCP, TCP_INFO, &info, &length), 0);
    CHECK_EQ(info.tcpi_state, TCP_LISTEN);
    length = 1;
    CHECK_EQ(getsockopt(c, IPPROTO_TCP, TCP_INFO, &info, &length), 0);
    CHECK_EQ(length, 1);
    CHECK_EQ(ioctl(c, SIOCOUTQ, &n), 0);
    CHECK_EQ(n, 0);
    CHECK_EQ(ioctl(c, SIOCINQ, &n), 0);
    CHECK_EQ(n, 0);
    CHECK_ERRNO(ioctl(l, SIOCINQ, &n), EINVAL);
    CHECK_ERRNO(ioctl(l, SIOCOUTQ, &n), EINVAL);
    CHECK_ERRNO(ioctl(c, SIOCINQ, (void *)8), EFAULT);
    CHECK_ERRNO(ioctl(c, 0x12345678, &n), ENOTTY);
    CHECK_ERRNO(ioctl(c, -1, &n), ENOTTY);
}

TEST(a_filter_of_icmp) {
    int s = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    if (s < 0 && errno == EPERM)
        return; /* a sandbox need not have the right on its host */
    MUST(s >= 0);
    struct icmp_filter f = {0xf0}, got = {0};
    socklen_t length = sizeof got;
    CHECK_EQ(setsockopt(s, SOL_RAW, ICMP_FILTER, &f, sizeof f), 0);
    CHECK_EQ(getsockopt(s, SOL_RAW, ICMP_FILTER, &got, &length), 0);
    CHECK_EQ(got.data, 0xf0);
    CHECK_EQ(get(s, IPPROTO_IP, IP_HDRINCL), 0);
    CHECK_EQ(set(s, IPPROTO_IP, IP_HDRINCL, 1), 0);
    CHECK_EQ(get(s, IPPROTO_IP, IP_HDRINCL), 1);
}
