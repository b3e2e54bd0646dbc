/* signal: a thread sends itself a signal that it has a handler for. */
#include "bench.h"
#include <signal.h>

static volatile unsigned long handled;
static pid_t pid, tid;

static void handler(int signal)
{
    (void)signal;
    handled++;
}

static void operation(void)
{
    unsigned long before = handled;
    syscall(SYS_tgkill, pid, tid, SIGUSR1);
    if (handled != before + 1)
        die("signal");
}

int main(void)
{
    struct sigaction action = {.sa_handler = handler};
    if (sigaction(SIGUSR1, &action, NULL))
        die("sigaction");
    pid = getpid();
    tid = syscall(SYS_gettid);
    print_figure(seconds_each(operation));
    return 0;
}
