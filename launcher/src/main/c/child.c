/* A JVM as a child that cannot outlive us and gets nothing but what it is meant to have. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <linux/close_range.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher.h"

/* The terminal sends its signals to the whole process group; they are ours to forward, not the JVMs' to die of. */
static void ignore_signals(void) {
    static const int ours[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGALRM, SIGWINCH};
    sigset_t none;
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) signal(ours[i], SIG_IGN);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

void own_pipe(int fd) {
    struct stat status;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fstat(fd, &status) || !S_ISFIFO(status.st_mode)) return;
    int own = open(text("/proc/self/fd/%d", fd), (flags & O_ACCMODE) | O_NONBLOCK | O_CLOEXEC);
    if (own < 0) return;
    dup2(own, fd);
    close(own);
}

static void set_limits(void) {
    struct rlimit limit = {0, 0};
    setrlimit(RLIMIT_CORE, &limit);
    if (!getrlimit(RLIMIT_NOFILE, &limit)) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

void child_start(struct child *child, const struct jvm *jvm, char *const arguments[], const int *fds, int count,
                 int input, int output, int error) {
    const struct jail *jail = aot == AOT_TRAIN ? NULL : jvm->jail; /* a training run writes its cache */
    child->jvm = jvm;
    child->pid = jail_fork(jail);
    if (child->pid < 0) fail("cannot start the %s: fork: %s", jvm->name, strerror(errno));
    if (child->pid) return;

    jail_bind_to_parent();
    on_failure = NULL; /* our descriptor 2 is heard by whoever started us */
    log_path = NULL;
    ignore_signals();
    set_limits();
    /* Everything of ours is close-on-exec. dup2 clears that, except onto itself: 0, 1 and 2 never have it. */
    if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(error, 2) < 0) fail("dup2: %s", strerror(errno));
    if (jvm == &jvm_sentry)
        for (int i = -3; i < count; i++) own_pipe(i < 0 ? i + 3 : fds[i]);
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    jail_enter(jail);
    for (int i = 0; i < count; i++)
        if (fcntl(fds[i], F_SETFD, 0)) fail("descriptor %d: %s", fds[i], strerror(errno));
    jvm_exec(jvm, arguments);
}

void child_wait(struct child *child) {
    while (child->pid && waitpid(child->pid, &child->status, 0) < 0 && errno == EINTR) {
    }
    child->pid = 0;
}

void child_kill(struct child *child) {
    if (child->pid) kill(child->pid, SIGKILL);
}

const char *child_describe(const struct child *child) {
    if (WIFSIGNALED(child->status))
        return text("died of signal %d (%s)", WTERMSIG(child->status), strsignal(WTERMSIG(child->status)));
    return text("ended by itself with status %d", WEXITSTATUS(child->status));
}
