/*
 * The caller's terminal. While a sandbox runs it is in raw mode, because the Sentry has its own line discipline; it is
 * given back as it was however we end. We only touch it from the foreground, as any program must.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "launcher.h"

static struct termios original;
static int raw;

int terminal_present(void) {
    return isatty(0);
}

void terminal_size(int fd, uint32_t *rows, uint32_t *columns) {
    struct winsize size = {0};
    if (fd < 0 || ioctl(fd, TIOCGWINSZ, &size)) size.ws_row = size.ws_col = 0;
    *rows = size.ws_row;
    *columns = size.ws_col;
}

void terminal_raw(void) {
    if (raw || tcgetpgrp(0) != getpgrp() || tcgetattr(0, &original)) return;
    struct termios changed = original;
    cfmakeraw(&changed);
    raw = !tcsetattr(0, TCSADRAIN, &changed);
}

void terminal_restore(void) {
    if (!raw) return;
    raw = 0;
    sigset_t stop, before; /* we may have been put into the background meanwhile */
    sigemptyset(&stop);
    sigaddset(&stop, SIGTTOU);
    sigprocmask(SIG_BLOCK, &stop, &before);
    tcsetattr(0, TCSADRAIN, &original);
    sigprocmask(SIG_SETMASK, &before, NULL);
}
