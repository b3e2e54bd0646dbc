/* One handled signal. */
#include <signal.h>
#include <stdio.h>

static volatile sig_atomic_t got;

static void on_signal(int sig) {
    got = sig;
}

int main(void) {
    signal(SIGUSR1, on_signal);
    raise(SIGUSR1);
    printf("got=%d\n", (int)got);
    return 0;
}
