/* Sleeps, interval timers, POSIX timers, CPU clocks' timers. */
#include "guest.h"
#include <pthread.h>

static volatile sig_atomic_t count, overruns, value, code;

static void note(int sig GUEST_UNUSED) {
    count++;
}

static timer_t timer;
static void note_timer(int sig GUEST_UNUSED, siginfo_t *info, void *ctx GUEST_UNUSED) {
    count++;
    value = info->si_value.sival_int;
    code = info->si_code;
    overruns = timer_getoverrun(timer);
}

static struct itimerspec millis(long first, long interval) {
    return (struct itimerspec){{interval / 1000, interval % 1000 * 1000000}, {first / 1000, first % 1000 * 1000000}};
}

static timer_t signal_timer(clockid_t clock, int sig, int val) {
    struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = sig, .sigev_value.sival_int = val};
    timer_t t;
    MUST(timer_create(clock, &ev, &t) == 0);
    return t;
}

TEST(nanosleep_sleeps_long_enough) {
    struct timespec t = {0, 30000000}, rest = {7, 7};
    long long before = now_ms();
    CHECK_EQ(nanosleep(&t, &rest), 0);
    CHECK(now_ms() - before >= 29);
    CHECK_EQ(rest.tv_sec, 7); /* untouched when not interrupted */
    t = (struct timespec){0, 0};
    CHECK_EQ(nanosleep(&t, NULL), 0);
    t.tv_nsec = 1000000000;
    CHECK_ERRNO(nanosleep(&t, NULL), EINVAL);
    t = (struct timespec){-1, 0};
    CHECK_ERRNO(nanosleep(&t, NULL), EINVAL);
    CHECK_ERRNO(syscall(SYS_nanosleep, 8, NULL), EFAULT);
}

TEST(clock_nanosleep_absolute) {
    struct timespec t, rest = {9, 9};
    clock_gettime(CLOCK_MONOTONIC, &t);
    long long before = now_ms();
    t.tv_nsec += 40000000;
    t.tv_sec += t.tv_nsec / 1000000000;
    t.tv_nsec %= 1000000000;
    CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL), 0);
    CHECK(now_ms() - before >= 39);
    CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL), 0); /* past already */
    CHECK_EQ(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, NULL), 0);
    CHECK_EQ(clock_nanosleep(99, 0, &t, NULL), EINVAL);
    CHECK_EQ(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &t, NULL), EINVAL);
    on(SIGALRM, note, 0);
    struct itimerval tick = {{0, 30000}, {0, 30000}};
    setitimer(ITIMER_REAL, &tick, NULL);
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += 10;
    CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, &rest), EINTR);
    CHECK_EQ(rest.tv_sec, 9); /* absolute: no remainder */
    t = (struct timespec){10, 0};
    CHECK_EQ(clock_nanosleep(CLOCK_REALTIME, 0, &t, &rest), EINTR);
    CHECK(rest.tv_sec == 9 && rest.tv_nsec > 0);
}

TEST(alarm_and_remaining) {
    on(SIGALRM, note, 0);
    CHECK_EQ(alarm(100), 0);
    CHECK(alarm(50) >= 99);
    struct itimerval tick;
    CHECK_EQ(getitimer(ITIMER_REAL, &tick), 0);
    CHECK(tick.it_value.tv_sec >= 48 && tick.it_value.tv_sec <= 50);
    CHECK_EQ(tick.it_interval.tv_sec + tick.it_interval.tv_usec, 0);
    CHECK(alarm(0) >= 49);
    CHECK_EQ(alarm(0), 0);
    alarm(1);
    pause();
    CHECK_EQ(count, 1);
}

TEST(itimer_real_repeats) {
    struct itimerval tick = {{0, 10000}, {0, 20000}}, old, off = {{0, 0}, {0, 0}};
    on(SIGALRM, note, 0);
    CHECK_EQ(setitimer(ITIMER_REAL, &tick, NULL), 0);
    CHECK(UNTIL(count >= 3));
    CHECK_EQ(setitimer(ITIMER_REAL, &off, &old), 0);
    CHECK_EQ(old.it_interval.tv_usec, 10000);
    int now = count;
    nap(60);
    CHECK_EQ(count, now);
    CHECK_EQ(getitimer(ITIMER_REAL, &old), 0);
    CHECK_EQ(old.it_value.tv_sec + old.it_value.tv_usec + old.it_interval.tv_usec, 0);
}

TEST(itimer_errors) {
    struct itimerval bad = {{0, 0}, {0, 1000000}}, old;
    CHECK_ERRNO(setitimer(ITIMER_REAL, &bad, NULL), EINVAL);
    bad.it_value = (struct timeval){-1, 0};
    CHECK_ERRNO(setitimer(ITIMER_REAL, &bad, NULL), EINVAL);
    CHECK_ERRNO(syscall(SYS_setitimer, 3, &bad, NULL), EINVAL);
    CHECK_ERRNO(syscall(SYS_getitimer, 3, &old), EINVAL);
    CHECK_ERRNO(syscall(SYS_getitimer, ITIMER_REAL, 8), EFAULT);
    CHECK_ERRNO(syscall(SYS_setitimer, ITIMER_REAL, 8, NULL), EFAULT);
}

static void burn_until(volatile sig_atomic_t *flag, int want) {
    for (long long end = now_ms() + 10000; *flag < want && now_ms() < end;)
        for (volatile int i = 0; i < 100000; i++)
            ;
}

TEST(itimer_virtual_and_prof) {
    struct itimerval tick = {{0, 20000}, {0, 20000}};
    on(SIGVTALRM, note, 0);
    CHECK_EQ(setitimer(ITIMER_VIRTUAL, &tick, NULL), 0);
    burn_until(&count, 3);
    CHECK(count >= 3);
    tick = (struct itimerval){{0, 0}, {0, 0}};
    CHECK_EQ(setitimer(ITIMER_VIRTUAL, &tick, NULL), 0);
    count = 0;
    on(SIGPROF, note, 0);
    tick = (struct itimerval){{0, 20000}, {0, 20000}};
    CHECK_EQ(setitimer(ITIMER_PROF, &tick, NULL), 0);
    burn_until(&count, 2);
    CHECK(count >= 2);
}

TEST(cpu_timers_do_not_run_asleep) {
    struct itimerval tick = {{0, 0}, {0, 200000}};
    on(SIGVTALRM, note, 0);
    CHECK_EQ(setitimer(ITIMER_VIRTUAL, &tick, NULL), 0);
    nap(300);
    CHECK_EQ(count, 0);
}

TEST(itimers_over_fork_and_exec) {
    struct itimerval tick = {{0, 0}, {100, 0}}, now;
    CHECK_EQ(setitimer(ITIMER_REAL, &tick, NULL), 0);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(getitimer(ITIMER_REAL, &now), 0);
        CHECK_EQ(now.it_value.tv_sec, 0); /* not inherited by a child */
        DONE();
    }
    CHECK_EXIT(pid, 0);
    pid = FORK();
    if (pid == 0) {
        CHECK_EQ(setitimer(ITIMER_REAL, &tick, NULL), 0);
        execv(GUEST_SELF, (char *[]){"self", "@itimer_left", NULL}); /* but kept by execve */
        _exit(98);
    }
    CHECK_EXIT(pid, 1);
}

HELPER(itimer_left) {
    struct itimerval now;
    getitimer(ITIMER_REAL, &now);
    return now.it_value.tv_sec > 50;
}

TEST(posix_timer_signal) {
    struct itimerspec t = millis(20, 0), now;
    on_info(SIGUSR1, note_timer, 0);
    timer = signal_timer(CLOCK_MONOTONIC, SIGUSR1, 42);
    CHECK_EQ(timer_settime(timer, 0, &t, NULL), 0);
    CHECK(UNTIL(count == 1));
    CHECK_EQ(value, 42);
    CHECK_EQ(code, SI_TIMER);
    CHECK_EQ(overruns, 0);
    CHECK_EQ(timer_gettime(timer, &now), 0);
    CHECK_EQ(now.it_value.tv_sec + now.it_value.tv_nsec, 0);
    CHECK_EQ(timer_delete(timer), 0);
    CHECK_ERRNO(syscall(SYS_timer_gettime, 0, &now), EINVAL);
}

TEST(posix_timer_overrun) {
    struct itimerspec t = millis(10, 10);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    on_info(SIGUSR1, note_timer, 0);
    timer = signal_timer(CLOCK_MONOTONIC, SIGUSR1, 1);
    CHECK_EQ(timer_settime(timer, 0, &t, NULL), 0);
    nap(150);
    t = millis(100000, 0);
    siginfo_t info;
    CHECK_EQ(sigwaitinfo(&set, &info), SIGUSR1); /* one signal stands for all expirations */
    CHECK_EQ(info.si_code, SI_TIMER);
    CHECK(info.si_overrun >= 8);
    CHECK_EQ(timer_getoverrun(timer), info.si_overrun);
}

TEST(posix_timer_absolute_and_old_value) {
    struct itimerspec t = millis(100000, 7), old;
    struct timespec now;
    timer = signal_timer(CLOCK_REALTIME, SIGUSR1, 0);
    on_info(SIGUSR1, note_timer, 0);
    CHECK_EQ(timer_settime(timer, 0, &t, NULL), 0);
    clock_gettime(CLOCK_REALTIME, &now);
    t = (struct itimerspec){{0, 0}, now};
    CHECK_EQ(timer_settime(timer, TIMER_ABSTIME, &t, &old), 0); /* now: fires at once */
    CHECK_EQ(old.it_interval.tv_nsec, 7000000);
    CHECK(old.it_value.tv_sec >= 95 && old.it_value.tv_sec <= 100);
    CHECK(UNTIL(count == 1));
    t = millis(0, 0);
    CHECK_EQ(timer_settime(timer, 0, &t, NULL), 0);
}

TEST(posix_timer_errors) {
    struct itimerspec bad = {{0, 0}, {0, 1000000000}}, good = millis(1000, 0);
    struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = 65};
    int id;
    CHECK_ERRNO(syscall(SYS_timer_create, CLOCK_MONOTONIC, &ev, &id), EINVAL);
    ev = (struct sigevent){.sigev_notify = 77, .sigev_signo = SIGUSR1};
    CHECK_ERRNO(syscall(SYS_timer_create, CLOCK_MONOTONIC, &ev, &id), EINVAL);
    CHECK_ERRNO(syscall(SYS_timer_create, 99, NULL, &id), EINVAL);
    CHECK_ERRNO(syscall(SYS_timer_create, CLOCK_MONOTONIC, 8, &id), EFAULT);
    CHECK_ERRNO(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, 8), EFAULT);
    CHECK_EQ(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &id), 0);
    CHECK_ERRNO(syscall(SYS_timer_settime, id, 0, &bad, NULL), EINVAL);
    CHECK_ERRNO(syscall(SYS_timer_settime, id, 0, NULL, NULL), EINVAL);
    CHECK_ERRNO(syscall(SYS_timer_settime, id + 100, 0, &good, NULL), EINVAL);
    CHECK_ERRNO(syscall(SYS_timer_getoverrun, id + 100), EINVAL);
    CHECK_ERRNO(syscall(SYS_timer_delete, id + 100), EINVAL);
    CHECK_EQ(syscall(SYS_timer_delete, id), 0);
}

static volatile pid_t fired_on;
static void note_tid(int sig GUEST_UNUSED) {
    fired_on = syscall(SYS_gettid);
}

static volatile pid_t worker_tid;
static void *worker(void *arg GUEST_UNUSED) {
    worker_tid = syscall(SYS_gettid);
    UNTIL(fired_on != 0);
    return NULL;
}

TEST(posix_timer_thread_id) {
    pthread_t t;
    struct itimerspec when = millis(10, 0);
    struct sigevent ev = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR2};
    on(SIGUSR2, note_tid, 0);
    MUST(pthread_create(&t, NULL, worker, NULL) == 0);
    CHECK(UNTIL(worker_tid != 0));
    ev._sigev_un._tid = worker_tid;
    CHECK_EQ(timer_create(CLOCK_MONOTONIC, &ev, &timer), 0);
    CHECK_EQ(timer_settime(timer, 0, &when, NULL), 0);
    pthread_join(t, NULL);
    CHECK_EQ(fired_on, worker_tid);
    ev._sigev_un._tid = 1;
    CHECK_ERRNO(timer_create(CLOCK_MONOTONIC, &ev, &timer), EINVAL);
}

TEST(posix_timer_none_counts_down) {
    struct sigevent ev = {.sigev_notify = SIGEV_NONE};
    struct itimerspec t = millis(60000, 0), now;
    CHECK_EQ(timer_create(CLOCK_MONOTONIC, &ev, &timer), 0);
    CHECK_EQ(timer_settime(timer, 0, &t, NULL), 0);
    nap(10);
    CHECK_EQ(timer_gettime(timer, &now), 0);
    CHECK(now.it_value.tv_sec >= 50 && now.it_value.tv_sec < 60);
}

TEST(posix_cpu_timer) {
    struct itimerspec t = millis(20, 0);
    on_info(SIGUSR1, note_timer, 0);
    timer = signal_timer(CLOCK_PROCESS_CPUTIME_ID, SIGUSR1, 3);
    CHECK_EQ(timer_settime(timer, 0, &t, NULL), 0);
    nap(100);
    CHECK_EQ(count, 0);
    burn_until(&count, 1);
    CHECK_EQ(count, 1);
    CHECK_EQ(value, 3);
}

TEST(posix_timers_not_inherited) {
    struct itimerspec t = millis(50, 0), now;
    on_info(SIGUSR1, note_timer, 0);
    timer = signal_timer(CLOCK_MONOTONIC, SIGUSR1, 0);
    CHECK_EQ(timer_settime(timer, 0, &t, NULL), 0);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_ERRNO(timer_gettime(timer, &now), EINVAL);
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CHECK(UNTIL(count == 1));
}

TEST(deleting_a_timer_with_a_pending_signal) {
    struct itimerspec t = millis(5, 0);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    timer = signal_timer(CLOCK_MONOTONIC, SIGUSR1, 0);
    CHECK_EQ(timer_settime(timer, 0, &t, NULL), 0);
    sigset_t pending;
    CHECK(UNTIL(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1)));
    CHECK_EQ(timer_delete(timer), 0);
}

TEST(rlimit_cpu) {
    int status;
    pid_t pid = FORK();
    if (pid == 0) {
        struct rlimit limit = {1, 2};
        on(SIGXCPU, note, 0);
        CHECK_EQ(setrlimit(RLIMIT_CPU, &limit), 0);
        burn_until(&count, 1);
        CHECK(count >= 1);
        for (;;)
            ;
    }
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}
