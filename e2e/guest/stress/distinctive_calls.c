/* System calls that nobody else would make, to be looked for in a trace of the host. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    mkdir("/tmp/gvj-distinctive", 0700);
    rmdir("/tmp/gvj-distinctive");
    open("/tmp/gvj-distinctive-file", O_RDONLY);
    getpriority(PRIO_PROCESS, 123456789);
    kill(123456789, 0);
    syscall(999, 0x5ca1ab1e);
    puts("done");
    return 0;
}
