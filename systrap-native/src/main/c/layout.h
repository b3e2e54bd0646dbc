/*
 * What the Sentry and the code in stub processes share: addresses, the command page, the pages of threads. Included by C
 * of both sides and by stub.S; offsets are checked below.
 *
 *   0x10000 ........ 0x7fff80000000 ................................ 0x7ffffffff000
 *   the application's  stub text, command page, areas of threads      nothing
 *
 * Everything a stub process can write belongs to the application in it. What it must not change is mapped read-only
 * there: text, filters, the command page.
 */
#ifndef GVJ_SYSTRAP_LAYOUT_H
#define GVJ_SYSTRAP_LAYOUT_H

#define STUB_BASE 0x7fff80000000
#define STUB_TEXT_BYTES 0x1000
#define STUB_TRAMPOLINE (STUB_BASE + 0x100) /* rewritten call sites come here ... */
#define STUB_FOREIGN_GS (STUB_BASE + 0x140) /* ... and stop there if gs is not the stub's: an invalid instruction */
#define STUB_COMMANDS 0x7fff81000000
#define STUB_THREADS 0x7fff90000000
#define AREA_BYTES 0x8000
#define MAX_THREADS 32768
#define HOST_LIMIT 0x7ffffffff000

/* Trampolines of rewritten call sites. The bytes 0f 05 in the address are on purpose: see rewrite.c. */
#define SITES_BASE 0x050f0000
#define SITES_BYTES 0x10000

/* Descriptors of stub processes. */
#define MEMORY_FD 3
#define CONTROL_FD 4

/* The signal that brings a thread back to the Sentry: SIGUSR2, of which at most one is pending. */
#define KICK_SIGNAL 12

/* Who waits on thread_page.turn, as bits for futex(2). */
#define WAITER_STUB 1
#define WAITER_SENTRY 2

/* thread_page.event, beside signal numbers */
#define EVENT_CALL 256  /* a rewritten call site */
#define EVENT_SAVED 257 /* what ORDER_SAVE_FPU asked for */

/* thread_page.orders */
#define ORDER_LOAD_FPU 1
#define ORDER_SAVE_FPU 2

/* struct thread_page, for stub.S */
#define TURN 0
#define STUB_SLEEPS 64
#define SENTRY_SLEEPS 128
#define SPIN 192
#define EVENT 200
#define ORDERS 204
#define FRAME 208
#define INFO 216
#define FEATURES 224
#define KICKS 232
#define REGS 256
#define FPU 1024
/* struct user_regs */
#define GPR_R15 (REGS + 0)
#define GPR_R14 (REGS + 8)
#define GPR_R13 (REGS + 16)
#define GPR_R12 (REGS + 24)
#define GPR_RBP (REGS + 32)
#define GPR_RBX (REGS + 40)
#define GPR_R11 (REGS + 48)
#define GPR_R10 (REGS + 56)
#define GPR_R9 (REGS + 64)
#define GPR_R8 (REGS + 72)
#define GPR_RAX (REGS + 80)
#define GPR_RCX (REGS + 88)
#define GPR_RDX (REGS + 96)
#define GPR_RSI (REGS + 104)
#define GPR_RDI (REGS + 112)
#define GPR_RIP (REGS + 128)
#define GPR_EFLAGS (REGS + 144)
#define GPR_RSP (REGS + 152)
#define GPR_FS_BASE (REGS + 168)
#define GPR_GS_BASE (REGS + 176)

/* struct command_page, for stub.S */
#define COMMAND_SEQ 0
#define COMMAND_COUNT 4
#define COMMAND_DONE 8
#define COMMAND_OK 16
#define COMMAND_FAILED 24
#define COMMAND_DONE_OFFSET 32
#define COMMAND_THREAD 40
#define COMMAND_ALTSTACK 48
#define COMMAND_SLOT 72
#define COMMAND_WAITERS 80
#define COMMAND_SENTRY 84
#define COMMAND_LIST 128
#define COMMAND_BYTES 64
#define COMMAND_KIND 56

#define KIND_PLAIN 0
#define KIND_THREAD 1  /* clone of an application thread */
#define KIND_PROCESS 2 /* clone of a process: only the seed gets it */
#define KIND_RELEASE 3 /* no call: it is the turn of the thread whose page is the first argument */

#ifndef __ASSEMBLER__
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t u64;
typedef int64_t i64;
typedef int32_t i32;
typedef int8_t i8;
typedef uint32_t u32;
typedef uint16_t u16;
typedef uint8_t u8;

/* Linux's struct user_regs_struct, as gvj.platform.Registers lays it out. */
struct user_regs {
    u64 r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8;
    u64 rax, rcx, rdx, rsi, rdi, orig_rax, rip, cs, eflags, rsp, ss;
    u64 fs_base, gs_base, ds, es, fs, gs;
};
_Static_assert(sizeof(struct user_regs) == 216, "user_regs_struct");

/* turn: whose it is, in the lowest byte; the rest counts interrupts, so that who is about to sleep notices one */
#define TURN_MASK 0xffu
#define TURN_INTERRUPT 0x100u
#define TURN_STUB 0u
#define TURN_SENTRY 1u
#define TURN_RELEASE 2u /* the helper's, which makes it the stub's: KIND_RELEASE */

/* First page of an application thread's area; its signal stack is the rest of the area. Hostile to the Sentry. */
struct thread_page {
    _Atomic u32 turn;
    u8 unused0[60];
    _Atomic u32 stub_sleeps;   /* the stub's thread may be in futex(2) */
    u8 unused1[60];
    _Atomic u32 sentry_sleeps; /* the Sentry's may */
    u8 unused2[60];
    u64 spin;                  /* ticks of the TSC that the stub's thread polls before it sleeps */
    u32 event;                 /* why it came: a signal, EVENT_* */
    u32 orders;                /* what it does before it goes on: ORDER_* */
    u64 frame, info;           /* addresses of ucontext and siginfo, for signals */
    u64 features;              /* XSAVE features to save and restore */
    u32 kicks;                 /* that met the stub's own code */
    u8 unused3[REGS - 236];
    struct user_regs regs;
    u8 unused4[FPU - REGS - 216];
    u8 fpu[4096 - FPU];        /* XSAVE area */
};
_Static_assert(sizeof(struct thread_page) == 4096 && offsetof(struct thread_page, stub_sleeps) == STUB_SLEEPS
               && offsetof(struct thread_page, sentry_sleeps) == SENTRY_SLEEPS && offsetof(struct thread_page, spin) == SPIN
               && offsetof(struct thread_page, event) == EVENT && offsetof(struct thread_page, orders) == ORDERS
               && offsetof(struct thread_page, frame) == FRAME && offsetof(struct thread_page, info) == INFO && offsetof(struct thread_page, features) == FEATURES
               && offsetof(struct thread_page, kicks) == KICKS
               && offsetof(struct thread_page, regs) == REGS && offsetof(struct thread_page, fpu) == FPU, "stub.S");

/* One system call of the helper thread. */
struct command {
    u64 nr, args[6];
    u64 kind;
};

#define MAX_COMMANDS 60

/* What the Sentry wants of a process's helper thread. Read-only in the stub. */
struct command_page {
    _Atomic u32 seq;         /* grows with each batch */
    u32 count;               /* commands in it */
    _Atomic u64 done;        /* what the helper wrote last, by pwrite(2): `ok` or `failed` (a call) of a batch */
    u64 ok, failed;          /* seq in the lower half, 1 or 2 in the upper one */
    u64 done_offset;         /* of `done` in the control file */
    u64 thread_page;         /* KIND_THREAD: its area ... */
    u64 altstack[3];         /* ... and its signal stack, a stack_t */
    u64 slot;                /* KIND_PROCESS: offset of the child's command page in the control file */
    _Atomic u32 waiters;     /* threads of the Sentry that sleep until `done` changes */
    u32 sentry;              /* its pid */
    u8 unused[COMMAND_LIST - 88];
    struct command list[MAX_COMMANDS];
    u8 unused2[4096 - COMMAND_LIST - MAX_COMMANDS * COMMAND_BYTES];
};
_Static_assert(sizeof(struct command_page) == 4096 && sizeof(struct command) == COMMAND_BYTES
               && offsetof(struct command, kind) == COMMAND_KIND && offsetof(struct command_page, done) == COMMAND_DONE
               && offsetof(struct command_page, ok) == COMMAND_OK && offsetof(struct command_page, failed) == COMMAND_FAILED
               && offsetof(struct command_page, done_offset) == COMMAND_DONE_OFFSET
               && offsetof(struct command_page, thread_page) == COMMAND_THREAD
               && offsetof(struct command_page, altstack) == COMMAND_ALTSTACK
               && offsetof(struct command_page, slot) == COMMAND_SLOT
               && offsetof(struct command_page, waiters) == COMMAND_WAITERS
               && offsetof(struct command_page, sentry) == COMMAND_SENTRY
               && offsetof(struct command_page, list) == COMMAND_LIST, "stub.S");
#endif
#endif
