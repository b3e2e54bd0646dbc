/* netdevice(7): ioctls about interfaces on sockets of every family, and /sys/class/net. Only the loopback interface is looked at:
 * it is the same everywhere. */
#include "guest.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

static int any_socket(void) {
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    MUST(fd >= 0);
    return fd;
}

static struct ifreq lo(void) {
    struct ifreq r;
    memset(&r, 0x55, sizeof r);
    strcpy(r.ifr_name, "lo");
    return r;
}

TEST(what_loopback_is) {
    int fd = any_socket();
    struct ifreq r = lo();
    CHECK_EQ(ioctl(fd, SIOCGIFINDEX, &r), 0);
    CHECK_EQ(r.ifr_ifindex, 1);
    CHECK_STR(r.ifr_name, "lo");
    memset(r.ifr_name, 0x55, sizeof r.ifr_name);
    CHECK_EQ(ioctl(fd, SIOCGIFNAME, &r), 0);
    CHECK_STR(r.ifr_name, "lo");
    CHECK_EQ(ioctl(fd, SIOCGIFFLAGS, &r), 0);
    CHECK_EQ(r.ifr_flags, IFF_UP | IFF_LOOPBACK | IFF_RUNNING);
    CHECK_EQ(ioctl(fd, SIOCGIFMTU, &r), 0);
    CHECK_EQ(r.ifr_mtu, 65536);
    CHECK_EQ(ioctl(fd, SIOCGIFTXQLEN, &r), 0);
    CHECK_EQ(r.ifr_qlen, 1000);
    CHECK_EQ(ioctl(fd, SIOCGIFMETRIC, &r), 0);
    CHECK_EQ(r.ifr_metric, 0);
    CHECK_EQ(ioctl(fd, SIOCGIFHWADDR, &r), 0);
    CHECK_EQ(r.ifr_hwaddr.sa_family, ARPHRD_LOOPBACK);
    CHECK(!memcmp(r.ifr_hwaddr.sa_data, "\0\0\0\0\0\0", 6));
    CHECK_EQ(ioctl(fd, SIOCGIFMAP, &r), 0);
    CHECK_EQ(r.ifr_map.mem_start, 0);
    CHECK_EQ(r.ifr_map.irq, 0);
}

TEST(its_address) {
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    MUST(fd >= 0);
    struct sockaddr_in *a;
    struct ifreq r = lo();
    r.ifr_addr.sa_family = AF_INET;
    a = (struct sockaddr_in *)&r.ifr_addr;
    CHECK_EQ(ioctl(fd, SIOCGIFADDR, &r), 0);
    CHECK_EQ(a->sin_family, AF_INET);
    CHECK_EQ(a->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    CHECK_EQ(a->sin_port, 0);
    CHECK_EQ(ioctl(fd, SIOCGIFNETMASK, &r), 0);
    CHECK_EQ(a->sin_addr.s_addr, htonl(0xff000000));
    CHECK_EQ(ioctl(fd, SIOCGIFBRDADDR, &r), 0);
    CHECK_EQ(a->sin_addr.s_addr, 0);
    CHECK_EQ(ioctl(fd, SIOCGIFDSTADDR, &r), 0);
    CHECK_EQ(a->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
}

TEST(all_that_have_an_address) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    MUST(fd >= 0);
    static struct ifreq all[64];
    struct ifconf c = {.ifc_len = 0, .ifc_buf = NULL};
    CHECK_EQ(ioctl(fd, SIOCGIFCONF, &c), 0);
    int bytes = c.ifc_len;
    CHECK(bytes >= (int)sizeof *all && bytes % sizeof *all == 0);
    c.ifc_len = sizeof all;
    c.ifc_req = all;
    CHECK_EQ(ioctl(fd, SIOCGIFCONF, &c), 0);
    CHECK_EQ(c.ifc_len, bytes);
    bool found = false;
    for (size_t i = 0; i < bytes / sizeof *all; i++) {
        struct sockaddr_in *a = (struct sockaddr_in *)&all[i].ifr_addr;
        found |= !strcmp(all[i].ifr_name, "lo") && a->sin_addr.s_addr == htonl(INADDR_LOOPBACK);
    }
    CHECK(found);
    c.ifc_len = sizeof *all - 1;
    CHECK_EQ(ioctl(fd, SIOCGIFCONF, &c), 0);
    CHECK_EQ(c.ifc_len, 0);
    c.ifc_len = -1;
    CHECK_EQ(ioctl(fd, SIOCGIFCONF, &c), 0);
    CHECK_EQ(c.ifc_len, 0);
    c.ifc_len = sizeof all;
    c.ifc_buf = (void *)8;
    CHECK_ERRNO(ioctl(fd, SIOCGIFCONF, &c), EFAULT);
    CHECK_ERRNO(ioctl(fd, SIOCGIFCONF, (void *)8), EFAULT);
}

TEST(what_there_is_not) {
    int fd = any_socket();
    struct ifreq r;
    memset(&r, 0, sizeof r);
    strcpy(r.ifr_name, "nothere");
    int requests[] = {SIOCGIFINDEX, SIOCGIFFLAGS, SIOCGIFMTU, SIOCGIFHWADDR, SIOCGIFTXQLEN, SIOCGIFMAP, SIOCGIFMETRIC};
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        CHECK_ERRNO(ioctl(fd, requests[i], &r), ENODEV);
        CHECK_ERRNO(ioctl(fd, requests[i], (void *)8), EFAULT);
    }
    memset(r.ifr_name, 'x', sizeof r.ifr_name); /* no NUL */
    CHECK_ERRNO(ioctl(fd, SIOCGIFINDEX, &r), ENODEV);
    r.ifr_ifindex = INT_MAX;
    CHECK_ERRNO(ioctl(fd, SIOCGIFNAME, &r), ENODEV);
    r.ifr_ifindex = -1;
    CHECK_ERRNO(ioctl(fd, SIOCGIFNAME, &r), ENODEV);
    r.ifr_ifindex = 0;
    CHECK_ERRNO(ioctl(fd, SIOCGIFNAME, &r), ENODEV);
    CHECK_ERRNO(ioctl(fd, SIOCDEVPRIVATE, &r), ENODEV);
    strcpy(r.ifr_name, "lo");
    CHECK_ERRNO(ioctl(fd, SIOCDEVPRIVATE, &r), EOPNOTSUPP);
    CHECK_ERRNO(ioctl(fd, SIOCETHTOOL, &r), EFAULT);
    CHECK_ERRNO(ioctl(0x7fffffff, SIOCGIFINDEX, &r), EBADF);
    int null = open("/dev/null", O_RDWR);
    CHECK_ERRNO(ioctl(null, SIOCGIFINDEX, &r), ENOTTY);
}

TEST(changes_need_a_capability) {
    pid_t child = FORK();
    if (!child) {
        CHECK_EQ(setresuid(1000, 1000, 1000), 0);
        int fd = socket(AF_INET, SOCK_DGRAM, 0);
        struct ifreq r = lo();
        r.ifr_flags = 0;
        CHECK_ERRNO(ioctl(fd, SIOCSIFFLAGS, &r), EPERM);
        r.ifr_mtu = 1500;
        CHECK_ERRNO(ioctl(fd, SIOCSIFMTU, &r), EPERM);
        r.ifr_qlen = 1;
        CHECK_ERRNO(ioctl(fd, SIOCSIFTXQLEN, &r), EPERM);
        strcpy(r.ifr_newname, "loop");
        CHECK_ERRNO(ioctl(fd, SIOCSIFNAME, &r), EPERM);
        r = lo();
        memset(&r.ifr_addr, 0, sizeof r.ifr_addr);
        r.ifr_addr.sa_family = AF_INET;
        CHECK_ERRNO(ioctl(fd, SIOCSIFADDR, &r), EPERM);
        CHECK_EQ(ioctl(fd, SIOCGIFINDEX, &r), 0);
        DONE();
    }
    CHECK_EXIT(child, 0);
}

TEST(a_namespace_of_its_own) {
    pid_t child = FORK();
    if (!child) {
        MUST(unshare(CLONE_NEWNET) == 0);
        int fd = any_socket();
        struct ifreq r = lo();
        CHECK_EQ(ioctl(fd, SIOCGIFFLAGS, &r), 0);
        CHECK_EQ(r.ifr_flags, IFF_LOOPBACK);
        CHECK_EQ(ioctl(fd, SIOCGIFINDEX, &r), 0);
        CHECK_EQ(r.ifr_ifindex, 1);
        int inet = socket(AF_INET, SOCK_DGRAM, 0);
        CHECK_ERRNO(ioctl(inet, SIOCGIFADDR, &r), EADDRNOTAVAIL);
        struct ifconf c = {.ifc_len = 0, .ifc_buf = NULL};
        CHECK_EQ(ioctl(inet, SIOCGIFCONF, &c), 0);
        CHECK_EQ(c.ifc_len, 0);
        DONE();
    }
    CHECK_EXIT(child, 0);
}

static void reads(const char *file, const char *text) {
    char path[128];
    snprintf(path, sizeof path, "/sys/class/net/lo/%s", file);
    CHECK_STR(slurp(path), text);
}

TEST(sysfs) {
    char target[64] = "";
    CHECK(readlink("/sys/class/net/lo", target, sizeof target - 1) > 0);
    CHECK_STR(target, "../../devices/virtual/net/lo");
    reads("address", "00:00:00:00:00:00\n");
    reads("broadcast", "00:00:00:00:00:00\n");
    reads("addr_len", "6\n");
    reads("mtu", "65536\n");
    reads("flags", "0x9\n");
    reads("ifindex", "1\n");
    reads("iflink", "1\n");
    reads("type", "772\n");
    reads("operstate", "unknown\n");
    reads("carrier", "1\n");
    reads("tx_queue_len", "1000\n");
    reads("uevent", "INTERFACE=lo\nIFINDEX=1\n");
    reads("ifalias", "");
    reads("statistics/rx_errors", "0\n");
    CHECK(atoll(slurp("/sys/class/net/lo/statistics/tx_bytes")) >= 0);
    int fd = open("/sys/class/net/lo/speed", O_RDONLY);
    CHECK(fd >= 0);
    CHECK_ERRNO(read(fd, target, sizeof target), EINVAL);
    CHECK_ERRNO(open("/sys/class/net/nothere", O_RDONLY), ENOENT);
    CHECK_ERRNO(open("/sys/class/net/lo/nothere", O_RDONLY), ENOENT);
    CHECK_EQ(access("/sys/class/net/lo/subsystem/lo/mtu", R_OK), 0);
    DIR *d = opendir("/sys/class/net");
    MUST(d != NULL);
    bool found = false;
    for (struct dirent *e; (e = readdir(d));) found |= !strcmp(e->d_name, "lo") && e->d_type == DT_LNK;
    CHECK(found);
    closedir(d);
}
