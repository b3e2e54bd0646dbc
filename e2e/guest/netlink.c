/* netlink(7), rtnetlink(7): sockets, names, requests and answers, and requests that make no sense. Only the loopback interface
 * is the same everywhere, so nothing else is looked at. */
#include "guest.h"

#include <ifaddrs.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>

#ifndef NETLINK_GET_STRICT_CHK
#define NETLINK_GET_STRICT_CHK 12
#endif

static char answer[1 << 16];

struct message {
    struct nlmsghdr h;
    char body[512];
};

static int route_socket(void) {
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    MUST(fd >= 0);
    struct timeval t = {.tv_sec = 5};
    CHECK_EQ(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t), 0);
    return fd;
}

static int strict_socket(void) {
    int fd = route_socket(), on = 1;
    CHECK_EQ(setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on), 0);
    return fd;
}

/* A request of `bytes` bytes behind its header, which the caller fills in. */
static void *request(struct message *m, int type, int flags, int bytes) {
    memset(m, 0, sizeof *m);
    m->h.nlmsg_len = NLMSG_LENGTH(bytes);
    m->h.nlmsg_type = type;
    m->h.nlmsg_flags = flags;
    m->h.nlmsg_seq = 77;
    return NLMSG_DATA(&m->h);
}

static void attribute(struct message *m, int type, const void *value, int bytes) {
    struct rtattr *a = (struct rtattr *)((char *)m + NLMSG_ALIGN(m->h.nlmsg_len));
    a->rta_type = type;
    a->rta_len = RTA_LENGTH(bytes);
    memcpy(RTA_DATA(a), value, bytes);
    m->h.nlmsg_len = NLMSG_ALIGN(m->h.nlmsg_len) + RTA_ALIGN(a->rta_len);
}

static void send_to_kernel(int fd, struct message *m) { CHECK_EQ(send(fd, m, m->h.nlmsg_len, 0), m->h.nlmsg_len); }

/* The error that the next answer is; 1 if it is none. */
static int error_of(int fd) {
    ssize_t n = recv(fd, answer, sizeof answer, 0);
    struct nlmsghdr *h = (struct nlmsghdr *)answer;
    if (n < (ssize_t)sizeof *h) return -10000;
    if (h->nlmsg_type != NLMSG_ERROR && h->nlmsg_type != NLMSG_DONE) return 1;
    return *(int *)NLMSG_DATA(h);
}

static int ask_error(int fd, struct message *m) {
    send_to_kernel(fd, m);
    return error_of(fd);
}

/* Walks over all messages of a dump: how many of `type` there are; the first that `wanted` likes is copied to `out`. */
static int dump(int fd, struct message *m, int type, bool (*wanted)(struct nlmsghdr *), char *out, int *end) {
    int count = 0;
    if (out) *(int *)out = 0;
    send_to_kernel(fd, m);
    for (;;) {
        ssize_t n = recv(fd, answer, sizeof answer, 0);
        MUST(n > 0);
        for (struct nlmsghdr *h = (struct nlmsghdr *)answer; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
            CHECK_EQ(h->nlmsg_seq, m->h.nlmsg_seq);
            if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR) {
                if (end) *end = *(int *)NLMSG_DATA(h);
                return count;
            }
            CHECK_EQ(h->nlmsg_type, type);
            CHECK(h->nlmsg_flags & NLM_F_MULTI);
            count++;
            if (out && !*(int *)out && wanted(h)) memcpy(out, h, h->nlmsg_len);
        }
    }
}

static struct rtattr *find(struct nlmsghdr *h, int header, int type) {
    struct rtattr *a = (struct rtattr *)((char *)NLMSG_DATA(h) + NLMSG_ALIGN(header));
    int n = h->nlmsg_len - NLMSG_LENGTH(header);
    for (; RTA_OK(a, n); a = RTA_NEXT(a, n))
        if (a->rta_type == type) return a;
    return NULL;
}

static bool is_lo_link(struct nlmsghdr *h) { return ((struct ifinfomsg *)NLMSG_DATA(h))->ifi_index == 1; }

static bool is_lo_address(struct nlmsghdr *h) {
    struct ifaddrmsg *a = NLMSG_DATA(h);
    return a->ifa_index == 1 && a->ifa_family == AF_INET;
}

static bool is_lo_route(struct nlmsghdr *h) {
    struct rtmsg *r = NLMSG_DATA(h);
    struct rtattr *dst = find(h, sizeof *r, RTA_DST);
    return r->rtm_family == AF_INET && r->rtm_dst_len == 8 && r->rtm_type == RTN_LOCAL && dst &&
           *(unsigned char *)RTA_DATA(dst) == 127;
}

TEST(which_sockets_there_are) {
    CHECK_ERRNO(socket(AF_NETLINK, SOCK_STREAM, NETLINK_ROUTE), ESOCKTNOSUPPORT);
    CHECK_ERRNO(socket(AF_NETLINK, SOCK_SEQPACKET, NETLINK_ROUTE), ESOCKTNOSUPPORT);
    CHECK_ERRNO(socket(AF_NETLINK, SOCK_RAW, -1), EPROTONOSUPPORT);
    CHECK_ERRNO(socket(AF_NETLINK, SOCK_RAW, 32), EPROTONOSUPPORT);
    CHECK_ERRNO(socket(AF_NETLINK, SOCK_RAW, INT_MAX), EPROTONOSUPPORT);
    int pair[2];
    CHECK_ERRNO(socketpair(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, pair), EOPNOTSUPP);
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_NONBLOCK, NETLINK_ROUTE);
    CHECK(fd >= 0);
    int value;
    socklen_t length = sizeof value;
    CHECK_EQ(getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &value, &length), 0);
    CHECK_EQ(value, AF_NETLINK);
    CHECK_EQ(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &length), 0);
    CHECK_EQ(value, SOCK_DGRAM);
    CHECK_ERRNO(recv(fd, answer, sizeof answer, 0), EAGAIN);
    CHECK_ERRNO(listen(fd, 1), EOPNOTSUPP);
    CHECK_ERRNO(accept(fd, NULL, NULL), EOPNOTSUPP);
    CHECK_ERRNO(shutdown(fd, SHUT_RDWR), EOPNOTSUPP);
    int uevent = socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT);
    CHECK(uevent >= 0);
    struct sockaddr_nl a = {.nl_family = AF_NETLINK, .nl_groups = 1};
    CHECK_EQ(bind(uevent, (void *)&a, sizeof a), 0);
    struct pollfd p = {uevent, POLLIN | POLLOUT, 0};
    CHECK_EQ(poll(&p, 1, 0), 1);
    CHECK_EQ(p.revents, POLLOUT);
}

TEST(names) {
    int fd = route_socket(), other = route_socket();
    struct sockaddr_nl a;
    socklen_t length = sizeof a;
    CHECK_EQ(getsockname(fd, (void *)&a, &length), 0);
    CHECK_EQ(length, sizeof a);
    CHECK_EQ(a.nl_family, AF_NETLINK);
    CHECK_EQ(a.nl_pid, 0);
    CHECK_EQ(a.nl_groups, 0);
    CHECK_EQ(getpeername(fd, (void *)&a, &length), 0);
    CHECK_EQ(a.nl_pid, 0);
    a = (struct sockaddr_nl){.nl_family = AF_NETLINK};
    CHECK_ERRNO(bind(fd, (void *)&a, 11), EINVAL);
    a.nl_family = AF_INET;
    CHECK_ERRNO(bind(fd, (void *)&a, sizeof a), EINVAL);
    a.nl_family = AF_NETLINK;
    CHECK_EQ(bind(fd, (void *)&a, sizeof a), 0);
    CHECK_EQ(getsockname(fd, (void *)&a, &length), 0);
    CHECK_EQ(a.nl_pid, getpid());
    CHECK_EQ(bind(fd, (void *)&a, sizeof a), 0);
    a.nl_pid++;
    CHECK_ERRNO(bind(fd, (void *)&a, sizeof a), EINVAL);
    a.nl_pid--;
    CHECK_ERRNO(bind(other, (void *)&a, sizeof a), EADDRINUSE);
    a.nl_pid = 0;
    CHECK_EQ(bind(other, (void *)&a, sizeof a), 0);
    CHECK_EQ(getsockname(other, (void *)&a, &length), 0);
    CHECK(a.nl_pid != 0 && (int)a.nl_pid != getpid());
    close(fd);
    fd = route_socket();
    a.nl_pid = getpid();
    CHECK_EQ(bind(fd, (void *)&a, sizeof a), 0);
    CHECK_EQ(connect(other, (void *)&(struct sockaddr_nl){.nl_family = AF_NETLINK}, sizeof a), 0);
    CHECK_ERRNO(connect(other, (void *)&a, 1), EINVAL);
    CHECK_ERRNO(connect(other, (void *)&a, 8), EINVAL);
    CHECK_EQ(connect(other, (void *)&a, sizeof a), 0);
    CHECK_EQ(getpeername(other, (void *)&a, &length), 0);
    CHECK_EQ(a.nl_pid, getpid());
}

TEST(groups) {
    int fd = route_socket();
    struct sockaddr_nl a = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR};
    socklen_t length = sizeof a;
    CHECK_EQ(bind(fd, (void *)&a, sizeof a), 0);
    CHECK_EQ(getsockname(fd, (void *)&a, &length), 0);
    CHECK_EQ(a.nl_groups, RTMGRP_LINK | RTMGRP_IPV4_IFADDR);
    int group = RTNLGRP_NEIGH;
    CHECK_EQ(setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group), 0);
    group = RTNLGRP_LINK;
    CHECK_EQ(setsockopt(fd, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, &group, sizeof group), 0);
    CHECK_EQ(getsockname(fd, (void *)&a, &length), 0);
    CHECK_EQ(a.nl_groups, RTMGRP_NEIGH | RTMGRP_IPV4_IFADDR);
    unsigned bits[16] = {0};
    length = sizeof bits;
    CHECK_EQ(getsockopt(fd, SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, bits, &length), 0);
    CHECK_EQ(bits[0], RTMGRP_NEIGH | RTMGRP_IPV4_IFADDR);
    group = 0;
    CHECK_ERRNO(setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group), EINVAL);
    group = -1;
    CHECK_ERRNO(setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group), EINVAL);
    group = INT_MAX;
    CHECK_ERRNO(setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group), EINVAL);
}

TEST(options) {
    int fd = route_socket();
    int names[] = {NETLINK_PKTINFO, NETLINK_BROADCAST_ERROR, NETLINK_NO_ENOBUFS, NETLINK_CAP_ACK, NETLINK_EXT_ACK,
                   NETLINK_GET_STRICT_CHK};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int value = 5;
        socklen_t length = sizeof value;
        CHECK_EQ(getsockopt(fd, SOL_NETLINK, names[i], &value, &length), 0);
        CHECK_EQ(value, 0);
        value = 7;
        CHECK_EQ(setsockopt(fd, SOL_NETLINK, names[i], &value, sizeof value), 0);
        CHECK_EQ(getsockopt(fd, SOL_NETLINK, names[i], &value, &length), 0);
        CHECK_EQ(value, 1);
        CHECK_EQ(length, 4);
        length = 3;
        CHECK_ERRNO(getsockopt(fd, SOL_NETLINK, names[i], &value, &length), EINVAL);
        CHECK_EQ(setsockopt(fd, SOL_NETLINK, names[i], &value, 0), 0);
        length = 4;
        CHECK_EQ(getsockopt(fd, SOL_NETLINK, names[i], &value, &length), 0);
        CHECK_EQ(value, 0);
    }
    int value = 1;
    socklen_t length = sizeof value;
    CHECK_ERRNO(setsockopt(fd, SOL_NETLINK, 99, &value, sizeof value), ENOPROTOOPT);
    CHECK_ERRNO(setsockopt(fd, SOL_NETLINK, -1, &value, sizeof value), ENOPROTOOPT);
    CHECK_ERRNO(getsockopt(fd, SOL_NETLINK, 99, &value, &length), ENOPROTOOPT);
    CHECK_ERRNO(setsockopt(fd, IPPROTO_TCP, 1, &value, sizeof value), ENOPROTOOPT);
    CHECK_ERRNO(getsockopt(fd, IPPROTO_TCP, 1, &value, &length), ENOPROTOOPT);
    CHECK_ERRNO(setsockopt(fd, SOL_NETLINK, NETLINK_PKTINFO, (void *)8, 4), EFAULT);
    CHECK_ERRNO(setsockopt(fd, SOL_NETLINK, NETLINK_PKTINFO, &value, -1), EINVAL);
}

TEST(one_link) {
    int fd = route_socket();
    struct message m;
    struct ifinfomsg *i = request(&m, RTM_GETLINK, NLM_F_REQUEST, sizeof *i);
    i->ifi_index = 1;
    send_to_kernel(fd, &m);
    CHECK(recv(fd, answer, sizeof answer, 0) > 0);
    struct nlmsghdr *h = (struct nlmsghdr *)answer;
    CHECK_EQ(h->nlmsg_type, RTM_NEWLINK);
    CHECK_EQ(h->nlmsg_seq, 77);
    CHECK_EQ(h->nlmsg_pid, getpid());
    CHECK_EQ(h->nlmsg_flags, 0);
    i = NLMSG_DATA(h);
    CHECK_EQ(i->ifi_type, ARPHRD_LOOPBACK);
    CHECK(i->ifi_flags & IFF_LOOPBACK);
    CHECK_STR(RTA_DATA(find(h, sizeof *i, IFLA_IFNAME)), "lo");
    CHECK_EQ(*(unsigned *)RTA_DATA(find(h, sizeof *i, IFLA_MTU)), 65536);
    CHECK_EQ(RTA_PAYLOAD(find(h, sizeof *i, IFLA_ADDRESS)), 6);
    CHECK(RTA_PAYLOAD(find(h, sizeof *i, IFLA_STATS64)) >= sizeof(long) * 24);
    CHECK(RTA_PAYLOAD(find(h, sizeof *i, IFLA_STATS)) >= sizeof(int) * 23);

    request(&m, RTM_GETLINK, NLM_F_REQUEST | NLM_F_ACK, sizeof *i);
    attribute(&m, IFLA_IFNAME, "lo", 3);
    send_to_kernel(fd, &m);
    CHECK(recv(fd, answer, sizeof answer, 0) > 0);
    CHECK_EQ(h->nlmsg_type, RTM_NEWLINK);
    CHECK_EQ(recv(fd, answer, sizeof answer, 0), 36); /* a success shows only the header of what it is for */
    CHECK_EQ(h->nlmsg_type, NLMSG_ERROR);
    CHECK_EQ(h->nlmsg_flags, NLM_F_CAPPED);
    CHECK_EQ(*(int *)NLMSG_DATA(h), 0);

    request(&m, RTM_GETLINK, NLM_F_REQUEST, sizeof *i);
    CHECK_EQ(ask_error(fd, &m), -EINVAL);
    i = request(&m, RTM_GETLINK, NLM_F_REQUEST, sizeof *i);
    i->ifi_index = INT_MAX;
    CHECK_EQ(ask_error(fd, &m), -ENODEV);
    CHECK_EQ(h->nlmsg_len, 20 + 32);
    request(&m, RTM_GETLINK, NLM_F_REQUEST, sizeof *i);
    attribute(&m, IFLA_IFNAME, "nothere", 8);
    CHECK_EQ(ask_error(fd, &m), -ENODEV);
    request(&m, RTM_GETLINK, NLM_F_REQUEST, sizeof *i);
    attribute(&m, IFLA_IFNAME, "a name that is much too long", 29);
    CHECK_EQ(ask_error(fd, &m), -ERANGE);
    request(&m, RTM_GETLINK, NLM_F_REQUEST, 8);
    CHECK_EQ(ask_error(fd, &m), -EINVAL);
}

TEST(an_error_may_be_capped) {
    int fd = route_socket(), on = 1;
    CHECK_EQ(setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on), 0);
    struct message m;
    request(&m, RTM_GETLINK, NLM_F_REQUEST, 16);
    send_to_kernel(fd, &m);
    CHECK_EQ(recv(fd, answer, sizeof answer, 0), 36);
    CHECK_EQ(((struct nlmsghdr *)answer)->nlmsg_flags, NLM_F_CAPPED);
    CHECK_EQ(*(int *)NLMSG_DATA((struct nlmsghdr *)answer), -EINVAL);
}

TEST(dumps) {
    int fd = route_socket(), end = 1;
    static char first[1 << 14];
    struct message m;
    struct nlmsghdr *h = (struct nlmsghdr *)first;
    request(&m, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, sizeof(struct ifinfomsg));
    CHECK(dump(fd, &m, RTM_NEWLINK, is_lo_link, first, &end) >= 1);
    CHECK_EQ(end, 0);
    CHECK_STR(RTA_DATA(find(h, sizeof(struct ifinfomsg), IFLA_IFNAME)), "lo");

    *(char *)request(&m, RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, 1) = AF_INET; /* a struct rtgenmsg is enough */
    CHECK(dump(fd, &m, RTM_NEWADDR, is_lo_address, first, &end) >= 1);
    CHECK_EQ(end, 0);
    struct ifaddrmsg *a = NLMSG_DATA(h);
    CHECK_EQ(a->ifa_prefixlen, 8);
    CHECK_EQ(a->ifa_scope, RT_SCOPE_HOST);
    CHECK_EQ(*(unsigned *)RTA_DATA(find(h, sizeof *a, IFA_LOCAL)), htonl(INADDR_LOOPBACK));
    CHECK_STR(RTA_DATA(find(h, sizeof *a, IFA_LABEL)), "lo");
    CHECK(find(h, sizeof *a, IFA_FLAGS) && find(h, sizeof *a, IFA_CACHEINFO));

    *(char *)request(&m, RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP, sizeof(struct rtmsg)) = AF_INET;
    CHECK(dump(fd, &m, RTM_NEWROUTE, is_lo_route, first, &end) >= 2);
    CHECK_EQ(end, 0);
    struct rtmsg *r = NLMSG_DATA(h);
    CHECK_EQ(r->rtm_table, RT_TABLE_LOCAL);
    CHECK_EQ(r->rtm_protocol, RTPROT_KERNEL);
    CHECK_EQ(r->rtm_scope, RT_SCOPE_HOST);
    CHECK_EQ(*(int *)RTA_DATA(find(h, sizeof *r, RTA_OIF)), 1);
    CHECK_EQ(*(int *)RTA_DATA(find(h, sizeof *r, RTA_TABLE)), RT_TABLE_LOCAL);

    *(char *)request(&m, RTM_GETRULE, NLM_F_REQUEST | NLM_F_DUMP, 12) = AF_INET;
    CHECK(dump(fd, &m, RTM_NEWRULE, NULL, NULL, &end) >= 3);
    CHECK_EQ(end, 0);
    request(&m, RTM_GETNEIGH, NLM_F_REQUEST | NLM_F_DUMP, sizeof(struct ndmsg));
    CHECK(dump(fd, &m, RTM_NEWNEIGH, NULL, NULL, &end) >= 0);
    CHECK_EQ(end, 0);
    request(&m, RTM_GETQDISC, NLM_F_REQUEST | NLM_F_DUMP, sizeof(struct tcmsg));
    CHECK(dump(fd, &m, RTM_NEWQDISC, NULL, NULL, &end) >= 0);
    CHECK_EQ(end, 0);
}

TEST(one_dump_at_a_time) {
    int fd = route_socket();
    struct message m;
    request(&m, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, sizeof(struct ifinfomsg));
    send_to_kernel(fd, &m);
    request(&m, RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, sizeof(struct ifaddrmsg));
    send_to_kernel(fd, &m);
    bool busy = false, done = false;
    while (!busy || !done) {
        ssize_t n = recv(fd, answer, sizeof answer, 0);
        MUST(n > 0);
        for (struct nlmsghdr *h = (struct nlmsghdr *)answer; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
            if (h->nlmsg_type == NLMSG_ERROR) {
                CHECK_EQ(*(int *)NLMSG_DATA(h), -EBUSY);
                busy = true;
            }
            done |= h->nlmsg_type == NLMSG_DONE;
        }
    }
    send_to_kernel(fd, &m);
    CHECK_EQ(error_of(fd), 1);
}

TEST(strictly_checked_dumps) {
    int fd = strict_socket(), end;
    struct message m;
    struct ifinfomsg *i = request(&m, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, sizeof *i);
    i->ifi_index = 1;
    CHECK_EQ(ask_error(fd, &m), -EINVAL);
    request(&m, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 1);
    CHECK_EQ(ask_error(fd, &m), -EINVAL);
    request(&m, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, sizeof *i + 1);
    CHECK_EQ(ask_error(fd, &m), -EINVAL);
    request(&m, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, sizeof *i);
    attribute(&m, IFLA_MTU, &(int){1}, 4);
    CHECK_EQ(ask_error(fd, &m), -EINVAL);
    request(&m, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, sizeof *i);
    attribute(&m, IFLA_EXT_MASK, &(int){RTEXT_FILTER_SKIP_STATS}, 4);
    CHECK(dump(fd, &m, RTM_NEWLINK, NULL, NULL, &end) >= 1);
    CHECK_EQ(end, 0);

    struct ifaddrmsg *a = request(&m, RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, sizeof *a);
    a->ifa_family = AF_INET;
    a->ifa_index = 1;
    CHECK(dump(fd, &m, RTM_NEWADDR, NULL, NULL, &end) >= 1);
    CHECK_EQ(end, 0);
    a->ifa_index = INT_MAX;
    CHECK_EQ(ask_error(fd, &m), -ENODEV);
    CHECK_EQ(((struct nlmsghdr *)answer)->nlmsg_flags, NLM_F_MULTI | NLM_F_DUMP_FILTERED);
    a->ifa_index = 0;
    a->ifa_prefixlen = 8;
    CHECK_EQ(ask_error(fd, &m), -EINVAL);

    struct rtmsg *r = request(&m, RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP, sizeof *r);
    r->rtm_family = AF_INET;
    r->rtm_table = 77;
    CHECK_EQ(ask_error(fd, &m), -ENOENT);
    r->rtm_table = RT_TABLE_LOCAL;
    r->rtm_type = RTN_LOCAL;
    attribute(&m, RTA_OIF, &(int){1}, 4);
    CHECK(dump(fd, &m, RTM_NEWROUTE, NULL, NULL, &end) >= 2);
    CHECK_EQ(end, 0);
    r->rtm_dst_len = 8;
    CHECK_EQ(ask_error(fd, &m), -EINVAL);

    struct ndmsg *n = request(&m, RTM_GETNEIGH, NLM_F_REQUEST | NLM_F_DUMP, sizeof *n);
    n->ndm_ifindex = 1;
    CHECK_EQ(ask_error(fd, &m), -EINVAL);
    char *rule = request(&m, RTM_GETRULE, NLM_F_REQUEST | NLM_F_DUMP, 12);
    rule[0] = AF_INET;
    rule[1] = 1;
    CHECK_EQ(ask_error(fd, &m), -EINVAL);
}

TEST(the_way_to_loopback) {
    int fd = route_socket();
    struct message m;
    struct nlmsghdr *h = (struct nlmsghdr *)answer;
    struct rtmsg *r = request(&m, RTM_GETROUTE, NLM_F_REQUEST, sizeof *r);
    r->rtm_family = AF_INET;
    r->rtm_dst_len = 32;
    attribute(&m, RTA_DST, &(unsigned){htonl(INADDR_LOOPBACK)}, 4);
    CHECK_EQ(ask_error(fd, &m), 1);
    r = NLMSG_DATA(h);
    CHECK_EQ(r->rtm_type, RTN_LOCAL);
    CHECK_EQ(*(int *)RTA_DATA(find(h, sizeof *r, RTA_OIF)), 1);
    CHECK_EQ(*(unsigned *)RTA_DATA(find(h, sizeof *r, RTA_PREFSRC)), htonl(INADDR_LOOPBACK));
    CHECK_EQ(*(unsigned *)RTA_DATA(find(h, sizeof *r, RTA_UID)), getuid());
    r = request(&m, RTM_GETROUTE, NLM_F_REQUEST, sizeof *r);
    r->rtm_family = AF_INET;
    attribute(&m, RTA_DST, "12", 2);
    CHECK_EQ(ask_error(fd, &m), -ERANGE);
    request(&m, RTM_GETROUTE, NLM_F_REQUEST, sizeof *r);
    CHECK_EQ(ask_error(fd, &m), -EOPNOTSUPP);
    r = request(&m, RTM_GETROUTE, NLM_F_REQUEST, 8);
    r->rtm_family = AF_INET;
    CHECK_EQ(ask_error(fd, &m), -EINVAL);
}

TEST(one_of_other_things) {
    int fd = route_socket();
    struct message m;
    *(char *)request(&m, RTM_GETADDR, NLM_F_REQUEST, sizeof(struct ifaddrmsg)) = AF_INET;
    CHECK_EQ(ask_error(fd, &m), -EOPNOTSUPP);
    *(char *)request(&m, RTM_GETADDR, NLM_F_REQUEST, sizeof(struct ifaddrmsg)) = AF_INET6;
    CHECK_EQ(ask_error(fd, &m), -EINVAL);
    struct ndmsg *n = request(&m, RTM_GETNEIGH, NLM_F_REQUEST, sizeof *n);
    n->ndm_family = AF_INET;
    CHECK_EQ(ask_error(fd, &m), -EINVAL);
    n->ndm_ifindex = 1;
    attribute(&m, NDA_DST, "\x7f\0\0\x09", 4);
    CHECK_EQ(ask_error(fd, &m), -ENOENT);
    struct tcmsg *t = request(&m, RTM_GETQDISC, NLM_F_REQUEST, sizeof *t);
    CHECK_EQ(ask_error(fd, &m), -ENODEV);
    t->tcm_ifindex = 1;
    CHECK_EQ(ask_error(fd, &m), -ENOENT);
    request(&m, RTM_GETRULE, NLM_F_REQUEST, 12);
    CHECK_EQ(ask_error(fd, &m), -EOPNOTSUPP);
    request(&m, 200, NLM_F_REQUEST, 16);
    CHECK_EQ(ask_error(fd, &m), -EOPNOTSUPP);
    request(&m, 0xffff, NLM_F_REQUEST | NLM_F_DUMP, 16);
    CHECK_EQ(ask_error(fd, &m), -EOPNOTSUPP);
}

TEST(changes_need_a_capability) {
    pid_t child = FORK();
    if (!child) {
        CHECK_EQ(setresuid(1000, 1000, 1000), 0);
        int fd = route_socket();
        struct message m;
        struct ifinfomsg *i = request(&m, RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK, sizeof *i);
        i->ifi_index = 1;
        CHECK_EQ(ask_error(fd, &m), -EPERM);
        request(&m, RTM_NEWADDR, NLM_F_REQUEST, sizeof(struct ifaddrmsg));
        CHECK_EQ(ask_error(fd, &m), -EPERM);
        request(&m, RTM_DELROUTE, NLM_F_REQUEST, sizeof(struct rtmsg));
        CHECK_EQ(ask_error(fd, &m), -EPERM);
        i = request(&m, RTM_GETLINK, NLM_F_REQUEST, sizeof *i);
        i->ifi_index = 1;
        CHECK_EQ(ask_error(fd, &m), 1);
        struct sockaddr_nl a = {.nl_family = AF_NETLINK, .nl_pid = 1};
        CHECK_ERRNO(connect(fd, (void *)&a, sizeof a), EPERM);
        CHECK_ERRNO(sendto(fd, &m, m.h.nlmsg_len, 0, (void *)&a, sizeof a), EPERM);
        DONE();
    }
    CHECK_EXIT(child, 0);
}

TEST(control_messages) {
    int fd = route_socket();
    struct message m;
    request(&m, NLMSG_NOOP, NLM_F_REQUEST | NLM_F_ACK, 16);
    CHECK_EQ(ask_error(fd, &m), 0);
    request(&m, RTM_GETLINK, NLM_F_ACK, 16); /* no request: nothing is done, and that succeeds */
    CHECK_EQ(ask_error(fd, &m), 0);
    request(&m, RTM_GETLINK, NLM_F_REQUEST | NLM_F_ACK, 0);
    CHECK_EQ(ask_error(fd, &m), 0);
}

/* What is sent is never answered, or by the last of it: an acknowledged no-op. */
static void ignored(const void *bytes, size_t length) {
    int fd = route_socket();
    struct message m;
    CHECK_EQ(send(fd, bytes, length, 0), (ssize_t)length);
    CHECK_ERRNO(recv(fd, answer, sizeof answer, MSG_DONTWAIT), EAGAIN);
    request(&m, NLMSG_NOOP, NLM_F_REQUEST | NLM_F_ACK, 0);
    m.h.nlmsg_seq = 4711;
    CHECK_EQ(ask_error(fd, &m), 0);
    CHECK_EQ(((struct nlmsghdr *)answer)->nlmsg_seq, 4711);
    close(fd);
}

TEST(truncated_requests) {
    char zeros[64] = {0};
    for (size_t length = 1; length < 16; length++) ignored(zeros, length);
    ignored(zeros, sizeof zeros);
    struct message m;
    unsigned lengths[] = {0, 1, 15, 33, 0x7fffffff, 0x80000000, 0xffffffff};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        request(&m, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 16);
        m.h.nlmsg_len = lengths[i];
        ignored(&m, 32);
    }
    int fd = route_socket();
    CHECK_ERRNO(send(fd, zeros, 0, 0), ENODATA);
    CHECK_ERRNO(send(fd, zeros, 16, MSG_OOB), EOPNOTSUPP);
    CHECK_ERRNO(send(fd, (void *)8, 16, 0), EFAULT);
    static char large[1 << 20];
    CHECK_ERRNO(send(fd, large, sizeof large, 0), EMSGSIZE);
}

TEST(attributes_that_lie) {
    int fd = route_socket(), strict = strict_socket();
    unsigned short lengths[] = {0, 1, 3, 4, 5, 7, 9, 80, 0x7fff, 0xffff};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct message m;
        struct ifinfomsg *link = request(&m, RTM_GETLINK, NLM_F_REQUEST, sizeof *link);
        attribute(&m, IFLA_IFNAME, "lo\0", 4);
        ((struct rtattr *)(link + 1))->rta_len = lengths[i];
        bool whole = lengths[i] >= 4 && lengths[i] <= 8;
        int expected = !whole ? -EINVAL : lengths[i] == 4 ? -ERANGE : lengths[i] == 5 ? -ENODEV : 1;
        CHECK_EQ(ask_error(fd, &m), expected);
        request(&m, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, sizeof *link);
        attribute(&m, IFLA_LINKINFO, "\x40\0\1\0", 4); /* the nested one is longer than what holds it */
        ((struct rtattr *)(link + 1))->rta_len = lengths[i];
        int end = 1;
        CHECK(dump(fd, &m, RTM_NEWLINK, NULL, NULL, &end) >= 1);
        CHECK_EQ(end, 0);
        if (!whole) CHECK_EQ(ask_error(strict, &m), -EINVAL);
    }
}

TEST(many_requests_in_one_datagram) {
    int fd = route_socket();
    static char all[20 * 32];
    for (int i = 0; i < 20; i++) {
        struct message m;
        struct ifinfomsg *link = request(&m, RTM_GETLINK, NLM_F_REQUEST, sizeof *link);
        link->ifi_index = i % 2 ? 1 : INT_MAX;
        m.h.nlmsg_seq = i;
        memcpy(all + i * 32, &m, 32);
    }
    CHECK_EQ(send(fd, all, sizeof all, 0), (ssize_t)sizeof all);
    for (int i = 0; i < 20; i++) {
        CHECK_EQ(error_of(fd), i % 2 ? 1 : -ENODEV);
        CHECK_EQ(((struct nlmsghdr *)answer)->nlmsg_seq, i);
    }
    CHECK_ERRNO(recv(fd, answer, sizeof answer, MSG_DONTWAIT), EAGAIN);
}

TEST(receiving) {
    int fd = route_socket(), on = 1;
    struct message m;
    struct pollfd p = {fd, POLLIN | POLLOUT, 0};
    CHECK_EQ(poll(&p, 1, 0), 1);
    CHECK_EQ(p.revents, POLLOUT);
    request(&m, NLMSG_NOOP, NLM_F_REQUEST | NLM_F_ACK, 0);
    send_to_kernel(fd, &m);
    CHECK_EQ(poll(&p, 1, 0), 1);
    CHECK_EQ(p.revents, POLLIN | POLLOUT);
    struct sockaddr_nl from;
    memset(&from, 1, sizeof from);
    socklen_t length = sizeof from;
    CHECK_EQ(recvfrom(fd, answer, 4, MSG_PEEK | MSG_TRUNC, (void *)&from, &length), 36);
    CHECK_EQ(length, sizeof from);
    CHECK_EQ(from.nl_family, AF_NETLINK);
    CHECK_EQ(from.nl_pid, 0);
    CHECK_EQ(from.nl_groups, 0);
    CHECK_EQ(setsockopt(fd, SOL_NETLINK, NETLINK_PKTINFO, &on, sizeof on), 0);
    CHECK_EQ(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on), 0);
    char control[128];
    struct iovec v = {answer, 20};
    struct msghdr h = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    CHECK_EQ(recvmsg(fd, &h, 0), 20);
    CHECK_EQ(h.msg_flags, MSG_TRUNC);
    int group = -1, uid = -1;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&h); c; c = CMSG_NXTHDR(&h, c)) {
        if (c->cmsg_level == SOL_NETLINK && c->cmsg_type == NETLINK_PKTINFO) group = *(int *)CMSG_DATA(c);
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS) uid = ((struct ucred *)CMSG_DATA(c))->uid;
    }
    CHECK_EQ(group, 0);
    CHECK_EQ(uid, 0);
    CHECK_ERRNO(recv(fd, answer, 16, MSG_DONTWAIT), EAGAIN); /* the rest was thrown away */
    CHECK_ERRNO(recv(fd, answer, 16, MSG_OOB), EOPNOTSUPP);
    struct timeval t = {.tv_usec = 10000};
    CHECK_EQ(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t), 0);
    CHECK_ERRNO(recv(fd, answer, 16, 0), EAGAIN);
    send_to_kernel(fd, &m);
    CHECK_EQ(read(fd, answer, sizeof answer), 36);
    CHECK_EQ(write(fd, &m, m.h.nlmsg_len), m.h.nlmsg_len);
    CHECK_EQ(read(fd, answer, sizeof answer), 36);
}

TEST(answers_that_nobody_reads) {
    int fd = route_socket(), small = 1;
    CHECK_EQ(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    struct message m;
    request(&m, NLMSG_NOOP, NLM_F_REQUEST | NLM_F_ACK, 0);
    for (int i = 0; i < 1000; i++) send_to_kernel(fd, &m);
    CHECK_ERRNO(recv(fd, answer, sizeof answer, MSG_DONTWAIT), ENOBUFS);
    int count = 0;
    while (recv(fd, answer, sizeof answer, MSG_DONTWAIT) > 0) count++;
    CHECK(count > 0 && count < 1000);
    CHECK_EQ(ask_error(fd, &m), 0);
}

TEST(from_process_to_process) {
    int a = socket(AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK), b = socket(AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK);
    struct sockaddr_nl name = {.nl_family = AF_NETLINK, .nl_pid = 4000000000u}, from;
    socklen_t length = sizeof from;
    CHECK_EQ(bind(a, (void *)&name, sizeof name), 0);
    CHECK_EQ(sendto(b, "hello", 5, 0, (void *)&name, sizeof name), 5);
    CHECK_EQ(recvfrom(a, answer, sizeof answer, 0, (void *)&from, &length), 5);
    CHECK(from.nl_pid != 0);
    CHECK_EQ(sendto(a, "hi", 2, 0, (void *)&from, sizeof from), 2);
    CHECK_EQ(recv(b, answer, sizeof answer, 0), 2);
    name.nl_pid--;
    CHECK_ERRNO(sendto(b, "hello", 5, 0, (void *)&name, sizeof name), ECONNREFUSED);
    CHECK_ERRNO(send(b, "hello", 5, 0), ECONNREFUSED); /* the kernel does not listen there */
}

TEST(a_namespace_of_its_own) {
    pid_t child = FORK();
    if (!child) {
        MUST(unshare(CLONE_NEWNET) == 0);
        int fd = route_socket(), end;
        struct message m;
        static char lo[1 << 14];
        struct nlmsghdr *h = (struct nlmsghdr *)lo;
        request(&m, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, sizeof(struct ifinfomsg));
        CHECK(dump(fd, &m, RTM_NEWLINK, is_lo_link, lo, &end) >= 1);
        struct ifinfomsg *i = NLMSG_DATA(h);
        CHECK_EQ(i->ifi_flags, IFF_LOOPBACK);
        CHECK_STR(RTA_DATA(find(h, sizeof *i, IFLA_QDISC)), "noop");
        request(&m, RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, sizeof(struct ifaddrmsg));
        CHECK_EQ(dump(fd, &m, RTM_NEWADDR, NULL, NULL, &end), 0);
        *(char *)request(&m, RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP, sizeof(struct rtmsg)) = AF_INET;
        CHECK_EQ(dump(fd, &m, RTM_NEWROUTE, NULL, NULL, &end), 0);
        struct rtmsg *r = request(&m, RTM_GETROUTE, NLM_F_REQUEST, sizeof *r);
        r->rtm_family = AF_INET;
        r->rtm_dst_len = 32;
        attribute(&m, RTA_DST, &(unsigned){htonl(INADDR_LOOPBACK)}, 4);
        CHECK_EQ(ask_error(fd, &m), -ENETUNREACH);
        DONE();
    }
    CHECK_EXIT(child, 0);
}

TEST(what_the_c_library_makes_of_it) {
    struct ifaddrs *all;
    MUST(getifaddrs(&all) == 0);
    int four = 0, packets = 0;
    for (struct ifaddrs *a = all; a; a = a->ifa_next) {
        if (strcmp(a->ifa_name, "lo") || !a->ifa_addr) continue;
        CHECK(a->ifa_flags & IFF_LOOPBACK);
        if (a->ifa_addr->sa_family == AF_INET) {
            four++;
            CHECK_EQ(((struct sockaddr_in *)a->ifa_addr)->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
            CHECK_EQ(((struct sockaddr_in *)a->ifa_netmask)->sin_addr.s_addr, htonl(0xff000000));
        }
        if (a->ifa_addr->sa_family == AF_PACKET) {
            packets++;
            CHECK(a->ifa_data != NULL);
        }
    }
    CHECK_EQ(four, 1);
    CHECK_EQ(packets, 1);
    freeifaddrs(all);
    struct if_nameindex *names = if_nameindex();
    MUST(names != NULL);
    bool lo = false;
    for (int i = 0; names[i].if_index; i++) lo |= names[i].if_index == 1 && !strcmp(names[i].if_name, "lo");
    CHECK(lo);
    if_freenameindex(names);
    struct addrinfo hints = {.ai_flags = AI_ADDRCONFIG | AI_NUMERICHOST, .ai_socktype = SOCK_STREAM}, *found;
    CHECK_EQ(getaddrinfo("127.0.0.1", "80", &hints, &found), 0);
    freeaddrinfo(found);
}
