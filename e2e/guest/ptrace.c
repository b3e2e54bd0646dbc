/* ptrace: what strace and gdb stand on. */
#include "guest.h"
#include <elf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

static int wait_stop(pid_t pid) {
    int status = -1;
    if (waitpid(pid, &status, __WALL) != pid)
        return -1;
    return WIFSTOPPED(status) ? status >> 8 : -2;
}

/* A child that traces itself to us and stops, then runs BODY. */
static pid_t traced(void (*body)(void)) {
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(ptrace(PTRACE_TRACEME, 0, 0, 0), 0);
        raise(SIGSTOP);
        body();
        _exit(21);
    }
    CHECK_EQ(wait_stop(pid), SIGSTOP);
    CHECK_EQ(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL), 0);
    return pid;
}

static volatile long word = 0x1122334455667788;
static void nothing(void) {
}

TEST(peek_and_poke) {
    struct user_regs_struct regs;
    pid_t pid = traced(nothing);
    errno = 0;
    CHECK_EQ(ptrace(PTRACE_PEEKDATA, pid, &word, 0), 0x1122334455667788);
    CHECK_EQ(ptrace(PTRACE_POKEDATA, pid, &word, 5), 0);
    CHECK_EQ(ptrace(PTRACE_PEEKDATA, pid, &word, 0), 5);
    CHECK_EQ(word, 0x1122334455667788);
    CHECK_ERRNO(ptrace(PTRACE_PEEKDATA, pid, 8, 0), EIO);
    CHECK_EQ(ptrace(PTRACE_GETREGS, pid, 0, &regs), 0);
    CHECK_EQ(ptrace(PTRACE_PEEKUSER, pid, offsetof(struct user, regs.rip), 0), regs.rip);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EXIT(pid, 21);
}

static void call_getppid(void) {
    syscall(SYS_getppid, 1, 2, 3);
}

TEST(system_call_stops) {
    struct user_regs_struct regs;
    pid_t pid = traced(call_getppid);
    bool seen = false;
    for (int i = 0; i < 20 && !seen; i++) {
        CHECK_EQ(ptrace(PTRACE_SYSCALL, pid, 0, 0), 0);
        CHECK_EQ(wait_stop(pid), SIGTRAP | 0x80);
        CHECK_EQ(ptrace(PTRACE_GETREGS, pid, 0, &regs), 0);
        seen = regs.orig_rax == SYS_getppid;
    }
    CHECK(seen);
    CHECK_EQ(regs.rdi * 100 + regs.rsi * 10 + regs.rdx, 123);
    CHECK_EQ((long)regs.rax, -ENOSYS);
    CHECK_EQ(ptrace(PTRACE_SYSCALL, pid, 0, 0), 0);
    CHECK_EQ(wait_stop(pid), SIGTRAP | 0x80);
    CHECK_EQ(ptrace(PTRACE_GETREGS, pid, 0, &regs), 0);
    CHECK_EQ(regs.rax, getpid());
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EXIT(pid, 21);
}

static void exit_with_getppid(void) {
    _exit(syscall(SYS_getppid) == 77 ? 66 : 1);
}

TEST(results_can_be_changed) {
    struct user_regs_struct regs;
    pid_t pid = traced(exit_with_getppid);
    do {
        CHECK_EQ(ptrace(PTRACE_SYSCALL, pid, 0, 0), 0);
        MUST(wait_stop(pid) == (SIGTRAP | 0x80));
        CHECK_EQ(ptrace(PTRACE_GETREGS, pid, 0, &regs), 0);
    } while (regs.orig_rax != SYS_getppid);
    CHECK_EQ(ptrace(PTRACE_SYSCALL, pid, 0, 0), 0);
    CHECK_EQ(wait_stop(pid), SIGTRAP | 0x80);
    CHECK_EQ(ptrace(PTRACE_GETREGS, pid, 0, &regs), 0);
    regs.rax = 77;
    CHECK_EQ(ptrace(PTRACE_SETREGS, pid, 0, &regs), 0);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EXIT(pid, 66);
}

static void get_signal(void) {
    raise(SIGUSR1);
}

TEST(signals_stop_and_can_be_dropped) {
    siginfo_t info;
    pid_t pid = traced(get_signal);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EQ(wait_stop(pid), SIGUSR1);
    CHECK_EQ(ptrace(PTRACE_GETSIGINFO, pid, 0, &info), 0);
    CHECK_EQ(info.si_signo, SIGUSR1);
    CHECK_EQ(info.si_code, SI_TKILL);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0); /* dropped */
    CHECK_EXIT(pid, 21);
    pid = traced(get_signal);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EQ(wait_stop(pid), SIGUSR1);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, SIGTERM), 0); /* another in its place */
    CHECK_KILLED(pid, SIGTERM);
}

TEST(single_steps) {
    struct user_regs_struct a, b;
    pid_t pid = traced(nothing);
    CHECK_EQ(ptrace(PTRACE_GETREGS, pid, 0, &a), 0);
    for (int i = 0; i < 10; i++) {
        CHECK_EQ(ptrace(PTRACE_SINGLESTEP, pid, 0, 0), 0);
        CHECK_EQ(wait_stop(pid), SIGTRAP);
    }
    CHECK_EQ(ptrace(PTRACE_GETREGS, pid, 0, &b), 0);
    CHECK(a.rip != b.rip);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EXIT(pid, 21);
}

static void fork_once(void) {
    pid_t pid = fork();
    if (pid == 0)
        _exit(3);
    waitpid(pid, NULL, 0);
}

TEST(fork_events) {
    unsigned long child = 0;
    pid_t pid = traced(fork_once);
    CHECK_EQ(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEFORK | PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL), 0);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EQ(wait_stop(pid), SIGTRAP | PTRACE_EVENT_FORK << 8);
    CHECK_EQ(ptrace(PTRACE_GETEVENTMSG, pid, 0, &child), 0);
    CHECK_EQ(wait_stop(child), SIGSTOP); /* followed from its start */
    CHECK_EQ(ptrace(PTRACE_DETACH, child, 0, 0), 0);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    int stop = wait_stop(pid);
    if (stop == SIGCHLD) {
        CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, SIGCHLD), 0);
        stop = wait_stop(pid);
    }
    CHECK_EQ(stop, SIGTRAP | PTRACE_EVENT_EXIT << 8);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EXIT(pid, 21);
}

HELPER(exit8) {
    return 8;
}

static void exec_once(void) {
    execl(GUEST_SELF, "self", "@exit8", NULL);
}

TEST(exec_stops) {
    pid_t pid = traced(exec_once);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EQ(wait_stop(pid), SIGTRAP);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EXIT(pid, 8);
}

TEST(attach_and_detach) {
    pid_t pid = FORK();
    if (pid == 0) {
        for (;;)
            pause();
    }
    CHECK_EQ(ptrace(PTRACE_ATTACH, pid, 0, 0), 0);
    CHECK_EQ(wait_stop(pid), SIGSTOP);
    CHECK_ERRNO(ptrace(PTRACE_ATTACH, pid, 0, 0), EPERM);
    CHECK_EQ(state_of(pid), 't');
    CHECK_EQ(ptrace(PTRACE_DETACH, pid, 0, 0), 0);
    CHECK(UNTIL(state_of(pid) == 'S'));
    CHECK_EQ(ptrace(PTRACE_SEIZE, pid, 0, 0), 0);
    CHECK_EQ(ptrace(PTRACE_INTERRUPT, pid, 0, 0), 0);
    CHECK_EQ(wait_stop(pid), SIGTRAP | PTRACE_EVENT_STOP << 8);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    kill(pid, SIGKILL);
    CHECK_KILLED(pid, SIGKILL);
}

TEST(errors) {
    CHECK_ERRNO(ptrace(PTRACE_ATTACH, 99999999, 0, 0), ESRCH);
    CHECK_ERRNO(ptrace(PTRACE_ATTACH, getpid(), 0, 0), EPERM);
    CHECK_ERRNO(ptrace(PTRACE_CONT, getppid(), 0, 0), ESRCH);
    CHECK_EQ(ptrace(PTRACE_TRACEME, 0, 0, 0), 0);
    CHECK_ERRNO(ptrace(PTRACE_TRACEME, 0, 0, 0), EPERM);
}

static volatile int *shared_word(void) {
    int *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    MUST(p != MAP_FAILED);
    return p;
}

static pid_t sleeper(void) {
    pid_t pid = FORK();
    if (pid == 0) {
        for (;;)
            pause();
    }
    CHECK(UNTIL(state_of(pid) == 'S'));
    return pid;
}

static void end(pid_t pid) {
    CHECK_EQ(kill(pid, SIGKILL), 0);
    CHECK_KILLED(pid, SIGKILL);
}

TEST(register_sets) {
    struct user_regs_struct regs, some;
    struct user_fpregs_struct fp, again;
    struct iovec v = {&some, sizeof some};
    unsigned char xstate[16384];
    pid_t pid = traced(nothing);
    CHECK_EQ(ptrace(PTRACE_GETREGS, pid, 0, &regs), 0);
    CHECK_EQ(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v), 0);
    CHECK_EQ(v.iov_len, sizeof regs);
    CHECK_EQ(memcmp(&regs, &some, sizeof regs), 0);
    CHECK_EQ(regs.cs * 0x100 + regs.ss, 0x332b);
    v = (struct iovec){&some, 16};
    CHECK_EQ(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v), 0);
    CHECK_EQ(v.iov_len, 16);
    v.iov_len = 15;
    CHECK_ERRNO(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v), EINVAL);
    CHECK_ERRNO(ptrace(PTRACE_GETREGSET, pid, 0x7777, &v), EINVAL);
    CHECK_EQ(ptrace(PTRACE_GETFPREGS, pid, 0, &fp), 0);
    CHECK_EQ(fp.mxcsr, 0x1f80);
    fp.xmm_space[4 * 9] = 0x12345678;
    CHECK_EQ(ptrace(PTRACE_SETFPREGS, pid, 0, &fp), 0);
    CHECK_EQ(ptrace(PTRACE_GETFPREGS, pid, 0, &again), 0);
    CHECK_EQ(again.xmm_space[4 * 9], 0x12345678);
    v = (struct iovec){xstate, sizeof xstate};
    CHECK_EQ(ptrace(PTRACE_GETREGSET, pid, NT_X86_XSTATE, &v), 0);
    CHECK(v.iov_len >= 576 && v.iov_len < sizeof xstate);
    CHECK_EQ(*(uint64_t *)(xstate + 464) & 3, 3);
    CHECK_EQ(*(uint32_t *)(xstate + 160 + 16 * 9), 0x12345678);
    *(uint32_t *)(xstate + 160 + 16 * 8) = 0x9abc;
    CHECK_EQ(ptrace(PTRACE_SETREGSET, pid, NT_X86_XSTATE, &v), 0);
    CHECK_EQ(ptrace(PTRACE_GETFPREGS, pid, 0, &again), 0);
    CHECK_EQ(again.xmm_space[4 * 8], 0x9abc);
    v.iov_len = 512;
    CHECK_ERRNO(ptrace(PTRACE_SETREGSET, pid, NT_X86_XSTATE, &v), EFAULT);
    CHECK_ERRNO(ptrace(PTRACE_PEEKUSER, pid, 3, 0), EIO);
    CHECK_ERRNO(ptrace(PTRACE_PEEKUSER, pid, 928, 0), EIO);
    CHECK_ERRNO(ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.fs_base), 1UL << 63), EIO);
    CHECK_ERRNO(ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.cs), 0), EIO);
    CHECK_EQ(ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.r15), 77), 0);
    CHECK_EQ(ptrace(PTRACE_PEEKUSER, pid, offsetof(struct user, regs.r15), 0), 77);
    CHECK_EQ(ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.r15), regs.r15), 0);
    CHECK_ERRNO(ptrace(PTRACE_CONT, pid, 0, 65), EIO);
    CHECK_ERRNO(ptrace(12345, pid, 0, 0), EIO);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EXIT(pid, 21);
}

TEST(signal_mask_and_info) {
    uint64_t mask = 0;
    siginfo_t info;
    pid_t pid = traced(get_signal);
    CHECK_EQ(ptrace(PTRACE_GETSIGMASK, pid, 8, &mask), 0);
    CHECK_EQ(mask, 0);
    CHECK_ERRNO(ptrace(PTRACE_GETSIGMASK, pid, 16, &mask), EINVAL);
    mask = ~0ULL;
    CHECK_EQ(ptrace(PTRACE_SETSIGMASK, pid, 8, &mask), 0);
    CHECK_EQ(ptrace(PTRACE_GETSIGMASK, pid, 8, &mask), 0);
    CHECK_EQ(mask, ~(1ULL << (SIGKILL - 1) | 1ULL << (SIGSTOP - 1)));
    mask = 0;
    CHECK_EQ(ptrace(PTRACE_SETSIGMASK, pid, 8, &mask), 0);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EQ(wait_stop(pid), SIGUSR1);
    CHECK_EQ(ptrace(PTRACE_GETSIGINFO, pid, 0, &info), 0);
    info.si_signo = SIGUSR2;
    CHECK_EQ(ptrace(PTRACE_SETSIGINFO, pid, 0, &info), 0);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, SIGUSR2), 0);
    CHECK_KILLED(pid, SIGUSR2);
}

/* struct __ptrace_syscall_info by offsets: the C library's name for it changed. */
static struct { uint8_t op, pad[3]; uint32_t arch; uint64_t ip, sp, nr, args[6]; uint32_t data, more; } si;

static long syscall_info(pid_t pid) {
    memset(&si, 0xee, sizeof si);
    return syscall(SYS_ptrace, 0x420e, pid, sizeof si, &si);
}

TEST(system_call_info) {
    pid_t pid = traced(call_getppid);
    CHECK_EQ(syscall_info(pid), 24);
    CHECK_EQ(si.op, 0);
    CHECK_EQ(si.arch, 0xc000003e);
    do {
        CHECK_EQ(ptrace(PTRACE_SYSCALL, pid, 0, 0), 0);
        MUST(wait_stop(pid) == (SIGTRAP | 0x80));
        CHECK(syscall_info(pid) > 0);
    } while (si.op != 1 || si.nr != SYS_getppid);
    CHECK_EQ(syscall_info(pid), 80);
    CHECK_EQ(si.args[0] * 100 + si.args[1] * 10 + si.args[2], 123);
    unsigned long message = 0;
    CHECK_EQ(ptrace(PTRACE_GETEVENTMSG, pid, 0, &message), 0);
    CHECK_EQ(message, 1);
    CHECK_EQ(ptrace(PTRACE_SYSCALL, pid, 0, 0), 0);
    CHECK_EQ(wait_stop(pid), SIGTRAP | 0x80);
    CHECK_EQ(syscall_info(pid), 33);
    CHECK_EQ(si.op, 2);
    CHECK_EQ(si.nr, getpid());
    CHECK_EQ(si.args[0] & 0xff, 0);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EXIT(pid, 21);
}

TEST(calls_can_be_skipped_and_exchanged) {
    struct user_regs_struct regs;
    pid_t pid = traced(exit_with_getppid);
    do {
        CHECK_EQ(ptrace(PTRACE_SYSCALL, pid, 0, 0), 0);
        MUST(wait_stop(pid) == (SIGTRAP | 0x80));
        CHECK_EQ(ptrace(PTRACE_GETREGS, pid, 0, &regs), 0);
    } while (regs.orig_rax != SYS_getppid);
    regs.orig_rax = -1;
    regs.rax = 77;
    CHECK_EQ(ptrace(PTRACE_SETREGS, pid, 0, &regs), 0);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EXIT(pid, 66);
    pid = traced(call_getppid);
    do {
        CHECK_EQ(ptrace(PTRACE_SYSCALL, pid, 0, 0), 0);
        MUST(wait_stop(pid) == (SIGTRAP | 0x80));
        CHECK_EQ(ptrace(PTRACE_GETREGS, pid, 0, &regs), 0);
    } while (regs.orig_rax != SYS_getppid);
    CHECK_EQ(ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.orig_rax), SYS_exit_group), 0);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EXIT(pid, 1); /* its first argument */
}

TEST(emulation) {
    struct user_regs_struct regs;
    pid_t pid = traced(exit_with_getppid);
    do {
        CHECK_EQ(ptrace(31 /* PTRACE_SYSEMU */, pid, 0, 0), 0);
        MUST(wait_stop(pid) == (SIGTRAP | 0x80));
        CHECK_EQ(ptrace(PTRACE_GETREGS, pid, 0, &regs), 0);
    } while (regs.orig_rax != SYS_getppid);
    regs.rax = 77;
    CHECK_EQ(ptrace(PTRACE_SETREGS, pid, 0, &regs), 0);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EXIT(pid, 66);
}

static void step_over_call(void) {
    long r;
    asm volatile("nop\n\tnop\n\tsyscall\n\tnop" : "=a"(r) : "a"(SYS_getpid) : "rcx", "r11", "memory");
    raise(SIGTERM);
}

TEST(steps_over_a_system_call) {
    siginfo_t info;
    int trace = 0, brkpt = 0;
    pid_t pid = traced(step_over_call);
    for (int i = 0; i < 2000; i++) {
        struct user_regs_struct r;
        CHECK_EQ(ptrace(PTRACE_GETREGS, pid, 0, &r), 0);
        CHECK_EQ(r.eflags & 0x100, 0);
        long code = ptrace(PTRACE_PEEKTEXT, pid, r.rip, 0);
        bool call = (code & 0xffff) == 0x050f;
        if (call && r.rax == SYS_tgkill)
            break;
        CHECK_EQ(ptrace(PTRACE_SINGLESTEP, pid, 0, 0), 0);
        MUST(wait_stop(pid) == SIGTRAP);
        CHECK_EQ(ptrace(PTRACE_GETSIGINFO, pid, 0, &info), 0);
        if (call) {
            struct user_regs_struct b;
            CHECK_EQ(ptrace(PTRACE_GETREGS, pid, 0, &b), 0);
            CHECK_EQ(b.rip, r.rip + 2);
            CHECK_EQ(info.si_code, TRAP_BRKPT);
            brkpt++;
        } else {
            CHECK_EQ(info.si_code, TRAP_TRACE);
            trace++;
        }
    }
    CHECK(trace > 4);
    CHECK(brkpt > 0);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EQ(wait_stop(pid), SIGTERM);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, SIGTERM), 0);
    CHECK_KILLED(pid, SIGTERM);
}

static void breakpoint(void) {
    asm volatile("int3");
}

TEST(breakpoints) {
    siginfo_t info;
    pid_t pid = traced(breakpoint);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EQ(wait_stop(pid), SIGTRAP);
    CHECK_EQ(ptrace(PTRACE_GETSIGINFO, pid, 0, &info), 0);
    CHECK_EQ(info.si_code, SI_KERNEL);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EXIT(pid, 21);
}

static void vfork_once(void) {
    if (vfork() == 0)
        _exit(3);
    _exit(4);
}

static void exec_once_more(void) {
    execl(GUEST_SELF, "self", "@exit8", NULL);
}

TEST(vfork_and_exec_events) {
    unsigned long message = 0;
    pid_t pid = traced(vfork_once);
    CHECK_EQ(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEVFORK | PTRACE_O_TRACEVFORKDONE | PTRACE_O_EXITKILL), 0);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EQ(wait_stop(pid), SIGTRAP | PTRACE_EVENT_VFORK << 8);
    CHECK_EQ(ptrace(PTRACE_GETEVENTMSG, pid, 0, &message), 0);
    pid_t child = message;
    CHECK_EQ(wait_stop(child), SIGSTOP);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EQ(ptrace(PTRACE_CONT, child, 0, 0), 0);
    CHECK_EXIT(child, 3);
    CHECK_EQ(wait_stop(pid), SIGTRAP | PTRACE_EVENT_VFORK_DONE << 8);
    CHECK_EQ(ptrace(PTRACE_GETEVENTMSG, pid, 0, &message), 0);
    CHECK_EQ(message, child);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    int stop = wait_stop(pid);
    if (stop == SIGCHLD)
        CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EXIT(pid, 4);
    pid = traced(exec_once_more);
    CHECK_EQ(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL), 0);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EQ(wait_stop(pid), SIGTRAP | PTRACE_EVENT_EXEC << 8);
    CHECK_EQ(ptrace(PTRACE_GETEVENTMSG, pid, 0, &message), 0);
    CHECK_EQ(message, pid);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EXIT(pid, 8);
}

static void *thread_body(void *arg) {
    return arg;
}

static void one_thread(void) {
    pthread_t t;
    pthread_create(&t, NULL, thread_body, NULL);
    pthread_join(t, NULL);
}

TEST(threads_are_waited_for) {
    unsigned long message = 0;
    int status = -1;
    pid_t pid = traced(one_thread);
    CHECK_EQ(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL), 0);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EQ(wait_stop(pid), SIGTRAP | PTRACE_EVENT_CLONE << 8);
    CHECK_EQ(ptrace(PTRACE_GETEVENTMSG, pid, 0, &message), 0);
    pid_t tid = message;
    CHECK_EQ(wait_stop(tid), SIGSTOP);
    CHECK_EQ(ptrace(PTRACE_CONT, tid, 0, 0), 0);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EQ(waitpid(tid, &status, __WALL), tid);
    CHECK(WIFEXITED(status)); /* with 0, or 21 if the process has ended meanwhile */
    CHECK_EXIT(pid, 21);
}

static void *exec_in_thread(void *arg) {
    exec_once_more();
    return arg;
}

static void exec_by_thread(void) {
    pthread_t t;
    pthread_create(&t, NULL, exec_in_thread, NULL);
    for (;;)
        pause();
}

TEST(exec_by_a_thread) {
    unsigned long message = 0;
    pid_t pid = traced(exec_by_thread);
    CHECK_EQ(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL), 0);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EQ(wait_stop(pid), SIGTRAP | PTRACE_EVENT_CLONE << 8);
    CHECK_EQ(ptrace(PTRACE_GETEVENTMSG, pid, 0, &message), 0);
    pid_t tid = message;
    CHECK_EQ(wait_stop(tid), SIGSTOP);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EQ(ptrace(PTRACE_CONT, tid, 0, 0), 0);
    CHECK_EQ(wait_stop(pid), SIGTRAP | PTRACE_EVENT_EXEC << 8); /* the thread has the process's id now */
    CHECK_EQ(ptrace(PTRACE_GETEVENTMSG, pid, 0, &message), 0);
    CHECK_EQ(message, tid);
    CHECK_ERRNO(waitpid(tid, NULL, __WALL | WNOHANG), ECHILD);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EXIT(pid, 8);
}

TEST(comparing_processes) {
    pid_t me = getpid();
    int fd = open("/dev/null", O_RDONLY), twin = dup(fd), another = open("/dev/null", O_RDONLY);
    pid_t pid = sleeper();
    CHECK_EQ(syscall(SYS_kcmp, me, me, 0, fd, twin), 0);
    CHECK_EQ(syscall(SYS_kcmp, me, pid, 0, fd, twin), 0);
    CHECK(syscall(SYS_kcmp, me, me, 0, fd, another) > 0);
    CHECK_EQ(syscall(SYS_kcmp, me, me, 1, 0, 0), 0);
    for (int type = 1; type <= 4; type++)
        CHECK(syscall(SYS_kcmp, me, pid, type, 0, 0) > 0);
    CHECK_ERRNO(syscall(SYS_kcmp, me, me, 0, fd, 999), EBADF);
    CHECK_ERRNO(syscall(SYS_kcmp, me, me, 99, 0, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_kcmp, me, 99999999, 1, 0, 0), ESRCH);
    end(pid);
}

TEST(group_stops_of_seized_processes) {
    siginfo_t info;
    pid_t pid = sleeper();
    CHECK_ERRNO(ptrace(PTRACE_SEIZE, pid, 1, 0), EIO);
    CHECK_ERRNO(ptrace(PTRACE_SEIZE, pid, 0, 1L << 40), EIO);
    CHECK_EQ(ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_EXITKILL), 0);
    CHECK_ERRNO(ptrace(PTRACE_CONT, pid, 0, 0), ESRCH); /* not stopped */
    CHECK_EQ(kill(pid, SIGSTOP), 0);
    CHECK_EQ(wait_stop(pid), SIGSTOP); /* signal-delivery-stop */
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, SIGSTOP), 0);
    CHECK_EQ(wait_stop(pid), SIGSTOP | PTRACE_EVENT_STOP << 8);
    CHECK_EQ(ptrace(PTRACE_GETSIGINFO, pid, 0, &info), 0);
    CHECK_EQ(info.si_code, SIGSTOP | PTRACE_EVENT_STOP << 8);
    CHECK_EQ(ptrace(PTRACE_LISTEN, pid, 0, 0), 0);
    CHECK_ERRNO(ptrace(PTRACE_CONT, pid, 0, 0), ESRCH);
    CHECK_EQ(kill(pid, SIGCONT), 0);
    CHECK_EQ(wait_stop(pid), SIGTRAP | PTRACE_EVENT_STOP << 8);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EQ(wait_stop(pid), SIGCONT);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, SIGCONT), 0);
    CHECK(UNTIL(state_of(pid) == 'S'));
    end(pid);
}

TEST(group_stops_of_attached_processes) {
    siginfo_t info;
    int status;
    pid_t pid = sleeper();
    CHECK_EQ(ptrace(PTRACE_ATTACH, pid, 0, 0), 0);
    CHECK_EQ(wait_stop(pid), SIGSTOP);
    CHECK_ERRNO(ptrace(PTRACE_INTERRUPT, pid, 0, 0), EIO);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EQ(kill(pid, SIGTSTP), 0);
    CHECK_EQ(wait_stop(pid), SIGTSTP);
    CHECK_EQ(ptrace(PTRACE_GETSIGINFO, pid, 0, &info), 0);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, SIGSTOP), 0);
    CHECK_EQ(wait_stop(pid), SIGSTOP);
    CHECK_ERRNO(ptrace(PTRACE_GETSIGINFO, pid, 0, &info), EINVAL); /* a group-stop */
    CHECK_EQ(ptrace(PTRACE_DETACH, pid, 0, 0), 0);
    CHECK(UNTIL(state_of(pid) == 'T')); /* back in it */
    CHECK_EQ(ptrace(PTRACE_ATTACH, pid, 0, 0), 0);
    CHECK_EQ(wait_stop(pid), SIGSTOP);
    CHECK_EQ(kill(pid, SIGCONT), 0);
    CHECK_EQ(state_of(pid), 't');
    CHECK_EQ(ptrace(PTRACE_DETACH, pid, 0, 0), 0);
    CHECK_EQ(kill(pid, SIGKILL), 0);
    do {
        CHECK_EQ(waitpid(pid, &status, 0), pid);
    } while (WIFSTOPPED(status));
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

TEST(running_in_a_stopped_process) {
    pid_t pid = sleeper();
    CHECK_EQ(ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_EXITKILL), 0);
    CHECK_EQ(kill(pid, SIGSTOP), 0);
    CHECK_EQ(wait_stop(pid), SIGSTOP);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, SIGSTOP), 0);
    CHECK_EQ(wait_stop(pid), SIGSTOP | PTRACE_EVENT_STOP << 8);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0); /* the group-stop lasts, but the tracer lets it run */
    CHECK(UNTIL(state_of(pid) == 'S'));
    CHECK_EQ(kill(pid, SIGUSR1), 0);
    CHECK_EQ(wait_stop(pid), SIGUSR1);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, SIGUSR1), 0);
    CHECK_KILLED(pid, SIGUSR1);
}

TEST(a_dropped_signal_restarts_the_call) {
    int p[2];
    MUST(pipe(p) == 0);
    pid_t pid = FORK();
    if (pid == 0) {
        char c = 0;
        on(SIGUSR1, SIG_DFL, 0);
        CHECK_EQ(read(p[0], &c, 1), 1);
        _exit(c);
    }
    CHECK(UNTIL(state_of(pid) == 'S'));
    CHECK_EQ(ptrace(PTRACE_SEIZE, pid, 0, 0), 0);
    CHECK_EQ(kill(pid, SIGUSR1), 0);
    CHECK_EQ(wait_stop(pid), SIGUSR1);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK(UNTIL(state_of(pid) == 'S'));
    CHECK_EQ(kill(pid, SIGCHLD), 0); /* even what is ignored is shown */
    CHECK_EQ(wait_stop(pid), SIGCHLD);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EQ(write(p[1], "\7", 1), 1);
    CHECK_EXIT(pid, 7);
}

TEST(a_tracer_that_is_not_the_parent) {
    volatile int *stage = shared_word();
    int status;
    char want[40];
    pid_t pid = sleeper();
    pid_t tracer = FORK();
    if (tracer == 0) {
        CHECK_EQ(ptrace(PTRACE_SEIZE, pid, 0, 0), 0);
        *stage = 1;
        CHECK(UNTIL(*stage == 2));
        int s = 0;
        CHECK_EQ(waitpid(pid, &s, 0), pid);
        CHECK(WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL);
        DONE();
    }
    CHECK(UNTIL(*stage == 1));
    char path[40];
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    snprintf(want, sizeof want, "TracerPid:\t%d\n", tracer);
    CHECK(strstr(slurp(path), want) != NULL);
    CHECK_EQ(kill(pid, SIGKILL), 0);
    CHECK(UNTIL(state_of(pid) == 'Z'));
    CHECK_EQ(waitpid(pid, &status, WNOHANG), 0); /* the tracer comes first */
    *stage = 2;
    CHECK_EXIT(tracer, 0);
    CHECK_KILLED(pid, SIGKILL);
}

static pid_t traced_by_one_that_exits(int options) {
    pid_t pid = sleeper();
    pid_t tracer = FORK();
    if (tracer == 0) {
        CHECK_EQ(ptrace(PTRACE_SEIZE, pid, 0, options), 0);
        CHECK_EQ(ptrace(PTRACE_INTERRUPT, pid, 0, 0), 0);
        CHECK_EQ(wait_stop(pid), SIGTRAP | PTRACE_EVENT_STOP << 8);
        DONE();
    }
    CHECK_EXIT(tracer, 0);
    return pid;
}

TEST(a_tracer_that_exits) {
    pid_t pid = traced_by_one_that_exits(0);
    CHECK(UNTIL(state_of(pid) == 'S'));
    end(pid);
    pid = traced_by_one_that_exits(PTRACE_O_EXITKILL);
    CHECK_KILLED(pid, SIGKILL);
}

static void filtered_getppid(void) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | 42),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog prog = {4, code};
    MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    MUST(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) == 0);
    CHECK_EQ(syscall(SYS_getppid), getpid());
    long r = syscall(SYS_getppid);
    CHECK(r == -1 && errno == ENOSYS);
}

TEST(filters_ask_the_tracer) {
    unsigned long message = 0;
    pid_t pid = traced(filtered_getppid);
    CHECK_EQ(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESECCOMP), 0);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EQ(wait_stop(pid), SIGTRAP | PTRACE_EVENT_SECCOMP << 8);
    CHECK_EQ(ptrace(PTRACE_GETEVENTMSG, pid, 0, &message), 0);
    CHECK_EQ(message, 42);
    CHECK_EQ(syscall_info(pid), 84);
    CHECK_EQ(si.op, 3);
    CHECK_EQ(si.data, 42);
    CHECK_EQ(ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.orig_rax), SYS_getpid), 0);
    CHECK_EQ(ptrace(PTRACE_SETOPTIONS, pid, 0, 0), 0);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_EXIT(pid, 21);
}

TEST(exit_event_after_a_kill) {
    unsigned long message = 0;
    pid_t pid = sleeper();
    CHECK_EQ(ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACEEXIT), 0);
    CHECK_EQ(kill(pid, SIGTERM), 0);
    CHECK_EQ(wait_stop(pid), SIGTERM);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, SIGTERM), 0);
    CHECK_EQ(wait_stop(pid), SIGTRAP | PTRACE_EVENT_EXIT << 8);
    CHECK_EQ(ptrace(PTRACE_GETEVENTMSG, pid, 0, &message), 0);
    CHECK_EQ(message, SIGTERM);
    CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
    CHECK_KILLED(pid, SIGTERM);
}

TEST(killed_in_a_stop) {
    siginfo_t info = {0};
    pid_t pid = traced(nothing);
    CHECK_EQ(ptrace(PTRACE_SYSCALL, pid, 0, 0), 0);
    CHECK_EQ(waitid(P_PID, pid, &info, WSTOPPED | WNOWAIT), 0);
    CHECK_EQ(info.si_code, CLD_TRAPPED);
    CHECK_EQ(info.si_status, SIGTRAP | 0x80);
    CHECK_EQ(wait_stop(pid), SIGTRAP | 0x80);
    CHECK_EQ(ptrace(PTRACE_KILL, pid, 0, 0), 0);
    CHECK_KILLED(pid, SIGKILL);
}
