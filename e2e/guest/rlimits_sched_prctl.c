/* Resource limits, scheduling, prctl, arch_prctl, uname, sysinfo, personality. */
#include "guest.h"
#include <asm/prctl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

TEST(rlimit_rules) {
    struct rlimit l = {100, 200}, got;
    CHECK_EQ(setrlimit(RLIMIT_CORE, &(struct rlimit){0, RLIM_INFINITY}), 0);
    CHECK_EQ(setrlimit(RLIMIT_NOFILE, &l), 0);
    CHECK_EQ(getrlimit(RLIMIT_NOFILE, &got), 0);
    CHECK_EQ(got.rlim_cur * 1000 + got.rlim_max, 100200);
    l.rlim_cur = 201;
    CHECK_ERRNO(setrlimit(RLIMIT_NOFILE, &l), EINVAL);
    CHECK_ERRNO(getrlimit(99, &got), EINVAL);
    CHECK_ERRNO(syscall(SYS_getrlimit, RLIMIT_CPU, 8), EFAULT);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(getrlimit(RLIMIT_NOFILE, &got), 0); /* inherited */
        CHECK_EQ(got.rlim_max, 200);
        CHECK_EQ(setresuid(1000, 1000, 1000), 0);
        l = (struct rlimit){100, 300};
        CHECK_ERRNO(setrlimit(RLIMIT_NOFILE, &l), EPERM);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

TEST(prlimit_of_another) {
    struct rlimit l = {50, 60}, old;
    pid_t pid = FORK();
    if (pid == 0) {
        pause();
        DONE();
    }
    CHECK_EQ(prlimit(pid, RLIMIT_NOFILE, &l, &old), 0);
    CHECK_EQ(prlimit(pid, RLIMIT_NOFILE, NULL, &old), 0);
    CHECK_EQ(old.rlim_cur, 50);
    CHECK_ERRNO(prlimit(99999999, RLIMIT_NOFILE, NULL, &old), ESRCH);
    kill(pid, SIGKILL);
    CHECK_KILLED(pid, SIGKILL);
}

TEST(rlimit_nproc) {
    pid_t pid = FORK();
    if (pid == 0) {
        struct rlimit l = {3, 3};
        CHECK_EQ(setrlimit(RLIMIT_NPROC, &l), 0);
        uid_t uid = 100000 + getpid(); /* a user with no other process */
        CHECK_EQ(setresuid(uid, uid, uid), 0);
        pid_t a = fork();
        if (a == 0) {
            pause();
            DONE();
        }
        pid_t b = fork();
        if (b == 0) {
            pause();
            DONE();
        }
        CHECK(a > 0 && b > 0);
        CHECK_ERRNO(fork(), EAGAIN);
        kill(a, SIGKILL);
        CHECK_KILLED(a, SIGKILL);
        a = fork();
        if (a == 0)
            DONE();
        CHECK(a > 0);
        CHECK_EXIT(a, 0);
        kill(b, SIGKILL);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

TEST(affinity) {
    cpu_set_t all, one, got;
    CHECK_EQ(sched_getaffinity(0, sizeof all, &all), 0);
    CHECK(CPU_COUNT(&all) >= 1);
    CHECK(sysconf(_SC_NPROCESSORS_ONLN) >= CPU_COUNT(&all));
    int first = 0;
    while (!CPU_ISSET(first, &all))
        first++;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    CHECK_EQ(sched_setaffinity(0, sizeof one, &one), 0);
    CHECK_EQ(sched_getaffinity(0, sizeof got, &got), 0);
    CHECK(CPU_EQUAL(&one, &got));
    CHECK_EQ(sched_getcpu(), first);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(sched_getaffinity(0, sizeof got, &got), 0);
        CHECK(CPU_EQUAL(&one, &got));
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CPU_ZERO(&one);
    CHECK_ERRNO(sched_setaffinity(0, sizeof one, &one), EINVAL);
    CHECK_ERRNO(sched_setaffinity(99999999, sizeof all, &all), ESRCH);
    CHECK_ERRNO(syscall(SYS_sched_getaffinity, 0, 4, &got), EINVAL);
    CHECK_ERRNO(syscall(SYS_sched_getaffinity, 0, 128, 8), EFAULT);
    CHECK_EQ(sched_setaffinity(0, sizeof all, &all), 0);
}

TEST(policies) {
    struct sched_param p = {0};
    CHECK_EQ(sched_getscheduler(0), SCHED_OTHER);
    CHECK_EQ(sched_get_priority_min(SCHED_FIFO), 1);
    CHECK_EQ(sched_get_priority_max(SCHED_RR), 99);
    CHECK_EQ(sched_get_priority_max(SCHED_OTHER), 0);
    CHECK_ERRNO(sched_get_priority_max(99), EINVAL);
    CHECK_EQ(sched_getparam(0, &p), 0);
    CHECK_EQ(p.sched_priority, 0);
    CHECK_ERRNO(sched_getscheduler(99999999), ESRCH);
    CHECK_ERRNO(sched_getscheduler(-1), EINVAL);
    p.sched_priority = 1;
    CHECK_ERRNO(sched_setscheduler(0, SCHED_OTHER, &p), EINVAL);
    p.sched_priority = 0;
    CHECK_EQ(sched_setscheduler(0, SCHED_BATCH, &p), 0);
    CHECK_EQ(sched_getscheduler(0), SCHED_BATCH);
    CHECK_EQ(sched_setscheduler(0, SCHED_OTHER, &p), 0);
    CHECK_EQ(sched_yield(), 0);
    CHECK_ERRNO(sched_setscheduler(0, 77, &p), EINVAL);
}

TEST(nice_values) {
    errno = 0;
    CHECK_EQ(getpriority(PRIO_PROCESS, 0), 0);
    CHECK_EQ(setpriority(PRIO_PROCESS, 0, 5), 0);
    CHECK_EQ(getpriority(PRIO_PROCESS, 0), 5);
    CHECK_EQ(syscall(SYS_getpriority, PRIO_PROCESS, 0), 15); /* raw: 20 minus nice */
    CHECK_EQ(setpriority(PRIO_PROCESS, 0, 100), 0);
    CHECK_EQ(getpriority(PRIO_PROCESS, 0), 19);
    CHECK_ERRNO(getpriority(9, 0), EINVAL);
    CHECK_ERRNO(setpriority(PRIO_PROCESS, 99999999, 0), ESRCH);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(getpriority(PRIO_PROCESS, 0), 19);
        struct rlimit none = {0, 0};
        CHECK_EQ(setrlimit(RLIMIT_NICE, &none), 0);
        CHECK_EQ(setresuid(1000, 1000, 1000), 0);
        CHECK_ERRNO(setpriority(PRIO_PROCESS, 0, 0), EACCES);
        CHECK_ERRNO(setpriority(PRIO_PROCESS, getppid(), 19), EPERM);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

TEST(prctl_odds_and_ends) {
    CHECK_ERRNO(prctl(99999), EINVAL);
    CHECK_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
    CHECK_ERRNO(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
    CHECK_EQ(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    CHECK_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
    CHECK_ERRNO(syscall(SYS_prctl, PR_SET_NAME, 8), EFAULT);
    int sig = -1;
    CHECK_EQ(prctl(PR_GET_PDEATHSIG, &sig), 0);
    CHECK_EQ(sig, 0);
    CHECK_EQ(prctl(PR_GET_TIMERSLACK) > 0, 1);
    CHECK_EQ(prctl(PR_GET_SECCOMP), 0);
}

TEST(arch_prctl_bases) {
    unsigned long fs = 0, gs = 1, value = 0xabcdef;
    CHECK_EQ(syscall(SYS_arch_prctl, ARCH_GET_FS, &fs), 0);
    CHECK_EQ(fs, (unsigned long)pthread_self());
    CHECK_EQ(syscall(SYS_arch_prctl, ARCH_GET_GS, &gs), 0);
    CHECK_EQ(gs, 0);
    CHECK_EQ(syscall(SYS_arch_prctl, ARCH_SET_GS, &value), 0);
    unsigned long got;
    __asm__ volatile("mov %%gs:0, %0" : "=r"(got));
    CHECK_EQ(got, 0xabcdef);
    pid_t pid = FORK();
    if (pid == 0) {
        __asm__ volatile("mov %%gs:0, %0" : "=r"(got));
        CHECK_EQ(got, 0xabcdef);
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CHECK_ERRNO(syscall(SYS_arch_prctl, ARCH_SET_GS, 1UL << 47), EPERM);
    CHECK_ERRNO(syscall(SYS_arch_prctl, 0x9999, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_arch_prctl, ARCH_GET_FS, 8), EFAULT);
}

TEST(uname_and_hostname) {
    struct utsname u;
    CHECK_EQ(uname(&u), 0);
    CHECK_STR(u.sysname, "Linux");
    CHECK_STR(u.machine, "x86_64");
    CHECK(atoi(u.release) >= 4);
    char host[65];
    CHECK_EQ(gethostname(host, sizeof host), 0);
    CHECK_STR(host, u.nodename);
    CHECK_ERRNO(sethostname("x", 65), EINVAL);
    CHECK_ERRNO(sethostname("x", -1), EINVAL);
    CHECK_ERRNO(syscall(SYS_uname, 8), EFAULT);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(setresuid(1000, 1000, 1000), 0);
        CHECK_ERRNO(sethostname("x", 1), EPERM);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

TEST(sysinfo_and_cpu) {
    struct sysinfo s;
    unsigned cpu = -1, node = -1;
    CHECK_EQ(sysinfo(&s), 0);
    CHECK(s.totalram > 0 && s.freeram <= s.totalram && s.uptime > 0 && s.procs > 0);
    CHECK_EQ(s.mem_unit, 1);
    CHECK_ERRNO(syscall(SYS_sysinfo, 8), EFAULT);
    CHECK_EQ(getcpu(&cpu, &node), 0);
    CHECK(cpu < 4096);
    CHECK_EQ(node, 0);
    CHECK_EQ(syscall(SYS_getcpu, NULL, NULL, NULL), 0);
}

TEST(personality_reads) {
    CHECK_EQ(personality(0xffffffff), 0);
    CHECK_EQ(personality(ADDR_NO_RANDOMIZE), 0);
    CHECK_EQ(personality(0xffffffff), ADDR_NO_RANDOMIZE);
}

TEST(unknown_system_calls) {
    CHECK_ERRNO(syscall(999), ENOSYS);
    CHECK_ERRNO(syscall(-1), ENOSYS);
    CHECK_ERRNO(syscall(SYS_create_module), ENOSYS);
    CHECK_ERRNO(syscall(SYS_getpmsg), ENOSYS);
    CHECK_ERRNO(syscall(0x40000000 | SYS_getpid), ENOSYS);
}

TEST(ioprio_calls) {
    CHECK_EQ(syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 3), 0);
    CHECK_EQ(syscall(SYS_ioprio_get, 1, 0), 2 << 13 | 3);
    CHECK_ERRNO(syscall(SYS_ioprio_get, 9, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_ioprio_get, 1, 99999999), ESRCH);
}
