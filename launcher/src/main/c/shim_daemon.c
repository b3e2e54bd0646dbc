/* The shim that lives: a JVM with nothing of ours but its socket and its log. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/close_range.h>

#include "shim.h"

enum { OOM_SCORE_MAX = 1000 };

/* containerd's FIFO, which must never block us, or a file; nothing if neither can be had. */
static int open_log(const struct shim_options *options) {
    int fd = options->log_path ? open(options->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640)
                               : open("log", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    return fd >= 0 ? fd : open("/dev/null", O_WRONLY | O_CLOEXEC);
}

/* One more than containerd's own: who is short of memory ends a shim before containerd, and neither before what runs in pods. */
static void set_oom_score(void) {
    char score[16] = "";
    int fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    ssize_t length = read(fd, score, sizeof score - 1);
    int value = length > 0 ? atoi(score) : 0;
    if (value < OOM_SCORE_MAX) dprintf(fd, "%d", value + 1);
    close(fd);
}

static noreturn void become_shim(int listening, const struct shim_options *options, char *const arguments[]) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC), log = open_log(options);
    setsid();
    set_oom_score();
    default_signals();
    if (dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(log, 2) < 0) _exit(STATUS_FAILURE);
    if (listening == SHIM_LISTENING ? fcntl(SHIM_LISTENING, F_SETFD, 0) : dup2(listening, SHIM_LISTENING) < 0) _exit(STATUS_FAILURE);
    close_range(SHIM_LISTENING + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    jvm_exec(&jvm_shim, arguments);
}

void shim_daemon(int listening, const struct shim_options *options, char *const arguments[]) {
    pid_t pid = fork();
    if (pid < 0) fail("cannot start the shim: %s", strerror(errno));
    if (!pid) become_shim(listening, options, arguments);
    if (aot == AOT_TRAIN) waitpid(pid, NULL, 0);
}
