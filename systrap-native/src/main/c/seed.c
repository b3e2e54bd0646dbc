/*
 * The seed: the first stub process, from which all others are cloned. Runs once, before any application code, with
 * descriptors and nothing else of the Sentry's. Freestanding; linked with stub.S.
 */
#include "layout.h"

#include <asm/errno.h>
#include <asm/unistd.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/mman.h>

#define SIGILL 4
#define SIGTRAP 5
#define SIGBUS 7
#define SIGFPE 8
#define SIGSEGV 11
#define SIGSYS 31
#define SA_SIGINFO 4ul
#define SA_RESTORER 0x04000000ul
#define SA_ONSTACK 0x08000000ul
#define SA_NODEFER 0x40000000ul

extern char on_signal[], restorer[];

static long call(long nr, long a, long b, long c, long d, long e, long f)
{
    register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
    __asm__ volatile("syscall" : "+a"(nr) : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
    return nr;
}

static void check(long result)
{
    if (result < 0)
        call(__NR_exit_group, result < -100 ? 100 : -result, 0, 0, 0, 0, 0); /* the Sentry sees the errno */
}

/*
 * Filters are arrays of read-only memory, with jumps counted by hand. Both begin alike: x86-64, called from the stub's
 * text; everything else is a signal, never a kill, because the strictest filter wins and the signal is how system calls
 * of applications reach the Sentry.
 */
#define FIELD(name) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, name))
#define UPPER(name) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, name) + 4)
#define EQUAL(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define ABOVE(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, value, yes, no)
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define TRAP BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP)
#define FROM_STUB \
    FIELD(arch), EQUAL(AUDIT_ARCH_X86_64, 1, 0), TRAP, \
    UPPER(instruction_pointer), EQUAL((u32)((u64)STUB_BASE >> 32), 1, 0), TRAP, \
    FIELD(instruction_pointer), ABOVE((u32)STUB_BASE + STUB_TEXT_BYTES, 1, 0), ABOVE((u32)STUB_BASE - 1, 1, 0), TRAP
_Static_assert((u64)STUB_BASE >> 32 == ((u64)STUB_BASE + STUB_TEXT_BYTES) >> 32, "the range of the instruction pointer");

/* Application threads wait and wake, nothing else. */
static const struct sock_filter thread_program[] = {
    FROM_STUB,
    FIELD(nr), EQUAL(__NR_futex, 1, 0), TRAP,
    FIELD(args[1]), EQUAL(FUTEX_WAIT_BITSET, 1, 0), EQUAL(FUTEX_WAKE_BITSET, 0, 1), ALLOW, TRAP,
};

#define CLONE_OF_THREAD 0x00048f00u  /* CLONE_VM | FS | FILES | SIGHAND | SYSVSEM | PARENT */
#define CLONE_OF_PROCESS 0x00008000u /* CLONE_PARENT, no signal when it ends */

/* The helper's calls, and with which arguments where these could do harm. */
static const struct sock_filter helper_program[] = {
    FROM_STUB,
    FIELD(nr),
    EQUAL(__NR_futex, 0, 1), ALLOW,
    EQUAL(__NR_mmap, 0, 1), ALLOW,
    EQUAL(__NR_munmap, 0, 1), ALLOW,
    EQUAL(__NR_mprotect, 0, 1), ALLOW,
    EQUAL(__NR_rt_sigprocmask, 0, 1), ALLOW,
    EQUAL(__NR_sigaltstack, 0, 1), ALLOW,
    EQUAL(__NR_seccomp, 0, 1), ALLOW,
    EQUAL(__NR_getppid, 0, 1), ALLOW,
    EQUAL(__NR_pwrite64, 0, 4), FIELD(args[0]), EQUAL(CONTROL_FD, 0, 1), ALLOW, TRAP,
    EQUAL(__NR_lseek, 0, 4), FIELD(args[0]), EQUAL(CONTROL_FD, 0, 1), ALLOW, TRAP,
    EQUAL(__NR_prctl, 0, 4), FIELD(args[0]), EQUAL(PR_SET_PDEATHSIG, 0, 1), ALLOW, TRAP,
    EQUAL(__NR_clone, 0, 5), FIELD(args[0]), EQUAL(CLONE_OF_THREAD, 1, 0), EQUAL(CLONE_OF_PROCESS, 0, 1), ALLOW, TRAP,
    TRAP,
};

#define PROGRAM(filter) {sizeof filter / sizeof filter[0], (struct sock_filter *)filter}
const struct sock_fprog thread_filter = PROGRAM(thread_program);
static const struct sock_fprog helper_filter = PROGRAM(helper_program);

static void handle(int signal)
{
    const u64 action[4] = {(u64)on_signal, SA_SIGINFO | SA_RESTORER | SA_ONSTACK | SA_NODEFER, (u64)restorer, 0};
    check(call(__NR_rt_sigaction, signal, (long)action, 0, 8, 0, 0));
}

void seed_setup(void)
{
    static const u64 all = ~0ull;
    check(call(__NR_prctl, PR_SET_PDEATHSIG, 9, 0, 0, 0, 0));
    check(call(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0));
    check(call(__NR_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0, 0));
    check(call(__NR_rt_sigprocmask, 0, (long)&all, 0, 8, 0, 0));
    handle(SIGILL);
    handle(SIGTRAP);
    handle(SIGBUS);
    handle(SIGFPE);
    handle(SIGSEGV);
    handle(SIGSYS);
    handle(KICK_SIGNAL);
    check(call(__NR_mmap, STUB_COMMANDS, 4096, PROT_READ, MAP_SHARED | MAP_FIXED, CONTROL_FD, 0));
    if (call(__NR_getppid, 0, 0, 0, 0, 0, 0) != ((struct command_page *)STUB_COMMANDS)->sentry)
        check(-ESRCH); /* it died before the first call above */
    check(call(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, (long)&helper_filter, 0, 0, 0));
}
