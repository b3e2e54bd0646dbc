/* fuzz_syscalls SEED COUNT: COUNT system calls over the whole table with hostile values in every argument, the same
 * sequence for the same seed. For sandboxes only: as root on a real machine it would do real harm.
 *
 * Calls are made in batches by forked children; one that dies or hangs is counted and the next batch goes on. What would
 * only end the run, or reach outside it, is not called: exit, killing everybody, reboot, unlinking by absolute path.
 * The last line is `fuzz SEED: COUNT calls`; a line before it tells how many children died of what. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BATCH = 200, LAST = 460, PAGES = 8, MAX_SECONDS = 10 };

static uint64_t state;
static uint64_t next(void) { /* splitmix64 */
    uint64_t z = (state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static char *arena, *read_only, *no_access, *edge;
static char paths[8][64] = {"a", "d/b", "d", "link", "fifo", "/proc/self/status", "/dev/null", "d/../a"};
static volatile long *done;

static uint64_t address(void) {
    switch (next() % 14) {
    case 0: return 0;
    case 1: return next() % 4096;
    case 2: return (uint64_t)read_only + next() % 4096;
    case 3: return (uint64_t)no_access + next() % 4096;
    case 4: return (uint64_t)edge - next() % 64; /* the last bytes before a hole */
    case 5: return 0x7ffffffff000 - next() % 16;
    case 6: return 0xffff800000000000 + next() % 4096;
    case 7: return 0x8000000000000000 + next();
    case 8: return -(next() % 4096);
    case 9: return (uint64_t)paths[next() % 8];
    default: return (uint64_t)arena + next() % (PAGES * 4096);
    }
}

static uint64_t number(void) {
    static const uint64_t edges[] = {0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 65, 127, 128, 255, 256, 1023, 1024, 4095,
                                     4096, 4097, 65535, 65536, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
                                     0x7fffffffffffffff, 0x8000000000000000, -1ull, -2ull, -100ull, -4096ull};
    switch (next() % 4) {
    case 0: return edges[next() % (sizeof edges / sizeof *edges)];
    case 1: return 1ull << next() % 64;
    case 2: return next() % 64;
    default: return next() >> next() % 64;
    }
}

static uint64_t argument(void) {
    switch (next() % 8) {
    case 0:
    case 1:
    case 2: return address();
    case 3:
    case 4: return next() % 24; /* often a descriptor */
    case 5: return -100;        /* AT_FDCWD */
    default: return number();
    }
}

/* Calls that end, suspend or disarm the child itself, or say goodbye to the whole sandbox. */
static int skipped(long nr) {
    switch (nr) {
    case SYS_exit: case SYS_exit_group: case SYS_pause: case SYS_rt_sigreturn: case SYS_rt_sigsuspend: case SYS_vfork:
    case SYS_fork: case SYS_clone: case SYS_clone3: case SYS_reboot: case SYS_kexec_load: case SYS_kexec_file_load:
    case SYS_alarm: case SYS_setitimer: case SYS_swapon: case SYS_swapoff: case SYS_seccomp: case SYS_ptrace:
    case SYS_init_module: case SYS_finit_module: case SYS_delete_module: case SYS_setsid: case SYS_vhangup:
        return 1;
    default:
        return 0;
    }
}

/* Makes the arguments of dangerous calls harmless; the rest stays as it came. */
static void guard(long nr, uint64_t *a) {
    pid_t self = getpid();
    switch (nr) {
    case SYS_kill: case SYS_tkill: case SYS_rt_sigqueueinfo: /* only this child hears it, and never a fatal stop */
        a[0] = self;
        if (a[1] == SIGSTOP || a[1] == SIGTSTP || a[1] == SIGTTIN || a[1] == SIGTTOU)
            a[1] = 0;
        break;
    case SYS_tgkill: case SYS_rt_tgsigqueueinfo:
        a[0] = a[1] = self;
        if (a[2] == SIGSTOP || a[2] == SIGTSTP || a[2] == SIGTTIN || a[2] == SIGTTOU)
            a[2] = 0;
        break;
    case SYS_pidfd_open: case SYS_prlimit64: case SYS_process_vm_readv: case SYS_process_vm_writev: case SYS_setpgid:
    case SYS_sched_setaffinity: case SYS_sched_setparam: case SYS_sched_setscheduler: case SYS_sched_setattr:
    case SYS_migrate_pages: case SYS_move_pages:
        a[0] = next() % 2 ? 0 : (uint64_t)self;
        break;
    case SYS_setpriority: case SYS_ioprio_set:
        a[1] = self;
        break;
    case SYS_prctl:
        if (a[0] == PR_SET_SECCOMP || a[0] == PR_SET_PDEATHSIG || a[0] == PR_SET_SYSCALL_USER_DISPATCH)
            a[0] = PR_GET_NAME;
        break;
    case SYS_close_range: /* not the result pipe's neighbourhood: children own descriptors from 3 up */
        a[0] = 3 + a[0] % 20;
        break;
    case SYS_munmap: case SYS_mprotect: case SYS_mremap: case SYS_madvise: case SYS_pkey_mprotect:
        a[0] = (uint64_t)arena + (a[0] & 7) * 4096;
        a[1] %= 3 * 4096;
        if (nr == SYS_mremap)
            a[3] &= 1;
        break;
    case SYS_mmap:
        a[3] &= ~(uint64_t)(MAP_FIXED | MAP_POPULATE | MAP_LOCKED);
        break;
    case SYS_mlockall: case SYS_mlock: case SYS_mlock2:
        a[1] %= 1 << 20;
        break;
    case SYS_fallocate: case SYS_ftruncate: case SYS_truncate: /* sparse, but not the whole disk */
        a[1] &= 0x8000000000ffffff;
        a[2] &= 0x8000000000ffffff;
        a[3] &= 0x8000000000ffffff;
        break;
    case SYS_unlink: case SYS_rmdir: case SYS_rename: case SYS_mount: case SYS_umount2: case SYS_pivot_root:
    case SYS_chroot:
        a[0] = (uint64_t)paths[next() % 5];
        if (nr == SYS_rename || nr == SYS_pivot_root)
            a[1] = (uint64_t)paths[next() % 5];
        break;
    case SYS_unlinkat: case SYS_renameat: case SYS_renameat2:
        a[1] = (uint64_t)paths[next() % 5];
        a[3] = (uint64_t)paths[next() % 5];
        break;
    case SYS_sethostname: case SYS_setdomainname:
        a[1] |= 1ull << 40;
        break;
    case SYS_dup2: case SYS_dup3:
        a[1] = 3 + a[1] % 60;
        break;
    case SYS_close:
        a[0] = 3 + a[0] % 20;
        break;
    case SYS_write: case SYS_writev: case SYS_pwrite64: case SYS_pwritev: case SYS_pwritev2: case SYS_sendfile:
    case SYS_splice: case SYS_fcntl: case SYS_ioctl: /* leave the terminal alone */
        if (a[0] < 3)
            a[0] += 3;
        if (nr == SYS_splice && a[2] < 3)
            a[2] += 3;
        break;
    }
}

static void open_things(void) {
    int p[2], s[2];
    mkdir("d", 0755);
    close(open("a", O_CREAT | O_RDWR, 0644));
    close(open("d/b", O_CREAT | O_RDWR, 0644));
    if (symlink("a", "link") != 0 && errno != EEXIST)
        _exit(3);
    mkfifo("fifo", 0644);
    open("a", O_RDWR);
    open("d", O_RDONLY | O_DIRECTORY);
    open("/dev/zero", O_RDWR);
    if (pipe2(p, O_NONBLOCK) != 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s) != 0)
        _exit(3);
    socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    epoll_create1(0);
    eventfd(1, EFD_NONBLOCK);
    timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    memfd_create("m", MFD_ALLOW_SEALING);
    open("/proc/self/status", O_RDONLY);
    open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK);
}

static void interrupt(int sig) {
    (void)sig;
}

static void run_batch(long count) {
    struct rlimit limit = {1 << 24, 1 << 24}, memory = {1ul << 30, 1ul << 30};
    struct sigaction sa = {.sa_handler = interrupt};
    struct itimerval tick = {{0, 20000}, {0, 20000}};
    open_things();
    setrlimit(RLIMIT_FSIZE, &limit);
    setrlimit(RLIMIT_AS, &memory);
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    for (long i = 0; i < count; i++) {
        for (size_t k = 0; k < 64; k++) /* fresh garbage where structures are read from */
            ((uint64_t *)arena)[next() % (PAGES * 512 - 1)] = next() % 3 ? argument() : next();
        long nr;
        do
            nr = next() % (LAST + 1);
        while (skipped(nr));
        uint64_t a[6];
        for (int k = 0; k < 6; k++)
            a[k] = argument();
        guard(nr, a);
        sigaction(SIGALRM, &sa, NULL); /* what blocks is interrupted, whatever the last call did to us */
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        setitimer(ITIMER_REAL, &tick, NULL);
        *done += 1;
        if (next() % 64 == 0) /* numbers that are none, unless only their lower half counts */
            nr = next() % 2 ? (long)number() | 0x7ffff000 : nr | (long)(next() << 32);
        syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
    }
    _exit(0);
}

static pid_t current;
static void give_up(int sig) {
    (void)sig;
    kill(current, SIGKILL);
}

int main(int argc, char **argv) {
    if (argc != 3 || getenv("GVJ_FUZZ_HERE") == NULL) {
        fprintf(stderr, "usage: GVJ_FUZZ_HERE=1 fuzz_syscalls SEED COUNT (in a sandbox only)\n");
        return 2;
    }
    uint64_t seed = strtoull(argv[1], NULL, 0);
    long total = atol(argv[2]), killed = 0, hung = 0, batches = 0;
    char scratch[] = "/tmp/fuzz.XXXXXX";
    struct sigaction sa = {.sa_handler = give_up};
    if (!mkdtemp(scratch) || chdir(scratch) != 0)
        return perror("scratch"), 1;
    done = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    arena = mmap(NULL, (PAGES + 4) * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (done == MAP_FAILED || arena == MAP_FAILED)
        return perror("mmap"), 1;
    read_only = arena + PAGES * 4096;
    no_access = read_only + 4096;
    mprotect(read_only, 4096, PROT_READ);
    mprotect(no_access, 4096, PROT_NONE);
    edge = no_access + 2 * 4096;
    munmap(edge, 4096);
    sigaction(SIGALRM, &sa, NULL);
    while (*done < total) {
        long before = *done, count = total - before < BATCH ? total - before : BATCH;
        int status;
        state = seed + (uint64_t)before * 0x632be59bd9b4e019;
        fflush(stdout);
        current = fork();
        if (current < 0)
            return perror("fork"), 1;
        if (current == 0)
            run_batch(count);
        alarm(MAX_SECONDS);
        while (waitpid(current, &status, 0) < 0 && errno == EINTR)
            ;
        alarm(0);
        batches++;
        if (WIFSIGNALED(status)) {
            hung += WTERMSIG(status) == SIGKILL;
            killed += WTERMSIG(status) != SIGKILL;
        }
        if (*done == before)
            return printf("no progress after %ld calls, status %#x\n", before, status), 1;
        if (*done > total || *done < before) /* a call wrote over the counter */
            *done = before + count;
    }
    fprintf(stderr, "%ld children, %ld died of a signal, %ld had to be killed\n", batches, killed, hung);
    printf("fuzz %s: %ld calls\n", argv[1], total);
    return 0;
}
