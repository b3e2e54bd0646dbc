/* The harness of the guest test programs. A program includes this once, writes TEST(name) { ... } cases and HELPER(name)
 * entry points for what it executes, and is done: main is here. Output carries nothing that differs between two runs, so
 * that a native run and a run in a sandbox can be compared byte for byte. */
#ifndef GUEST_H
#define GUEST_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GUEST_MAX 200
#define GUEST_UNUSED __attribute__((unused))
#define GUEST_SELF "/proc/self/exe"

struct guest_case {
    const char *name;
    void (*run)(void);
    int (*helper)(int argc, char **argv);
    unsigned seconds;
};

static struct guest_case guest_cases[GUEST_MAX];
static int guest_count;
static int guest_log = 1;                        /* where failure lines go, out of the way of a case's descriptors */
static volatile int guest_private_failures;      /* stands in when shared memory does not work yet */
static volatile int *guest_failures = &guest_private_failures;
static volatile pid_t guest_running;
static volatile int guest_timed_out;
static char guest_scratch[PATH_MAX];

static void guest_add(const char *name, void (*run)(void), int (*helper)(int, char **), unsigned seconds) {
    if (guest_count == GUEST_MAX)
        abort();
    guest_cases[guest_count++] = (struct guest_case){name, run, helper, seconds};
}

/* A case with a time limit of its own, in seconds. */
#define TEST_T(NAME, SECONDS)                                                                                          \
    static void test_##NAME(void);                                                                                     \
    __attribute__((constructor)) static void guest_add_##NAME(void) { guest_add(#NAME, test_##NAME, NULL, SECONDS); }  \
    static void test_##NAME(void)
#define TEST(NAME) TEST_T(NAME, 20)

/* What a case executes: the program itself as `prog @name args...`; argv[0] is the first of args. */
#define HELPER(NAME)                                                                                                   \
    static int helper_##NAME(int, char **);                                                                            \
    __attribute__((constructor)) static void guest_add_##NAME(void) { guest_add(#NAME, NULL, helper_##NAME, 0); }      \
    static int helper_##NAME(int argc GUEST_UNUSED, char **argv GUEST_UNUSED)

__attribute__((format(printf, 3, 4))) static void guest_fail(const char *file, int line, const char *format, ...) {
    char buf[1024];
    int n = snprintf(buf, sizeof buf, "  %s:%d: ", file, line);
    va_list ap;
    va_start(ap, format);
    n += vsnprintf(buf + n, sizeof buf - n - 1, format, ap);
    va_end(ap);
    if (n > (int)sizeof buf - 2)
        n = sizeof buf - 2;
    buf[n++] = '\n';
    __atomic_add_fetch(guest_failures, 1, __ATOMIC_SEQ_CST);
    if (write(guest_log, buf, n) < 0 && write(1, buf, n) < 0)
        return;
}

static GUEST_UNUSED const char *guest_errno(long result) {
    const char *name = result == -1 ? strerrorname_np(errno) : NULL;
    return name ? name : "";
}

#define CHECK(X)                                                                                                       \
    do {                                                                                                               \
        if (!(X))                                                                                                      \
            guest_fail(__FILE__, __LINE__, "%s, errno %s", #X, strerrorname_np(errno));                                \
    } while (0)

/* Like CHECK, but the case (or the child that runs it) ends here. */
#define MUST(X)                                                                                                        \
    do {                                                                                                               \
        if (!(X)) {                                                                                                    \
            guest_fail(__FILE__, __LINE__, "%s, errno %s; giving up", #X, strerrorname_np(errno));                     \
            _exit(1);                                                                                                  \
        }                                                                                                              \
    } while (0)

#define CHECK_EQ(A, B)                                                                                                 \
    do {                                                                                                               \
        long long a_ = (long long)(A), b_ = (long long)(B);                                                            \
        if (a_ != b_)                                                                                                  \
            guest_fail(__FILE__, __LINE__, "%s == %s, got %lld (%#llx) %s, not %lld", #A, #B, a_, a_, guest_errno(a_), \
                       b_);                                                                                            \
    } while (0)

#define CHECK_ERRNO(CALL, ERR)                                                                                         \
    do {                                                                                                               \
        errno = 0;                                                                                                     \
        long r_ = (long)(CALL);                                                                                        \
        if (r_ != -1 || errno != (ERR))                                                                                \
            guest_fail(__FILE__, __LINE__, "%s: %s, got %ld %s", #CALL, #ERR, r_, guest_errno(r_));                    \
    } while (0)

#define CHECK_STR(A, B)                                                                                                \
    do {                                                                                                               \
        const char *a_ = (A), *b_ = (B);                                                                               \
        if (strcmp(a_, b_) != 0)                                                                                       \
            guest_fail(__FILE__, __LINE__, "%s is \"%.200s\", not \"%.200s\"", #A, a_, b_);                            \
    } while (0)

/* The child exits with CODE; or is killed by SIG. Both wait for it. */
#define CHECK_EXIT(PID, CODE)                                                                                          \
    do {                                                                                                               \
        int s_ = -1;                                                                                                   \
        pid_t p_ = (PID), w_;                                                                                          \
        while ((w_ = waitpid(p_, &s_, __WALL)) == -1 && errno == EINTR)                                                \
            ;                                                                                                          \
        if (w_ != p_ || !WIFEXITED(s_) || WEXITSTATUS(s_) != (CODE))                                                   \
            guest_fail(__FILE__, __LINE__, "exit status %s, got wait status %#x %s", #CODE, s_, guest_errno(w_));      \
    } while (0)
#define CHECK_KILLED(PID, SIG)                                                                                         \
    do {                                                                                                               \
        int s_ = -1;                                                                                                   \
        pid_t p_ = (PID), w_;                                                                                          \
        while ((w_ = waitpid(p_, &s_, __WALL)) == -1 && errno == EINTR)                                                \
            ;                                                                                                          \
        if (w_ != p_ || !WIFSIGNALED(s_) || WTERMSIG(s_) != (SIG))                                                     \
            guest_fail(__FILE__, __LINE__, "killed by %s, got wait status %#x %s", #SIG, s_, guest_errno(w_));         \
    } while (0)

/* A child of a case; ends with DONE(). Failures in it count for the case. */
#define FORK()                                                                                                         \
    ({                                                                                                                 \
        pid_t p_ = fork();                                                                                             \
        MUST(p_ >= 0);                                                                                                 \
        p_;                                                                                                            \
    })
#define DONE() _exit(0)

static GUEST_UNUSED void nap(unsigned millis) {
    struct timespec t = {millis / 1000, millis % 1000 * 1000000L};
    while (nanosleep(&t, &t) == -1 && errno == EINTR)
        ;
}

static GUEST_UNUSED long long now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* Waits up to ten seconds for a condition; its value. */
#define UNTIL(X)                                                                                                       \
    ({                                                                                                                 \
        bool ok_ = false;                                                                                              \
        for (long long end_ = now_ms() + 10000; !(ok_ = (X)) && now_ms() < end_;)                                      \
            nap(2);                                                                                                    \
        ok_;                                                                                                           \
    })

/* A whole small file as a string in a static buffer; "" if it cannot be read. */
static GUEST_UNUSED char *slurp(const char *path) {
    static char buf[65536];
    size_t n = 0;
    ssize_t k;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        while (n < sizeof buf - 1 && (k = read(fd, buf + n, sizeof buf - 1 - n)) > 0)
            n += k;
        close(fd);
    }
    buf[n] = 0;
    return buf;
}

/* Creates (or replaces) a file with this text. */
static GUEST_UNUSED void spit(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    MUST(fd >= 0);
    MUST(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

/* The state letter of a process or thread in /proc, 0 if there is none. */
static GUEST_UNUSED char state_of(pid_t tid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/stat", tid);
    char *close_paren = strrchr(slurp(path), ')');
    return close_paren ? close_paren[2] : 0;
}

/* Installs a handler with these flags (SA_SIGINFO when it takes three arguments). */
static GUEST_UNUSED void on(int sig, void (*handler)(int), int flags) {
    struct sigaction sa = {.sa_handler = handler, .sa_flags = flags};
    MUST(sigaction(sig, &sa, NULL) == 0);
}
static GUEST_UNUSED void on_info(int sig, void (*handler)(int, siginfo_t *, void *), int flags) {
    struct sigaction sa = {.sa_sigaction = handler, .sa_flags = flags | SA_SIGINFO};
    MUST(sigaction(sig, &sa, NULL) == 0);
}

static void guest_remove_tree(int dirfd, const char *name) {
    int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (dir) {
        for (struct dirent *e; (e = readdir(dir));)
            if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..") && unlinkat(fd, e->d_name, 0) != 0)
                guest_remove_tree(fd, e->d_name);
        closedir(dir);
    }
    unlinkat(dirfd, name, AT_REMOVEDIR);
}

static void guest_on_alarm(int sig GUEST_UNUSED) {
    guest_timed_out = 1;
    if (guest_running > 0) {
        kill(-guest_running, SIGKILL);
        kill(guest_running, SIGKILL);
    }
}

/* The child's half of a case: a process group, a scratch directory and default signals of its own. */
static void guest_enter(void) {
    setpgid(0, 0);
    signal(SIGALRM, SIG_DFL);
    umask(022);
    if (chdir(guest_scratch) != 0)
        guest_fail(__FILE__, __LINE__, "chdir to the scratch directory, errno %s", strerrorname_np(errno));
}

/* One case; true if it passed. */
static bool guest_run(struct guest_case *c, bool in_process) {
    int before = *guest_failures, status = 0;
    const char *tmp = getenv("TMPDIR");
    snprintf(guest_scratch, sizeof guest_scratch, "%s/guest.XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(guest_scratch) || chmod(guest_scratch, 0755) != 0)
        guest_fail(__FILE__, __LINE__, "scratch directory, errno %s", strerrorname_np(errno));
    if (in_process) {
        guest_enter();
        c->run();
        if (chdir("/") != 0)
            guest_fail(__FILE__, __LINE__, "chdir to /");
    } else {
        guest_timed_out = 0;
        pid_t pid = fork();
        if (pid == 0) {
            guest_enter();
            c->run();
            _exit(0);
        }
        setpgid(pid, pid);
        guest_running = pid;
        alarm(c->seconds);
        while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
            ;
        guest_running = 0;
        alarm(0);
        kill(-pid, SIGKILL); /* what the case left behind */
    }
    guest_remove_tree(AT_FDCWD, guest_scratch);
    if (guest_timed_out)
        printf("  timed out after %u s\n", c->seconds);
    else if (WIFSIGNALED(status))
        printf("  killed by signal %d\n", WTERMSIG(status));
    else if (status != 0 && *guest_failures == before)
        printf("  exit status %d\n", WEXITSTATUS(status));
    return status == 0 && !guest_timed_out && *guest_failures == before;
}

static bool guest_wanted(const char *name, char **names) {
    if (!*names)
        return true;
    for (; *names; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

int main(int argc, char **argv) {
    bool in_process = false;
    int passed = 0, failed = 0;
    if (argc > 1 && argv[1][0] == '@') {
        for (int i = 0; i < guest_count; i++)
            if (guest_cases[i].helper && strcmp(guest_cases[i].name, argv[1] + 1) == 0)
                return guest_cases[i].helper(argc - 2, argv + 2);
        return 99;
    }
    setvbuf(stdout, NULL, _IONBF, 0);
    char **names = argv + 1;
    for (; *names && strncmp(*names, "--", 2) == 0; names++) {
        if (strcmp(*names, "--list") == 0) {
            for (int i = 0; i < guest_count; i++)
                if (guest_cases[i].run)
                    printf("%s\n", guest_cases[i].name);
            return 0;
        }
        in_process |= strcmp(*names, "--no-fork") == 0;
    }
    for (int fd = 3; fd < 64; fd++)
        close(fd);
    int log = fcntl(1, F_DUPFD_CLOEXEC, 900);
    if (log >= 0)
        guest_log = log;
    void *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared != MAP_FAILED)
        guest_failures = shared;
    for (int sig = 1; sig < 32; sig++)
        signal(sig, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    on(SIGALRM, guest_on_alarm, 0);
    for (int i = 0; i < guest_count; i++) {
        if (!guest_cases[i].run || !guest_wanted(guest_cases[i].name, names))
            continue;
        bool ok = guest_run(&guest_cases[i], in_process);
        printf("%s %s\n", ok ? "ok" : "FAIL", guest_cases[i].name);
        *(ok ? &passed : &failed) += 1;
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
#endif
