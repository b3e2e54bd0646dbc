/* seccomp: strict mode and filters. */
#include "guest.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
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

/* A program of N instructions. */
static long load(struct sock_filter *code, int n, unsigned flags) {
    struct sock_fprog prog = {n, code};
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
}

TEST(checker) {
    static struct sock_filter many[4097];
    struct sock_filter ret = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    const struct sock_filter bad[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64),         BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0xfffffffc), BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0),
        BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0),          BPF_STMT(BPF_LD | BPF_MEM, 0),
        BPF_STMT(BPF_LD | BPF_MEM, 16),                 BPF_STMT(BPF_ST, 16),
        BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0),         BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32),
        BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 3),         BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),   BPF_STMT(0xffff, 0),
        BPF_STMT(BPF_RET | BPF_X, 0),
    };
    const struct sock_filter good[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 60),       BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
        BPF_STMT(BPF_LDX | BPF_W | BPF_LEN, 0),       BPF_STMT(BPF_ST, 15),
        BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0),       BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 31),
        BPF_STMT(BPF_ALU | BPF_NEG, 0),               BPF_JUMP(BPF_JMP | BPF_JA, 0, 0, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 0), BPF_STMT(BPF_RET | BPF_A, 0),
        BPF_STMT(BPF_MISC | BPF_TAX, 0),
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct sock_filter code[2] = {bad[i], ret};
        errno = 0;
        if (load(code, 2, 0) != -1 || errno != EINVAL)
            CHECK_EQ(i, -1);
    }
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct sock_filter code[2] = {good[i], ret};
        pid_t pid = FORK();
        if (pid == 0) {
            if (load(code, 2, 0) != 0)
                CHECK_EQ(i, -2);
            syscall(SYS_exit_group, 0);
        }
        int status;
        waitpid(pid, &status, 0);
    }
    for (int i = 0; i < 4097; i++)
        many[i] = ret;
    CHECK_ERRNO(load(many, 4097, 0), EINVAL);
    CHECK_EQ(load(many, 4096, 0), 0);
    int more = 0;
    while (more < 10 && load(many, 4096, 0) == 0)
        more++;
    CHECK(more < 10 && errno == ENOMEM); /* 32768 in all, as the kernel counts them once translated */
    CHECK_ERRNO(load(many, 1, 1 << 20), EINVAL);
}

/* What the machine computes becomes the errno of getppid. */
TEST(arithmetic) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1]) + 4), /* high half: 5 */
        BPF_STMT(BPF_ST, 3),
        BPF_STMT(BPF_LDX | BPF_MEM, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), /* 64 */
        BPF_STMT(BPF_ALU | BPF_MUL | BPF_X, 0), /* 320 */
        BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 20), /* 300 */
        BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0), /* 60 */
        BPF_STMT(BPF_ALU | BPF_NEG, 0),
        BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 28), /* 15 */
        BPF_STMT(BPF_ALU | BPF_LSH | BPF_X, 0), /* 480 */
        BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 0x101), /* 225 */
        BPF_STMT(BPF_MISC | BPF_TAX, 0),
        BPF_STMT(BPF_LD | BPF_IMM, 35),
        BPF_STMT(BPF_ALU | BPF_LSH | BPF_X, 0), /* by 225 & 31: 70 */
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 2, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1),
        BPF_STMT(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO),
        BPF_STMT(BPF_RET | BPF_A, 0),
    };
    CHECK_EQ(load(code, sizeof code / sizeof *code, 0), 0);
    CHECK_ERRNO(syscall(SYS_getppid, 0, 5L << 32), 70);
    CHECK_ERRNO(syscall(SYS_getppid, 0, 5L << 32), 70);
    pid_t pid = FORK();
    if (pid == 0) {
        syscall(SYS_getppid, 0, 0); /* a division by zero kills */
        DONE();
    }
    CHECK_KILLED(pid, SIGSYS);
}

TEST(actions_without_anyone_to_ask) {
    CHECK_EQ(install(SYS_getppid, SECCOMP_RET_TRACE | 1, 0), 0);
    CHECK_ERRNO(syscall(SYS_getppid), ENOSYS);
    CHECK_EQ(install(SYS_getpgrp, SECCOMP_RET_USER_NOTIF, 0), 0);
    CHECK_ERRNO(syscall(SYS_getpgrp), ENOSYS);
    CHECK_EQ(install(SYS_getuid, SECCOMP_RET_LOG, 0), 0);
    CHECK_EQ(syscall(SYS_getuid), 0);
    CHECK_EQ(install(SYS_getgid, SECCOMP_RET_ERRNO | 0xffff, 0), 0);
    CHECK_ERRNO(syscall(SYS_getgid), 4095);
    CHECK_EQ(install(SYS_getegid, SECCOMP_RET_ERRNO, 0), 0);
    CHECK_EQ(syscall(SYS_getegid), 0);
}

static volatile int stage;
static volatile long from_thread;

static void *other(void *arg) {
    if (arg)
        CHECK_EQ(install(SYS_getpgrp, SECCOMP_RET_ALLOW, 0), 0);
    stage = 1;
    while (stage != 2)
        nap(1);
    errno = 0;
    syscall(SYS_getppid);
    from_thread = errno;
    return NULL;
}

TEST(all_threads_at_once) {
    pthread_t t;
    pthread_create(&t, NULL, other, NULL);
    CHECK(UNTIL(stage == 1));
    CHECK_EQ(install(SYS_getppid, SECCOMP_RET_ERRNO | 77, SECCOMP_FILTER_FLAG_TSYNC), 0);
    stage = 2;
    pthread_join(t, NULL);
    CHECK_EQ(from_thread, 77);
    stage = 0;
    pthread_create(&t, NULL, other, (void *)1); /* has one of its own by now */
    CHECK(UNTIL(stage == 1));
    CHECK(install(SYS_getppid, SECCOMP_RET_ERRNO | 78, SECCOMP_FILTER_FLAG_TSYNC) > 0);
    CHECK_ERRNO(install(SYS_getppid, SECCOMP_RET_ERRNO | 78, SECCOMP_FILTER_FLAG_TSYNC | 16), ESRCH);
    stage = 2;
    pthread_join(t, NULL);
    CHECK_EQ(from_thread, 77);
}

static void *killed_thread(void *arg) {
    syscall(SYS_getppid);
    stage = 3;
    return arg;
}

TEST(a_thread_is_killed) {
    pthread_t t;
    stage = 0;
    CHECK_EQ(install(SYS_getppid, SECCOMP_RET_KILL_THREAD, 0), 0);
    pthread_create(&t, NULL, killed_thread, NULL);
    pthread_join(t, NULL);
    CHECK_EQ(stage, 0);
    pid_t pid = FORK();
    if (pid == 0) {
        syscall(SYS_getppid);
        DONE();
    }
    CHECK_KILLED(pid, SIGSYS);
}
