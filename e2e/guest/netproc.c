/* /proc/net: what it says of the loopback interface, and of sockets that a case opens itself. */
#include "guest.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <linux/netlink.h>
#include <sched.h>
#include <sys/socket.h>

static char file[1 << 20];

static char *read_all(const char *path) {
    int fd = open(path, O_RDONLY);
    size_t n = 0;
    CHECK(fd >= 0);
    for (ssize_t got; fd >= 0 && n < sizeof file - 1 && (got = read(fd, file + n, sizeof file - 1 - n)) > 0;) n += got;
    file[n] = 0;
    close(fd);
    return file;
}

/* The line that begins with `start` behind spaces, without its end; NULL if there is none. */
static char *line(const char *path, const char *start) {
    for (char *l = strtok(read_all(path), "\n"); l; l = strtok(NULL, "\n"))
        if (!strncmp(l + strspn(l, " "), start, strlen(start))) return l;
    return NULL;
}

TEST(devices) {
    char *l = line("/proc/net/dev", "lo:");
    MUST(l != NULL);
    unsigned long long n[16];
    char name[16];
    CHECK_EQ(sscanf(l, " %15[^:]: %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu", name, n,
                    n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7, n + 8, n + 9, n + 10, n + 11, n + 12, n + 13, n + 14,
                    n + 15),
             17);
    CHECK_EQ(n[0], n[8]); /* what loopback sends it receives */
    CHECK_EQ(n[1], n[9]);
    CHECK(!strncmp(read_all("/proc/net/dev"), "Inter-|   Receive  ", 19));
}

TEST(headers) {
    const char *const headers[][2] = {
        {"/proc/net/route", "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT"},
        {"/proc/net/arp", "IP address       HW type     Flags       HW address            Mask     Device\n"},
        {"/proc/net/tcp", "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"},
        {"/proc/net/tcp6", "  sl  local_address                         remote_address                        st tx_queue"},
        {"/proc/net/udp", "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"},
        {"/proc/net/udp6", "  sl  local_address                         remote_address                        st tx_queue"},
        {"/proc/net/raw", "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref"},
        {"/proc/net/netlink", "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n"},
        {"/proc/net/packet", "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n"},
        {"/proc/net/protocols", "protocol  size sockets  memory press maxhdr  slab module     cl co di ac io in de sh ss gs se"},
        {"/proc/net/igmp", "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n"},
        {"/proc/net/sockstat", "sockets: used "},
        {"/proc/net/snmp", "Ip: Forwarding DefaultTTL InReceives "},
        {"/proc/net/netstat", "TcpExt: SyncookiesSent "},
        {"/proc/net/psched", "000003e8 00000040 000f4240 3b9aca00\n"},
        {"/proc/net/fib_trie", "Main:\n"},
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        read_all(headers[i][0]);
        file[strlen(headers[i][1])] = 0;
        CHECK_STR(file, headers[i][1]);
    }
    CHECK_EQ(strchr(read_all("/proc/net/route"), '\n') - file, 127);
    CHECK_EQ(strchr(read_all("/proc/net/tcp"), '\n') - file, 149);
    CHECK_EQ(strchr(read_all("/proc/net/udp"), '\n') - file, 127);
    CHECK(strstr(read_all("/proc/net/fib_trie"), "/32 host LOCAL") != NULL);
}

static struct sockaddr_in bind_loopback(int fd) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof a;
    MUST(bind(fd, (void *)&a, sizeof a) == 0);
    MUST(getsockname(fd, (void *)&a, &length) == 0);
    return a;
}

static unsigned long inode_of(int fd) {
    struct stat s;
    char path[64], link[64] = "", expected[64];
    MUST(fstat(fd, &s) == 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    CHECK(readlink(path, link, sizeof link - 1) > 0);
    snprintf(expected, sizeof expected, "socket:[%lu]", (unsigned long)s.st_ino);
    CHECK_STR(link, expected);
    return s.st_ino;
}

/* Fields of the line of an IPv4 socket with that inode number: whether there is one. */
static bool find(const char *path, unsigned long inode, unsigned *local, unsigned *remote, unsigned *state, unsigned *uid) {
    for (char *l = strtok(read_all(path), "\n"); l; l = strtok(NULL, "\n")) {
        unsigned long found;
        if (sscanf(l, " %*u: %x:%x %x:%x %x %*x:%*x %*x:%*x %*x %u %*u %lu", local, local + 1, remote, remote + 1, state, uid,
                   &found) == 7 &&
            found == inode)
            return true;
    }
    return false;
}

TEST(tcp) {
    int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    unsigned local[2], remote[2], state, uid;
    unsigned long inode = inode_of(listener);
    CHECK(!find("/proc/net/tcp", inode, local, remote, &state, &uid));
    struct sockaddr_in a = bind_loopback(listener);
    MUST(listen(listener, 5) == 0);
    CHECK(find("/proc/net/tcp", inode, local, remote, &state, &uid));
    CHECK_EQ(local[0], htonl(INADDR_LOOPBACK));
    CHECK_EQ(local[1], ntohs(a.sin_port));
    CHECK_EQ(remote[0], 0);
    CHECK_EQ(remote[1], 0);
    CHECK_EQ(state, 10);
    CHECK_EQ(uid, getuid());
    MUST(connect(client, (void *)&a, sizeof a) == 0);
    int server = accept(listener, NULL, NULL);
    MUST(server >= 0);
    CHECK(find("/proc/net/tcp", inode_of(client), local, remote, &state, &uid));
    CHECK_EQ(state, 1);
    CHECK_EQ(remote[1], ntohs(a.sin_port));
    unsigned port = local[1];
    CHECK(find("/proc/net/tcp", inode_of(server), local, remote, &state, &uid));
    CHECK_EQ(state, 1);
    CHECK_EQ(local[1], ntohs(a.sin_port));
    CHECK_EQ(remote[1], port);
    close(listener);
    CHECK(!find("/proc/net/tcp", inode, local, remote, &state, &uid));
}

TEST(udp) {
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    unsigned local[2], remote[2], state, uid;
    struct sockaddr_in a = bind_loopback(fd);
    CHECK(find("/proc/net/udp", inode_of(fd), local, remote, &state, &uid));
    CHECK_EQ(local[1], ntohs(a.sin_port));
    CHECK_EQ(state, 7);
    MUST(connect(fd, (void *)&a, sizeof a) == 0);
    CHECK(find("/proc/net/udp", inode_of(fd), local, remote, &state, &uid));
    CHECK_EQ(remote[1], ntohs(a.sin_port));
    CHECK_EQ(state, 1);
}

TEST(tcp6) {
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    socklen_t length = sizeof a;
    MUST(bind(fd, (void *)&a, sizeof a) == 0 && listen(fd, 1) == 0 && getsockname(fd, (void *)&a, &length) == 0);
    char wanted[64], number[32];
    snprintf(wanted, sizeof wanted, ": 00000000000000000000000001000000:%04X ", ntohs(a.sin6_port));
    snprintf(number, sizeof number, " %lu ", inode_of(fd));
    char *l = strstr(read_all("/proc/net/tcp6"), wanted);
    MUST(l != NULL);
    l[strcspn(l, "\n")] = 0;
    CHECK(strstr(l, ":0000 0A ") != NULL);
    CHECK(strstr(l, number) != NULL);
}

TEST(netlink_sockets) {
    int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    struct sockaddr_nl a = {.nl_family = AF_NETLINK, .nl_groups = 0x11};
    MUST(bind(fd, (void *)&a, sizeof a) == 0);
    unsigned long inode = inode_of(fd);
    bool found = false;
    for (char *l = strtok(read_all("/proc/net/netlink"), "\n"); l; l = strtok(NULL, "\n")) {
        unsigned protocol, port, groups;
        unsigned long number;
        if (sscanf(l, "%*x %u %u %x %*u %*u %*u %*u %*u %lu", &protocol, &port, &groups, &number) == 4 && number == inode) {
            found = true;
            CHECK_EQ(protocol, NETLINK_ROUTE);
            CHECK_EQ(port, getpid());
            CHECK_EQ(groups, 0x11);
        }
    }
    CHECK(found);
}

TEST(a_namespace_of_its_own) {
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    bind_loopback(fd);
    unsigned long inode = inode_of(fd);
    pid_t child = FORK();
    if (!child) {
        MUST(unshare(CLONE_NEWNET) == 0);
        unsigned local[2], remote[2], state, uid;
        CHECK(!find("/proc/net/udp", inode, local, remote, &state, &uid));
        CHECK(line("/proc/net/dev", "lo:") != NULL);
        CHECK(line("/proc/net/dev", "eth0:") == NULL);
        CHECK_STR(read_all("/proc/net/if_inet6"), "");
        CHECK_EQ(strlen(read_all("/proc/net/route")), 128 * (strlen(file) > 0));
        CHECK_EQ(strlen(read_all("/proc/net/arp")), 79);
        DONE();
    }
    CHECK_EXIT(child, 0);
}
