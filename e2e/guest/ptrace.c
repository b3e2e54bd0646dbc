/* ptrace: what strace and gdb stand on. */
#include "guest.h"
#include <stddef.h>
#include <sys/ptrace.h>
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
