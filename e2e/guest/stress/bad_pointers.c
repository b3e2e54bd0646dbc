/* Reads, writes and jumps at addresses a program may not touch, each in a child that must die of a signal; then each of
 * them as the buffer of system calls, which must answer EFAULT. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned long addresses[] = {
    0, 1, 8, 4095, 4096, 0x7ffffffff000, 0x7ffffffffff8, 0x800000000000, 0x8000000000000000, 0xffff800000000000,
    0xffff888000000000, 0xffffffff81000000, 0xffffffffff5ff000, 0xffffffffff601000, 0xfffffffffffff000, 0xffffffffffffffff};

static int died(unsigned long address, int how) {
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        if (how == 0)
            (void)*(volatile char *)address;
        else if (how == 1)
            *(volatile char *)address = 1;
        else
            ((void (*)(void))address)();
        _exit(0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return -1;
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

int main(void) {
    int bad = 0, fd = open("/dev/zero", O_RDWR), p[2];
    if (pipe(p) != 0)
        return 1;
    unsigned n = sizeof addresses / sizeof *addresses;
    for (unsigned i = 0; i < n; i++) {
        unsigned long a = addresses[i];
        for (int how = 0; how < 3; how++) {
            int sig = died(a, how);
            if (sig != SIGSEGV && sig != SIGBUS)
                bad++, printf("%#lx, way %d: signal %d\n", a, how, sig);
        }
        long calls[] = {syscall(SYS_read, fd, a, 8),         syscall(SYS_open, a, O_RDONLY),
                        syscall(SYS_write, p[1], a, 8),      syscall(SYS_stat, "/", a),
                        syscall(SYS_execve, a, a, a),        syscall(SYS_rt_sigaction, SIGUSR1, a ? a : 8, 0, 8),
                        syscall(SYS_clock_gettime, 0, a),    syscall(SYS_uname, a),
                        syscall(SYS_getdents64, fd, a, 100), syscall(SYS_futex, a & ~3UL, 0, 0, 0, 0, 0)};
        for (unsigned k = 0; k < sizeof calls / sizeof *calls; k++)
            if (calls[k] >= 0)
                bad++, printf("%#lx, call %u: %ld\n", a, k, calls[k]);
    }
    printf("%u addresses, %d surprises\n", n, bad);
    return bad != 0;
}
