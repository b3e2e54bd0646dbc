/* Processes: fork, vfork, clone, clone3, execve, execveat, exit, the wait family, orphans. */
#include "guest.h"
#include <linux/sched.h>
#include <sched.h>
#include <sys/prctl.h>

extern char **environ;

static long exec_at(int dirfd, const char *path, char **argv, char **envp, int flags) {
    return syscall(SYS_execveat, dirfd, path, argv, envp, flags);
}

/* Runs `self @helper args...` in a child and gives what it prints and its wait status. */
static char *run_helper(int *status, char **argv) {
    static char out[4096];
    int p[2], n = 0, k;
    MUST(pipe(p) == 0);
    pid_t pid = FORK();
    if (pid == 0) {
        dup2(p[1], 1);
        close(p[0]);
        close(p[1]);
        execv(GUEST_SELF, argv);
        _exit(98);
    }
    close(p[1]);
    while ((k = read(p[0], out + n, sizeof out - 1 - n)) > 0)
        n += k;
    out[n] = 0;
    close(p[0]);
    MUST(waitpid(pid, status, 0) == pid);
    return out;
}

TEST(fork_copies_memory) {
    static int in_data = 1;
    int on_stack = 1, *on_heap = malloc(sizeof(int));
    *on_heap = 1;
    pid_t pid = FORK();
    if (pid == 0) {
        in_data = on_stack = *on_heap = 2;
        CHECK_EQ(in_data + on_stack + *on_heap, 6);
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CHECK_EQ(in_data, 1);
    CHECK_EQ(on_stack, 1);
    CHECK_EQ(*on_heap, 1);
}

TEST(fork_pids_and_parents) {
    pid_t parent = getpid();
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(getppid(), parent);
        CHECK(getpid() != parent);
        CHECK_EQ(getpid(), syscall(SYS_gettid));
        CHECK_EQ(getpgrp(), parent);
        _exit(3);
    }
    CHECK_EXIT(pid, 3);
}

TEST(exit_status_is_a_byte) {
    int codes[] = {0, 1, 127, 255, 256, 257, -1};
    for (unsigned i = 0; i < sizeof codes / sizeof *codes; i++) {
        pid_t pid = FORK();
        if (pid == 0)
            _exit(codes[i]);
        CHECK_EXIT(pid, codes[i] & 255);
    }
}

TEST(wait_without_children) {
    int status;
    CHECK_ERRNO(wait(&status), ECHILD);
    CHECK_ERRNO(waitpid(-1, &status, WNOHANG), ECHILD);
    CHECK_ERRNO(waitpid(getpid(), &status, 0), ECHILD);
    CHECK_ERRNO(waitpid(1, &status, 0), ECHILD);
    siginfo_t info;
    CHECK_ERRNO(waitid(P_ALL, 0, &info, WEXITED), ECHILD);
}

TEST(wait_bad_arguments) {
    int status;
    siginfo_t info;
    pid_t pid = FORK();
    if (pid == 0)
        _exit(9);
    CHECK_ERRNO(waitpid(pid, &status, 0x40), EINVAL);
    CHECK_ERRNO(waitid(P_ALL, 0, &info, 0), EINVAL);
    CHECK_ERRNO(waitid(P_ALL, 0, &info, WNOHANG), EINVAL);
    CHECK_ERRNO(waitid(77, 0, &info, WEXITED), EINVAL);
    CHECK_ERRNO(waitid(P_PID, 0, &info, WEXITED), EINVAL);
    CHECK_ERRNO(waitid(P_PIDFD, 9999, &info, WEXITED), EBADF);
    CHECK_ERRNO(syscall(SYS_wait4, INT_MIN, &status, 0, 0), ESRCH);
    /* The child is reaped before the status is stored. */
    CHECK_ERRNO(syscall(SYS_wait4, pid, (int *)8, 0, 0), EFAULT);
    CHECK_ERRNO(waitpid(pid, &status, 0), ECHILD);
}

TEST(wait_nohang) {
    int p[2], status = 77;
    MUST(pipe(p) == 0);
    pid_t pid = FORK();
    if (pid == 0) {
        char c;
        close(p[1]);
        CHECK_EQ(read(p[0], &c, 1), 0);
        _exit(4);
    }
    CHECK_EQ(waitpid(pid, &status, WNOHANG), 0);
    CHECK_EQ(status, 77);
    close(p[1]);
    CHECK_EXIT(pid, 4);
}

TEST(wait_stopped_and_continued) {
    int status, p[2];
    char c;
    MUST(pipe(p) == 0);
    pid_t pid = FORK();
    if (pid == 0) {
        raise(SIGSTOP);
        CHECK_EQ(read(p[0], &c, 1), 1); /* or the next stop might wipe out the news of the continue */
        raise(SIGTSTP);
        _exit(5);
    }
    CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
    CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    CHECK_EQ(waitpid(pid, &status, WUNTRACED | WNOHANG), 0);
    kill(pid, SIGCONT);
    CHECK_EQ(waitpid(pid, &status, WCONTINUED), pid);
    CHECK(WIFCONTINUED(status));
    CHECK_EQ(write(p[1], "x", 1), 1);
    /* The process group has its parent in another group of the session, so it is not orphaned and SIGTSTP stops. */
    siginfo_t info = {0};
    CHECK_EQ(waitid(P_PID, pid, &info, WSTOPPED), 0);
    CHECK_EQ(info.si_code, CLD_STOPPED);
    CHECK_EQ(info.si_status, SIGTSTP);
    kill(pid, SIGCONT);
    CHECK_EXIT(pid, 5);
}

TEST(waitid_fills_siginfo) {
    siginfo_t info;
    pid_t pid = FORK();
    if (pid == 0)
        _exit(300);
    memset(&info, 0xff, sizeof info);
    CHECK_EQ(waitid(P_PID, pid, &info, WEXITED | WNOWAIT), 0);
    CHECK_EQ(info.si_signo, SIGCHLD);
    CHECK_EQ(info.si_errno, 0);
    CHECK_EQ(info.si_code, CLD_EXITED);
    CHECK_EQ(info.si_status, 300 & 255);
    CHECK_EQ(info.si_pid, pid);
    CHECK_EQ(info.si_uid, getuid());
    CHECK_EXIT(pid, 300 & 255);
    pid = FORK();
    if (pid == 0) {
        raise(SIGTERM);
        _exit(1);
    }
    CHECK_EQ(waitid(P_PID, pid, &info, WEXITED), 0);
    CHECK_EQ(info.si_code, CLD_KILLED);
    CHECK_EQ(info.si_status, SIGTERM);
}

TEST(waitid_nohang_clears_pid) {
    siginfo_t info;
    memset(&info, 0xff, sizeof info);
    pid_t pid = FORK();
    if (pid == 0) {
        pause();
        _exit(0);
    }
    CHECK_EQ(waitid(P_ALL, 0, &info, WEXITED | WNOHANG), 0);
    CHECK_EQ(info.si_pid, 0);
    CHECK_EQ(info.si_signo, 0);
    kill(pid, SIGKILL);
    CHECK_KILLED(pid, SIGKILL);
}

TEST(wait_by_group) {
    int status;
    pid_t a = FORK();
    if (a == 0)
        _exit(1);
    pid_t b = FORK();
    if (b == 0) {
        setpgid(0, 0);
        _exit(2);
    }
    setpgid(b, b);
    CHECK_EQ(waitpid(0, &status, 0), a);
    CHECK_ERRNO(waitpid(0, &status, 0), ECHILD);
    CHECK_EQ(waitpid(-b, &status, 0), b);
    CHECK_EQ(WEXITSTATUS(status), 2);
}

TEST(wait_any_of_many) {
    enum { MANY = 40 };
    int sum = 0, status;
    for (int i = 0; i < MANY; i++) {
        pid_t pid = FORK();
        if (pid == 0)
            _exit(i);
    }
    for (int i = 0; i < MANY; i++) {
        CHECK(wait(&status) > 0);
        sum += WEXITSTATUS(status);
    }
    CHECK_EQ(sum, MANY * (MANY - 1) / 2);
    CHECK_ERRNO(wait(&status), ECHILD);
}

/* User and system time together: how they divide is sampled. */
static long cpu_micros(const struct rusage *u) {
    return (u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000000 + u->ru_utime.tv_usec + u->ru_stime.tv_usec;
}

TEST(wait_rusage) {
    struct rusage usage;
    int status;
    pid_t pid = FORK();
    if (pid == 0) {
        for (volatile int i = 0; i < 20000000; i++)
            ;
        _exit(0);
    }
    memset(&usage, 0xff, sizeof usage);
    CHECK_EQ(wait4(pid, &status, 0, &usage), pid);
    CHECK(usage.ru_utime.tv_sec >= 0 && usage.ru_utime.tv_usec >= 0 && usage.ru_utime.tv_usec < 1000000);
    CHECK(cpu_micros(&usage) > 1000);
    CHECK_EQ(getrusage(RUSAGE_CHILDREN, &usage), 0);
    CHECK(cpu_micros(&usage) > 1000);
    CHECK_ERRNO(getrusage(5, &usage), EINVAL);
    CHECK_ERRNO(syscall(SYS_getrusage, RUSAGE_SELF, 8), EFAULT);
}

TEST(orphan_goes_to_subreaper) {
    int value = -1, p[2];
    pid_t self = getpid();
    MUST(pipe(p) == 0);
    CHECK_EQ(prctl(PR_GET_CHILD_SUBREAPER, &value), 0);
    CHECK_EQ(value, 0);
    CHECK_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    pid_t middle = FORK();
    if (middle == 0) {
        CHECK_EQ(prctl(PR_GET_CHILD_SUBREAPER, &value), 0);
        CHECK_EQ(value, 0);
        pid_t orphan = FORK();
        if (orphan == 0) {
            char c;
            close(p[1]);
            CHECK_EQ(read(p[0], &c, 1), 0);
            CHECK(UNTIL(getppid() == self));
            _exit(6);
        }
        _exit(0);
    }
    close(p[0]);
    CHECK_EXIT(middle, 0);
    close(p[1]);
    int status;
    CHECK(wait(&status) > 0);
    CHECK_EQ(WEXITSTATUS(status), 6);
}

TEST(orphan_goes_to_init) {
    int p[2], q[2];
    char c = 0;
    MUST(pipe(p) == 0 && pipe(q) == 0);
    CHECK_EQ(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
    pid_t middle = FORK();
    if (middle == 0) {
        pid_t self = getpid(), orphan = FORK();
        if (orphan == 0) {
            close(p[1]);
            read(p[0], &c, 1);
            CHECK(UNTIL(getppid() != self));
            c = 'x';
            CHECK_EQ(write(q[1], &c, 1), 1);
            DONE();
        }
        DONE();
    }
    CHECK_EXIT(middle, 0);
    close(p[1]);
    CHECK_EQ(read(q[0], &c, 1), 1);
    CHECK_EQ(c, 'x');
    CHECK_ERRNO(wait(NULL), ECHILD);
}

TEST(parent_death_signal) {
    int p[2], sig = -1;
    char c;
    MUST(pipe(p) == 0);
    pid_t middle = FORK();
    if (middle == 0) {
        pid_t self = getpid();
        pid_t child = FORK();
        if (child == 0) {
            close(p[0]);
            CHECK_EQ(prctl(PR_SET_PDEATHSIG, SIGKILL), 0);
            CHECK_EQ(prctl(PR_GET_PDEATHSIG, &sig), 0);
            CHECK_EQ(sig, SIGKILL);
            CHECK_EQ(write(p[1], "r", 1), 1);
            while (getppid() == self)
                pause();
            pause();
            _exit(0);
        }
        CHECK_EQ(read(p[0], &c, 1), 1);
        _exit(0);
    }
    CHECK_EXIT(middle, 0);
    close(p[1]);
    CHECK_EQ(read(p[0], &c, 1), 0); /* the pipe closes because the signal killed it */
    CHECK_ERRNO(prctl(PR_SET_PDEATHSIG, 65), EINVAL);
}

TEST(sigchld_ignored_reaps) {
    int status;
    signal(SIGCHLD, SIG_IGN);
    for (int i = 0; i < 3; i++) {
        pid_t pid = FORK();
        if (pid == 0)
            _exit(1);
    }
    CHECK_ERRNO(wait(&status), ECHILD); /* after all three are gone */
    struct sigaction sa = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT};
    CHECK_EQ(sigaction(SIGCHLD, &sa, NULL), 0);
    pid_t pid = FORK();
    if (pid == 0)
        _exit(1);
    CHECK_ERRNO(waitpid(pid, &status, 0), ECHILD);
}

static volatile sig_atomic_t chld_code, chld_status, chld_count;
static void on_chld(int sig GUEST_UNUSED, siginfo_t *info, void *ctx GUEST_UNUSED) {
    chld_code = info->si_code;
    chld_status = info->si_status;
    chld_count++;
}

TEST(sigchld_siginfo) {
    on_info(SIGCHLD, on_chld, SA_RESTART);
    pid_t pid = FORK();
    if (pid == 0)
        _exit(11);
    CHECK(UNTIL(chld_count == 1));
    CHECK_EQ(chld_code, CLD_EXITED);
    CHECK_EQ(chld_status, 11);
    CHECK_EXIT(pid, 11);
    pid = FORK();
    if (pid == 0) {
        pause();
        _exit(0);
    }
    kill(pid, SIGSTOP);
    CHECK(UNTIL(chld_count == 2));
    CHECK_EQ(chld_code, CLD_STOPPED);
    CHECK_EQ(chld_status, SIGSTOP);
    kill(pid, SIGCONT);
    CHECK(UNTIL(chld_count == 3));
    CHECK_EQ(chld_code, CLD_CONTINUED);
    CHECK_EQ(chld_status, SIGCONT);
    kill(pid, SIGKILL);
    CHECK(UNTIL(chld_count == 4));
    CHECK_EQ(chld_code, CLD_KILLED);
    CHECK_KILLED(pid, SIGKILL);
}

TEST(sigchld_nocldstop) {
    int status;
    on_info(SIGCHLD, on_chld, SA_NOCLDSTOP);
    pid_t pid = FORK();
    if (pid == 0) {
        pause();
        _exit(0);
    }
    kill(pid, SIGSTOP);
    while (waitpid(pid, &status, WUNTRACED) == -1 && errno == EINTR)
        ;
    CHECK(WIFSTOPPED(status));
    CHECK_EQ(chld_count, 0);
    kill(pid, SIGKILL);
    CHECK(UNTIL(chld_count == 1));
    CHECK_KILLED(pid, SIGKILL);
}

HELPER(args) {
    for (int i = 0; i < argc; i++)
        printf("[%s]", argv[i]);
    for (char **e = environ; *e; e++)
        printf("{%s}", *e);
    return 17;
}

TEST(exec_passes_arguments_and_environment) {
    int status;
    char *env[] = {"A=1", "EMPTY=", "noequals", NULL};
    environ = env;
    char *out = run_helper(&status, (char *[]){"any name", "@args", "x", "", "a b", NULL});
    CHECK_STR(out, "[x][][a b]{A=1}{EMPTY=}{noequals}");
    CHECK_EQ(WEXITSTATUS(status), 17);
}

TEST(exec_errors) {
    char *argv[] = {"x", NULL}, *none[] = {NULL}, long_name[4200], name[300];
    memset(long_name, 'a', sizeof long_name);
    long_name[sizeof long_name - 1] = 0;
    memset(name, 'a', sizeof name);
    name[sizeof name - 1] = 0;
    spit("plain", "not a program");
    spit("empty", "");
    CHECK_EQ(chmod("empty", 0755), 0);
    CHECK_EQ(mkdir("dir", 0755), 0);
    CHECK_EQ(symlink("loop", "loop"), 0);
    CHECK_ERRNO(execve("absent", argv, none), ENOENT);
    CHECK_ERRNO(execve("", argv, none), ENOENT);
    CHECK_ERRNO(execve("plain", argv, none), EACCES);
    CHECK_EQ(chmod("plain", 0755), 0);
    CHECK_ERRNO(execve("plain", argv, none), ENOEXEC);
    CHECK_ERRNO(execve("empty", argv, none), ENOEXEC);
    CHECK_ERRNO(execve("dir", argv, none), EACCES);
    CHECK_ERRNO(execve("plain/x", argv, none), ENOTDIR);
    CHECK_ERRNO(execve("loop", argv, none), ELOOP);
    CHECK_ERRNO(execve(long_name, argv, none), ENAMETOOLONG);
    CHECK_ERRNO(execve(name, argv, none), ENAMETOOLONG);
    CHECK_ERRNO(syscall(SYS_execve, 8, argv, none), EFAULT);
    CHECK_ERRNO(syscall(SYS_execve, GUEST_SELF, 8, none), EFAULT);
    CHECK_ERRNO(syscall(SYS_execve, GUEST_SELF, argv, 8), EFAULT);
    char *bad[] = {"x", (char *)8, NULL};
    CHECK_ERRNO(syscall(SYS_execve, GUEST_SELF, bad, none), EFAULT);
}

TEST(exec_garbage_elf) {
    unsigned char head[64] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
    char *argv[] = {"x", NULL};
    for (int variant = 0; variant < 4; variant++) {
        int fd = open("elf", O_CREAT | O_TRUNC | O_WRONLY, 0755);
        memset(head + 16, 0, 48);
        head[16] = 2;                           /* ET_EXEC */
        head[18] = variant == 0 ? 40 : 62;      /* a machine that is not ours */
        head[54] = variant == 1 ? 7 : 56;       /* e_phentsize */
        head[56] = variant == 2 ? 0 : 3;        /* e_phnum */
        head[32] = 64;                          /* e_phoff: past the end */
        MUST(write(fd, head, variant == 3 ? 40 : 64) > 0);
        close(fd);
        if (variant == 2)
            continue;
        errno = 0;
        CHECK_EQ(execve("./elf", argv, environ), -1);
        /* Headers that lie past the end of the file read short: EIO; the others do not look like a program of ours. */
        CHECK(errno == ENOEXEC);
    }
}

TEST(exec_too_big) {
    size_t size = 200000;
    char *big = malloc(size), *argv[] = {"x", big, NULL}, *none[] = {NULL};
    memset(big, 'a', size);
    big[size - 1] = 0;
    CHECK_ERRNO(execve(GUEST_SELF, argv, none), E2BIG); /* one string over 32 pages */
    char **many = calloc(100, sizeof *many);
    big[100000] = 0;
    for (int i = 0; i < 99; i++)
        many[i] = big;
    CHECK_ERRNO(execve(GUEST_SELF, many, none), E2BIG); /* the sum over a quarter of the stack limit */
}

HELPER(count_args) {
    size_t bytes = 0;
    for (int i = 0; i < argc; i++)
        bytes += strlen(argv[i]) + 1;
    printf("%d %zu", argc, bytes);
    return 0;
}

TEST(exec_large_arguments) {
    enum { COUNT = 500, LENGTH = 1000 };
    char *one = malloc(LENGTH + 1), **argv = calloc(COUNT + 3, sizeof *argv);
    memset(one, 'z', LENGTH);
    one[LENGTH] = 0;
    argv[0] = "self";
    argv[1] = "@count_args";
    for (int i = 0; i < COUNT; i++)
        argv[2 + i] = one;
    int status;
    char *out = run_helper(&status, argv), want[64];
    snprintf(want, sizeof want, "%d %d", COUNT, COUNT * (LENGTH + 1));
    CHECK_STR(out, want);
}

HELPER(open_fds) {
    for (int fd = 3; fd < 10; fd++)
        printf("%d", fcntl(fd, F_GETFD) == 0);
    return 0;
}

TEST(exec_closes_cloexec) {
    int status;
    for (int fd = 3; fd < 10; fd++)
        close(fd);
    CHECK_EQ(open("/dev/null", O_RDONLY | O_CLOEXEC), 3);
    CHECK_EQ(open("/dev/null", O_RDONLY), 4);
    CHECK_EQ(dup(3), 5);
    CHECK_EQ(fcntl(4, F_DUPFD_CLOEXEC, 6), 6);
    CHECK_EQ(dup3(4, 7, O_CLOEXEC), 7);
    CHECK_EQ(dup2(4, 8), 8);
    CHECK_EQ(fcntl(8, F_SETFD, FD_CLOEXEC), 0);
    CHECK_EQ(dup2(3, 9), 9);
    char *out = run_helper(&status, (char *[]){"self", "@open_fds", NULL});
    CHECK_STR(out, "0110001");
}

HELPER(signal_state) {
    struct sigaction a, b, c;
    sigset_t mask, pending;
    sigaction(SIGUSR1, NULL, &a);
    sigaction(SIGUSR2, NULL, &b);
    sigaction(SIGHUP, NULL, &c);
    sigprocmask(SIG_BLOCK, NULL, &mask);
    sigpending(&pending);
    printf("handler %d ignored %d default %d masked %d %d pending %d", a.sa_handler == SIG_DFL,
           b.sa_handler == SIG_IGN, c.sa_handler == SIG_DFL, sigismember(&mask, SIGWINCH),
           sigismember(&mask, SIGINT), sigismember(&pending, SIGWINCH));
    stack_t ss;
    sigaltstack(NULL, &ss);
    printf(" altstack %d", ss.ss_flags == SS_DISABLE);
    return 0;
}

static void nothing(int sig GUEST_UNUSED) {
}

TEST(exec_and_signals) {
    int status;
    sigset_t set;
    static char stack[16384];
    stack_t ss = {.ss_sp = stack, .ss_size = sizeof stack};
    CHECK_EQ(sigaltstack(&ss, NULL), 0);
    on(SIGUSR1, nothing, SA_ONSTACK);
    signal(SIGUSR2, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGWINCH);
    sigprocmask(SIG_BLOCK, &set, NULL);
    pid_t pid = FORK();
    if (pid == 0) {
        on(SIGWINCH, nothing, 0);
        raise(SIGWINCH); /* pending over the exec */
        int fd = open("out", O_CREAT | O_WRONLY, 0644);
        dup2(fd, 1);
        execv(GUEST_SELF, (char *[]){"self", "@signal_state", NULL});
        _exit(98);
    }
    CHECK(waitpid(pid, &status, 0) == pid && status == 0);
    CHECK_STR(slurp("out"), "handler 1 ignored 1 default 1 masked 1 0 pending 1 altstack 1");
}

TEST(exec_sets_comm) {
    char name[17] = "";
    CHECK_EQ(prctl(PR_SET_NAME, "a name longer than fifteen"), 0);
    CHECK_EQ(prctl(PR_GET_NAME, name), 0);
    CHECK_STR(name, "a name longer t");
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(prctl(PR_GET_NAME, name), 0);
        CHECK_STR(name, "a name longer t");
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CHECK_STR(slurp("/proc/self/comm"), "a name longer t\n");
}

TEST(exec_empty_argv) {
    int p[2], n;
    char out[100];
    MUST(pipe(p) == 0);
    spit("script", "#!/bin/sh\necho \"$# ran\"\n");
    CHECK_EQ(chmod("script", 0755), 0);
    pid_t pid = FORK();
    if (pid == 0) {
        char *none[] = {NULL};
        dup2(p[1], 1);
        syscall(SYS_execve, "./script", none, none);
        _exit(98);
    }
    close(p[1]);
    n = read(p[0], out, sizeof out - 1);
    out[n > 0 ? n : 0] = 0;
    CHECK_STR(out, "0 ran\n");
    CHECK_EXIT(pid, 0);
}

/* What a script sees: its interpreter line's one argument, its path, its arguments. */
static char *run_path(const char *path, char **argv, int *status) {
    static char out[1000];
    int p[2], n = 0, k;
    MUST(pipe(p) == 0);
    pid_t pid = FORK();
    if (pid == 0) {
        dup2(p[1], 1);
        close(p[0]);
        close(p[1]);
        execve(path, argv, (char *[]){NULL});
        _exit(errno);
    }
    close(p[1]);
    while ((k = read(p[0], out + n, sizeof out - 1 - n)) > 0)
        n += k;
    out[n] = 0;
    close(p[0]);
    MUST(waitpid(pid, status, 0) == pid);
    *status = WIFEXITED(*status) ? WEXITSTATUS(*status) : -1;
    return out;
}

TEST(script_interpreter_line) {
    char self[PATH_MAX], line[PATH_MAX + 100];
    int status;
    ssize_t n = readlink(GUEST_SELF, self, sizeof self - 1);
    MUST(n > 0);
    self[n] = 0;
    snprintf(line, sizeof line, "#! %s   @args  \nrest", self);
    spit("s1", line);
    CHECK_EQ(chmod("s1", 0755), 0);
    CHECK_STR(run_path("./s1", (char *[]){"ignored", "one", "two", NULL}, &status), "[./s1][one][two]");
    CHECK_EQ(status, 17);
    snprintf(line, sizeof line, "#!%s @args a b\t", self); /* all after the name is one argument */
    spit("s2", line);
    CHECK_EQ(chmod("s2", 0755), 0);
    run_path("./s2", (char *[]){"x", NULL}, &status);
    CHECK_EQ(status, 99); /* "@args a b" is no helper */
    spit("s3", "#!./s1\n");
    CHECK_EQ(chmod("s3", 0755), 0);
    CHECK_STR(run_path("./s3", (char *[]){"x", "y", NULL}, &status), "[./s1][./s3][y]");
}

TEST(script_errors) {
    int status;
    spit("missing", "#!/no/such/interpreter\n");
    spit("nothing", "#!\n");
    spit("loop", "#!./loop\n");
    spit("plain", "x");
    spit("unexec", "#!./plain\n");
    CHECK_EQ(chmod("missing", 0755), 0);
    CHECK_EQ(chmod("nothing", 0755), 0);
    CHECK_EQ(chmod("loop", 0755), 0);
    CHECK_EQ(chmod("unexec", 0755), 0);
    char *argv[] = {"x", NULL};
    run_path("./missing", argv, &status);
    CHECK_EQ(status, ENOENT);
    run_path("./nothing", argv, &status);
    CHECK_EQ(status, ENOEXEC);
    run_path("./loop", argv, &status);
    CHECK_EQ(status, ELOOP);
    run_path("./unexec", argv, &status);
    CHECK_EQ(status, EACCES);
}

TEST(exec_text_busy) {
    char self[PATH_MAX], *argv[] = {"x", NULL};
    ssize_t n = readlink(GUEST_SELF, self, sizeof self - 1);
    MUST(n > 0);
    self[n] = 0;
    int in = open(self, O_RDONLY), out = open("copy", O_CREAT | O_WRONLY, 0755);
    static char buf[65536];
    while ((n = read(in, buf, sizeof buf)) > 0)
        MUST(write(out, buf, n) == n);
    CHECK_ERRNO(execve("./copy", argv, environ), ETXTBSY);
    close(out);
    pid_t pid = FORK();
    if (pid == 0) {
        execve("./copy", (char *[]){"x", "@exit5", NULL}, environ);
        _exit(98);
    }
    CHECK_EXIT(pid, 5);
}

TEST(execveat_variants) {
    char *argv[] = {"x", "@exit5", NULL}, *none[] = {NULL};
    int fd = open(GUEST_SELF, O_RDONLY | O_CLOEXEC), dir = open(".", O_RDONLY | O_DIRECTORY);
    pid_t pid = FORK();
    if (pid == 0) {
        exec_at(fd, "", argv, none, AT_EMPTY_PATH);
        _exit(98);
    }
    CHECK_EXIT(pid, 5);
    char self[PATH_MAX];
    ssize_t n = readlink(GUEST_SELF, self, sizeof self - 1);
    MUST(n > 0);
    self[n] = 0;
    CHECK_EQ(symlink(self, "link"), 0);
    pid = FORK();
    if (pid == 0) {
        exec_at(dir, "link", argv, none, 0);
        _exit(98);
    }
    CHECK_EXIT(pid, 5);
    CHECK_ERRNO(exec_at(dir, "link", argv, none, AT_SYMLINK_NOFOLLOW), ELOOP);
    CHECK_ERRNO(exec_at(dir, "", argv, none, 0), ENOENT);
    CHECK_ERRNO(exec_at(9999, "x", argv, none, 0), EBADF);
    CHECK_ERRNO(exec_at(fd, "x", argv, none, 0), ENOTDIR);
    CHECK_ERRNO(exec_at(dir, "link", argv, none, 0x10), EINVAL);
    CHECK_ERRNO(exec_at(dir, "", argv, none, AT_EMPTY_PATH), EACCES);
}

HELPER(exit5) {
    return 5;
}

TEST(vfork_shares_memory_and_suspends) {
    static volatile int shared;
    shared = 0;
    pid_t pid = vfork();
    if (pid == 0) {
        nap(30);
        shared = 1;
        _exit(8);
    }
    CHECK_EQ(shared, 1); /* the parent did not run before the child ended */
    CHECK_EXIT(pid, 8);
    pid = vfork();
    if (pid == 0) {
        execv(GUEST_SELF, (char *[]){"self", "@exit5", NULL});
        _exit(98);
    }
    CHECK_EXIT(pid, 5);
}

static int clone_child(void *arg) {
    int *command = arg;
    if (command[0] == 1)
        return dup2(1, 77) == 77 ? 0 : 1;
    if (command[0] == 2)
        return chdir("/") + 21;
    command[1] = 99;
    return 7;
}

static int run_clone(int flags, int *command) {
    static char stack[65536] __attribute__((aligned(16)));
    int status = -1;
    pid_t pid = clone(clone_child, stack + sizeof stack, flags, command);
    CHECK(pid > 0);
    CHECK_EQ(waitpid(pid, &status, __WALL), pid);
    return WEXITSTATUS(status);
}

TEST(clone_sharing_flags) {
    char cwd[PATH_MAX], after[PATH_MAX];
    int command[2] = {1, 0};
    CHECK_EQ(run_clone(SIGCHLD, command), 0);
    CHECK_ERRNO(fcntl(77, F_GETFD), EBADF);
    CHECK_EQ(run_clone(SIGCHLD | CLONE_FILES, command), 0);
    CHECK_EQ(fcntl(77, F_GETFD), 0);
    command[0] = 2;
    MUST(getcwd(cwd, sizeof cwd));
    CHECK_EQ(run_clone(SIGCHLD, command), 21);
    CHECK_STR(getcwd(after, sizeof after), cwd);
    CHECK_EQ(run_clone(SIGCHLD | CLONE_FS, command), 21);
    CHECK_STR(getcwd(after, sizeof after), "/");
    command[0] = 3;
    CHECK_EQ(run_clone(SIGCHLD, command), 7);
    CHECK_EQ(command[1], 0);
    CHECK_EQ(run_clone(SIGCHLD | CLONE_VM, command), 7);
    CHECK_EQ(command[1], 99);
}

TEST(clone_bad_flags) {
    CHECK_ERRNO(syscall(SYS_clone, CLONE_SIGHAND, 0, 0, 0, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_clone, CLONE_THREAD | CLONE_VM, 0, 0, 0, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_clone, CLONE_NEWNS | CLONE_FS, 0, 0, 0, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_clone, CLONE_NEWUSER | CLONE_FS, 0, 0, 0, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_clone, CLONE_PIDFD | CLONE_PARENT_SETTID, 0, 0, 0, 0), EINVAL);
}

TEST(clone_without_exit_signal) {
    int status;
    pid_t pid = syscall(SYS_clone, 0, 0, 0, 0, 0);
    if (pid == 0)
        _exit(12);
    CHECK(pid > 0);
    CHECK_ERRNO(waitpid(pid, &status, 0), ECHILD);
    CHECK_EQ(waitpid(pid, &status, __WCLONE), pid);
    CHECK_EQ(WEXITSTATUS(status), 12);
    chld_count = 0;
    on_info(SIGUSR1, on_chld, SA_RESTART);
    pid = syscall(SYS_clone, SIGUSR1, 0, 0, 0, 0);
    if (pid == 0)
        _exit(13);
    CHECK_EQ(waitpid(pid, &status, __WALL), pid);
    CHECK(UNTIL(chld_count == 1));
    CHECK_EQ(chld_status, 13);
}

TEST(clone_sets_tids) {
    pid_t parent_tid = 0, child_tid = 0, seen[2] = {0, 0};
    int p[2];
    MUST(pipe(p) == 0);
    long flags = SIGCHLD | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID;
    pid_t pid = syscall(SYS_clone, flags, 0, &parent_tid, &child_tid, 0);
    if (pid == 0) {
        seen[0] = child_tid;
        seen[1] = getpid();
        MUST(write(p[1], seen, sizeof seen) == sizeof seen);
        DONE();
    }
    CHECK_EQ(parent_tid, pid);
    CHECK_EQ(child_tid, 0); /* set in the child's copy only */
    CHECK_EQ(read(p[0], seen, sizeof seen), sizeof seen);
    CHECK_EQ(seen[0], pid);
    CHECK_EQ(seen[1], pid);
    CHECK_EXIT(pid, 0);
}

TEST(clone3_basic) {
    int pidfd = -1;
    siginfo_t info;
    struct clone_args args = {.flags = CLONE_PIDFD, .pidfd = (uintptr_t)&pidfd, .exit_signal = SIGCHLD};
    pid_t pid = syscall(SYS_clone3, &args, sizeof args);
    if (pid == 0)
        _exit(14);
    CHECK(pid > 0 && pidfd >= 0);
    CHECK_EQ(fcntl(pidfd, F_GETFD), FD_CLOEXEC);
    CHECK_EQ(waitid(P_PIDFD, pidfd, &info, WEXITED), 0);
    CHECK_EQ(info.si_status, 14);
    CHECK_ERRNO(syscall(SYS_clone3, &args, 63), EINVAL);
    CHECK_ERRNO(syscall(SYS_clone3, &args, 5000), E2BIG);
    CHECK_ERRNO(syscall(SYS_clone3, 8, sizeof args), EFAULT);
    struct clone_args bad = {.exit_signal = 65};
    CHECK_ERRNO(syscall(SYS_clone3, &bad, sizeof bad), EINVAL);
    bad = (struct clone_args){.exit_signal = SIGCHLD, .stack = 4096};
    CHECK_ERRNO(syscall(SYS_clone3, &bad, sizeof bad), EINVAL);
    struct {
        struct clone_args args;
        uint64_t more;
    } longer = {.args = {.exit_signal = SIGCHLD}, .more = 1};
    CHECK_ERRNO(syscall(SYS_clone3, &longer, sizeof longer), E2BIG);
}

TEST(exit_code_of_signals) {
    int sigs[] = {SIGHUP, SIGINT, SIGKILL, SIGPIPE, SIGALRM, SIGUSR1, SIGVTALRM, SIGIO, SIGPWR};
    for (unsigned i = 0; i < sizeof sigs / sizeof *sigs; i++) {
        pid_t pid = FORK();
        if (pid == 0) {
            raise(sigs[i]);
            _exit(1);
        }
        CHECK_KILLED(pid, sigs[i]);
    }
    int ignored[] = {SIGCHLD, SIGURG, SIGWINCH, SIGCONT};
    for (unsigned i = 0; i < sizeof ignored / sizeof *ignored; i++) {
        pid_t pid = FORK();
        if (pid == 0) {
            raise(ignored[i]);
            _exit(2);
        }
        CHECK_EXIT(pid, 2);
    }
}

TEST(zombie_keeps_pid_until_reaped) {
    pid_t pid = FORK();
    if (pid == 0)
        _exit(0);
    siginfo_t info;
    CHECK_EQ(waitid(P_PID, pid, &info, WEXITED | WNOWAIT), 0);
    CHECK_EQ(kill(pid, 0), 0);
    CHECK_EQ(kill(pid, SIGKILL), 0);
    CHECK_EQ(state_of(pid), 'Z');
    CHECK_EXIT(pid, 0);
    CHECK_ERRNO(kill(pid, 0), ESRCH);
}

TEST(process_groups_and_sessions) {
    pid_t self = getpid();
    CHECK_EQ(getpgid(0), self);
    CHECK_ERRNO(setsid(), EPERM); /* a group leader */
    CHECK_ERRNO(setpgid(0, -1), EINVAL);
    CHECK_ERRNO(setpgid(99999999, 0), ESRCH);
    CHECK_ERRNO(setpgid(0, 99999998), EPERM);
    CHECK_ERRNO(getpgid(99999999), ESRCH);
    CHECK_ERRNO(getsid(99999999), ESRCH);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK(setsid() == getpid());
        CHECK_EQ(getsid(0), getpid());
        CHECK_EQ(getpgrp(), getpid());
        CHECK_ERRNO(setpgid(0, 0), EPERM); /* a session leader */
        DONE();
    }
    CHECK_EXIT(pid, 0);
    int p[2];
    char c;
    MUST(pipe(p) == 0);
    pid = FORK();
    if (pid == 0) {
        execv(GUEST_SELF, (char *[]){"self", "@say_and_wait", p[1] == 4 ? "4" : "?", NULL});
        _exit(98);
    }
    CHECK_EQ(read(p[0], &c, 1), 1);
    CHECK_ERRNO(setpgid(pid, pid), EACCES); /* it has executed */
    kill(pid, SIGKILL);
    CHECK_KILLED(pid, SIGKILL);
}

HELPER(say_and_wait) {
    if (write(atoi(argv[0]), "x", 1) != 1)
        return 1;
    pause();
    return 0;
}
