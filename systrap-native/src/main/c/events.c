/* What brought a thread back from the stub. Everything here comes from memory that the application can write. */
#include "gvjsystrap.h"

#include <errno.h>
#include <linux/audit.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "rewrite.h"

#define VSYSCALL 0xffffffffff600000ull
#define DEBUG 1
#define PAGE_FAULT 14
#define GENERAL_PROTECTION 13
#define FAULT_WRITE 2
#define FAULT_FETCH 0x10
#define INT_SYSCALL 0x80ull
#define NR_URETPROBE 335 /* Linux 6.11: SIGILL unless a probe's return calls it, and no filter is asked since 6.14 */

static int exception(struct context *c, u32 vector, u64 error_code)
{
    c->vector = vector;
    c->error_code = error_code;
    return EXIT_EXCEPTION;
}

static int fault(struct context *c, u64 address, u64 error_code)
{
    c->vector = PAGE_FAULT;
    c->fault_address = address;
    c->error_code = error_code;
    c->fault_access = error_code & FAULT_FETCH ? PROT_EXEC : error_code & FAULT_WRITE ? PROT_WRITE : PROT_READ;
    return EXIT_FAULT;
}

/* The segment registers as they are in 64-bit user mode, whatever is said. */
static void fixed_registers(struct context *c)
{
    c->regs.orig_rax = ~0ull;
    c->regs.cs = USER_CS;
    c->regs.ss = USER_DS;
    c->regs.ds = c->regs.es = c->regs.fs = c->regs.gs = 0;
    if (c->regs.gs_base == c->thread->address)
        c->regs.gs_base = 0;
}

/* A system call that did not trap: rcx and r11 as the instruction leaves them. */
static int called(struct context *c)
{
    c->regs.rcx = c->regs.rip;
    c->regs.r11 = c->regs.eflags;
    c->regs.orig_rax = c->regs.rax;
    return EXIT_SYSCALL;
}

static int rewritten_call(struct context *c)
{
    u64 gs_base = c->regs.gs_base;
    c->regs = c->thread->page->regs;
    c->regs.gs_base = gs_base;
    fixed_registers(c);
    return called(c);
}

static void take_registers(struct context *c, const u64 *g)
{
    u64 fs_base = c->thread->page->regs.fs_base, gs_base = c->thread->page->regs.gs_base;
    c->regs = (struct user_regs){
        .r8 = g[0], .r9 = g[1], .r10 = g[2], .r11 = g[3], .r12 = g[4], .r13 = g[5], .r14 = g[6], .r15 = g[7],
        .rdi = g[8], .rsi = g[9], .rbp = g[10], .rbx = g[11], .rdx = g[12], .rax = g[13], .rcx = g[14], .rsp = g[15],
        .rip = g[16], .eflags = g[17], .fs_base = fs_base, .gs_base = gs_base};
    fixed_registers(c);
}

/* A system call that trapped. */
static int trapped_call(struct context *c, u32 arch)
{
    if (arch != AUDIT_ARCH_X86_64) { /* int $0x80, or SYSCALL in a 32-bit segment: there is neither */
        c->regs.rip -= 2;
        return exception(c, GENERAL_PROTECTION, INT_SYSCALL << 3 | 2);
    }
    c->regs.orig_rax = c->regs.rax;
    rewrite_trapped(c);
    return EXIT_SYSCALL;
}

/* A signal in the stub's own code. */
static int stub_signal(struct context *c, int signal)
{
    if (signal == SIGILL && c->regs.rip == STUB_FOREIGN_GS) {
        c->regs.rip = c->regs.r11;
        return called(c);
    }
    ctx_fail(c, "signal %d in the stub at %#llx", signal, (unsigned long long)c->regs.rip);
    return EXIT_FAILED;
}

int event_meaning(struct context *c)
{
    struct thread *t = c->thread;
    const volatile struct thread_page *page = t->page;
    u32 event = page->event;
    c->fpu_place = FPU_LIVE;
    if (event == EVENT_CALL)
        return rewritten_call(c);
    u64 frame = page->frame - t->address, info = page->info - t->address;
    if (event > 31 || frame < PAGE || frame > AREA_BYTES - sizeof(ucontext_t) || info < PAGE
        || info > AREA_BYTES - sizeof(siginfo_t) || ((frame | info) & 7) != 0) {
        ctx_fail(c, "the stub's thread page was overwritten");
        return EXIT_FAILED;
    }
    const u8 *area = (const u8 *)t->page;
    u64 g[23];
    memcpy(g, area + frame + offsetof(ucontext_t, uc_mcontext.gregs), sizeof g);
    siginfo_t s;
    memcpy(&s, area + info, sizeof s);
    u64 fpu;
    memcpy(&fpu, area + frame + offsetof(ucontext_t, uc_mcontext.fpregs), 8);
    c->fpu_frame = fpu - t->address;
    c->fpu_place = FPU_FRAME;
    take_registers(c, g);
    u32 vector = (u32)g[REG_TRAPNO];
    if (c->regs.rip - STUB_BASE < STUB_TEXT_BYTES)
        return stub_signal(c, (int)event);
    u64 rip = c->regs.rip;
    bool stepped = event == SIGTRAP && vector == DEBUG;
    if (stepped && !c->as->no_rewriting)
        as_keep_code(c->as); /* who steps through code looks at it closely */
    if (rip - SITES_BASE < SITES_BYTES && rewrite_finish(c)) {
        if (!stepped)
            return called(c); /* an interrupt stays for the next run */
        c->regs.rip -= 2;     /* in front of the system call */
    }
    if (c->regs.rip != rip && vector == PAGE_FAULT)
        return EXIT_INTERRUPTED; /* the table went while it was there */
    if (event == SIGILL && s.si_code == SI_KERNEL) { /* the one system call that filters do not see, and no CPU exception */
        c->regs.rax = NR_URETPROBE;
        return trapped_call(c, AUDIT_ARCH_X86_64);
    }
    if (c->regs.rip >= VSYSCALL && event != KICK_SIGNAL) /* the host's page, which emulates calls: not for applications */
        return fault(c, c->regs.rip, FAULT_FETCH | 4);
    switch (event) {
    case SIGSYS:
        return trapped_call(c, s.si_arch);
    case KICK_SIGNAL:
        atomic_store(&c->interrupted, 0);
        return EXIT_INTERRUPTED;
    case SIGBUS:
        if (vector == PAGE_FAULT) {
            ctx_fail(c, "the host has no memory for %#llx", (unsigned long long)g[REG_CR2]);
            return EXIT_FAILED;
        }
        return exception(c, vector, g[REG_ERR]);
    default:
        if ((u16)g[REG_CSGSFS] != USER_CS)
            return exception(c, GENERAL_PROTECTION, g[REG_CSGSFS] & 0xfff8); /* a 32-bit segment, which is not there */
        if (vector == PAGE_FAULT)
            return fault(c, g[REG_CR2], g[REG_ERR]);
        return exception(c, vector, g[REG_ERR]);
    }
}
