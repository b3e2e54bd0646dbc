/* Attempts to reach the host from a container that has every capability. Never run this natively. The test that starts it
 * gives, in the environment, what must not be reached: OUTSIDE is a directory of the host beside the volume /vol, with a
 * file "secret"; HOST_PIDS are processes of the host; ABSTRACT is an abstract socket where a process of the host listens,
 * and /vol/socket one with a name; /vol/disk, /vol/mem are device nodes that the host made there. */
#include "../guest.h"
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <termios.h>

#define SECRET "secret of the host"

static const char *given(const char *name) {
    const char *value = getenv(name);
    MUST(value != NULL);
    return value;
}

/* Whether a file can be opened and holds the host's secret. */
static bool reaches(const char *path) {
    char text[64] = "";
    int fd = open(path, O_RDONLY | O_NONBLOCK);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    return n > 0 && strstr(text, SECRET) != NULL;
}

static char *text(const char *format, ...) {
    static char buffers[8][PATH_MAX];
    static unsigned next;
    char *buffer = buffers[next++ % 8];
    va_list ap;
    va_start(ap, format);
    vsnprintf(buffer, PATH_MAX, format, ap);
    va_end(ap);
    return buffer;
}

static bool is_root_of_container(void) { return access("bin/busybox", F_OK) == 0 && access("vol", F_OK) == 0; }

TEST(links_of_a_volume_lead_into_the_container) {
    const char *targets[] = {text("%s/secret", given("OUTSIDE")), text("../../../../../../..%s/secret", given("OUTSIDE")),
                             "../outside/secret", "../../outside/secret", "/proc/1/root/../outside/secret"};
    for (unsigned i = 0; i < sizeof targets / sizeof *targets; i++) {
        unlink("/vol/link");
        CHECK_EQ(symlink(targets[i], "/vol/link"), 0);
        CHECK(!reaches("/vol/link"));
        CHECK_EQ(open("/vol/link", O_WRONLY | O_TRUNC), -1);
        CHECK_EQ(truncate("/vol/link", 0), -1);
    }
    unlink("/vol/link");
    CHECK_EQ(symlink(given("OUTSIDE"), "/vol/link"), 0);
    CHECK_EQ(open("/vol/link/new", O_CREAT | O_WRONLY, 0600), -1);
    CHECK_EQ(mkdir("/vol/link/dir", 0700), -1);
    CHECK_EQ(link("/vol/link/secret", "/vol/hard"), -1);
    CHECK_EQ(rename("/vol/link/secret", "/vol/taken"), -1);
    CHECK_EQ(unlink("/vol/link/secret"), -1);
    unlink("/vol/link");
}

TEST(dots_end_at_the_root) {
    CHECK(!reaches(text("/vol/../../../../../../../..%s/secret", given("OUTSIDE"))));
    CHECK(!reaches("/vol/../outside/secret"));
    int vol = open("/vol", O_PATH | O_DIRECTORY);
    CHECK(vol >= 0);
    CHECK_EQ(openat(vol, "../outside/secret", O_RDONLY), -1);
    MUST(chdir("/vol") == 0);
    for (int i = 0; i < 40; i++)
        MUST(chdir("..") == 0);
    CHECK(is_root_of_container());
}

/* The classic: a descriptor from before keeps one outside of a new root. The container's is not the process's to leave. */
TEST(a_chroot_is_left_but_not_the_container) {
    mkdir("/tmp/cage", 0700);
    int root = open("/", O_RDONLY | O_DIRECTORY);
    MUST(chroot("/tmp/cage") == 0);
    MUST(fchdir(root) == 0);
    for (int i = 0; i < 40; i++)
        MUST(chdir("..") == 0);
    MUST(chroot(".") == 0);
    CHECK(is_root_of_container());
    CHECK(!reaches(text("%s/secret", given("OUTSIDE"))));
}

TEST(magic_links_stay_inside) {
    const char *roots[] = {"/proc/self/root", "/proc/1/root", "/proc/self/cwd", "/proc/thread-self/root"};
    for (unsigned i = 0; i < sizeof roots / sizeof *roots; i++) {
        CHECK(!reaches(text("%s/../../..%s/secret", roots[i], given("OUTSIDE"))));
        CHECK(!reaches(text("%s%s/secret", roots[i], given("OUTSIDE"))));
    }
    int vol = open("/vol", O_RDONLY | O_DIRECTORY);
    CHECK(!reaches(text("/proc/self/fd/%d/../outside/secret", vol)));
    CHECK(!reaches(text("/proc/self/fd/%d/../..%s/secret", vol, given("OUTSIDE"))));
}

TEST(no_link_of_proc_names_the_host) {
    const char *links[] = {"/proc/self/exe", "/proc/self/cwd", "/proc/self/root", "/proc/1/exe",      "/proc/1/cwd",
                           "/proc/self/fd/0", "/proc/self/fd/1", "/proc/self/fd/2", "/proc/self/fd/3"};
    int vol = open("/vol/inside", O_RDONLY);
    CHECK(vol >= 0);
    for (unsigned i = 0; i < sizeof links / sizeof *links; i++) {
        char target[PATH_MAX] = "";
        if (readlink(links[i], target, sizeof target - 1) > 0)
            CHECK(strstr(target, given("HOST_NAME")) == NULL);
    }
    FILE *maps = fopen("/proc/self/mountinfo", "r");
    char line[4096];
    while (maps && fgets(line, sizeof line, maps))
        CHECK(strstr(line, given("HOST_NAME")) == NULL);
}

static volatile bool racing;

static void *swap(void *unused GUEST_UNUSED) {
    while (racing) { /* "dir" is now a directory, now a link to the host's */
        if (renameat2(AT_FDCWD, "/vol/dir", AT_FDCWD, "/vol/other", RENAME_EXCHANGE) != 0) {
            rename("/vol/dir", "/vol/third");
            rename("/vol/other", "/vol/dir");
            rename("/vol/third", "/vol/other");
        }
    }
    return NULL;
}

/* Everything that goes through a directory, while it is exchanged; true if the secret was seen. */
static bool use_directory(int seconds) {
    time_t end = time(NULL) + seconds;
    bool reached = false;
    while (time(NULL) < end) {
        for (int i = 0; i < 50; i++) {
            struct stat st;
            reached |= reaches("/vol/dir/secret");
            int fd = open("/vol/dir/created", O_CREAT | O_WRONLY, 0600);
            if (fd >= 0)
                close(fd);
            fd = open("/vol/dir/secret", O_WRONLY | O_TRUNC);
            if (fd >= 0)
                close(fd);
            mkdir("/vol/dir/made", 0700);
            rmdir("/vol/dir/made");
            link("/vol/dir/secret", "/vol/stolen");
            reached |= reaches("/vol/stolen");
            unlink("/vol/stolen");
            chmod("/vol/dir/secret", 0777);
            rename("/vol/dir/secret", "/vol/dir/renamed");
            rename("/vol/dir/renamed", "/vol/dir/secret");
            unlink("/vol/dir/created");
            stat("/vol/dir/secret", &st);
            setxattr("/vol/dir/secret", "user.x", "y", 1, 0);
        }
        close(open("/vol/dir/secret", O_CREAT | O_WRONLY, 0600));
    }
    return reached;
}

TEST_T(a_directory_that_becomes_a_link, 60) {
    pthread_t thread;
    mkdir("/vol/dir", 0755);
    unlink("/vol/other");
    MUST(symlink(given("OUTSIDE"), "/vol/other") == 0);
    racing = true;
    pthread_create(&thread, NULL, swap, NULL);
    CHECK(!use_directory(3));
    racing = false;
    pthread_join(thread, NULL);
}

/* The host itself exchanges them here: `swapper` runs there. */
TEST_T(a_directory_that_the_host_exchanges, 60) { CHECK(!use_directory(3)); }

TEST(device_nodes_do_not_work) {
    struct stat st;
    char byte;
    const char *given_nodes[] = {"/vol/disk", "/vol/mem"};
    for (int i = 0; i < 2; i++) {
        int fd = open(given_nodes[i], O_RDONLY | O_NONBLOCK);
        CHECK(fd < 0 || read(fd, &byte, 1) <= 0);
        CHECK_EQ(open(given_nodes[i], O_WRONLY | O_NONBLOCK), -1);
    }
    const struct { mode_t type; unsigned major, minor; } nodes[] = {
        {S_IFCHR, 1, 1}, {S_IFCHR, 1, 2}, {S_IFCHR, 1, 4}, {S_IFCHR, 10, 232}, {S_IFCHR, 10, 200}, {S_IFBLK, 254, 0},
        {S_IFBLK, 8, 0}, {S_IFBLK, 7, 0}, {S_IFCHR, 0, 0},  {S_IFCHR, 4, 0},    {S_IFCHR, 229, 0}};
    for (unsigned i = 0; i < sizeof nodes / sizeof *nodes; i++) {
        for (int where = 0; where < 3; where++) {
            const char *path = text("%s/node", (const char *[]){"/vol", "/tmp", "/dev"}[where]);
            unlink(path);
            if (mknod(path, nodes[i].type | 0666, makedev(nodes[i].major, nodes[i].minor)) != 0)
                continue;
            int fd = open(path, O_RDONLY | O_NONBLOCK);
            CHECK(fd < 0 || read(fd, &byte, 1) <= 0);
            if (fd >= 0)
                close(fd);
            unlink(path);
        }
    }
    CHECK(stat("/dev/kvm", &st) != 0);
    CHECK(stat("/dev/mem", &st) != 0);
}

TEST(the_own_executable_is_not_the_hosts) {
    CHECK_EQ(open("/proc/self/exe", O_WRONLY), -1);
    CHECK_EQ(open("/proc/1/exe", O_WRONLY), -1);
    CHECK_EQ(open("/proc/self/exe", O_RDWR | O_TRUNC), -1);
    int fd = open("/proc/self/exe", O_RDONLY);
    CHECK(fd >= 0);
    CHECK_EQ(open(text("/proc/self/fd/%d", fd), O_WRONLY), -1);
    CHECK_EQ(write(fd, "x", 1), -1);
    char head[4] = "";
    CHECK_EQ(pread(fd, head, 4, 0), 4);
    CHECK(memcmp(head, "\177ELF", 4) == 0);
}

TEST(no_descriptor_is_left_over) {
    for (int fd = 3; fd < 4096; fd++)
        if (fd != guest_log)
            CHECK_EQ(fcntl(fd, F_GETFD), -1);
    DIR *dir = opendir("/proc/1/fd");
    struct dirent *entry;
    int count = 0;
    while (dir && (entry = readdir(dir)) != NULL)
        count += entry->d_name[0] != '.';
    CHECK(count <= 5);
}

TEST(processes_of_the_host_are_out_of_reach) {
    char pids[4096], *rest = pids, *word;
    snprintf(pids, sizeof pids, "%s", given("HOST_PIDS"));
    while ((word = strsep(&rest, ",")) != NULL) {
        pid_t pid = atoi(word);
        char byte;
        struct iovec local = {&byte, 1}, remote = {(void *)0x400000, 1};
        if (pid < 1000)
            continue; /* there may be one of the same number here */
        CHECK_ERRNO(kill(pid, 0), ESRCH);
        CHECK_ERRNO(ptrace(PTRACE_ATTACH, pid, 0, 0), ESRCH);
        CHECK_ERRNO(ptrace(PTRACE_SEIZE, pid, 0, 0), ESRCH);
        CHECK_EQ(process_vm_readv(pid, &local, 1, &remote, 1, 0), -1);
        CHECK_EQ(process_vm_writev(pid, &local, 1, &remote, 1, 0), -1);
        CHECK_ERRNO(syscall(SYS_pidfd_open, pid, 0), ESRCH);
        CHECK_ERRNO(getpgid(pid), ESRCH);
        CHECK_EQ(access(text("/proc/%d", pid), F_OK), -1);
        CHECK_EQ(setpriority(PRIO_PROCESS, pid, 19), -1);
        CHECK_EQ(syscall(SYS_prlimit64, pid, RLIMIT_NOFILE, NULL, &(struct rlimit){1, 1}), -1);
    }
    CHECK_EQ(getppid() > 0 ? kill(getppid(), 0) : 0, 0); /* the own ones are there */
}

static int connects(const struct sockaddr_un *address, socklen_t length) {
    int types[] = {SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM}, reached = 0;
    for (int i = 0; i < 3; i++) {
        int fd = socket(AF_UNIX, types[i], 0);
        reached += connect(fd, (const struct sockaddr *)address, length) == 0;
        close(fd);
    }
    return reached;
}

TEST(sockets_of_the_host_are_out_of_reach) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *name = given("ABSTRACT");
    memcpy(address.sun_path + 1, name, strlen(name));
    CHECK_EQ(connects(&address, offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name)), 0);
    memset(address.sun_path, 0, sizeof address.sun_path);
    strcpy(address.sun_path, "/vol/socket");
    CHECK_EQ(connects(&address, sizeof address), 0);
    FILE *list = fopen("/proc/net/unix", "r");
    char line[4096];
    while (list && fgets(line, sizeof line, list))
        CHECK(strstr(line, name) == NULL);
}

TEST(the_hosts_kernel_is_out_of_reach) {
    CHECK_EQ(syscall(SYS_init_module, "x", 1, ""), -1);
    CHECK_EQ(syscall(SYS_finit_module, 0, "", 0), -1);
    CHECK_EQ(syscall(SYS_kexec_load, 0, 0, NULL, 0), -1);
    CHECK_EQ(syscall(SYS_iopl, 3), -1);
    CHECK_EQ(syscall(SYS_ioperm, 0, 1, 1), -1);
    CHECK_EQ(syscall(SYS_reboot, 1, 2, 3, NULL), -1);
    CHECK_EQ(syscall(SYS_bpf, 5, NULL, 0), -1);
    CHECK_EQ(syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0), -1);
    CHECK_EQ(syscall(SYS_swapon, "/vol/disk", 0), -1);
    CHECK_EQ(syscall(SYS_open_by_handle_at, AT_FDCWD, NULL, 0), -1);
    const char *files[] = {"/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sysrq-trigger",
                           "/sys/kernel/uevent_helper", "/sys/fs/cgroup/release_agent"};
    for (unsigned i = 0; i < sizeof files / sizeof *files; i++) {
        int fd = open(files[i], O_WRONLY);
        if (fd >= 0) {
            (void)!write(fd, "h", 1); /* whether the host's has changed is looked at there */
            close(fd);
        }
    }
}

TEST(mounts_show_nothing_of_the_host) {
    mkdir("/tmp/m", 0700);
    const char *types[] = {"ext4", "xfs", "btrfs", "overlay", "devtmpfs", "debugfs", "securityfs", "tracefs", "9p", "nfs", "fuse"};
    for (unsigned i = 0; i < sizeof types / sizeof *types; i++) {
        if (mount("/vol/disk", "/tmp/m", types[i], 0, "lowerdir=/,upperdir=/tmp,workdir=/tmp") == 0) {
            CHECK(!reaches(text("/tmp/m%s/secret", given("OUTSIDE"))));
            CHECK(access("/tmp/m/kvm", F_OK) != 0);
            umount2("/tmp/m", MNT_DETACH);
        }
    }
    CHECK_EQ(mount(given("OUTSIDE"), "/tmp/m", NULL, MS_BIND, NULL), -1);
    CHECK_EQ(mount("/vol/../outside", "/tmp/m", NULL, MS_BIND, NULL), -1);
}

/* A page behind the buffer that must not be touched, whatever sizes are claimed. */
static char *edge(size_t size) {
    char *area = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    MUST(area != MAP_FAILED);
    memset(area, 0x5a, 3 * 4096);
    MUST(mprotect(area + 2 * 4096, 4096, PROT_NONE) == 0);
    return area + 2 * 4096 - size;
}

static const long sizes[] = {-1, 0, 1, 3, INT_MIN, INT_MAX, LONG_MIN, LONG_MAX, UINT_MAX, 0x7ffff000, -4096, 1L << 40};
#define SIZES (sizeof sizes / sizeof *sizes)

TEST_T(sizes_of_socket_options, 60) {
    const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
    const int levels[] = {SOL_SOCKET, IPPROTO_IP, IPPROTO_TCP, IPPROTO_IPV6, IPPROTO_UDP, 270, -1, INT_MAX};
    for (unsigned f = 0; f < sizeof families / sizeof *families; f++) {
        int fd = socket(families[f], families[f] == AF_NETLINK ? SOCK_RAW : SOCK_STREAM, 0);
        if (fd < 0)
            continue;
        for (unsigned l = 0; l < sizeof levels / sizeof *levels; l++) {
            for (int option = -1; option < 80; option++) {
                for (unsigned s = 0; s < SIZES; s++) {
                    char *buffer = edge(4);
                    socklen_t length = (socklen_t)sizes[s];
                    setsockopt(fd, levels[l], option, buffer, length);
                    setsockopt(fd, levels[l], option, NULL, length);
                    if (getsockopt(fd, levels[l], option, buffer, &length) == 0)
                        CHECK(length <= 4 || buffer[-1] == 0x5a);
                    getsockopt(fd, levels[l], option, (void *)-1L, &length);
                    CHECK(buffer[-1] == 0x5a);
                    munmap((char *)((uintptr_t)buffer & ~4095UL) - 4096, 3 * 4096);
                }
            }
        }
        close(fd);
    }
}

TEST_T(sizes_of_ioctls, 60) {
    int master = open("/dev/ptmx", O_RDWR | O_NONBLOCK), pair[2], pipes[2];
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && pipe(pipes) == 0);
    int fds[] = {0, master, pair[0], pipes[0], socket(AF_INET, SOCK_DGRAM, 0), open("/vol/inside", O_RDWR),
                 open("/tmp", O_RDONLY), open("/dev/null", O_RDWR), epoll_create(1), open("/proc/self/status", O_RDONLY)};
    for (unsigned i = 0; i < sizeof fds / sizeof *fds; i++) {
        for (unsigned group = 0; group < 2; group++) {
            for (unsigned number = 0; number < 256; number++) {
                unsigned long request = (group ? 0x8900 : 0x5400) | number;
                if (request == TIOCSTI || request == TIOCVHANGUP)
                    continue;
                ioctl(fds[i], request, edge(1));
                ioctl(fds[i], request, -1L);
                ioctl(fds[i], request, (long)INT_MIN);
            }
        }
        for (unsigned s = 0; s < SIZES; s++) {
            struct ifconf conf = {.ifc_len = (int)sizes[s], .ifc_buf = edge(4)};
            ioctl(fds[i], 0x8912 /* SIOCGIFCONF */, &conf);
            conf.ifc_buf = NULL;
            ioctl(fds[i], 0x8912, &conf);
            struct { uint64_t offset, length; uint64_t fields[5]; } map = {sizes[s], sizes[s], {~0UL, ~0UL, ~0UL, ~0UL, ~0UL}};
            ioctl(fds[i], FS_IOC_FIEMAP, &map);
            ioctl(fds[i], FICLONERANGE, &map);
        }
    }
}

TEST_T(sizes_of_other_calls, 60) {
    int pair[2], pipes[2], file = open("/vol/inside", O_RDWR), dir = open("/", O_RDONLY | O_DIRECTORY);
    signal(SIGXFSZ, SIG_IGN); /* no size may fill a disk: the volume is a small one, too */
    MUST(setrlimit(RLIMIT_FSIZE, &(struct rlimit){1 << 20, 1 << 20}) == 0);
    MUST(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair) == 0 && pipe2(pipes, O_NONBLOCK) == 0);
    for (unsigned s = 0; s < SIZES; s++) {
        long size = sizes[s];
        char *buffer = edge(16);
        struct iovec vector = {buffer, size};
        struct msghdr message = {.msg_iov = &vector, .msg_iovlen = size, .msg_control = buffer, .msg_controllen = size};
        syscall(SYS_sendmsg, pair[0], &message, 0);
        syscall(SYS_recvmsg, pair[1], &message, 0);
        message.msg_iovlen = 1;
        message.msg_namelen = (socklen_t)size, message.msg_name = buffer;
        syscall(SYS_sendmsg, pair[0], &message, 0);
        syscall(SYS_recvmsg, pair[1], &message, 0);
        *(struct cmsghdr *)buffer = (struct cmsghdr){.cmsg_len = size, .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        message = (struct msghdr){.msg_iov = &(struct iovec){"x", 1}, .msg_iovlen = 1, .msg_control = buffer, .msg_controllen = 16};
        syscall(SYS_sendmsg, pair[0], &message, 0);
        syscall(SYS_sendmmsg, pair[0], &message, size, 0);
        syscall(SYS_recvmmsg, pair[1], &message, size, MSG_DONTWAIT, NULL);
        int fds[] = {file, pipes[0], pipes[1], pair[0], dir};
        for (int i = 0; i < 5; i++) {
            syscall(SYS_read, fds[i], buffer, size);
            syscall(SYS_write, fds[i], buffer, size);
            syscall(SYS_pread64, fds[i], buffer, size, size);
            syscall(SYS_pwrite64, fds[i], buffer, size, -size);
            syscall(SYS_readv, fds[i], &vector, size);
            syscall(SYS_writev, fds[i], &vector, size);
            syscall(SYS_preadv, fds[i], &vector, 1, size, size);
            syscall(SYS_getdents64, fds[i], buffer, size);
            syscall(SYS_getdents, fds[i], buffer, size);
            syscall(SYS_lseek, fds[i], size, SEEK_SET);
            syscall(SYS_fallocate, fds[i], 0, size, size);
            syscall(SYS_fgetxattr, fds[i], "user.x", buffer, size);
            syscall(SYS_fsetxattr, fds[i], "user.x", buffer, size, 0);
            syscall(SYS_flistxattr, fds[i], buffer, size);
            syscall(SYS_copy_file_range, fds[i], NULL, file, NULL, size, 0);
            syscall(SYS_splice, fds[i], NULL, pipes[1], NULL, size, 2);
            syscall(SYS_sendfile, pair[0], fds[i], NULL, size);
            syscall(SYS_readahead, fds[i], size, size);
            syscall(SYS_mmap, NULL, size, PROT_READ, MAP_PRIVATE, fds[i], size & ~4095L);
        }
        syscall(SYS_poll, buffer, size, 0);
        syscall(SYS_select, size, buffer, buffer, buffer, &(struct timeval){0});
        syscall(SYS_epoll_wait, epoll_create(1), buffer, size, 0);
        syscall(SYS_getcwd, buffer, size);
        syscall(SYS_readlink, "/proc/self/exe", buffer, size);
        syscall(SYS_sethostname, buffer, size);
        syscall(SYS_getgroups, size, buffer);
        syscall(SYS_setgroups, size, buffer);
        syscall(SYS_getrandom, buffer, size, 0);
        syscall(SYS_sched_getaffinity, 0, size, buffer);
        syscall(SYS_sched_setaffinity, 0, size, buffer);
        syscall(SYS_process_vm_readv, getpid(), &vector, size, &vector, size, 0);
        syscall(SYS_io_setup, size, buffer);
        syscall(SYS_rt_sigaction, size, NULL, NULL, size);
        syscall(SYS_getrusage, size, buffer);
        syscall(SYS_mincore, (uintptr_t)buffer & ~4095UL, size, buffer);
        syscall(SYS_madvise, (uintptr_t)buffer & ~4095UL, size, MADV_WILLNEED);
        syscall(SYS_mbind, (uintptr_t)buffer & ~4095UL, size, 0, NULL, size, 0);
        syscall(SYS_bind, pair[0], buffer, size);
        syscall(SYS_connect, pair[0], buffer, size);
        syscall(SYS_sendto, pair[0], buffer, size, MSG_DONTWAIT, buffer, size);
        syscall(SYS_recvfrom, pair[1], buffer, size, MSG_DONTWAIT, NULL, NULL);
        syscall(SYS_keyctl, size, size, buffer, size, size);
        syscall(SYS_prctl, 15, buffer);
        CHECK(buffer[-1] == 0x5a || size > 16 || size < 0); /* what is in front of a small buffer */
    }
    CHECK_EQ(syscall(SYS_getpid), getpid());
}
