/* Signals: handlers, masks, queues, siginfo, alternate stacks, restart, frames with the whole register state. */
#include "guest.h"
#include <pthread.h>
#include <setjmp.h>
#include <sys/ucontext.h>

static volatile sig_atomic_t count, last, order_length;
static volatile int order[64];
static volatile siginfo_t seen;

static void note(int sig) {
    last = sig;
    count++;
    if (order_length < 64)
        order[order_length++] = sig;
}

static void note_info(int sig, siginfo_t *info, void *ctx GUEST_UNUSED) {
    seen = *info;
    note(sig);
}

static void note_value(int sig GUEST_UNUSED, siginfo_t *info, void *ctx GUEST_UNUSED) {
    if (order_length < 64)
        order[order_length++] = info->si_value.sival_int;
}

static void block(int how, int sig) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, sig);
    MUST(sigprocmask(how, &set, NULL) == 0);
}

static int is_pending(int sig) {
    sigset_t set;
    sigpending(&set);
    return sigismember(&set, sig);
}

/* The kernel's own structure: glibc hides flags and the restorer. */
struct kernel_sigaction {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    unsigned long mask;
};

TEST(handler_runs_and_returns) {
    on(SIGUSR1, note, 0);
    CHECK_EQ(raise(SIGUSR1), 0);
    CHECK_EQ(kill(getpid(), SIGUSR1), 0);
    CHECK_EQ(count, 2);
    CHECK_EQ(last, SIGUSR1);
}

TEST(sigaction_errors) {
    struct sigaction sa = {.sa_handler = note}, old;
    CHECK_ERRNO(sigaction(SIGKILL, &sa, NULL), EINVAL);
    CHECK_ERRNO(sigaction(SIGSTOP, &sa, NULL), EINVAL);
    CHECK_EQ(syscall(SYS_rt_sigaction, SIGKILL, NULL, &old, 8), 0);
    CHECK_ERRNO(syscall(SYS_rt_sigaction, 65, NULL, &old, 8), EINVAL);
    CHECK_ERRNO(syscall(SYS_rt_sigaction, 0, NULL, &old, 8), EINVAL);
    CHECK_ERRNO(syscall(SYS_rt_sigaction, SIGUSR1, NULL, &old, 4), EINVAL);
    CHECK_ERRNO(syscall(SYS_rt_sigaction, SIGUSR1, 8, NULL, 8), EFAULT);
    CHECK_ERRNO(syscall(SYS_rt_sigaction, SIGUSR1, NULL, 8, 8), EFAULT);
    CHECK_EQ(sigaction(SIGUSR1, &sa, NULL), 0);
    CHECK_EQ(sigaction(SIGUSR1, NULL, &old), 0);
    CHECK(old.sa_handler == note);
}

TEST(sigaction_reads_back_flags_and_mask) {
    struct sigaction sa = {.sa_handler = note, .sa_flags = SA_RESTART | SA_NODEFER | SA_ONSTACK}, old;
    struct kernel_sigaction k;
    sigfillset(&sa.sa_mask);
    CHECK_EQ(sigaction(SIGUSR2, &sa, NULL), 0);
    CHECK_EQ(syscall(SYS_rt_sigaction, SIGUSR2, NULL, &k, 8), 0);
    CHECK_EQ(k.flags & 0xf8000007, SA_RESTART | SA_NODEFER | SA_ONSTACK);
    CHECK_EQ(k.mask & 1UL << (SIGKILL - 1), 0);
    CHECK_EQ(k.mask & 1UL << (SIGSTOP - 1), 0);
    CHECK(k.mask & 1UL << (SIGHUP - 1));
    CHECK_EQ(sigaction(SIGUSR2, NULL, &old), 0);
    CHECK_EQ(old.sa_flags & ~0x04000000 /* SA_RESTORER */, SA_RESTART | SA_NODEFER | SA_ONSTACK);
}

TEST(sigprocmask_rules) {
    sigset_t set, old;
    sigfillset(&set);
    CHECK_EQ(sigprocmask(SIG_SETMASK, &set, NULL), 0);
    CHECK_EQ(sigprocmask(SIG_BLOCK, NULL, &old), 0);
    CHECK_EQ(sigismember(&old, SIGKILL), 0);
    CHECK_EQ(sigismember(&old, SIGSTOP), 0);
    CHECK_EQ(sigismember(&old, SIGTERM), 1);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    CHECK_EQ(sigprocmask(SIG_UNBLOCK, &set, NULL), 0);
    CHECK_EQ(sigprocmask(SIG_BLOCK, NULL, &old), 0);
    CHECK_EQ(sigismember(&old, SIGTERM), 0);
    CHECK_ERRNO(syscall(SYS_rt_sigprocmask, 3, &set, NULL, 8), EINVAL);
    CHECK_EQ(syscall(SYS_rt_sigprocmask, 77, NULL, &old, 8), 0); /* how is not looked at without a set */
    CHECK_ERRNO(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 16), EINVAL);
    CHECK_ERRNO(syscall(SYS_rt_sigprocmask, SIG_BLOCK, 8, NULL, 8), EFAULT);
    CHECK_ERRNO(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, 8, 8), EFAULT);
}

TEST(pending_and_unblocked) {
    on(SIGUSR1, note, 0);
    block(SIG_BLOCK, SIGUSR1);
    raise(SIGUSR1);
    raise(SIGUSR1);
    CHECK_EQ(count, 0);
    CHECK_EQ(is_pending(SIGUSR1), 1);
    block(SIG_UNBLOCK, SIGUSR1);
    CHECK_EQ(count, 1); /* standard signals do not queue */
    CHECK_EQ(is_pending(SIGUSR1), 0);
    CHECK_ERRNO(syscall(SYS_rt_sigpending, 8, 8), EFAULT);
}

TEST(pending_dropped_when_ignored) {
    block(SIG_BLOCK, SIGUSR1);
    on(SIGUSR1, note, 0);
    raise(SIGUSR1);
    signal(SIGUSR1, SIG_IGN);
    CHECK_EQ(is_pending(SIGUSR1), 0);
    on(SIGUSR1, note, 0);
    block(SIG_UNBLOCK, SIGUSR1);
    CHECK_EQ(count, 0);
    block(SIG_BLOCK, SIGCHLD);
    raise(SIGCHLD); /* ignored by default, but blocked: stays, in case a handler comes */
    CHECK_EQ(is_pending(SIGCHLD), 1);
    signal(SIGCHLD, SIG_DFL);
    CHECK_EQ(is_pending(SIGCHLD), 0);
}

TEST(pending_is_not_inherited) {
    block(SIG_BLOCK, SIGUSR1);
    raise(SIGUSR1);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(is_pending(SIGUSR1), 0);
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CHECK_EQ(is_pending(SIGUSR1), 1);
}

TEST(realtime_signals_queue_in_order) {
    int low = SIGRTMIN, high = SIGRTMIN + 3;
    on_info(low, note_value, 0);
    on_info(high, note_value, 0);
    block(SIG_BLOCK, low);
    block(SIG_BLOCK, high);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(sigqueue(getpid(), high, (union sigval){.sival_int = 20 + i}), 0);
        CHECK_EQ(sigqueue(getpid(), low, (union sigval){.sival_int = 10 + i}), 0);
    }
    sigset_t none;
    sigemptyset(&none);
    /* One at a time: the lowest number first, first in first out in each. */
    for (int i = 0; i < 6; i++) {
        siginfo_t info;
        sigset_t both;
        struct timespec zero = {0, 0};
        sigemptyset(&both);
        sigaddset(&both, low);
        sigaddset(&both, high);
        CHECK_EQ(sigtimedwait(&both, &info, &zero), i < 3 ? low : high);
        CHECK_EQ(info.si_value.sival_int, i < 3 ? 10 + i : 20 + i - 3);
        CHECK_EQ(info.si_code, SI_QUEUE);
        CHECK_EQ(info.si_pid, getpid());
        CHECK_EQ(info.si_uid, getuid());
    }
    CHECK_EQ(is_pending(low), 0);
}

TEST(frames_nest_lowest_number_on_top) {
    on(SIGUSR1, note, 0);
    on(SIGUSR2, note, 0);
    on(SIGRTMIN + 1, note, 0);
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &all, NULL);
    raise(SIGRTMIN + 1);
    raise(SIGUSR2);
    raise(SIGUSR1);
    sigprocmask(SIG_SETMASK, &none, NULL);
    /* Frames are built from the lowest number on, so the highest runs first. */
    CHECK_EQ(order_length, 3);
    CHECK_EQ(order[0], SIGRTMIN + 1);
    CHECK_EQ(order[1], SIGUSR2);
    CHECK_EQ(order[2], SIGUSR1);
}

TEST(siginfo_of_kill_and_tkill) {
    on_info(SIGUSR1, note_info, 0);
    memset((void *)&seen, 0xff, sizeof seen);
    kill(getpid(), SIGUSR1);
    CHECK_EQ(seen.si_signo, SIGUSR1);
    CHECK_EQ(seen.si_errno, 0);
    CHECK_EQ(seen.si_code, SI_USER);
    CHECK_EQ(seen.si_pid, getpid());
    CHECK_EQ(seen.si_uid, 0);
    raise(SIGUSR1);
    CHECK_EQ(seen.si_code, SI_TKILL);
    pid_t parent = getpid(), pid = FORK();
    if (pid == 0) {
        kill(parent, SIGUSR1);
        DONE();
    }
    CHECK(UNTIL(count == 3));
    CHECK_EQ(seen.si_pid, pid);
    CHECK_EXIT(pid, 0);
}

TEST(sigqueueinfo_rules) {
    siginfo_t info = {.si_signo = SIGUSR1, .si_code = SI_USER};
    pid_t pid = FORK();
    if (pid == 0) {
        pause();
        DONE();
    }
    CHECK_ERRNO(syscall(SYS_rt_sigqueueinfo, pid, SIGUSR1, &info), EPERM); /* only the kernel and kill say SI_USER */
    info.si_code = SI_TKILL;
    CHECK_ERRNO(syscall(SYS_rt_sigqueueinfo, pid, SIGUSR1, &info), EPERM);
    info.si_code = SI_QUEUE;
    CHECK_ERRNO(syscall(SYS_rt_sigqueueinfo, 99999999, SIGUSR1, &info), ESRCH);
    CHECK_ERRNO(syscall(SYS_rt_sigqueueinfo, pid, 65, &info), EINVAL);
    CHECK_EQ(syscall(SYS_rt_sigqueueinfo, pid, SIGUSR1, &info), 0);
    CHECK_KILLED(pid, SIGUSR1);
    on_info(SIGUSR1, note_info, 0);
    info.si_code = SI_USER;
    info.si_pid = 1234;
    CHECK_EQ(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, &info), 0); /* to oneself anything goes */
    CHECK_EQ(seen.si_pid, 1234);
    info.si_code = SI_QUEUE;
    info.si_value.sival_int = 55;
    CHECK_EQ(syscall(SYS_rt_tgsigqueueinfo, getpid(), getpid(), SIGUSR1, &info), 0);
    CHECK_EQ(seen.si_value.sival_int, 55);
}

TEST(kill_targets) {
    CHECK_ERRNO(kill(99999999, 0), ESRCH);
    CHECK_ERRNO(kill(-99999999, SIGTERM), ESRCH);
    CHECK_ERRNO(kill(INT_MIN, SIGTERM), ESRCH);
    pid_t a = FORK();
    if (a == 0) {
        setpgid(0, 0);
        pid_t b = FORK();
        if (b == 0) {
            kill(0, SIGTERM); /* the whole new group */
            pause();
        }
        pause();
        DONE();
    }
    CHECK_KILLED(a, SIGTERM);
}

static void handler_masks(int sig) {
    sigset_t set;
    sigprocmask(SIG_BLOCK, NULL, &set);
    order[0] = sigismember(&set, sig);
    order[1] = sigismember(&set, SIGUSR2);
    order[2] = sigismember(&set, SIGHUP);
}

TEST(mask_during_handler) {
    struct sigaction sa = {.sa_handler = handler_masks};
    sigset_t set;
    sigemptyset(&sa.sa_mask);
    sigaddset(&sa.sa_mask, SIGUSR2);
    block(SIG_BLOCK, SIGHUP);
    CHECK_EQ(sigaction(SIGUSR1, &sa, NULL), 0);
    raise(SIGUSR1);
    CHECK_EQ(order[0] * 100 + order[1] * 10 + order[2], 111);
    sigprocmask(SIG_BLOCK, NULL, &set);
    CHECK_EQ(sigismember(&set, SIGUSR1), 0);
    CHECK_EQ(sigismember(&set, SIGUSR2), 0);
    CHECK_EQ(sigismember(&set, SIGHUP), 1);
    sa.sa_flags = SA_NODEFER;
    CHECK_EQ(sigaction(SIGUSR1, &sa, NULL), 0);
    raise(SIGUSR1);
    CHECK_EQ(order[0], 0);
}

static void unmask_in_frame(int sig GUEST_UNUSED, siginfo_t *info GUEST_UNUSED, void *ctx) {
    ucontext_t *uc = ctx;
    sigaddset(&uc->uc_sigmask, SIGWINCH);
    sigaddset(&uc->uc_sigmask, SIGKILL);
}

TEST(mask_in_the_frame_takes_effect) {
    sigset_t set;
    on_info(SIGUSR1, unmask_in_frame, 0);
    raise(SIGUSR1);
    sigprocmask(SIG_BLOCK, NULL, &set);
    CHECK_EQ(sigismember(&set, SIGWINCH), 1);
    CHECK_EQ(sigismember(&set, SIGKILL), 0);
}

static void reraise(int sig) {
    if (++count < 5)
        raise(sig);
    order[count] = count;
}

TEST(nested_handlers_with_nodefer) {
    on(SIGUSR1, reraise, SA_NODEFER);
    raise(SIGUSR1);
    CHECK_EQ(count, 5);
    count = 0;
    on(SIGUSR1, reraise, 0); /* deferred: one after the other */
    raise(SIGUSR1);
    CHECK_EQ(count, 5);
}

TEST(resethand) {
    struct sigaction old;
    on(SIGUSR1, note, SA_RESETHAND);
    raise(SIGUSR1);
    CHECK_EQ(count, 1);
    sigaction(SIGUSR1, NULL, &old);
    CHECK(old.sa_handler == SIG_DFL);
    pid_t pid = FORK();
    if (pid == 0) {
        raise(SIGUSR1);
        DONE();
    }
    CHECK_KILLED(pid, SIGUSR1);
}

static char alt[65536];
static volatile int on_alt, alt_flags, alt_errno;
static void where(int sig GUEST_UNUSED) {
    char here;
    stack_t ss = {.ss_sp = alt, .ss_size = sizeof alt};
    on_alt = &here >= alt && &here < alt + sizeof alt;
    errno = 0;
    alt_errno = sigaltstack(&ss, NULL) == -1 ? errno : 0;
    sigaltstack(NULL, &ss);
    alt_flags = ss.ss_flags;
}

TEST(altstack) {
    stack_t ss = {.ss_sp = alt, .ss_size = sizeof alt}, old;
    CHECK_EQ(sigaltstack(NULL, &old), 0);
    CHECK_EQ(old.ss_flags, SS_DISABLE);
    CHECK_EQ(sigaltstack(&ss, NULL), 0);
    on(SIGUSR1, where, SA_ONSTACK);
    on(SIGUSR2, where, 0);
    raise(SIGUSR1);
    CHECK_EQ(on_alt, 1);
    CHECK_EQ(alt_flags, SS_ONSTACK);
    CHECK_EQ(alt_errno, EPERM);
    raise(SIGUSR2);
    CHECK_EQ(on_alt, 0);
    CHECK_EQ(alt_flags, 0);
    CHECK_EQ(sigaltstack(NULL, &old), 0);
    CHECK(old.ss_sp == alt && old.ss_size == sizeof alt && old.ss_flags == 0);
    ss.ss_size = 1000;
    CHECK_ERRNO(sigaltstack(&ss, NULL), ENOMEM);
    ss = (stack_t){.ss_flags = 4};
    CHECK_ERRNO(sigaltstack(&ss, NULL), EINVAL);
    ss.ss_flags = SS_DISABLE;
    CHECK_EQ(sigaltstack(&ss, NULL), 0);
    CHECK_ERRNO(syscall(SYS_sigaltstack, 8, NULL), EFAULT);
}

static sigjmp_buf jump;
static void *volatile fault_address;
static volatile int fault_code;
static void on_fault(int sig, siginfo_t *info, void *ctx GUEST_UNUSED) {
    fault_address = info->si_addr;
    fault_code = info->si_code;
    siglongjmp(jump, sig);
}

static __attribute__((noinline)) int recurse(int depth) {
    volatile char page[4096];
    page[0] = (char)depth;
    return depth > 100000000 ? 0 : recurse(depth + 1) + page[0];
}

TEST(stack_overflow_on_altstack) {
    stack_t ss = {.ss_sp = alt, .ss_size = sizeof alt};
    struct rlimit limit = {1 << 20, RLIM_INFINITY};
    CHECK_EQ(sigaltstack(&ss, NULL), 0);
    CHECK_EQ(setrlimit(RLIMIT_STACK, &limit), 0);
    on_info(SIGSEGV, on_fault, SA_ONSTACK);
    if (sigsetjmp(jump, 1) == 0)
        CHECK(recurse(0) == -1);
    CHECK_EQ(fault_code, SEGV_MAPERR);
    pid_t pid = FORK();
    if (pid == 0) {
        signal(SIGSEGV, SIG_DFL);
        recurse(0);
        DONE();
    }
    CHECK_KILLED(pid, SIGSEGV);
    pid = FORK();
    if (pid == 0) {
        on_info(SIGSEGV, on_fault, 0); /* no room for the frame: killed although there is a handler */
        recurse(0);
        DONE();
    }
    CHECK_KILLED(pid, SIGSEGV);
}

#define CATCH(SIG, STATEMENT, CODE, ADDRESS)                                                                           \
    do {                                                                                                               \
        fault_code = -1;                                                                                               \
        int sig_ = sigsetjmp(jump, 1);                                                                                 \
        if (sig_ == 0) {                                                                                               \
            STATEMENT;                                                                                                 \
        }                                                                                                              \
        CHECK_EQ(sig_, SIG);                                                                                           \
        CHECK_EQ(fault_code, CODE);                                                                                    \
        CHECK_EQ((uintptr_t)fault_address, (uintptr_t)(ADDRESS));                                                      \
    } while (0)

TEST(siginfo_of_faults) {
    char *ro = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *none = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    on_info(SIGSEGV, on_fault, 0);
    on_info(SIGFPE, on_fault, 0);
    on_info(SIGILL, on_fault, 0);
    on_info(SIGTRAP, on_fault, 0);
    CATCH(SIGSEGV, *(volatile char *)0x18 = 1, SEGV_MAPERR, 0x18);
    CATCH(SIGSEGV, *(volatile char *)(ro + 4097) = 1, SEGV_ACCERR, ro + 4097);
    CATCH(SIGSEGV, (void)*(volatile char *)(none + 5), SEGV_ACCERR, none + 5);
    CATCH(SIGSEGV, ((void (*)(void))ro)(), SEGV_ACCERR, ro);
    CATCH(SIGSEGV, *(volatile char *)0xffff800000000000 = 1, SEGV_MAPERR, 0xffff800000000000);
    CATCH(SIGSEGV, *(volatile char *)0x8000000000000000 = 1, SI_KERNEL, 0); /* not canonical */
    CATCH(SIGSEGV, __asm__ volatile("hlt"), SI_KERNEL, 0);
}

static volatile unsigned long fault_ip, fault_trap;
static void skip_two(int sig, siginfo_t *info, void *ctx) {
    ucontext_t *uc = ctx;
    last = sig;
    fault_code = info->si_code;
    fault_address = info->si_addr;
    fault_ip = uc->uc_mcontext.gregs[REG_RIP];
    fault_trap = uc->uc_mcontext.gregs[REG_TRAPNO];
    if (sig != SIGTRAP)
        uc->uc_mcontext.gregs[REG_RIP] += 2;
}

TEST(siginfo_of_exceptions) {
    on_info(SIGFPE, skip_two, 0);
    on_info(SIGILL, skip_two, 0);
    on_info(SIGTRAP, skip_two, 0);
    __asm__ volatile("xor %%edx, %%edx\n xor %%ecx, %%ecx\n mov $1, %%eax\n div %%ecx" ::: "eax", "ecx", "edx");
    CHECK_EQ(last, SIGFPE);
    CHECK_EQ(fault_code, FPE_INTDIV);
    CHECK_EQ((unsigned long)fault_address, fault_ip);
    CHECK_EQ(fault_trap, 0);
    __asm__ volatile("ud2");
    CHECK_EQ(last, SIGILL);
    CHECK_EQ(fault_code, ILL_ILLOPN);
    CHECK_EQ((unsigned long)fault_address, fault_ip);
    CHECK_EQ(fault_trap, 6);
    __asm__ volatile("int3");
    CHECK_EQ(last, SIGTRAP);
    CHECK_EQ(fault_code, SI_KERNEL);
    CHECK_EQ(fault_trap, 3);
}

TEST(blocked_fault_kills) {
    pid_t pid = FORK();
    if (pid == 0) {
        on_info(SIGSEGV, on_fault, 0);
        block(SIG_BLOCK, SIGSEGV);
        *(volatile int *)8 = 1;
        DONE();
    }
    CHECK_KILLED(pid, SIGSEGV);
    pid = FORK();
    if (pid == 0) {
        signal(SIGSEGV, SIG_IGN);
        *(volatile int *)8 = 1;
        DONE();
    }
    CHECK_KILLED(pid, SIGSEGV);
}

static void *make_writable;
static void fix_fault(int sig GUEST_UNUSED, siginfo_t *info, void *ctx GUEST_UNUSED) {
    count++;
    if (info->si_addr == make_writable)
        mprotect(make_writable, 4096, PROT_READ | PROT_WRITE);
}

TEST(handler_repairs_and_retries) {
    make_writable = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    on_info(SIGSEGV, fix_fault, 0);
    *(volatile int *)make_writable = 77;
    CHECK_EQ(*(volatile int *)make_writable, 77);
    CHECK_EQ(count, 1);
}

static void jump_out(int sig GUEST_UNUSED) {
    siglongjmp(jump, 1);
}

TEST(siglongjmp_restores_the_mask) {
    sigset_t set;
    on(SIGUSR1, jump_out, 0);
    for (int i = 0; i < 3; i++) {
        if (sigsetjmp(jump, 1) == 0) {
            raise(SIGUSR1);
            CHECK(!"not reached");
        }
        sigprocmask(SIG_BLOCK, NULL, &set);
        CHECK_EQ(sigismember(&set, SIGUSR1), 0);
    }
    if (sigsetjmp(jump, 0) == 0)
        raise(SIGUSR1);
    sigprocmask(SIG_BLOCK, NULL, &set);
    CHECK_EQ(sigismember(&set, SIGUSR1), 1);
}

/* Destroys vector and x87 state; what was interrupted must not notice. */
static void clobber_vectors(int sig GUEST_UNUSED) {
    __asm__ volatile("pxor %%xmm0, %%xmm0\n pxor %%xmm1, %%xmm1\n pxor %%xmm7, %%xmm7\n pxor %%xmm15, %%xmm15\n fninit"
                     ::: "xmm0", "xmm1", "xmm7", "xmm15", "memory");
    count++;
}

TEST(xmm_survives_a_handler) {
    unsigned long in[8] = {1, 2, 3, 4, 5, 6, 7, 8}, out[8] = {0};
    pid_t pid = getpid();
    on(SIGUSR1, clobber_vectors, 0);
    __asm__ volatile("movdqu (%[in]), %%xmm0\n movdqu 16(%[in]), %%xmm1\n movdqu 32(%[in]), %%xmm7\n"
                     "movdqu 48(%[in]), %%xmm15\n mov $62, %%eax\n mov %[pid], %%edi\n mov $10, %%esi\n syscall\n"
                     "movdqu %%xmm0, (%[out])\n movdqu %%xmm1, 16(%[out])\n movdqu %%xmm7, 32(%[out])\n"
                     "movdqu %%xmm15, 48(%[out])\n"
                     ::[in] "r"(in), [out] "r"(out), [pid] "r"(pid)
                     : "rax", "rdi", "rsi", "rcx", "r11", "xmm0", "xmm1", "xmm7", "xmm15", "memory");
    CHECK_EQ(count, 1);
    CHECK(memcmp(in, out, sizeof in) == 0);
}

TEST(ymm_survives_a_handler) {
    unsigned long in[8] = {11, 12, 13, 14, 15, 16, 17, 18}, out[8] = {0};
    pid_t pid = getpid();
    if (!__builtin_cpu_supports("avx"))
        return;
    on(SIGUSR1, clobber_vectors, 0);
    __asm__ volatile("vmovdqu (%[in]), %%ymm1\n vmovdqu 32(%[in]), %%ymm15\n"
                     "mov $62, %%eax\n mov %[pid], %%edi\n mov $10, %%esi\n syscall\n"
                     "vmovdqu %%ymm1, (%[out])\n vmovdqu %%ymm15, 32(%[out])\n vzeroupper\n"
                     ::[in] "r"(in), [out] "r"(out), [pid] "r"(pid)
                     : "rax", "rdi", "rsi", "rcx", "r11", "xmm1", "xmm15", "memory");
    CHECK_EQ(count, 1);
    CHECK(memcmp(in, out, sizeof in) == 0);
}

TEST(x87_and_mxcsr_survive_a_handler) {
    unsigned short control = 0x027f, after = 0;
    unsigned mxcsr = 0x9fc0 & ~0x40u, mxcsr_after = 0, keep;
    on(SIGUSR1, clobber_vectors, 0);
    __asm__ volatile("stmxcsr %0" : "=m"(keep));
    __asm__ volatile("fldcw %0\n ldmxcsr %1" ::"m"(control), "m"(mxcsr));
    raise(SIGUSR1);
    __asm__ volatile("fnstcw %0\n stmxcsr %1\n fninit" : "=m"(after), "=m"(mxcsr_after));
    __asm__ volatile("ldmxcsr %0" ::"m"(keep));
    CHECK_EQ(after, control);
    CHECK_EQ(mxcsr_after, mxcsr);
}

static void change_frame_xmm(int sig GUEST_UNUSED, siginfo_t *info GUEST_UNUSED, void *ctx) {
    ucontext_t *uc = ctx;
    uc->uc_mcontext.fpregs->_xmm[3].element[0] = 0x1234;
    uc->uc_mcontext.gregs[REG_RBX] = 0x5678;
    order[0] = uc->uc_mcontext.fpregs->_xmm[3].element[0] == 0x1234;
}

TEST(registers_changed_in_the_frame) {
    unsigned long rbx = 0, out[2] = {0};
    pid_t pid = getpid();
    on_info(SIGUSR1, change_frame_xmm, 0);
    __asm__ volatile("pxor %%xmm3, %%xmm3\n xor %%ebx, %%ebx\n mov $62, %%eax\n mov %[pid], %%edi\n mov $10, %%esi\n"
                     "syscall\n mov %%rbx, %[rbx]\n movdqu %%xmm3, (%[out])\n"
                     : [rbx] "=m"(rbx)
                     : [out] "r"(out), [pid] "r"(pid)
                     : "rax", "rbx", "rdi", "rsi", "rcx", "r11", "xmm3", "memory");
    CHECK_EQ(rbx, 0x5678);
    CHECK_EQ(out[0], 0x1234);
}

static __attribute__((noinline)) unsigned long mix(double *d) {
    unsigned long sum = 0;
    double x = 1;
    for (unsigned long i = 0; i < 200000; i++) {
        sum = sum * 31 + i;
        x += 0.5;
    }
    *d = x;
    return sum;
}

TEST(asynchronous_signals_keep_registers) {
    struct itimerval tick = {{0, 1000}, {0, 1000}};
    unsigned long want, sum;
    double d;
    want = mix(&d);
    on(SIGALRM, clobber_vectors, 0);
    setitimer(ITIMER_REAL, &tick, NULL);
    for (int round = 0; round < 50 || (count < 10 && round < 4000); round++) {
        sum = mix(&d);
        if (d != 100001 || sum != want) {
            CHECK_EQ((long)d, 100001);
            CHECK_EQ(sum, want);
            break;
        }
    }
    CHECK(count >= 10);
}

static void tick_forever(unsigned millis) {
    struct itimerval tick = {{0, millis * 1000}, {0, millis * 1000}};
    MUST(setitimer(ITIMER_REAL, &tick, NULL) == 0);
}

TEST(read_is_interrupted_or_restarted) {
    int p[2];
    char c;
    MUST(pipe(p) == 0);
    on(SIGALRM, note, 0);
    tick_forever(30);
    CHECK_ERRNO(read(p[0], &c, 1), EINTR);
    on(SIGALRM, note, SA_RESTART);
    count = 0;
    pid_t pid = FORK();
    if (pid == 0) {
        nap(200);
        CHECK_EQ(write(p[1], "x", 1), 1);
        DONE();
    }
    CHECK_EQ(read(p[0], &c, 1), 1);
    CHECK(count > 0);
    CHECK_EXIT(pid, 0);
}

TEST(calls_that_never_restart) {
    int p[2];
    char c GUEST_UNUSED;
    struct timespec t = {5, 0};
    sigset_t none;
    MUST(pipe(p) == 0);
    on(SIGALRM, note, SA_RESTART);
    tick_forever(30);
    CHECK_ERRNO(pause(), EINTR);
    CHECK_ERRNO(nanosleep(&t, &t), EINTR);
    CHECK(t.tv_sec == 4 || t.tv_sec == 5);
    sigemptyset(&none);
    CHECK_ERRNO(sigsuspend(&none), EINTR);
    siginfo_t info;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    CHECK_ERRNO(sigtimedwait(&set, &info, &t), EINTR);
    CHECK_ERRNO(usleep(900000), EINTR);
}

TEST(wait_restart) {
    int status;
    on(SIGALRM, note, 0);
    pid_t pid = FORK();
    if (pid == 0) {
        signal(SIGALRM, SIG_IGN);
        nap(400);
        _exit(3);
    }
    tick_forever(30);
    CHECK_ERRNO(waitpid(pid, &status, 0), EINTR);
    on(SIGALRM, note, SA_RESTART);
    CHECK_EQ(waitpid(pid, &status, 0), pid);
}

TEST(ignored_signals_do_not_interrupt) {
    struct timespec t = {0, 150000000};
    signal(SIGALRM, SIG_IGN);
    tick_forever(20);
    long long before = now_ms();
    CHECK_EQ(nanosleep(&t, NULL), 0);
    CHECK(now_ms() - before >= 149);
}

TEST(stop_and_continue_during_sleep) {
    struct timespec t = {0, 150000000};
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(nanosleep(&t, NULL), 0); /* restarted by itself after SIGCONT */
        DONE();
    }
    nap(30);
    int status;
    kill(pid, SIGSTOP);
    CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
    CHECK(WIFSTOPPED(status));
    kill(pid, SIGCONT);
    CHECK_EXIT(pid, 0);
}

TEST(cont_and_stop_cancel_each_other) {
    int status;
    pid_t pid = FORK();
    if (pid == 0) {
        on(SIGCONT, note, 0);
        block(SIG_BLOCK, SIGTSTP);
        block(SIG_BLOCK, SIGCONT);
        raise(SIGTSTP);
        CHECK_EQ(is_pending(SIGTSTP), 1);
        raise(SIGCONT);
        CHECK_EQ(is_pending(SIGTSTP), 0);
        CHECK_EQ(is_pending(SIGCONT), 1);
        raise(SIGTSTP);
        CHECK_EQ(is_pending(SIGCONT), 0);
        raise(SIGCONT);
        block(SIG_UNBLOCK, SIGCONT);
        CHECK_EQ(count, 1);
        DONE();
    }
    CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
    CHECK(WIFEXITED(status));
}

TEST(kill_ends_a_stopped_process) {
    int status;
    pid_t pid = FORK();
    if (pid == 0) {
        raise(SIGSTOP);
        DONE();
    }
    CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
    CHECK_EQ(kill(pid, SIGTERM), 0); /* waits for the continue */
    nap(20);
    CHECK_EQ(waitpid(pid, &status, WNOHANG), 0);
    CHECK_EQ(kill(pid, SIGKILL), 0);
    CHECK_KILLED(pid, SIGKILL);
}

TEST(sigwait_family) {
    sigset_t set;
    siginfo_t info;
    struct timespec t = {0, 20000000};
    int sig;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    CHECK_ERRNO(sigtimedwait(&set, &info, &t), EAGAIN);
    kill(getpid(), SIGUSR2);
    kill(getpid(), SIGUSR1);
    CHECK_EQ(sigwaitinfo(&set, &info), SIGUSR1);
    CHECK_EQ(info.si_code, SI_USER);
    CHECK_EQ(sigwait(&set, &sig), 0);
    CHECK_EQ(sig, SIGUSR2);
    t = (struct timespec){0, -1};
    CHECK_ERRNO(sigtimedwait(&set, &info, &t), EINVAL);
    CHECK_ERRNO(syscall(SYS_rt_sigtimedwait, 8, &info, NULL, 8), EFAULT);
    pid_t parent = getpid(), pid = FORK();
    if (pid == 0) {
        nap(50);
        kill(parent, SIGUSR1);
        DONE();
    }
    CHECK_EQ(sigwaitinfo(&set, &info), SIGUSR1);
    CHECK_EQ(info.si_pid, pid);
    CHECK_EXIT(pid, 0);
}

TEST(sigsuspend_swaps_the_mask) {
    sigset_t none, set;
    on(SIGUSR1, note, 0);
    block(SIG_BLOCK, SIGUSR1);
    raise(SIGUSR1);
    sigemptyset(&none);
    CHECK_ERRNO(sigsuspend(&none), EINTR);
    CHECK_EQ(count, 1);
    sigprocmask(SIG_BLOCK, NULL, &set);
    CHECK_EQ(sigismember(&set, SIGUSR1), 1);
    CHECK_ERRNO(syscall(SYS_rt_sigsuspend, 8, 8), EFAULT);
}

TEST(sigqueue_limit) {
    struct rlimit limit = {8, 8};
    int sent = 0;
    pid_t pid = FORK();
    if (pid == 0) {
        uid_t uid = 100000 + getpid(); /* a user with nothing queued */
        CHECK_EQ(setresuid(uid, uid, uid), 0);
        CHECK_EQ(setrlimit(RLIMIT_SIGPENDING, &limit), 0);
        block(SIG_BLOCK, SIGRTMIN);
        while (sent < 100 && sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 0}) == 0)
            sent++;
        CHECK_EQ(errno, EAGAIN);
        CHECK_EQ(sent, 8);
        CHECK_EQ(kill(getpid(), SIGUSR1) + is_pending(SIGUSR1), 0); /* not reached: SIGUSR1 kills */
        DONE();
    }
    CHECK_KILLED(pid, SIGUSR1);
}

TEST(signal_during_vfork_child_waits) {
    on(SIGUSR1, note, 0);
    pid_t parent = getpid(), pid = vfork();
    if (pid == 0) {
        syscall(SYS_kill, parent, SIGUSR1);
        _exit(0);
    }
    CHECK_EQ(count, 1);
    CHECK_EXIT(pid, 0);
}

static void *thread_altstack(void *arg GUEST_UNUSED) {
    stack_t ss;
    CHECK_EQ(sigaltstack(NULL, &ss), 0);
    CHECK_EQ(ss.ss_flags, SS_DISABLE);
    return NULL;
}

TEST(altstack_is_per_thread_and_copied_by_fork) {
    stack_t ss = {.ss_sp = alt, .ss_size = sizeof alt};
    pthread_t t;
    CHECK_EQ(sigaltstack(&ss, NULL), 0);
    MUST(pthread_create(&t, NULL, thread_altstack, NULL) == 0);
    pthread_join(t, NULL);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(sigaltstack(NULL, &ss), 0);
        CHECK_EQ(ss.ss_flags, 0);
        CHECK(ss.ss_sp == alt);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

TEST(sigreturn_with_a_bad_frame) {
    pid_t pid = FORK();
    if (pid == 0) {
        __asm__ volatile("mov $0x1000, %%esp\n mov $15, %%eax\n syscall" ::: "memory");
        DONE();
    }
    CHECK_KILLED(pid, SIGSEGV);
}

TEST(null_call_and_mapped_address_zero) {
    pid_t pid = FORK();
    if (pid == 0) {
        void (*volatile f)(void) = NULL;
        f();
        DONE();
    }
    CHECK_KILLED(pid, SIGSEGV);
}

TEST(sigpipe) {
    int p[2];
    MUST(pipe(p) == 0);
    close(p[0]);
    on(SIGPIPE, note, 0);
    CHECK_ERRNO(write(p[1], "x", 1), EPIPE);
    CHECK_EQ(count, 1);
    signal(SIGPIPE, SIG_IGN);
    CHECK_ERRNO(write(p[1], "x", 1), EPIPE);
    pid_t pid = FORK();
    if (pid == 0) {
        signal(SIGPIPE, SIG_DFL);
        write(p[1], "x", 1) == 1 ? _exit(1) : _exit(2);
    }
    CHECK_KILLED(pid, SIGPIPE);
}
