/* Process 1 of the test machine: loads KVM, runs /check, says how it ended, switches the machine off. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void load(const char *path, const char *options)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || syscall(SYS_finit_module, fd, options, 0) < 0)
        perror(path);
}

int main(void)
{
    /* The kernel's command line leaves npt=0|1 and tests=NAME in the environment. */
    const char *npt = getenv("npt"), *tests = getenv("tests");
    char options[32];
    mkdir("/dev", 0755);
    mkdir("/proc", 0755);
    mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
    mount("proc", "/proc", "proc", 0, NULL);
    int console = open("/dev/console", O_RDWR);
    dup2(console, 0);
    dup2(console, 1);
    dup2(console, 2);
    snprintf(options, sizeof options, "npt=%s", npt != NULL ? npt : "1");
    load("/irqbypass.ko", "");
    load("/kvm.ko", "");
    load("/kvm-amd.ko", options);
    pid_t child = fork();
    if (child == 0) {
        execl("/check", "/check", tests, (char *)NULL);
        perror("/check");
        _exit(127);
    }
    int status = 0;
    waitpid(child, &status, 0);
    printf("\nCHECK EXITED %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    fflush(stdout);
    sync();
    reboot(RB_POWER_OFF);
    return 0;
}
