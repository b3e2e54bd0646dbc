/* seccomp: strict mode and filters. */
#include "guest.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

/* One system call number gets ACTION, all else is allowed. */
static int install(long nr, unsigned action, unsigned flags) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, action),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog prog = {sizeof code / sizeof *code, code};
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
}

TEST(strict_mode) {
    pid_t pid = FORK();
    if (pid == 0) {
        MUST(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0);
        write(-1, "", 0);
        syscall(SYS_exit, 7);
    }
    CHECK_EXIT(pid, 7);
    pid = FORK();
    if (pid == 0) {
        MUST(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0);
        syscall(SYS_getpid);
        syscall(SYS_exit, 7);
    }
    CHECK_KILLED(pid, SIGKILL);
}

TEST(filter_errno_and_inheritance) {
    MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    CHECK_EQ(install(SYS_getppid, SECCOMP_RET_ERRNO | 99, 0), 0);
    CHECK_ERRNO(syscall(SYS_getppid), 99);
    CHECK_EQ(prctl(PR_GET_SECCOMP), 2);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_ERRNO(syscall(SYS_getppid), 99);
        CHECK_EQ(install(SYS_getppid, SECCOMP_RET_ALLOW, 0), 0); /* the strictest answer counts */
        CHECK_ERRNO(syscall(SYS_getppid), 99);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

TEST(filter_kills) {
    pid_t pid = FORK();
    if (pid == 0) {
        MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
        CHECK_EQ(install(SYS_getppid, SECCOMP_RET_KILL_PROCESS, 0), 0);
        syscall(SYS_getppid);
        DONE();
    }
    CHECK_KILLED(pid, SIGSYS);
}

static volatile sig_atomic_t trapped_call, trapped_errno, trapped_code;
static void on_sys(int sig GUEST_UNUSED, siginfo_t *info, void *ctx GUEST_UNUSED) {
    trapped_call = info->si_syscall;
    trapped_errno = info->si_errno;
    trapped_code = info->si_code;
}

TEST(filter_traps) {
    on_info(SIGSYS, on_sys, 0);
    MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    CHECK_EQ(install(SYS_getppid, SECCOMP_RET_TRAP | 5, 0), 0);
    syscall(SYS_getppid);
    CHECK_EQ(trapped_call, SYS_getppid);
    CHECK_EQ(trapped_errno, 5);
    CHECK_EQ(trapped_code, 1 /* SYS_SECCOMP */);
}

TEST(errors) {
    struct sock_filter no_return[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0)};
    struct sock_fprog prog = {1, no_return};
    unsigned action = SECCOMP_RET_ERRNO;
    CHECK_ERRNO(syscall(SYS_seccomp, 99, 0, NULL), EINVAL);
    CHECK_ERRNO(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 1, NULL), EINVAL);
    CHECK_ERRNO(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, 8), EFAULT);
    CHECK_ERRNO(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog), EINVAL);
    prog.len = 0;
    CHECK_ERRNO(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog), EINVAL);
    CHECK_EQ(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action), 0);
    action = 0x12340000;
    CHECK_ERRNO(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action), EOPNOTSUPP);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(setresuid(1000, 1000, 1000), 0);
        CHECK_ERRNO(install(SYS_getppid, SECCOMP_RET_ALLOW, 0), EACCES); /* without no_new_privs */
        DONE();
    }
    CHECK_EXIT(pid, 0);
}
