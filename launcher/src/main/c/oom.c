/* The child that dies of lack of memory in a container's place. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "launcher.h"
#include "oom.h"

enum { PIECE = 1 << 20, WAIT_TRIES = 600, SQUEEZED = 16 << 20, SHOW_SECONDS = 2 };

static noreturn void use_up(uint64_t bytes) {
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    /* Without being the first choice of the host's OOM killer it must not provoke it. */
    if (fd < 0 || write(fd, "1000", 4) != 4) _exit(1);
    close(fd);
    for (uint64_t used = 0; used < bytes; used += PIECE) {
        char *piece = mmap(NULL, PIECE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (piece == MAP_FAILED) _exit(1);
        memset(piece, 1, PIECE);
    }
    _exit(0); /* there was room for all of it: no limit that counts */
}

/* A container that runs out of memory again and again, or a Sentry that says so, must not fill the log of the host's kernel. */
static int is_too_soon(void) {
    static time_t last;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (last && now.tv_sec - last < SHOW_SECONDS) return 1;
    last = now.tv_sec;
    return 0;
}

static pid_t victim;

void oom_show(const struct cgroups *cgroups) {
    uint64_t limit = cgroups_memory_limit(cgroups);
    pid_t parent = getpid();
    if (!limit || (victim && !kill(victim, 0)) || is_too_soon()) return; /* one at a time */
    victim = fork();
    if (victim < 0) victim = 0; /* one that could not be made shows nothing */
    if (victim || getpid() == parent) return; /* reaped with the others */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent) use_up(2 * limit); /* swap, too */
    _exit(1);
}

void oom_show_in(const struct cgroups *cgroups) {
    if (is_too_soon()) return;
    const char *before = cgroups_memory_set(cgroups, text("%d", SQUEEZED));
    pid_t parent = getpid(), child = before ? fork() : -1;
    if (!child) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == parent) use_up(4 * SQUEEZED);
        _exit(1);
    }
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
    if (before) cgroups_memory_set(cgroups, before);
}

void oom_wait(void) {
    const struct timespec nap = {0, 5000000};
    for (int tries = 0; victim && tries < WAIT_TRIES; tries++) {
        if (waitpid(victim, NULL, WNOHANG)) return; /* it has ended, or was reaped before */
        nanosleep(&nap, NULL);
    }
}
