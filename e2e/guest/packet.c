/* AF_PACKET, packet(7), over the loopback interface. Where the capability is missing, outside of the sandbox too, each case
 * has nothing to say. */
#include "guest.h"

#include <arpa/inet.h>
#include <linux/capability.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* An ethertype that is for experiments, and that nobody else on this machine sends. */
#define EXPERIMENT 0x88b5
#define PAYLOAD 46

struct frame {
    struct ether_header header;
    char payload[PAYLOAD];
};

/* A socket that hears the experiment on lo; -1 where there is no right to have one. */
static int listener(int type) {
    int s = socket(AF_PACKET, type, 0);
    if (s < 0 && errno == EPERM)
        return -1; /* a sandbox need not have the right on its host */
    MUST(s >= 0);
    struct sockaddr_ll at = {
        .sll_family = AF_PACKET, .sll_protocol = htons(EXPERIMENT), .sll_ifindex = if_nametoindex("lo")};
    CHECK_EQ(bind(s, (void *)&at, sizeof at), 0);
    return s;
}

static struct frame frame(char fill) {
    struct frame f = {.header = {.ether_dhost = {0}, .ether_type = htons(EXPERIMENT)}};
    memset(f.payload, fill, sizeof f.payload);
    return f;
}

static short ready(int s, int timeout) {
    struct pollfd p = {.fd = s, .events = POLLIN | POLLOUT};
    CHECK(poll(&p, 1, timeout) >= 0);
    return p.revents;
}

static void await(int s) {
    struct pollfd p = {.fd = s, .events = POLLIN};
    CHECK_EQ(poll(&p, 1, 10000), 1);
}

TEST(raw_frames) {
    int s = listener(SOCK_RAW);
    if (s < 0)
        return;
    CHECK_EQ(ready(s, 0), POLLOUT);
    CHECK_ERRNO(recv(s, (char[1]){0}, 1, MSG_DONTWAIT), EAGAIN);
    struct frame f = frame('a'), got;
    CHECK_EQ(send(s, &f, sizeof f, 0), sizeof f);
    struct sockaddr_ll from;
    socklen_t length = sizeof from;
    await(s);
    CHECK_EQ(ready(s, 0), POLLIN | POLLOUT);
    int unread = 0;
    CHECK_EQ(ioctl(s, FIONREAD, &unread), 0);
    CHECK_EQ(unread, sizeof f);
    CHECK_EQ(recv(s, &got, 10, MSG_PEEK | MSG_TRUNC), sizeof f);
    CHECK_EQ(recvfrom(s, &got, sizeof got, 0, (void *)&from, &length), sizeof f);
    CHECK(memcmp(&f, &got, sizeof f) == 0);
    CHECK_EQ(length, sizeof from);
    CHECK_EQ(from.sll_family, AF_PACKET);
    CHECK_EQ(ntohs(from.sll_protocol), EXPERIMENT);
    CHECK_EQ(from.sll_ifindex, (int)if_nametoindex("lo"));
    CHECK_EQ(from.sll_hatype, ARPHRD_LOOPBACK);
    CHECK_EQ(from.sll_pkttype, PACKET_HOST);
    CHECK_EQ(from.sll_halen, 6);
    CHECK_EQ(ready(s, 0), POLLOUT);
    close(s);
}

TEST(datagrams_and_addresses) {
    int s = listener(SOCK_DGRAM);
    if (s < 0)
        return;
    struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_protocol = htons(EXPERIMENT),
                             .sll_ifindex = if_nametoindex("lo"), .sll_halen = 6};
    char got[200];
    CHECK_EQ(sendto(s, "without a header", 16, 0, (void *)&to, sizeof to), 16);
    await(s);
    CHECK_EQ(recv(s, got, sizeof got, 0), 16);
    CHECK(memcmp(got, "without a header", 16) == 0);
    CHECK_ERRNO(sendto(s, "x", 1, 0, (void *)&to, sizeof to - 1), EINVAL);
    to.sll_ifindex = 0;
    CHECK_ERRNO(sendto(s, "x", 1, 0, (void *)&to, sizeof to), ENXIO);
    to.sll_ifindex = if_nametoindex("lo");
    to.sll_halen = 200;
    CHECK_ERRNO(sendto(s, "x", 1, 0, (void *)&to, sizeof to), EINVAL);
    /* what is for many says so; the broadcast address of lo is another */
    memset(to.sll_addr, 0xff, 6);
    to.sll_halen = 6;
    struct sockaddr_ll from;
    socklen_t length = sizeof from;
    CHECK_EQ(sendto(s, "to all", 6, 0, (void *)&to, sizeof to), 6);
    await(s);
    CHECK_EQ(recvfrom(s, got, 3, MSG_TRUNC, (void *)&from, &length), 6);
    CHECK_EQ(from.sll_pkttype, PACKET_MULTICAST);
    close(s);
}

/* One frame is two for a socket that hears all protocols: as it leaves and as it comes. */
TEST(all_protocols) {
    int out = listener(SOCK_RAW);
    if (out < 0)
        return;
    int all = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
    MUST(all >= 0);
    struct frame f = frame('b'), got;
    CHECK_EQ(send(out, &f, sizeof f, 0), sizeof f);
    int outgoing = 0, host = 0;
    while (outgoing + host < 2) {
        struct sockaddr_ll from;
        socklen_t length = sizeof from;
        await(all);
        ssize_t n = recvfrom(all, &got, sizeof got, 0, (void *)&from, &length);
        if (n != sizeof f || memcmp(&f, &got, sizeof f))
            continue; /* others are on this interface, too */
        outgoing += from.sll_pkttype == PACKET_OUTGOING;
        host += from.sll_pkttype == PACKET_HOST;
    }
    CHECK_EQ(outgoing, 1);
    CHECK_EQ(host, 1);
    close(out);
    close(all);
}

TEST(names) {
    int s = socket(AF_PACKET, SOCK_DGRAM, htons(EXPERIMENT));
    if (s < 0 && errno == EPERM)
        return;
    MUST(s >= 0);
    struct sockaddr_ll at;
    socklen_t length = sizeof at;
    CHECK_EQ(getsockname(s, (void *)&at, &length), 0);
    CHECK_EQ(length, 12);
    CHECK_EQ(at.sll_family, AF_PACKET);
    CHECK_EQ(ntohs(at.sll_protocol), EXPERIMENT);
    CHECK_EQ(at.sll_ifindex, 0);
    at = (struct sockaddr_ll){.sll_family = AF_PACKET, .sll_ifindex = 123456};
    CHECK_ERRNO(bind(s, (void *)&at, sizeof at), ENODEV);
    at.sll_ifindex = if_nametoindex("lo");
    CHECK_ERRNO(bind(s, (void *)&at, sizeof at - 1), EINVAL);
    at.sll_family = AF_INET;
    CHECK_ERRNO(bind(s, (void *)&at, sizeof at), EINVAL);
    at.sll_family = AF_PACKET;
    CHECK_EQ(bind(s, (void *)&at, sizeof at), 0);
    memset(&at, 0x55, sizeof at);
    length = sizeof at;
    CHECK_EQ(getsockname(s, (void *)&at, &length), 0);
    CHECK_EQ(length, 18);
    CHECK_EQ(ntohs(at.sll_protocol), EXPERIMENT);
    CHECK_EQ(at.sll_ifindex, (int)if_nametoindex("lo"));
    CHECK_EQ(at.sll_hatype, ARPHRD_LOOPBACK);
    CHECK_EQ(at.sll_halen, 6);
    length = sizeof at;
    CHECK_ERRNO(getpeername(s, (void *)&at, &length), EOPNOTSUPP);
    CHECK_ERRNO(connect(s, (void *)&at, sizeof at), EOPNOTSUPP);
    CHECK_ERRNO(listen(s, 1), EOPNOTSUPP);
    CHECK_ERRNO(accept(s, NULL, NULL), EOPNOTSUPP);
    CHECK_ERRNO(shutdown(s, SHUT_RDWR), EOPNOTSUPP);
    close(s);
}

TEST(types) {
    int s = socket(AF_PACKET, SOCK_RAW, 0);
    if (s < 0 && errno == EPERM)
        return;
    MUST(s >= 0);
    int value = -1;
    socklen_t length = sizeof value;
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_DOMAIN, &value, &length), 0);
    CHECK_EQ(value, AF_PACKET);
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_TYPE, &value, &length), 0);
    CHECK_EQ(value, SOCK_RAW);
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_PROTOCOL, &value, &length), 0);
    CHECK_EQ(value, 0);
    CHECK_ERRNO(send(s, "x", 1, 0), ENXIO);
    CHECK_ERRNO(recv(s, &value, 1, MSG_OOB), EINVAL);
    CHECK_ERRNO(recv(s, &value, 1, MSG_WAITALL), EINVAL);
    CHECK_ERRNO(socket(AF_PACKET, SOCK_STREAM, 0), ESOCKTNOSUPPORT);
    CHECK_ERRNO(socket(AF_PACKET, SOCK_SEQPACKET, 0), ESOCKTNOSUPPORT);
    CHECK_ERRNO(socketpair(AF_PACKET, SOCK_RAW, 0, (int[2]){0}), EOPNOTSUPP);
    close(s);
}

TEST(memberships) {
    int s = listener(SOCK_RAW);
    if (s < 0)
        return;
    struct packet_mreq wanted = {.mr_ifindex = if_nametoindex("lo"), .mr_type = PACKET_MR_PROMISC};
    CHECK_EQ(setsockopt(s, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &wanted, sizeof wanted), 0);
    CHECK_EQ(setsockopt(s, SOL_PACKET, PACKET_DROP_MEMBERSHIP, &wanted, sizeof wanted), 0);
    wanted.mr_type = PACKET_MR_ALLMULTI;
    CHECK_EQ(setsockopt(s, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &wanted, sizeof wanted), 0);
    wanted.mr_type = PACKET_MR_MULTICAST;
    wanted.mr_alen = 6;
    memcpy(wanted.mr_address, "\1\0\x5e\0\0\1", 6);
    CHECK_EQ(setsockopt(s, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &wanted, sizeof wanted), 0);
    CHECK_ERRNO(setsockopt(s, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &wanted, sizeof wanted - 1), EINVAL);
    wanted.mr_alen = 7;
    CHECK_ERRNO(setsockopt(s, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &wanted, sizeof wanted), EINVAL);
    wanted.mr_alen = 300;
    CHECK_ERRNO(setsockopt(s, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &wanted, sizeof wanted), EINVAL);
    wanted.mr_alen = 0;
    wanted.mr_ifindex = 123456;
    CHECK_ERRNO(setsockopt(s, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &wanted, sizeof wanted), ENODEV);
    close(s);
}

TEST(options) {
    int s = listener(SOCK_RAW);
    if (s < 0)
        return;
    int one = 1, two = 2, value = 0;
    socklen_t length = sizeof value;
    CHECK_EQ(getsockopt(s, SOL_PACKET, PACKET_AUXDATA, &value, &length), 0);
    CHECK_EQ(value, 0);
    CHECK_EQ(setsockopt(s, SOL_PACKET, PACKET_AUXDATA, &one, sizeof one), 0);
    CHECK_EQ(getsockopt(s, SOL_PACKET, PACKET_AUXDATA, &value, &length), 0);
    CHECK_EQ(value, 1);
    CHECK_EQ(setsockopt(s, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one), 0);
    CHECK_ERRNO(setsockopt(s, SOL_PACKET, PACKET_IGNORE_OUTGOING, &two, sizeof two), EINVAL);
    CHECK_ERRNO(setsockopt(s, SOL_PACKET, PACKET_AUXDATA, &one, 3), EINVAL);
    CHECK_ERRNO(setsockopt(s, SOL_PACKET, PACKET_STATISTICS, &one, sizeof one), ENOPROTOOPT);
    CHECK_ERRNO(setsockopt(s, SOL_PACKET, 99, &one, sizeof one), ENOPROTOOPT);
    CHECK_ERRNO(setsockopt(s, 0, 1, &one, sizeof one), ENOPROTOOPT);
    CHECK_ERRNO(getsockopt(s, SOL_PACKET, 99, &value, &length), ENOPROTOOPT);
    length = -1;
    CHECK_ERRNO(getsockopt(s, SOL_PACKET, PACKET_AUXDATA, &value, &length), EINVAL);
    close(s);
}

TEST(auxiliary_data_and_statistics) {
    int s = listener(SOCK_RAW);
    if (s < 0)
        return;
    int one = 1;
    CHECK_EQ(setsockopt(s, SOL_PACKET, PACKET_AUXDATA, &one, sizeof one), 0);
    CHECK_EQ(setsockopt(s, SOL_SOCKET, SO_TIMESTAMP, &one, sizeof one), 0);
    struct frame f = frame('c');
    CHECK_EQ(send(s, &f, sizeof f, 0), sizeof f);
    await(s);
    char part[20], control[256];
    struct iovec v = {part, sizeof part};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    CHECK_EQ(recvmsg(s, &m, 0), sizeof part);
    CHECK_EQ(m.msg_flags, MSG_TRUNC);
    bool time = false, data = false;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
        time |= c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMP;
        if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA) {
            struct tpacket_auxdata *a = (void *)CMSG_DATA(c);
            CHECK_EQ(c->cmsg_len, CMSG_LEN(sizeof *a));
            CHECK_EQ(a->tp_len, sizeof f);
            CHECK_EQ(a->tp_snaplen, sizeof f);
            data = true;
        }
    }
    CHECK(time);
    CHECK(data);
    struct tpacket_stats seen;
    socklen_t length = sizeof seen;
    CHECK_EQ(getsockopt(s, SOL_PACKET, PACKET_STATISTICS, &seen, &length), 0);
    CHECK_EQ(length, sizeof seen);
    CHECK_EQ(seen.tp_packets, 1);
    CHECK_EQ(seen.tp_drops, 0);
    CHECK_EQ(getsockopt(s, SOL_PACKET, PACKET_STATISTICS, &seen, &length), 0);
    CHECK_EQ(seen.tp_packets, 0); /* counted since the last time */
    close(s);
}

/* What is there when it is waited for, and who waits. */
TEST(waiting) {
    int s = listener(SOCK_RAW);
    if (s < 0)
        return;
    pid_t child = FORK();
    if (child == 0) {
        struct frame f = frame('d');
        usleep(50000);
        CHECK_EQ(write(s, &f, sizeof f), sizeof f);
        DONE();
    }
    struct frame got;
    CHECK_EQ(read(s, &got, sizeof got), sizeof got);
    CHECK_EQ(got.payload[0], 'd');
    CHECK_EXIT(child, 0);
    struct timeval soon = {0, 20000};
    CHECK_EQ(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon), 0);
    CHECK_ERRNO(read(s, &got, sizeof got), EAGAIN);
    close(s);
}

TEST(bad_memory) {
    int s = listener(SOCK_RAW);
    if (s < 0)
        return;
    CHECK_ERRNO(send(s, (void *)-1L, 60, 0), EFAULT);
    CHECK_ERRNO(sendto(s, "x", 1, 0, (void *)8, sizeof(struct sockaddr_ll)), EFAULT);
    CHECK_ERRNO(bind(s, (void *)8, sizeof(struct sockaddr_ll)), EFAULT);
    struct frame f = frame('e');
    CHECK_EQ(send(s, &f, sizeof f, 0), sizeof f);
    await(s);
    CHECK_ERRNO(recv(s, (void *)8, sizeof f, 0), EFAULT);
    char *big = calloc(1, 100000);
    CHECK_ERRNO(send(s, big, 100000, 0), EMSGSIZE);
    free(big);
    close(s);
}

static int lines(int s) {
    char line[256];
    struct stat st;
    int found = 0;
    CHECK_EQ(fstat(s, &st), 0);
    FILE *f = fopen("/proc/net/packet", "r");
    MUST(f);
    CHECK(fgets(line, sizeof line, f));
    CHECK(!strcmp(line, "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n"));
    while (fgets(line, sizeof line, f)) {
        unsigned type, protocol, interface, running, memory, user;
        unsigned long inode;
        if (sscanf(line, "%*s %*d %u %x %u %u %u %u %lu", &type, &protocol, &interface, &running, &memory, &user, &inode) == 7
            && inode == st.st_ino) {
            CHECK_EQ(type, SOCK_RAW);
            CHECK_EQ(protocol, EXPERIMENT);
            CHECK_EQ(interface, if_nametoindex("lo"));
            CHECK_EQ(running, 1);
            CHECK_EQ(user, 0);
            found++;
        }
    }
    fclose(f);
    return found;
}

TEST(proc_net_packet) {
    int s = listener(SOCK_RAW);
    if (s < 0)
        return;
    CHECK_EQ(lines(s), 1);
    close(s);
}

/* The network is not the new user namespace's, whatever one may do there. */
TEST(in_another_user_namespace) {
    if (unshare(CLONE_NEWUSER) && errno == ENOSPC)
        return; /* user.max_user_namespaces is 0 */
    CHECK_ERRNO(socket(AF_PACKET, SOCK_RAW, 0), EPERM);
    CHECK_ERRNO(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), EPERM);
    int s = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(83), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    CHECK_ERRNO(bind(s, (void *)&at, sizeof at), EACCES);
}

TEST(without_the_capability) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2];
    CHECK_EQ(syscall(SYS_capget, &header, sets), 0);
    sets[0].effective &= ~(1u << CAP_NET_RAW);
    CHECK_EQ(syscall(SYS_capset, &header, sets), 0);
    CHECK_ERRNO(socket(AF_PACKET, SOCK_RAW, 0), EPERM);
    CHECK_ERRNO(socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_ALL)), EPERM);
    CHECK_ERRNO(socket(AF_PACKET, SOCK_STREAM, 0), EPERM);
}
