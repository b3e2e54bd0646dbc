/* pidfd_open, pidfd_send_signal, pidfd_getfd, polling and waiting. */
#include "guest.h"
#include <poll.h>
#include <pthread.h>

static int pidfd_open_(pid_t pid, unsigned flags) {
    return syscall(SYS_pidfd_open, pid, flags);
}

static int pidfd_signal(int fd, int sig, siginfo_t *info, unsigned flags) {
    return syscall(SYS_pidfd_send_signal, fd, sig, info, flags);
}

static pid_t sleeper(void) {
    pid_t pid = FORK();
    if (pid == 0) {
        for (;;)
            pause();
    }
    return pid;
}

TEST(open_poll_wait) {
    pid_t pid = sleeper();
    int fd = pidfd_open_(pid, 0);
    CHECK(fd >= 0);
    CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
    struct pollfd p = {fd, POLLIN, 0};
    CHECK_EQ(poll(&p, 1, 0), 0);
    CHECK_EQ(pidfd_signal(fd, 0, NULL, 0), 0);
    CHECK_EQ(pidfd_signal(fd, SIGTERM, NULL, 0), 0);
    CHECK_EQ(poll(&p, 1, 10000), 1);
    CHECK_EQ(p.revents & POLLIN, POLLIN);
    siginfo_t info;
    CHECK_EQ(waitid(P_PIDFD, fd, &info, WEXITED), 0);
    CHECK_EQ(info.si_pid, pid);
    CHECK_EQ(info.si_status, SIGTERM);
    CHECK_ERRNO(pidfd_signal(fd, 0, NULL, 0), ESRCH);
}

TEST(errors) {
    pid_t pid = sleeper();
    int fd = pidfd_open_(pid, 0);
    CHECK_ERRNO(pidfd_open_(99999999, 0), ESRCH);
    CHECK_ERRNO(pidfd_open_(0, 0), EINVAL);
    CHECK_ERRNO(pidfd_open_(-1, 0), EINVAL);
    CHECK_ERRNO(pidfd_open_(pid, 1), EINVAL);
    CHECK_ERRNO(pidfd_signal(0, 0, NULL, 0), EBADF);
    CHECK_ERRNO(pidfd_signal(fd, 65, NULL, 0), EINVAL);
    CHECK_ERRNO(pidfd_signal(fd, 0, NULL, 64), EINVAL);
    CHECK_ERRNO(pidfd_signal(fd, SIGUSR1, (void *)8, 0), EFAULT);
    siginfo_t info = {.si_signo = SIGUSR2, .si_code = SI_QUEUE};
    CHECK_ERRNO(pidfd_signal(fd, SIGUSR1, &info, 0), EINVAL); /* the numbers differ */
    char c;
    CHECK_ERRNO(read(fd, &c, 1), EINVAL);
    kill(pid, SIGKILL);
    CHECK_KILLED(pid, SIGKILL);
}

TEST(nonblocking_wait) {
    pid_t pid = sleeper();
    siginfo_t info;
    int fd = pidfd_open_(pid, O_NONBLOCK);
    CHECK_ERRNO(waitid(P_PIDFD, fd, &info, WEXITED), EAGAIN);
    kill(pid, SIGKILL);
    struct pollfd p = {fd, POLLIN, 0};
    CHECK_EQ(poll(&p, 1, 10000), 1);
    CHECK_EQ(waitid(P_PIDFD, fd, &info, WEXITED), 0);
}

TEST(queued_value_arrives) {
    siginfo_t info = {.si_signo = SIGUSR1, .si_code = SI_QUEUE, .si_value.sival_int = 77}, got;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int fd = pidfd_open_(getpid(), 0);
    CHECK_EQ(pidfd_signal(fd, SIGUSR1, &info, 0), 0);
    CHECK_EQ(sigwaitinfo(&set, &got), SIGUSR1);
    CHECK_EQ(got.si_value.sival_int, 77);
}

TEST(getfd_takes_a_descriptor) {
    int p[2], sync[2];
    char c;
    MUST(pipe(sync) == 0);
    pid_t pid = FORK();
    if (pid == 0) {
        MUST(pipe(p) == 0 && dup2(p[0], 100) == 100);
        MUST(write(p[1], "q", 1) == 1);
        MUST(write(sync[1], "x", 1) == 1);
        pause();
        DONE();
    }
    CHECK_EQ(read(sync[0], &c, 1), 1);
    int fd = pidfd_open_(pid, 0), got = syscall(SYS_pidfd_getfd, fd, 100, 0);
    CHECK(got >= 0);
    CHECK_EQ(fcntl(got, F_GETFD), FD_CLOEXEC);
    CHECK_EQ(read(got, &c, 1), 1);
    CHECK_EQ(c, 'q');
    CHECK_ERRNO(syscall(SYS_pidfd_getfd, fd, 500, 0), EBADF);
    CHECK_ERRNO(syscall(SYS_pidfd_getfd, fd, 100, 1), EINVAL);
    kill(pid, SIGKILL);
    CHECK_KILLED(pid, SIGKILL);
    CHECK_ERRNO(syscall(SYS_pidfd_getfd, fd, 100, 0), ESRCH);
}

TEST(permission) {
    pid_t pid = FORK();
    if (pid == 0) {
        int fd = pidfd_open_(getppid(), 0);
        CHECK_EQ(setresuid(1000, 1000, 1000), 0);
        CHECK_ERRNO(pidfd_signal(fd, SIGTERM, NULL, 0), EPERM);
        CHECK_ERRNO(syscall(SYS_pidfd_getfd, fd, 0, 0), EPERM);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}
