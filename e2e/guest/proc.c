/* /proc: what libc, shells, ps and language runtimes read. */
#include "guest.h"
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/sysinfo.h>

/* The value of a "Key:\tvalue" line of a file, "" if there is none. */
static char *field(const char *path, const char *key) {
    static char value[1000];
    value[0] = 0;
    size_t n = strlen(key);
    for (char *line = strtok(slurp(path), "\n"); line; line = strtok(NULL, "\n"))
        if (strncmp(line, key, n) == 0 && line[n] == ':') {
            char *p = line + n + 1;
            while (*p == ' ' || *p == '\t')
                p++;
            snprintf(value, sizeof value, "%s", p);
            break;
        }
    return value;
}

TEST(self_and_thread_self) {
    char buf[64], want[64];
    ssize_t n = readlink("/proc/self", buf, sizeof buf - 1);
    buf[n > 0 ? n : 0] = 0;
    snprintf(want, sizeof want, "%d", getpid());
    CHECK_STR(buf, want);
    n = readlink("/proc/thread-self", buf, sizeof buf - 1);
    buf[n > 0 ? n : 0] = 0;
    snprintf(want, sizeof want, "%d/task/%d", getpid(), getpid());
    CHECK_STR(buf, want);
}

TEST(maps_describe_mappings) {
    char line[100], want[200];
    char *p = mmap(NULL, 3 * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK_EQ(mprotect(p + 4096, 4096, PROT_READ | PROT_WRITE), 0);
    int fd = open("file", O_CREAT | O_RDWR, 0644);
    CHECK_EQ(ftruncate(fd, 8192), 0);
    char *q = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 4096), cwd[PATH_MAX];
    char *maps = slurp("/proc/self/maps");
    snprintf(line, sizeof line, "%lx-%lx rw-p 00000000 00:00 0", (long)p + 4096, (long)p + 8192);
    CHECK(strstr(maps, line) != NULL);
    snprintf(line, sizeof line, "%lx-%lx r--s 00001000 ", (long)q, (long)q + 4096);
    char *at = strstr(maps, line);
    MUST(at);
    *strchr(at, '\n') = 0;
    snprintf(want, sizeof want, "%.180s/file", getcwd(cwd, sizeof cwd));
    CHECK_STR(strrchr(at, ' ') + 1, want);
    maps = slurp("/proc/self/maps");
    CHECK(strstr(maps, "[stack]") != NULL);
    CHECK(strstr(maps, "r-xp") != NULL);
    sbrk(4096);
    CHECK(strstr(slurp("/proc/self/maps"), "[heap]") != NULL);
}

TEST(stat_fields) {
    int pid, ppid, pgrp, sid, tty, threads = 0, fields = 0;
    char comm[64], state;
    CHECK_EQ(prctl(PR_SET_NAME, "a) (b"), 0);
    char *text = slurp("/proc/self/stat");
    CHECK_EQ(sscanf(text, "%d (%5c) %c %d %d %d %d", &pid, comm, &state, &ppid, &pgrp, &sid, &tty), 7);
    comm[5] = 0;
    CHECK_EQ(pid, getpid());
    CHECK_STR(comm, "a) (b");
    CHECK_EQ(state, 'R');
    CHECK_EQ(ppid, getppid());
    CHECK_EQ(pgrp, getpgrp());
    CHECK_EQ(sid, getsid(0));
    char *rest = strrchr(text, ')') + 2;
    for (char *f = strtok(rest, " "); f; f = strtok(NULL, " ")) {
        if (++fields == 18)
            threads = atoi(f);
    }
    CHECK_EQ(fields, 50);
    CHECK_EQ(threads, 1);
}

TEST(status_fields) {
    char want[64];
    CHECK_EQ(prctl(PR_SET_NAME, "namer"), 0);
    CHECK_STR(field("/proc/self/status", "Name"), "namer");
    CHECK_STR(field("/proc/self/status", "Umask"), "0022");
    CHECK_STR(field("/proc/self/status", "State"), "R (running)");
    snprintf(want, sizeof want, "%d", getpid());
    CHECK_STR(field("/proc/self/status", "Tgid"), want);
    CHECK_STR(field("/proc/self/status", "Pid"), want);
    snprintf(want, sizeof want, "%d", getppid());
    CHECK_STR(field("/proc/self/status", "PPid"), want);
    CHECK_STR(field("/proc/self/status", "TracerPid"), "0");
    CHECK_STR(field("/proc/self/status", "Uid"), "0\t0\t0\t0");
    CHECK_STR(field("/proc/self/status", "Threads"), "1");
    CHECK(atol(field("/proc/self/status", "VmRSS")) > 0);
    CHECK(atol(field("/proc/self/status", "VmSize")) > 0);
    signal(SIGUSR1, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGUSR2);
    /* whoever started us may have left real-time signals ignored */
    CHECK_EQ(strtoul(field("/proc/self/status", "SigIgn"), NULL, 16) & 0x7fffffff, 0x200);
    CHECK_STR(field("/proc/self/status", "SigBlk"), "0000000000000800");
    CHECK_STR(field("/proc/self/status", "SigPnd"), "0000000000000800");
    CHECK_STR(field("/proc/self/status", "NoNewPrivs"), "0");
}

TEST(fd_directory) {
    char link[PATH_MAX], want[PATH_MAX + 10], path[64], cwd[PATH_MAX];
    spit("f", "x");
    int fd = open("f", O_RDONLY), extra = 0, found = 0;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(path, link, sizeof link - 1);
    link[n > 0 ? n : 0] = 0;
    snprintf(want, sizeof want, "%s/f", getcwd(cwd, sizeof cwd));
    CHECK_STR(link, want);
    DIR *dir = opendir("/proc/self/fd");
    for (struct dirent *e; (e = readdir(dir));) {
        found += atoi(e->d_name) == fd;
        extra += e->d_name[0] != '.' && fcntl(atoi(e->d_name), F_GETFD) < 0;
    }
    CHECK_EQ(found, 1);
    CHECK_EQ(extra, 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", 777);
    CHECK_ERRNO(open(path, O_RDONLY), ENOENT);
    struct stat st;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    CHECK_EQ(lstat(path, &st), 0);
    CHECK_EQ(st.st_mode, S_IFLNK | 0500);
    lseek(fd, 1, SEEK_SET);
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    CHECK_STR(field(path, "pos"), "1");
    CHECK_STR(field(path, "flags"), "0100000");
}

TEST(exe_cwd_root) {
    char link[PATH_MAX], cwd[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", link, sizeof link - 1);
    link[n > 0 ? n : 0] = 0;
    CHECK_STR(strrchr(link, '/'), "/proc");
    n = readlink("/proc/self/cwd", link, sizeof link - 1);
    link[n > 0 ? n : 0] = 0;
    CHECK_STR(link, getcwd(cwd, sizeof cwd));
    n = readlink("/proc/self/root", link, sizeof link - 1);
    CHECK_EQ(n, 1);
    CHECK_EQ(link[0], '/');
    spit("f", "through");
    CHECK_STR(slurp("/proc/self/cwd/f"), "through");
}

HELPER(wait_here) {
    write(1, "x", 1);
    pause();
    return 0;
}

TEST(cmdline_and_environ) {
    char path[64], buf[200], c;
    int p[2];
    MUST(pipe(p) == 0);
    pid_t pid = FORK();
    if (pid == 0) {
        dup2(p[1], 1);
        execve(GUEST_SELF, (char *[]){"zero", "@wait_here", "two words", "", NULL}, (char *[]){"A=1", "B=2", NULL});
        _exit(98);
    }
    CHECK_EQ(read(p[0], &c, 1), 1);
    snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
    int fd = open(path, O_RDONLY);
    CHECK_EQ(read(fd, buf, sizeof buf), 27);
    CHECK(memcmp(buf, "zero\0@wait_here\0two words\0", 27) == 0);
    snprintf(path, sizeof path, "/proc/%d/environ", pid);
    fd = open(path, O_RDONLY);
    CHECK_EQ(read(fd, buf, sizeof buf), 8);
    CHECK(memcmp(buf, "A=1\0B=2", 8) == 0);
    snprintf(path, sizeof path, "/proc/%d/comm", pid);
    CHECK_STR(slurp(path), "exe\n"); /* the name it was executed by */
    kill(pid, SIGKILL);
    CHECK_KILLED(pid, SIGKILL);
}

TEST(zombie_entries) {
    char path[64], buf[10];
    siginfo_t info;
    pid_t pid = FORK();
    if (pid == 0)
        _exit(0);
    CHECK_EQ(waitid(P_PID, pid, &info, WEXITED | WNOWAIT), 0);
    CHECK_EQ(state_of(pid), 'Z');
    snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
    int fd = open(path, O_RDONLY);
    CHECK_EQ(read(fd, buf, 10), 0);
    snprintf(path, sizeof path, "/proc/%d/exe", pid);
    CHECK_ERRNO(readlink(path, buf, 10), ENOENT);
    CHECK_EXIT(pid, 0);
    snprintf(path, sizeof path, "/proc/%d", pid);
    CHECK_ERRNO(open(path, O_RDONLY), ENOENT);
}

TEST(an_open_directory_of_a_gone_process) {
    char path[64], buf[64];
    pid_t pid = FORK();
    if (pid == 0) {
        pause();
        DONE();
    }
    snprintf(path, sizeof path, "/proc/%d", pid);
    int dir = open(path, O_RDONLY | O_DIRECTORY), stat_fd = openat(dir, "stat", O_RDONLY);
    kill(pid, SIGKILL);
    CHECK_KILLED(pid, SIGKILL);
    CHECK_ERRNO(openat(dir, "stat", O_RDONLY), ESRCH);
    CHECK_ERRNO(read(stat_fd, buf, 64), ESRCH);
}

TEST(limits_file) {
    struct rlimit limit = {123, 4096};
    CHECK_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
    char *text = slurp("/proc/self/limits");
    CHECK(strstr(text, "Limit                     Soft Limit           Hard Limit           Units     \n") == text);
    CHECK(strstr(text, "Max open files            123                  4096                 files     \n") != NULL);
    CHECK(strstr(text, "Max cpu time              unlimited            unlimited            seconds   \n") != NULL);
}

TEST(mountinfo_and_mounts) {
    char *text = slurp("/proc/self/mountinfo");
    CHECK(strstr(text, " / / ") != NULL);
    CHECK(strstr(text, " /proc ") != NULL);
    CHECK(strstr(text, " - proc ") != NULL);
    CHECK(strstr(slurp("/proc/mounts"), "proc /proc proc ") != NULL);
}

TEST(system_files) {
    double up = 0, a = 0, b = 0, c = 0;
    int running = 0, total = 0;
    CHECK(atol(field("/proc/meminfo", "MemTotal")) > 1000);
    CHECK(atol(field("/proc/meminfo", "MemAvailable")) > 0);
    CHECK(strstr(slurp("/proc/cpuinfo"), "processor\t: 0\n") != NULL);
    CHECK(strncmp(slurp("/proc/stat"), "cpu  ", 5) == 0);
    CHECK(strstr(slurp("/proc/stat"), "\nbtime ") != NULL);
    CHECK_EQ(sscanf(slurp("/proc/uptime"), "%lf", &up), 1);
    CHECK(up > 0);
    CHECK_EQ(sscanf(slurp("/proc/loadavg"), "%lf %lf %lf %d/%d", &a, &b, &c, &running, &total), 5);
    CHECK(running >= 1 && total >= 1);
    CHECK(strncmp(slurp("/proc/version"), "Linux version ", 14) == 0);
    CHECK(strstr(slurp("/proc/filesystems"), "nodev\ttmpfs\n") != NULL);
    CHECK(atol(slurp("/proc/sys/kernel/pid_max")) > 1000);
    CHECK_STR(slurp("/proc/sys/kernel/ostype"), "Linux\n");
    CHECK(strlen(slurp("/proc/sys/kernel/random/boot_id")) == 37);
    CHECK(atol(slurp("/proc/sys/vm/overcommit_memory")) >= 0);
    CHECK(strlen(slurp("/proc/sys/kernel/hostname")) > 1);
}

static volatile pid_t worker;
static void *idle(void *arg GUEST_UNUSED) {
    worker = syscall(SYS_gettid);
    pause();
    return NULL;
}

TEST(task_directory) {
    pthread_t t;
    int n = 0;
    char path[64];
    MUST(pthread_create(&t, NULL, idle, NULL) == 0);
    CHECK(UNTIL(worker != 0));
    DIR *dir = opendir("/proc/self/task");
    for (struct dirent *e; (e = readdir(dir));)
        n += atoi(e->d_name) == getpid() || atoi(e->d_name) == worker;
    CHECK_EQ(n, 2);
    CHECK_STR(field("/proc/self/status", "Threads"), "2");
    CHECK(UNTIL(state_of(worker) == 'S'));
    snprintf(path, sizeof path, "/proc/%d/status", worker); /* not listed, but there */
    char want[16];
    snprintf(want, sizeof want, "%d", getpid());
    CHECK_STR(field(path, "Tgid"), want);
}

TEST(mem_file) {
    char buf[10] = "", *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    strcpy(p, "memory");
    int fd = open("/proc/self/mem", O_RDWR);
    CHECK_EQ(pread(fd, buf, 6, (off_t)p), 6);
    CHECK_STR(buf, "memory");
    CHECK_EQ(pwrite(fd, "M", 1, (off_t)p), 1);
    CHECK_STR(p, "Memory");
    CHECK_ERRNO(pread(fd, buf, 6, 8), EIO);
}

TEST(comm_and_oom_are_writable) {
    int fd = open("/proc/self/comm", O_WRONLY);
    CHECK_EQ(write(fd, "renamed", 7), 7);
    CHECK_STR(slurp("/proc/self/comm"), "renamed\n");
    fd = open("/proc/self/oom_score_adj", O_WRONLY);
    CHECK_EQ(write(fd, "500", 3), 3);
    CHECK_STR(slurp("/proc/self/oom_score_adj"), "500\n");
    CHECK_ERRNO(write(fd, "5000", 4), EINVAL);
}

TEST(read_only_and_missing) {
    CHECK_ERRNO(open("/proc/self/absent", O_RDONLY), ENOENT);
    CHECK_ERRNO(mkdir("/proc/x", 0755), ENOENT);
    CHECK_ERRNO(unlink("/proc/self/stat"), EPERM);
    CHECK_ERRNO(open("/proc/99999999/stat", O_RDONLY), ENOENT);
    char buf[10];
    int fd = open("/proc/self/stat", O_RDONLY);
    CHECK_EQ(read(fd, buf, 5), 5);
    CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
    CHECK_EQ(pread(fd, buf, 5, 2), 5);
    struct stat st;
    CHECK_EQ(fstat(fd, &st), 0);
    CHECK_EQ(st.st_mode, S_IFREG | 0444);
    CHECK_EQ(st.st_size, 0);
}

TEST(children_of_others_are_protected) {
    pid_t pid = FORK();
    if (pid == 0) {
        char path[64];
        CHECK_EQ(setresuid(1000, 1000, 1000), 0);
        snprintf(path, sizeof path, "/proc/%d/environ", getppid());
        CHECK_ERRNO(open(path, O_RDONLY), EACCES);
        snprintf(path, sizeof path, "/proc/%d/stat", getppid());
        CHECK(open(path, O_RDONLY) >= 0);
        snprintf(path, sizeof path, "/proc/%d/fd", getppid());
        CHECK_ERRNO(open(path, O_RDONLY), EACCES);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}
