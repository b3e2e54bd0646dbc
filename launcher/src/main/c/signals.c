/* Signals as a descriptor to read from: nothing of ours runs in a handler. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>

#include "launcher.h"

int take_signals(void) {
    static const int handled[] = {SIGCHLD, SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGUSR1,
                                  SIGUSR2, SIGALRM, SIGCONT, SIGTSTP, SIGWINCH};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof handled / sizeof *handled; i++) sigaddset(&set, handled[i]);
    for (int i = SIGRTMIN; i <= SIGRTMAX; i++) sigaddset(&set, i);
    sigprocmask(SIG_SETMASK, &set, NULL);
    signal(SIGCHLD, SIG_DFL); /* an inherited SIG_IGN would reap for us */
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0) fail("signalfd: %s", strerror(errno));
    return fd;
}

void default_signals(void) {
    sigset_t none;
    for (int i = 1; i < SIGRTMAX; i++) signal(i, SIG_DFL); /* what cannot be set stays */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}
