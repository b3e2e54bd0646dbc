/*
 * What each kind of process may ask of the host once it serves the application. docs/security.md has the reasons.
 *
 * Calls with conditions come first where they are frequent: those without cost nothing, the kernel remembers them.
 */
#define _GNU_SOURCE
#include "seccomp.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/kvm.h>
#include <linux/sockios.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* pthread_create(3) of glibc, exactly. */
#define CLONE_OF_THREAD \
    (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID | \
     CLONE_CHILD_CLEARTID)
#define STUB_KICK 12 /* KICK_SIGNAL of systrap's layout.h */

/* A JVM that has started: memory that is never executable, threads, clocks. */
static const struct rule jvm[] = {
    ALLOW(mmap, BITS(2, PROT_EXEC, 0)), /* the code cache is complete */
    ALLOW(mprotect, BITS(2, PROT_EXEC, 0)),
    ALLOW(clone, IS(0, CLONE_OF_THREAD)),
    REFUSE(clone3, ENOSYS), /* its flags are behind a pointer: glibc goes on with clone */
    ALLOW(tgkill, OWN_PID(0)),
    ALLOW(prctl, IS(0, PR_SET_NAME)),
    REFUSE(prctl, EINVAL, IS(0, 0x53564d41)), /* PR_SET_VMA: names of mappings */
    FORBID(rt_sigaction, IS(0, SIGSYS)), /* the handler that ends this process */
    ALLOW(rt_sigaction),
    ALLOW(prlimit64, IS(0, 0), IS(2, 0)), /* getrlimit(2) */
    ALLOW(mremap, IS(3, MREMAP_MAYMOVE)), /* realloc(3) */
    /* Looks for files that the JVM and glibc do without. To write, or only to have it open, is not among them. */
    REFUSE(openat, EACCES, BITS(2, O_ACCMODE | O_CREAT | O_PATH | O_TMPFILE, O_RDONLY)),
    REFUSE(openat, EACCES, BITS(2, O_ACCMODE | O_CREAT | O_PATH | O_TMPFILE, O_DIRECTORY)),
    REFUSE(readlink, EACCES),
    REFUSE(stat, EACCES),
    REFUSE(lstat, EACCES),
    REFUSE(access, EACCES),
    REFUSE(getcwd, EACCES),
    ALLOW(newfstatat, IS(3, 0x1000 /* AT_EMPTY_PATH: fstat of newer libraries */)),
    REFUSE(newfstatat, EACCES),
    ALLOW(futex),
    ALLOW(read),
    ALLOW(write),
    ALLOW(readv),
    ALLOW(writev),
    ALLOW(pread64),
    ALLOW(close),
    ALLOW(lseek),
    ALLOW(fstat),
    ALLOW(madvise),
    ALLOW(munmap),
    ALLOW(brk),
    ALLOW(exit),
    ALLOW(exit_group),
    ALLOW(gettid),
    ALLOW(getpid),
    ALLOW(geteuid),
    ALLOW(getuid),
    ALLOW(getegid),
    ALLOW(getgid),
    ALLOW(set_robust_list),
    ALLOW(rseq),
    ALLOW(rt_sigprocmask),
    ALLOW(rt_sigreturn),
    ALLOW(sigaltstack),
    ALLOW(sched_getaffinity),
    ALLOW(sched_yield),
    ALLOW(getcpu),
    ALLOW(clock_gettime),
    ALLOW(clock_getres),
    ALLOW(clock_nanosleep),
    ALLOW(nanosleep),
    ALLOW(gettimeofday),
    ALLOW(time),
    ALLOW(restart_syscall),
    ALLOW(getrusage),
    ALLOW(getrandom),
    ALLOW(uname), /* says "gvj" */
    ALLOW(sysinfo),
    ALLOW(poll),
    ALLOW(ppoll),
};

/* Descriptors that the Sentry was given or gets from the gofer, and its messages to gofer and launcher. */
static const struct rule sentry[] = {
    ALLOW(ioctl, IS(1, TCGETS)),
    ALLOW(ioctl, IS(1, TCSETS)),
    ALLOW(ioctl, IS(1, TCSETSW)),
    ALLOW(ioctl, IS(1, TCSETSF)),
    ALLOW(ioctl, IS(1, TIOCGWINSZ)),
    ALLOW(ioctl, IS(1, TIOCSWINSZ)),
    ALLOW(ioctl, IS(1, FIONREAD)),
    ALLOW(fcntl, IS(1, F_GETFL)),
    ALLOW(fcntl, IS(1, F_SETFL)),
    ALLOW(fcntl, IS(1, F_GETFD)),
    ALLOW(fcntl, IS(1, F_SETFD)),
    ALLOW(fcntl, IS(1, F_DUPFD_CLOEXEC)),
    ALLOW(fcntl, IS(1, F_GETPIPE_SZ)),
    ALLOW(statx, IS(2, 0x1000 /* AT_EMPTY_PATH: of a descriptor */)),
    REFUSE(statx, EACCES),
    ALLOW(dup3, IS(2, O_CLOEXEC)),
    ALLOW(sendmsg),
    ALLOW(recvmsg),
    ALLOW(recvfrom),
    ALLOW(shutdown),
    ALLOW(accept4),
    ALLOW(getsockopt),
    ALLOW(pwrite64),
    ALLOW(preadv),
    ALLOW(preadv2),
    ALLOW(pwritev),
    ALLOW(pwritev2),
    ALLOW(ftruncate),
    ALLOW(fallocate),
    ALLOW(fsync),
    ALLOW(fdatasync),
    ALLOW(sync_file_range),
    ALLOW(fadvise64),
    ALLOW(fstatfs),
    ALLOW(epoll_create1),
    ALLOW(epoll_ctl),
    ALLOW(epoll_wait),
    ALLOW(epoll_pwait),
    ALLOW(epoll_pwait2),
    ALLOW(eventfd2),
};

/* Sockets of the Internet families and of route netlink; gvj.host.HostNet has the same list, checked once more in C. */
static const struct rule sentry_network[] = {
    ALLOW(socket, IS(0, AF_INET), BITS(1, ~(uint32_t)(SOCK_CLOEXEC | SOCK_NONBLOCK), SOCK_STREAM)),
    ALLOW(socket, IS(0, AF_INET), BITS(1, ~(uint32_t)(SOCK_CLOEXEC | SOCK_NONBLOCK), SOCK_DGRAM)),
    ALLOW(socket, IS(0, AF_INET), BITS(1, ~(uint32_t)(SOCK_CLOEXEC | SOCK_NONBLOCK), SOCK_RAW)),
    ALLOW(socket, IS(0, AF_INET6), BITS(1, ~(uint32_t)(SOCK_CLOEXEC | SOCK_NONBLOCK), SOCK_STREAM)),
    ALLOW(socket, IS(0, AF_INET6), BITS(1, ~(uint32_t)(SOCK_CLOEXEC | SOCK_NONBLOCK), SOCK_DGRAM)),
    ALLOW(socket, IS(0, AF_INET6), BITS(1, ~(uint32_t)(SOCK_CLOEXEC | SOCK_NONBLOCK), SOCK_RAW)),
    ALLOW(socket, IS(0, AF_PACKET), BITS(1, ~(uint32_t)(SOCK_CLOEXEC | SOCK_NONBLOCK), SOCK_RAW)), /* needs CAP_NET_RAW */
    ALLOW(socket, IS(0, AF_PACKET), BITS(1, ~(uint32_t)(SOCK_CLOEXEC | SOCK_NONBLOCK), SOCK_DGRAM)),
    ALLOW(socket, IS(0, AF_NETLINK), BITS(1, ~(uint32_t)(SOCK_CLOEXEC | SOCK_NONBLOCK), SOCK_RAW), IS(2, 0 /* NETLINK_ROUTE */)),
    ALLOW(ioctl, IS(1, TIOCOUTQ)),
    ALLOW(ioctl, IS(1, SIOCOUTQNSD)),
    ALLOW(ioctl, IS(1, SIOCATMARK)),
    ALLOW(sendto), /* a request to route netlink has an address */
    ALLOW(bind),
    ALLOW(connect),
    ALLOW(listen),
    ALLOW(getsockname),
    ALLOW(getpeername),
    ALLOW(setsockopt),
};

/* What docs/kvm.md says that the platform asks for after its start. */
static const struct rule kvm[] = {
    ALLOW(ioctl, IS(1, KVM_RUN)),
    ALLOW(ioctl, IS(1, KVM_GET_SREGS)),
    ALLOW(ioctl, IS(1, KVM_SET_SREGS)),
    ALLOW(ioctl, IS(1, KVM_SET_MSRS)),
    ALLOW(ioctl, IS(1, KVM_GET_XSAVE)),
    ALLOW(ioctl, IS(1, KVM_GET_XSAVE2)),
    ALLOW(ioctl, IS(1, KVM_SET_XSAVE)),
    ALLOW(ioctl, IS(1, KVM_GET_VCPU_EVENTS)),
    ALLOW(ioctl, IS(1, KVM_SET_VCPU_EVENTS)),
    ALLOW(ioctl, IS(1, KVM_SET_USER_MEMORY_REGION)),
    ALLOW(ioctl, IS(1, KVM_CREATE_VCPU)),
    ALLOW(ioctl, IS(1, KVM_SET_CPUID2)),
    ALLOW(ioctl, IS(1, KVM_SET_XCRS)),
    ALLOW(ioctl, IS(1, KVM_SET_DEVICE_ATTR)),
};

/* Stubs are made by their seed. The Sentry binds them to CPUs, interrupts, kills and reaps them; its pid namespace has no others. */
static const struct rule systrap[] = {
    ALLOW(kill, IS(1, SIGKILL)),
    ALLOW(kill, IS(1, STUB_KICK)),
    ALLOW(waitid, BITS(3, ~(uint32_t)(WEXITED | WNOWAIT | __WALL | __WNOTHREAD), 0)),
    ALLOW(wait4),
    ALLOW(sched_setaffinity),
};

/* The list of gvj.gofer's package-info. */
static const struct rule gofer[] = {
    ALLOW(fcntl, IS(1, F_DUPFD_CLOEXEC)),
    ALLOW(fcntl, IS(1, F_GETFL)),
    ALLOW(mknodat, BITS(2, S_IFMT, S_IFREG)), /* no device */
    ALLOW(mknodat, BITS(2, S_IFMT, S_IFIFO)),
    ALLOW(mknodat, BITS(2, S_IFMT, S_IFSOCK)),
    ALLOW(mknodat, BITS(2, S_IFMT, 0)),
    ALLOW(mknodat, BITS(2, S_IFMT, S_IFCHR), IS(3, 0)), /* an overlay's whiteout, which is no device */
    ALLOW(socketpair, IS(0, AF_UNIX), IS(1, SOCK_SEQPACKET | SOCK_CLOEXEC)),
    ALLOW(accept4), /* of those who bring trees */
    ALLOW(recvmsg),
    ALLOW(sendmsg),
    ALLOW(statx),
    ALLOW(openat2),
    ALLOW(getdents64),
    ALLOW(readlinkat),
    ALLOW(fstatfs),
    ALLOW(mkdirat),
    ALLOW(symlinkat),
    ALLOW(linkat),
    ALLOW(unlinkat),
    ALLOW(renameat2),
    ALLOW(fchmod),
    ALLOW(fchmodat2),
    ALLOW(fchownat),
    ALLOW(utimensat),
    ALLOW(ftruncate),
    ALLOW(fsync),
    ALLOW(fdatasync),
    ALLOW(fgetxattr),
    ALLOW(fsetxattr),
    ALLOW(flistxattr),
    ALLOW(fremovexattr),
};

#define TABLE(rules) {rules, sizeof rules / sizeof rules[0]}
const struct filter filters[] = {
    {"kvm", "Sentry", {TABLE(kvm), TABLE(sentry), TABLE(sentry_network), TABLE(jvm)}},
    {"systrap", "Sentry", {TABLE(systrap), TABLE(sentry), TABLE(sentry_network), TABLE(jvm)}},
    {"gofer", "gofer", {TABLE(gofer), TABLE(jvm)}},
};
const unsigned filter_count = sizeof filters / sizeof filters[0];
