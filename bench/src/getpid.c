/* getpid: a system call that does nothing. */
#include "bench.h"

static void operation(void)
{
    syscall(SYS_getpid);
}

int main(void)
{
    print_figure(seconds_each(operation));
    return 0;
}
