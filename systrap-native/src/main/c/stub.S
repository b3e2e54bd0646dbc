/*
 * Everything that runs in stub processes: the seed's start, the helper thread, the signal handler and the trampoline of
 * application threads. It has no writable data. Linked at STUB_BASE into a static program of one segment.
 *
 * The helper keeps what it knows in registers and read-only memory: the application shares its address space.
 */
#include <asm/unistd.h>
#include "layout.h"

#define FUTEX_WAIT 0
#define FUTEX_WAKE 1
#define FUTEX_WAIT_BITSET 9
#define FUTEX_WAKE_BITSET 10
#define MASK_BYTES 8

    .text

/* A rewritten call site: eax is the number, r11 where to go on; rcx may be used, flags may not change. */
    .balign 0x100 /* behind the ELF header: STUB_TRAMPOLINE */
trampoline:
    rdgsbase %rcx
    rorx $31, %rcx, %rcx
    lea -0xffff(%ecx), %ecx         /* 0 if the base is in the last 2 GiB, which are ours */
    jrcxz 1f
    .org trampoline + 0x40, 0x90    /* STUB_FOREIGN_GS */
    ud2                             /* the application uses gs itself: a signal finds the way without it */
1:  jmp called

/* ---- the seed */

    .globl _start
_start:
    xor %ebp, %ebp
    call seed_setup
    mov $STUB_COMMANDS, %r12
    xor %r13d, %r13d
    /* Nothing but text and command page stays: the stack goes as well. */
    mov $__NR_munmap, %eax
    xor %edi, %edi
    mov $STUB_BASE, %rsi
    syscall
    mov $__NR_munmap, %eax
    mov $STUB_COMMANDS + 0x1000, %rdi
    mov $HOST_LIMIT - STUB_COMMANDS - 0x1000, %rsi
    xor %esp, %esp
    syscall
    jmp helper

/*
 * ---- the helper: waits for a batch of commands, makes the calls, reports.
 *
 * r12 command page, r13d the last batch, r14 next command, r15d commands left, rbx what to report
 */
helper:
    mov COMMAND_SEQ(%r12), %eax
    cmp %r13d, %eax
    jne 1f
    mov %r12, %rdi
    mov $FUTEX_WAIT, %esi
    mov %r13d, %edx
    xor %r10d, %r10d
    mov $__NR_futex, %eax
    syscall
    jmp helper
1:  mov %eax, %r13d
    mov COMMAND_COUNT(%r12), %r15d
    lea COMMAND_LIST(%r12), %r14
    lea COMMAND_OK(%r12), %rbx
2:  test %r15d, %r15d
    jz 3f
    mov COMMAND_KIND(%r14), %rbp
    cmp $KIND_RELEASE, %rbp
    je 7f
    mov (%r14), %rax
    mov 8(%r14), %rdi
    mov 16(%r14), %rsi
    mov 24(%r14), %rdx
    mov 32(%r14), %r10
    mov 40(%r14), %r8
    mov 48(%r14), %r9
    syscall
    test %rax, %rax
    js 5f
    test %rbp, %rbp
    jz 4f
    test %rax, %rax
    jz 6f
    mov %rax, %rsi                  /* the pid becomes the control file's position, where nobody here can change it */
    mov $__NR_lseek, %eax
    mov $CONTROL_FD, %edi
    xor %edx, %edx
    syscall
4:  add $COMMAND_BYTES, %r14
    dec %r15d
    jmp 2b
5:  lea COMMAND_FAILED(%r12), %rbx
    jmp 4b
7:  mov 8(%r14), %rdi
    xor %eax, %eax
    xchg %eax, TURN(%rdi)
    cmpl $0, STUB_SLEEPS(%rdi)
    je 4b
    mov $__NR_futex, %eax
    mov $FUTEX_WAKE_BITSET, %esi
    mov $1, %edx
    mov $WAITER_STUB, %r9d
    syscall
    jmp 4b
3:  mov $__NR_pwrite64, %eax        /* the kernel writes `done`: nobody else here can */
    mov $CONTROL_FD, %edi
    mov %rbx, %rsi
    mov $8, %edx
    mov COMMAND_DONE_OFFSET(%r12), %r10
    syscall
    cmpl $0, COMMAND_WAITERS(%r12)
    je helper
    mov $__NR_futex, %eax
    lea COMMAND_DONE(%r12), %rdi
    mov $FUTEX_WAKE, %esi
    mov $0x7fffffff, %edx
    syscall
    jmp helper

6:  cmp $KIND_THREAD, %rbp
    je new_thread
    jmp new_process

/* A clone does not inherit it. If the Sentry died before, nobody sends the signal any more. */
    .macro die_with_the_sentry dead
    mov $__NR_prctl, %eax
    mov $1, %edi                    /* PR_SET_PDEATHSIG */
    mov $9, %esi
    syscall
    mov $__NR_getppid, %eax
    syscall
    cmp COMMAND_SENTRY(%r12), %eax
    jne \dead
    .endm

/* mmap of one page of the control file, without a stack */
    .macro map_control address, rights, offset
    mov $__NR_mmap, %eax
    mov $\address, %rdi
    mov $0x1000, %esi
    mov $\rights, %edx
    mov $0x11, %r10d                /* MAP_SHARED | MAP_FIXED */
    mov $CONTROL_FD, %r8d
    lea \offset, %r9
    syscall
    test %rax, %rax
    js 8f
    .endm

/* A new process, still with the seed's slot: takes its own and waits for commands. */
new_process:
    die_with_the_sentry 8f
    mov COMMAND_SLOT(%r12), %rbx
    map_control STUB_COMMANDS, 1, (%rbx)
    xor %r13d, %r13d
    jmp helper
8:  ud2                             /* there is no stack for a signal: it is killed */

/* A new application thread: has no stack until its own filter is on. */
new_thread:
    die_with_the_sentry 9f
    mov $__NR_rt_sigprocmask, %eax
    mov $2, %edi                    /* SIG_SETMASK */
    lea thread_mask(%rip), %rsi
    xor %edx, %edx
    mov $MASK_BYTES, %r10d
    syscall
    test %rax, %rax
    jnz 9f
    mov $__NR_sigaltstack, %eax
    lea COMMAND_ALTSTACK(%r12), %rdi
    xor %esi, %esi
    syscall
    test %rax, %rax
    jnz 9f
    mov COMMAND_THREAD(%r12), %rbp
    wrgsbase %rbp
    mov $__NR_seccomp, %eax
    mov $1, %edi                    /* SECCOMP_SET_MODE_FILTER */
    xor %esi, %esi
    lea thread_filter(%rip), %rdx
    syscall
    test %rax, %rax
    jnz 9f
    mov %rbp, %rbx
    lea AREA_BYTES(%rbx), %rsp
    jmp hand_off_and_go
9:  ud2

/* ---- application threads. rbx is the thread's page from here on. */

/* edx:eax for XSAVE and XRSTOR */
    .macro load_features
    mov FEATURES(%rbx), %eax
    mov FEATURES + 4(%rbx), %edx
    .endm

/* rdi signal, rsi siginfo, rdx ucontext; on the signal stack, which ends where the area ends */
    .globl on_signal
on_signal:
    push $0x202                     /* the application's AC and NT are still set */
    popfq
    mov %rsp, %rbx
    and $-AREA_BYTES, %rbx
    mov 168(%rdx), %rax             /* uc_mcontext.gregs[GPR_RIP] */
    mov $STUB_BASE, %rcx
    sub %rcx, %rax
    cmp $STUB_TEXT_BYTES, %rax
    jae 1f
    cmp $KICK_SIGNAL, %edi
    jne 1f
    incl KICKS(%rbx)                /* it is on its way to the Sentry, or back; who kicks will kick again */
    jmp resume_frame
1:  mov %edi, EVENT(%rbx)
    mov %rsi, INFO(%rbx)
    mov %rdx, FRAME(%rbx)
    rdfsbase %rax
    mov %rax, GPR_FS_BASE(%rbx)
    rdgsbase %rax
    mov %rax, GPR_GS_BASE(%rbx)
    mov %rdx, %r12
    call hand_off
    mov ORDERS(%rbx), %ecx
    test $ORDER_LOAD_FPU, %ecx
    jnz load_fpu
    mov 224(%r12), %rdi             /* uc_mcontext.fpregs */
    load_features
    xrstor64 (%rdi)
    jmp go

called:
    mov %rsp, %gs:GPR_RSP
    rdgsbase %rcx
    lea AREA_BYTES(%rcx), %rsp
    pushfq
    popq %gs:GPR_EFLAGS
    mov %rbx, GPR_RBX(%rcx)
    mov %rcx, %rbx
    mov %rax, GPR_RAX(%rbx)
    mov %rdi, GPR_RDI(%rbx)
    mov %rsi, GPR_RSI(%rbx)
    mov %rdx, GPR_RDX(%rbx)
    mov %r10, GPR_R10(%rbx)
    mov %r8, GPR_R8(%rbx)
    mov %r9, GPR_R9(%rbx)
    mov %rbp, GPR_RBP(%rbx)
    mov %r12, GPR_R12(%rbx)
    mov %r13, GPR_R13(%rbx)
    mov %r14, GPR_R14(%rbx)
    mov %r15, GPR_R15(%rbx)
    mov %r11, GPR_RIP(%rbx)
    rdfsbase %rax
    mov %rax, GPR_FS_BASE(%rbx)
    movl $EVENT_CALL, EVENT(%rbx)
hand_off_and_go:
    call hand_off
    mov ORDERS(%rbx), %ecx
    test $ORDER_SAVE_FPU, %ecx
    jnz save_fpu
    test $ORDER_LOAD_FPU, %ecx
    jz go
load_fpu:
    load_features
    xrstor64 FPU(%rbx)

/* To the application, with the registers that the Sentry left. */
go: push $0x202
    popfq
    mov GPR_FS_BASE(%rbx), %rax
    wrfsbase %rax
    mov GPR_GS_BASE(%rbx), %rax
    wrgsbase %rax
    mov %ss, %eax
    push %rax
    push GPR_RSP(%rbx)
    push GPR_EFLAGS(%rbx)
    mov %cs, %eax
    push %rax
    push GPR_RIP(%rbx)
    mov GPR_R15(%rbx), %r15
    mov GPR_R14(%rbx), %r14
    mov GPR_R13(%rbx), %r13
    mov GPR_R12(%rbx), %r12
    mov GPR_RBP(%rbx), %rbp
    mov GPR_R11(%rbx), %r11
    mov GPR_R10(%rbx), %r10
    mov GPR_R9(%rbx), %r9
    mov GPR_R8(%rbx), %r8
    mov GPR_RAX(%rbx), %rax
    mov GPR_RCX(%rbx), %rcx
    mov GPR_RDX(%rbx), %rdx
    mov GPR_RSI(%rbx), %rsi
    mov GPR_RDI(%rbx), %rdi
    mov GPR_RBX(%rbx), %rbx
    iretq

save_fpu:
    load_features
    xsave64 FPU(%rbx)
    movl $EVENT_SAVED, EVENT(%rbx)
    jmp hand_off_and_go

/* Back to where the signal came, as rt_sigreturn(2) would, which the filter does not allow. rdx ucontext */
resume_frame:
    mov %rdx, %rdi
    mov 224(%rdi), %rsi
    load_features
    xrstor64 (%rsi)
    mov %ss, %eax
    push %rax
    push 160(%rdi)                  /* gregs: RSP, EFL */
    push 176(%rdi)
    mov %cs, %eax
    push %rax
    push 168(%rdi)
    mov 40(%rdi), %r8
    mov 48(%rdi), %r9
    mov 56(%rdi), %r10
    mov 64(%rdi), %r11
    mov 72(%rdi), %r12
    mov 80(%rdi), %r13
    mov 88(%rdi), %r14
    mov 96(%rdi), %r15
    mov 112(%rdi), %rsi
    mov 120(%rdi), %rbp
    mov 128(%rdi), %rbx
    mov 136(%rdi), %rdx
    mov 144(%rdi), %rax
    mov 152(%rdi), %rcx
    mov 104(%rdi), %rdi
    iretq

/* It is the Sentry's turn now; comes back when it is ours again. Changes rax, rcx, rdx, rdi, rsi, r8-r11. */
hand_off:
    mov $1, %eax
    xchg %eax, TURN(%rbx)
    cmpl $0, SENTRY_SLEEPS(%rbx)
    je 1f
    mov $__NR_futex, %eax
    mov %rbx, %rdi
    mov $FUTEX_WAKE_BITSET, %esi
    mov $1, %edx
    mov $WAITER_SENTRY, %r9d
    syscall
1:  mov SPIN(%rbx), %r8
    test %r8, %r8
    jz 3f
    rdtsc
    shl $32, %rdx
    or %rdx, %rax
    add %rax, %r8
2:  cmpb $0, TURN(%rbx)
    je 5f
    pause
    rdtsc
    shl $32, %rdx
    or %rdx, %rax
    cmp %r8, %rax
    jb 2b
3:  mov $1, %eax
    xchg %eax, STUB_SLEEPS(%rbx)
4:  mov TURN(%rbx), %edx
    test %dl, %dl
    jz 6f
    mov $__NR_futex, %eax
    mov %rbx, %rdi
    mov $FUTEX_WAIT_BITSET, %esi
    xor %r10d, %r10d
    mov $WAITER_STUB, %r9d
    syscall
    jmp 4b
6:  movl $0, STUB_SLEEPS(%rbx)
5:  ret

    .globl restorer
restorer:
    ud2

    .balign 8
thread_mask: /* everything but what CPU exceptions are and the kick: bit n - 1 is signal n */
    .quad ~(1 << 3 | 1 << 4 | 1 << 6 | 1 << 7 | 1 << 10 | 1 << 30 | 1 << (KICK_SIGNAL - 1))

    .section .note.GNU-stack, "", @progbits
