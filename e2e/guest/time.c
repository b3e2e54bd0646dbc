/* Clocks: their identities, order, errors; gettimeofday, times, clock_getres, setting the clock. */
#include "guest.h"
#include <pthread.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <utime.h>

static long long ns(struct timespec t) {
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

TEST(clocks_are_monotonic) {
    clockid_t clocks[] = {CLOCK_MONOTONIC,        CLOCK_MONOTONIC_RAW, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME,
                          CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID};
    for (unsigned i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        struct timespec a, b;
        CHECK_EQ(clock_gettime(clocks[i], &a), 0);
        for (int k = 0; k < 1000; k++) {
            CHECK_EQ(clock_gettime(clocks[i], &b), 0);
            if (ns(b) < ns(a))
                CHECK_EQ(ns(b), ns(a));
            CHECK(b.tv_nsec >= 0 && b.tv_nsec < 1000000000);
            a = b;
        }
    }
}

TEST(system_call_and_vdso_agree) {
    clockid_t clocks[] = {CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME, CLOCK_MONOTONIC_RAW};
    for (unsigned i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        struct timespec a, b, c;
        for (int k = 0; k < 20; k++) {
            clock_gettime(clocks[i], &a);
            syscall(SYS_clock_gettime, clocks[i], &b);
            clock_gettime(clocks[i], &c);
            CHECK(ns(a) <= ns(b) && ns(b) <= ns(c));
        }
    }
}

TEST(realtime_forms_agree) {
    struct timespec a, c;
    struct timeval b;
    clock_gettime(CLOCK_REALTIME, &a);
    gettimeofday(&b, NULL);
    clock_gettime(CLOCK_REALTIME, &c);
    long long micros = b.tv_sec * 1000000LL + b.tv_usec;
    CHECK(ns(a) / 1000 <= micros && micros <= ns(c) / 1000);
    time_t t = time(NULL);
    CHECK(t >= a.tv_sec && t <= a.tv_sec + 5);
    CHECK(a.tv_sec > 1700000000);
    struct timespec coarse, after;
    clock_gettime(CLOCK_REALTIME_COARSE, &coarse);
    clock_gettime(CLOCK_REALTIME, &after);
    CHECK(ns(coarse) <= ns(after) && ns(coarse) > ns(a) - 100000000);
    struct timezone zone = {9, 9};
    CHECK_EQ(gettimeofday(&b, &zone), 0);
    CHECK_EQ(zone.tz_minuteswest, 0);
    CHECK_ERRNO(syscall(SYS_gettimeofday, 8, NULL), EFAULT);
    CHECK_ERRNO(syscall(SYS_time, 8), EFAULT);
}

TEST(clock_errors_and_resolution) {
    struct timespec t;
    CHECK_ERRNO(syscall(SYS_clock_gettime, 99, &t), EINVAL);
    CHECK_ERRNO(syscall(SYS_clock_gettime, 10, &t), EINVAL);
    CHECK_ERRNO(syscall(SYS_clock_gettime, CLOCK_REALTIME, 8), EFAULT);
    CHECK_ERRNO(syscall(SYS_clock_getres, 99, &t), EINVAL);
    CHECK_EQ(clock_getres(CLOCK_MONOTONIC, &t), 0);
    CHECK_EQ(ns(t), 1);
    CHECK_EQ(clock_getres(CLOCK_REALTIME, &t), 0);
    CHECK_EQ(ns(t), 1);
    CHECK_EQ(syscall(SYS_clock_getres, CLOCK_MONOTONIC, NULL), 0);
}

TEST(boottime_is_not_before_monotonic) {
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    clock_gettime(CLOCK_BOOTTIME, &b);
    CHECK(ns(b) >= ns(a));
}

TEST(cpu_clocks) {
    struct timespec a, b, c;
    clockid_t clock;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
    for (volatile int i = 0; i < 30000000; i++)
        ;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
    CHECK(ns(b) - ns(a) > 5000000);
    nap(100);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &c);
    CHECK(ns(c) - ns(b) < 60000000); /* asleep, it stands */
    CHECK_EQ(clock_getcpuclockid(0, &clock), 0);
    CHECK_EQ(clock_gettime(clock, &c), 0);
    CHECK(ns(c) >= ns(b));
    CHECK_EQ(pthread_getcpuclockid(pthread_self(), &clock), 0);
    CHECK_EQ(clock_gettime(clock, &c), 0);
    CHECK(ns(c) > 0);
    CHECK_EQ(clock_getcpuclockid(99999999, &clock), ESRCH);
}

static void *burn(void *arg GUEST_UNUSED) {
    struct timespec t;
    for (volatile int i = 0; i < 30000000; i++)
        ;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    CHECK(ns(t) > 5000000);
    return NULL;
}

TEST(thread_cpu_clock_is_its_own) {
    pthread_t t;
    struct timespec mine, all;
    MUST(pthread_create(&t, NULL, burn, NULL) == 0);
    pthread_join(t, NULL);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &mine);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &all);
    CHECK(ns(mine) + 5000000 < ns(all)); /* the dead thread's time stays with the process */
}

TEST(times_and_rusage) {
    struct tms t;
    struct rusage self, thread;
    clock_t a = times(&t);
    CHECK(a != -1);
    CHECK(times(NULL) >= a);
    CHECK_ERRNO(syscall(SYS_times, 8), EFAULT);
    CHECK_EQ(getrusage(RUSAGE_SELF, &self), 0);
    CHECK_EQ(getrusage(RUSAGE_THREAD, &thread), 0);
    CHECK(self.ru_maxrss > 0);
    CHECK(self.ru_utime.tv_usec < 1000000 && self.ru_stime.tv_usec < 1000000);
}

TEST(adjtimex_reads) {
    struct timex tx = {.modes = 0};
    int state = adjtimex(&tx);
    CHECK(state >= 0 && state <= 5);
    CHECK(tx.tick >= 9000 && tx.tick <= 11000);
    CHECK_ERRNO(syscall(SYS_adjtimex, 8), EFAULT);
}

TEST(setting_clocks_needs_privilege) {
    struct timespec t = {1, 0}, bad = {0, -1};
    CHECK_ERRNO(clock_settime(CLOCK_MONOTONIC, &t), EINVAL);
    CHECK_ERRNO(clock_settime(99, &t), EINVAL);
    CHECK_ERRNO(clock_settime(CLOCK_REALTIME, &bad), EINVAL);
    pid_t pid = FORK();
    if (pid == 0) {
        struct timeval tv = {1, 0};
        CHECK_EQ(setresuid(1000, 1000, 1000), 0);
        CHECK_ERRNO(clock_settime(CLOCK_REALTIME, &t), EPERM);
        CHECK_ERRNO(settimeofday(&tv, NULL), EPERM);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}
