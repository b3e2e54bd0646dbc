/* System calls that are made so often from one place that a platform may rewrite it: nobody must notice. */
#include "guest.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <ucontext.h>

#define HOT 3000
#define PAGE 4096
#define SYS_NONE 1000 /* there is no such call: ENOSYS, quickly */

/* Code of three shapes, each a function without arguments that makes one call and answers its result. */
__asm__(".text; .balign 4096; .globl sites, numbered, bare, compared, sites_end\n"
        "sites: nop\n"
        "numbered: mov $1000, %eax\n .globl numbered_site\n numbered_site: syscall\n ret\n"
        ".balign 64, 0xcc\n"
        "bare: mov %rdi, %rax\n syscall\n ret\n"
        ".balign 32, 0xcc\n"
        ".balign 1024, 0x90\n"
        "compared: mov %rdi, %rax\n syscall\n cmp $-4095, %rax\n jae 1f\n ret\n 1: mov $-1, %rax\n ret\n"
        ".balign 4096, 0x90\n"
        "sites_end:\n");
extern char sites[], sites_end[], numbered_site[];
long numbered(void);
long bare(long nr);
long compared(long nr);

/* A hot one; how many answers were wrong. */
static long rounds(int n) {
    long wrong = 0;
    for (int i = 0; i < n; i++) {
        wrong += numbered() != -ENOSYS;
        wrong += bare(SYS_getpid) <= 0;
        wrong += bare(SYS_NONE) != -ENOSYS;
        wrong += compared(SYS_NONE) != -1;
        wrong += compared(SYS_getuid) < 0;
    }
    return wrong;
}

TEST(thousands) { CHECK_EQ(rounds(HOT), 0); }

static void *many(void *arg) {
    *(long *)arg = rounds(HOT / 4);
    return NULL;
}

TEST(threads_while_it_becomes_hot) {
    pthread_t t[4];
    long wrong[4] = {0};
    for (int i = 0; i < 4; i++)
        MUST(pthread_create(&t[i], NULL, many, &wrong[i]) == 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(t[i], NULL);
        CHECK_EQ(wrong[i], 0);
    }
}

/* Whoever reads the code through the kernel sees what is in the file. */
TEST(read_through_the_kernel) {
    size_t length = sites_end - sites;
    static char copies[5][4 * PAGE];
    MUST(length <= sizeof copies[0]);
    for (int i = 0; i < 2; i++) {
        char *at = i == 0 ? copies[0] : copies[1];
        int mem = open("/proc/self/mem", O_RDONLY);
        CHECK_EQ(pread(mem, at, length, (off_t)(uintptr_t)sites), length);
        close(mem);
        CHECK_EQ(rounds(100), 0);
    }
    struct iovec to = {copies[2], length}, from = {sites, length};
    CHECK_EQ(process_vm_readv(getpid(), &to, 1, &from, 1, 0), length);
    int pipes[2];
    MUST(pipe(pipes) == 0);
    for (size_t done = 0; done < length; done += PAGE) {
        CHECK_EQ(write(pipes[1], sites + done, PAGE), PAGE);
        CHECK_EQ(read(pipes[0], copies[3] + done, PAGE), PAGE);
    }
    int file = open("out", O_RDWR | O_CREAT, 0600);
    CHECK_EQ(pwrite(file, sites, length, 0), length);
    CHECK_EQ(pread(file, copies[4], length, 0), length);
    for (int i = 1; i < 5; i++)
        CHECK(memcmp(copies[0], copies[i], length) == 0);
    CHECK(memcmp(copies[0] + (numbered_site - sites) - 5, "\xb8\xe8\x03\0\0\x0f\x05\xc3", 8) == 0);
}

/* mov $nr, %eax; syscall; ret, as a compiler at run time would write it */
static void emit(char *at, int nr) {
    memcpy(at, "\x90\xb8", 2);
    memcpy(at + 2, &nr, 4);
    memcpy(at + 6, "\x0f\x05\xc3", 3);
}

static long call_code(const char *at) {
    return ((long (*)(void))at)();
}

TEST(code_that_is_written_anew) {
    char *rwx = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    MUST(rwx != MAP_FAILED);
    char *toggled = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    MUST(toggled != MAP_FAILED);
    for (int i = 0; i < 60; i++) {
        int nr = i & 1 ? SYS_getpid : SYS_NONE;
        long expected = i & 1 ? getpid() : -ENOSYS;
        emit(rwx, nr);
        CHECK_EQ(mprotect(toggled, PAGE, PROT_READ | PROT_WRITE), 0);
        emit(toggled, nr);
        CHECK_EQ(mprotect(toggled, PAGE, PROT_READ | PROT_EXEC), 0);
        for (int k = 0; k < 20; k++) {
            CHECK_EQ(call_code(rwx), expected);
            CHECK_EQ(call_code(toggled), expected);
        }
    }
}

TEST(code_that_moves) {
    char *a = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), original[16];
    MUST(a != MAP_FAILED);
    emit(a, SYS_NONE);
    memcpy(original, a, sizeof original);
    MUST(mprotect(a, PAGE, PROT_READ | PROT_EXEC) == 0);
    for (int i = 0; i < 100; i++)
        CHECK_EQ(call_code(a), -ENOSYS);
    char *b = mremap(a, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
                     mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    MUST(b != MAP_FAILED);
    for (int i = 0; i < 100; i++)
        CHECK_EQ(call_code(b), -ENOSYS);
    /* Copied with plain loads, wherever that finds itself. */
    char *c = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(c, b, PAGE);
    for (int i = 0; i < 100; i++)
        CHECK_EQ(call_code(c), -ENOSYS);
    CHECK_EQ(mprotect(b, PAGE, PROT_READ | PROT_WRITE), 0);
    CHECK(memcmp(b, original, sizeof original) == 0);
}

TEST(fork_in_between) {
    CHECK_EQ(rounds(50), 0);
    for (int i = 0; i < 5; i++) {
        pid_t child = FORK();
        CHECK_EQ(rounds(50), 0);
        if (child == 0)
            DONE();
        CHECK_EXIT(child, 0);
    }
}

HELPER(hot) { return rounds(50) != 0; }

TEST(execve_in_between) {
    for (int i = 0; i < 3; i++) {
        pid_t child = FORK();
        if (child == 0) {
            CHECK_EQ(rounds(50), 0);
            execl(GUEST_SELF, "prog", "@hot", (char *)NULL);
            _exit(9);
        }
        CHECK_EXIT(child, 0);
    }
}

extern char **environ;

TEST(spawned_from_hot_code) {
    char *argv[] = {"prog", "@hot", NULL};
    for (int i = 0; i < 3; i++) {
        pid_t child;
        CHECK_EQ(rounds(20), 0);
        CHECK_EQ(posix_spawn(&child, GUEST_SELF, NULL, NULL, argv, environ), 0);
        CHECK_EXIT(child, 0);
        child = vfork();
        if (child == 0) {
            bare(SYS_NONE);
            _exit(compared(SYS_NONE) == -1 ? 0 : 1);
        }
        CHECK_EXIT(child, 0);
    }
}

static volatile long strange, ticks;

/* In code of the program, its libraries or the vdso, and nowhere else. */
static void where(int sig GUEST_UNUSED, siginfo_t *info GUEST_UNUSED, void *context) {
    uintptr_t ip = (uintptr_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
    bool own = ip - (uintptr_t)sites + 0x1000000 < 0x2000000, vdso = ip - getauxval(AT_SYSINFO_EHDR) < 0x4000;
    bool library = ip >= 0x7e0000000000 && ip < 0x7fff80000000;
    if (!own && !vdso && !library)
        strange++;
    ticks++;
}

TEST(interrupted_anywhere) {
    on_info(SIGALRM, where, SA_RESTART);
    struct itimerval often = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
    CHECK_EQ(setitimer(ITIMER_REAL, &often, NULL), 0);
    long wrong = 0;
    long long end = now_ms() + 300;
    while (now_ms() < end)
        wrong += rounds(10);
    CHECK_EQ(setitimer(ITIMER_REAL, &never, NULL), 0);
    CHECK_EQ(wrong, 0);
    CHECK_EQ(strange, 0);
    CHECK(ticks > 0);
}

/* A hot child that stops for its tracer, then makes `n` calls from one place. */
static pid_t traced(int n) {
    pid_t child = FORK();
    if (child == 0) {
        CHECK_EQ(rounds(50), 0);
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        for (int i = 0; i < n; i++)
            if (numbered() != -ENOSYS)
                _exit(1);
        _exit(0);
    }
    int status;
    MUST(waitpid(child, &status, 0) == child && WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    return child;
}

static uintptr_t rip_of(pid_t child) {
    struct user_regs_struct regs = {0};
    CHECK_EQ(ptrace(PTRACE_GETREGS, child, 0, &regs), 0);
    return regs.rip;
}

TEST(single_stepped) {
    pid_t child = traced(20);
    int status, at_site = 0, behind = 0;
    for (int i = 0; i < 2000 && at_site < 5; i++) {
        CHECK_EQ(ptrace(PTRACE_SINGLESTEP, child, 0, 0), 0);
        MUST(waitpid(child, &status, 0) == child);
        if (!WIFSTOPPED(status))
            break;
        CHECK_EQ(WSTOPSIG(status), SIGTRAP);
        uintptr_t rip = rip_of(child);
        if (rip == (uintptr_t)numbered_site) {
            at_site++;
            CHECK_EQ(ptrace(PTRACE_SINGLESTEP, child, 0, 0), 0);
            MUST(waitpid(child, &status, 0) == child);
            behind += rip_of(child) == (uintptr_t)numbered_site + 2;
        }
    }
    CHECK_EQ(at_site, 5);
    CHECK_EQ(behind, 5);
    CHECK_EQ(ptrace(PTRACE_CONT, child, 0, 0), 0);
    CHECK_EXIT(child, 0);
}

TEST(breakpoint) {
    pid_t child = traced(5);
    int status, hits = 0;
    long old = ptrace(PTRACE_PEEKTEXT, child, numbered_site, 0);
    CHECK_EQ(old & 0xffff, 0x050f);
    for (int i = 0; i < 5; i++) {
        CHECK_EQ(ptrace(PTRACE_POKETEXT, child, numbered_site, (old & ~0xffl) | 0xcc), 0);
        CHECK_EQ(ptrace(PTRACE_CONT, child, 0, 0), 0);
        MUST(waitpid(child, &status, 0) == child);
        if (!WIFSTOPPED(status))
            break;
        CHECK_EQ(WSTOPSIG(status), SIGTRAP);
        struct user_regs_struct regs;
        CHECK_EQ(ptrace(PTRACE_GETREGS, child, 0, &regs), 0);
        hits += regs.rip == (uintptr_t)numbered_site + 1;
        regs.rip--;
        CHECK_EQ(ptrace(PTRACE_SETREGS, child, 0, &regs), 0);
        CHECK_EQ(ptrace(PTRACE_POKETEXT, child, numbered_site, old), 0);
        CHECK_EQ(ptrace(PTRACE_SINGLESTEP, child, 0, 0), 0);
        MUST(waitpid(child, &status, 0) == child && WIFSTOPPED(status));
    }
    CHECK_EQ(hits, 5);
    CHECK_EQ(ptrace(PTRACE_CONT, child, 0, 0), 0);
    CHECK_EXIT(child, 0);
}

TEST(traced_calls_are_counted) {
    pid_t child = traced(25);
    int status, stops = 0, right = 0;
    for (;;) {
        CHECK_EQ(ptrace(PTRACE_SYSCALL, child, 0, 0), 0);
        MUST(waitpid(child, &status, 0) == child);
        if (!WIFSTOPPED(status))
            break;
        struct user_regs_struct regs;
        CHECK_EQ(ptrace(PTRACE_GETREGS, child, 0, &regs), 0);
        if (regs.orig_rax == SYS_NONE) {
            stops++;
            right += regs.rip == (uintptr_t)numbered_site + 2;
        }
    }
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK_EQ(stops, 50);
    CHECK_EQ(right, 50);
}

TEST(own_gs) {
    static long words[4] = {11, 22, 33, 44};
    CHECK_EQ(rounds(50), 0);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(syscall(SYS_arch_prctl, 0x1001 /* ARCH_SET_GS */, &words[i]), 0);
        for (int k = 0; k < 100; k++) {
            long got, base;
            CHECK_EQ(rounds(1), 0);
            __asm__ volatile("mov %%gs:8, %0" : "=r"(got));
            CHECK_EQ(got, words[i + 1]);
            CHECK_EQ(syscall(SYS_arch_prctl, 0x1004 /* ARCH_GET_GS */, &base), 0);
            CHECK_EQ(base, (long)&words[i]);
        }
    }
    CHECK_EQ(syscall(SYS_arch_prctl, 0x1001, 0), 0);
    CHECK_EQ(rounds(50), 0);
}

/* The filter knows the call by where it is made. */
TEST(filter_sees_the_place) {
    CHECK_EQ(rounds(50), 0);
    uintptr_t ip = (uintptr_t)numbered_site + 2;
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)ip, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer) + 4),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(ip >> 32), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 77),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof code[0], code};
    CHECK_EQ(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    CHECK_EQ(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
    for (int i = 0; i < 100; i++) {
        CHECK_EQ(numbered(), -77);
        CHECK_EQ(bare(SYS_NONE), -ENOSYS);
    }
}
