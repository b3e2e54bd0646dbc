/* gvj.host.HostNetlink: questions about interfaces, addresses and routes. Every request is put together here, of numbers. */
#include "host.h"

#include <linux/fib_rules.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#define NETLINK(type, name) JNIEXPORT type JNICALL Java_gvj_host_HostNetlink_##name

#define MIN_ROOM 32768 /* the kernel's parts are never longer */

struct request {
    struct nlmsghdr header;
    union {
        struct ifinfomsg link;
        struct ifaddrmsg address;
        struct rtmsg route;
        struct ndmsg neighbour;
        struct fib_rule_hdr rule;
        struct tcmsg qdisc;
        char bytes[256];
    };
};

NETLINK(jint, open)(JNI_ARGS, jint groups) {
    struct sockaddr_nl self = {.nl_family = AF_NETLINK, .nl_groups = groups};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0) return -errno;
    if (bind(fd, (struct sockaddr *)&self, sizeof self)) {
        int e = errno;
        close(fd);
        return -e;
    }
    return fd;
}

/* The family's header has its family first, whichever it is; all else stays 0. */
static int header_bytes(int type) {
    switch (type) {
    case RTM_GETLINK: return sizeof(struct ifinfomsg);
    case RTM_GETADDR: return sizeof(struct ifaddrmsg);
    case RTM_GETROUTE: return sizeof(struct rtmsg);
    case RTM_GETNEIGH: return sizeof(struct ndmsg);
    case RTM_GETRULE: return sizeof(struct fib_rule_hdr);
    case RTM_GETQDISC: return sizeof(struct tcmsg);
    default: return -1;
    }
}

static int ask(int fd, struct request *r) {
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    ssize_t n = sendto(fd, r, r->header.nlmsg_len, MSG_NOSIGNAL, (struct sockaddr *)&kernel, sizeof kernel);
    return n < 0 ? -errno : 0;
}

/* One part of an answer, whole and from the kernel: its bytes. */
static long part(int fd, char *to, long room) {
    struct sockaddr_nl from = {0};
    socklen_t length = sizeof from;
    ssize_t n = recvfrom(fd, to, room, MSG_TRUNC, (struct sockaddr *)&from, &length);
    if (n < 0) return -errno;
    if (n > room) return -ENOBUFS;
    return from.nl_pid == 0 ? n : 0;
}

/* How a part ends: 1 more follow, 0 that was all, or -errno. */
static int last_of(char *part, long n, unsigned sequence, int single) {
    int interrupted = 0;
    for (struct nlmsghdr *h = (struct nlmsghdr *)part; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
        if (h->nlmsg_seq != sequence) continue;
        interrupted |= h->nlmsg_flags & NLM_F_DUMP_INTR;
        if (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE) {
            int error = h->nlmsg_len >= NLMSG_LENGTH(sizeof(int)) ? *(int *)NLMSG_DATA(h) : 0;
            return error < 0 ? error : interrupted ? -EINTR : 0;
        }
        if (single) return 0;
    }
    return interrupted ? -EINTR : 1;
}

static long answers(int fd, unsigned sequence, int single, char *to, long room) {
    long got = 0;
    for (;;) {
        if (room - got < MIN_ROOM) return -ENOBUFS;
        long n = part(fd, to + got, room - got);
        if (n < 0) return n;
        int more = last_of(to + got, n, sequence, single);
        got += (n + 3) & ~3L;
        if (more <= 0) return more < 0 ? more : got;
    }
}

NETLINK(jlong, dump)(JNI_ARGS, jint fd, jint type, jint family, jint sequence, jlong to, jlong room) {
    struct request r;
    int bytes = header_bytes(type);
    if (bytes < 0 || (family != AF_UNSPEC && family != AF_INET && family != AF_INET6)) return -EINVAL;
    memset(&r, 0, sizeof r);
    r.header.nlmsg_len = NLMSG_LENGTH(bytes);
    r.header.nlmsg_type = type;
    r.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    r.header.nlmsg_seq = sequence;
    r.bytes[0] = family;
    int error = ask(fd, &r);
    return error ? error : answers(fd, sequence, 0, PTR(to), room);
}

static void attribute(struct request *r, int type, const void *value, int bytes) {
    struct rtattr *a = (struct rtattr *)((char *)r + NLMSG_ALIGN(r->header.nlmsg_len));
    a->rta_type = type;
    a->rta_len = RTA_LENGTH(bytes);
    memcpy(RTA_DATA(a), value, bytes);
    r->header.nlmsg_len = NLMSG_ALIGN(r->header.nlmsg_len) + RTA_ALIGN(a->rta_len);
}

/* HostNetlink.QUERY_BYTES: what ip route get can say. */
struct query {
    int32_t family, flags, tos, dst_length, src_length, iif, oif, mark, protocol, source_port, target_port, with_ports;
    unsigned char dst[16], src[16];
};

NETLINK(jlong, route)(JNI_ARGS, jint fd, jint sequence, jlong query, jlong to, jlong room) {
    _Static_assert(sizeof(struct query) == 80, "HostNetlink.QUERY_BYTES");
    struct query q;
    struct request r;
    memcpy(&q, PTR(query), sizeof q);
    int bytes = q.family == AF_INET ? 4 : 16;
    if ((q.family != AF_INET && q.family != AF_INET6) || q.dst_length < 0 || q.dst_length > bytes * 8 || q.src_length < 0 ||
        q.src_length > bytes * 8)
        return -EINVAL;
    memset(&r, 0, sizeof r);
    r.header.nlmsg_len = NLMSG_LENGTH(sizeof r.route);
    r.header.nlmsg_type = RTM_GETROUTE;
    r.header.nlmsg_flags = NLM_F_REQUEST;
    r.header.nlmsg_seq = sequence;
    r.route.rtm_family = q.family;
    r.route.rtm_tos = q.tos;
    r.route.rtm_dst_len = q.dst_length;
    r.route.rtm_src_len = q.src_length;
    r.route.rtm_flags = q.flags & (RTM_F_LOOKUP_TABLE | RTM_F_FIB_MATCH);
    if (q.dst_length) attribute(&r, RTA_DST, q.dst, bytes);
    if (q.src_length) attribute(&r, RTA_SRC, q.src, bytes);
    if (q.iif > 0) attribute(&r, RTA_IIF, &q.iif, 4);
    if (q.oif > 0) attribute(&r, RTA_OIF, &q.oif, 4);
    if (q.mark) attribute(&r, RTA_MARK, &q.mark, 4);
    if (q.protocol) {
        uint8_t protocol = q.protocol;
        attribute(&r, RTA_IP_PROTO, &protocol, 1);
    }
    if (q.with_ports) {
        uint16_t source = q.source_port, target = q.target_port;
        if (source) attribute(&r, RTA_SPORT, &source, 2);
        if (target) attribute(&r, RTA_DPORT, &target, 2);
    }
    int error = ask(fd, &r);
    return error ? error : answers(fd, sequence, 1, PTR(to), room);
}

NETLINK(jlong, news)(JNI_ARGS, jint fd, jlong to, jlong room) {
    return room < MIN_ROOM ? -ENOBUFS : part(fd, PTR(to), room);
}
