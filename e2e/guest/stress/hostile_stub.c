/* hostile_stub [SECONDS] [SEED]: attacks the code and the shared pages that the systrap platform has in every process, from
 * several threads, while another process of the sandbox watches its own memory. At worst an attacker dies. Natively, and
 * with other platforms, there is nothing at these addresses: the attackers die of that. Its output tells no difference. */
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* systrap-native/src/main/c/layout.h */
enum {
    TEXT = 0x7fff80000000, TEXT_BYTES = 0x1000, COMMANDS = 0x7fff81000000, THREADS = 0x7fff90000000, AREA = 0x8000,
    SITES = 0x050f0000, SITES_BYTES = 0x10000
};
enum { PAGE = 4096, VICTIM_PAGES = 256, JUMPERS = 3, JUMPS = 40 };

static __thread uint64_t state;
static __thread sigjmp_buf back;
static volatile int victim_stops;

static uint64_t next(void) { /* splitmix64 */
    uint64_t z = (state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static void on_signal(int signal) { siglongjmp(back, signal); }

static void survive_signals(void) {
    static __thread char stack[64 << 10];
    stack_t s = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&s, NULL);
    struct sigaction a = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK | SA_NODEFER};
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaction(signals[i], &a, NULL);
}

/* A system call of the host that would do harm if it were made, with arguments that make sense. */
static void harmful(uint64_t r[7]) {
    static const uint64_t numbers[] = {SYS_mmap, SYS_munmap, SYS_mprotect, SYS_kill, SYS_tgkill, SYS_clone, SYS_execve,
        SYS_exit_group, SYS_ptrace, SYS_write, SYS_pwrite64, SYS_lseek, SYS_seccomp, SYS_prctl, SYS_openat, SYS_futex,
        SYS_rt_sigreturn, SYS_process_vm_writev, SYS_mremap, SYS_memfd_create};
    r[0] = numbers[next() % (sizeof numbers / sizeof *numbers)];
    r[1] = next() % 3 ? 0x10000000 + next() % 64 * PAGE : (uint64_t)getppid();
    r[2] = next() % 2 ? 16 * PAGE : 9;
    r[3] = 7;
    r[4] = MAP_SHARED | MAP_FIXED;
    r[5] = 3 + next() % 2; /* the stub's descriptors */
    r[6] = next() % 1024 * PAGE;
}

static void jump(uint64_t to, const uint64_t r[7], uint64_t base) {
    register uint64_t r10 __asm__("r10") = r[4], r8 __asm__("r8") = r[5], r9 __asm__("r9") = r[6];
    __asm__ volatile("push %%rbx\n push %%rbp\n push %%r12\n push %%r13\n push %%r14\n push %%r15\n"
                     "mov %[base], %%rbx\n mov %%rbx, %%rbp\n mov %%rbx, %%r12\n mov %%rbx, %%r14\n xor %%r13d, %%r13d\n"
                     "mov %%rsp, %%r15\n lea 1f(%%rip), %%rcx\n push %%rcx\n mov %%rcx, %%r11\n jmp *%[to]\n"
                     "1: mov %%r15, %%rsp\n pop %%r15\n pop %%r14\n pop %%r13\n pop %%r12\n pop %%rbp\n pop %%rbx\n"
                     : : "a"(r[0]), "D"(r[1]), "S"(r[2]), "d"(r[3]), "r"(r10), "r"(r8), "r"(r9), [to] "m"(to),
                       [base] "m"(base)
                     : "rcx", "r11", "memory");
}

static uint64_t some_base(void) {
    uint64_t bases[] = {COMMANDS, THREADS, THREADS + AREA, THREADS + next() % 4 * AREA + 8 * (next() % 512), TEXT, 0,
                        (uint64_t)&state, next()};
    return bases[next() % 8];
}

/* Into the stub's text, at any byte, with any registers. */
static void jump_about(void) {
    for (int i = 0; i < JUMPS; i++) {
        uint64_t r[7];
        harmful(r);
        if (next() % 8 == 0)
            syscall(SYS_arch_prctl, ARCH_SET_GS, some_base() & ((1ull << 47) - 1));
        volatile uint64_t to = next() % 8 ? TEXT + next() % TEXT_BYTES : SITES + next() % SITES_BYTES;
        if (sigsetjmp(back, 1) == 0)
            jump(to, r, some_base());
    }
}

/* Over everything that is shared with the Sentry. */
static void scribble(void) {
    for (int i = 0; i < JUMPS; i++) {
        uint64_t areas[] = {THREADS + next() % 6 * AREA, COMMANDS, TEXT, SITES};
        volatile uint64_t *at = (uint64_t *)(areas[next() % 8 < 5 ? 0 : next() % 4] + 8 * (next() % (next() % 2 ? 64 : 4096)));
        uint64_t values[] = {0, 1, 2, ~0ull, next(), THREADS + next() % (2 * AREA), (uint64_t)jump_about};
        if (sigsetjmp(back, 1) == 0)
            *at = values[next() % 7];
        syscall(SYS_getppid);
    }
}

/* The system calls that could take it away. */
static void remap(void) {
    for (int i = 0; i < JUMPS; i++) {
        uint64_t at[] = {TEXT, COMMANDS, THREADS, SITES, THREADS + AREA};
        void *place = (void *)at[next() % 5];
        size_t length = (1 + next() % 16) * PAGE;
        switch (next() % 5) {
        case 0: munmap(place, length); break;
        case 1: mprotect(place, length, PROT_READ | PROT_WRITE | PROT_EXEC); break;
        case 2: mmap(place, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0); break;
        case 3: mremap(place, length, 2 * length, MREMAP_MAYMOVE); break;
        default: madvise(place, length, MADV_DONTNEED);
        }
    }
}

static void *attack(void *argument) {
    static void (*const ways[])(void) = {jump_about, scribble, remap};
    state = (uint64_t)argument;
    survive_signals();
    for (;;)
        ways[next() % 3]();
    return NULL;
}

static void attacker(uint64_t seed) {
    close(1);
    alarm(1); /* a thread may wait for ever: that is its own affair */
    for (int i = 1; i < JUMPERS; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, attack, (void *)(seed * JUMPERS + i));
    }
    attack((void *)(seed * JUMPERS));
}

static void on_term(int signal) {
    (void)signal;
    victim_stops = 1;
}

/* Writes down in memory what it then expects to find there. */
static void victim(void) {
    uint64_t *memory = mmap(NULL, VICTIM_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    signal(SIGTERM, on_term);
    for (uint64_t round = 1; !victim_stops; round++) {
        for (int i = 0; i < VICTIM_PAGES * PAGE / 8; i++)
            memory[i] = round * 1000003 + i;
        usleep(2000);
        for (int i = 0; i < VICTIM_PAGES * PAGE / 8; i++)
            if (memory[i] != round * 1000003 + i)
                _exit(1);
        if (round % 8 == 0)
            madvise(memory, VICTIM_PAGES * PAGE / 2, MADV_DONTNEED);
    }
    _exit(0);
}

int main(int argc, char **argv) {
    int seconds = argc > 1 ? atoi(argv[1]) : 6, status;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
    pid_t watcher = fork();
    if (watcher == 0)
        victim();
    for (time_t end = time(NULL) + seconds; time(NULL) < end; seed++) {
        pid_t pid = fork();
        if (pid == 0)
            attacker(seed);
        waitpid(pid, &status, 0);
    }
    kill(watcher, SIGTERM);
    waitpid(watcher, &status, 0);
    printf("the victim %s\n", WIFEXITED(status) && WEXITSTATUS(status) == 0 ? "kept its memory" : "was hurt");
    return 0;
}
