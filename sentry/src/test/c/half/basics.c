/* System calls, exceptions, faults, single steps, FS/GS bases. */
#include "check.h"

DECLARE(call); DECLARE(store); DECLARE(load); DECLARE(jump); DECLARE(ud2); DECLARE(int3); DECLARE(int3_long);
DECLARE(int4); DECLARE(int80); DECLARE(int14); DECLARE(int32); DECLARE(icebp); DECLARE(divide); DECLARE(hlt);
DECLARE(noncanonical_read); DECLARE(noncanonical_push); DECLARE(alignment); DECLARE(x87); DECLARE(simd);
DECLARE(step); DECLARE(self_step); DECLARE(bases); DECLARE(rdtsc);

static void system_call(void)
{
    struct guest g;
    guest_open(&g, GUEST(call));
    struct user_regs *r = &g.c->regs;
    u64 *words = (u64 *)r;
    for (int i = 0; i < 15; i++)
        words[i] = 0x1111111111111111ull * (u64)(i + 1);
    r->eflags = 0xcd5; /* CF PF AF ZF SF DF OF */
    struct user_regs before = *r;
    for (int i = 0; i < 100; i++) {
        EXPECT(&g, EXIT_SYSCALL);
        EQUAL(1, r->rax);
        EQUAL(1, r->orig_rax);
        EQUAL(CODE + 8, r->rip);
        EQUAL(CODE + 8, r->rcx);
        EQUAL(0xcd5, r->eflags & 0xcd5);
        EQUAL(r->eflags, r->r11);
        EQUAL(before.r15, r->r15);
        EQUAL(before.r8, r->r8);
        EQUAL(before.rbp, r->rbp);
        EQUAL(before.rdx, r->rdx);
        EQUAL(before.rsi, r->rsi);
        EQUAL(before.rdi, r->rdi);
        EQUAL(before.rbx, r->rbx);
        EQUAL(before.rsp, r->rsp);
        EQUAL(0x33, r->cs);
        EQUAL(0x2b, r->ss);
    }
    guest_close(&g);
}

static void exception(const u8 *begin, const u8 *end, u32 vector, u64 error_code, u64 rip)
{
    struct guest g;
    guest_open(&g, begin, end);
    EXPECT(&g, EXIT_EXCEPTION);
    EQUAL(vector, g.c->vector);
    if (emulated && error_code & 2)
        error_code = 2 * error_code - 2; /* QEMU takes 16 bytes for an entry where the manuals take 8 */
    EQUAL(error_code, g.c->error_code);
    EQUAL(rip, g.c->regs.rip - CODE);
    EQUAL(~0ull, g.c->regs.orig_rax);
    guest_close(&g);
}

static void exceptions(void)
{
    exception(GUEST(ud2), 6, 0, 0);
    exception(GUEST(divide), 0, 0, 2);
    exception(GUEST(int3), 3, 0, 1);
    exception(GUEST(int3_long), 3, 0, 2);
    exception(GUEST(int4), 4, 0, 2);
    exception(GUEST(int80), 13, 0x402, 0);
    if (!emulated) { /* QEMU has none of these */
        exception(GUEST(noncanonical_push), 12, 0, 10);
        exception(GUEST(simd), 19, 0, 21);
        if (half_has_int1(platform))
            exception(GUEST(icebp), 1, 0, 1);
        exception(GUEST(int32), 13, 32 * 8 + 2, 0);
        exception(GUEST(int14), 13, 14 * 8 + 2, 0);
        exception(GUEST(alignment), 17, 0, 10);
    }
    exception(GUEST(hlt), 13, 0, 0);
    exception(GUEST(noncanonical_read), 13, 0, 10);
    struct guest g; /* which rip an x87 exception has is the CPU's business: fwait or after it */
    guest_open(&g, GUEST(x87));
    EXPECT(&g, EXIT_EXCEPTION);
    EQUAL(16, g.c->vector);
    guest_close(&g);
}

static void fault(struct guest *g, u64 address, int access)
{
    EXPECT(g, EXIT_FAULT);
    EQUAL(address, g->c->fault_address);
    EQUAL(access, g->c->fault_access);
    EQUAL(14, g->c->vector);
    EQUAL(~0ull, g->c->regs.orig_rax);
    EQUAL(4, g->c->error_code & 4);
}

static void faults(void)
{
    struct guest g;
    u64 addresses[] = {0, DATA + PAGE + 8, 0x7ffffffff008, 0xffff800000001000, 0xffffffffff600000};
    for (int i = 0; i < 5; i++) {
        u64 a = addresses[i];
        guest_open(&g, GUEST(load));
        g.c->regs.rdi = a;
        fault(&g, a, PROT_READ);
        guest_close(&g);
        guest_open(&g, GUEST(store));
        g.c->regs.rdi = a;
        fault(&g, a, PROT_WRITE);
        guest_close(&g);
        if (half_is_gate(platform, a))
            continue;
        guest_open(&g, GUEST(jump));
        g.c->regs.rdi = a;
        fault(&g, a, PROT_EXEC);
        EQUAL(a, g.c->regs.rip);
        guest_close(&g);
    }
    guest_open(&g, GUEST(store));
    g.c->regs.rdi = CODE + 0x800; /* not writable */
    fault(&g, CODE + 0x800, PROT_WRITE);
    EQUAL(7, g.c->error_code);
    guest_close(&g);
    guest_open(&g, GUEST(jump));
    g.c->regs.rdi = DATA; /* not executable */
    fault(&g, DATA, PROT_EXEC);
    EQUAL(0x15, g.c->error_code);
    guest_close(&g);
}

static void single_step(void)
{
    struct guest g;
    guest_open(&g, GUEST(step));
    u64 at[] = {1, 2, 7};
    for (int i = 0; i < 3; i++) {
        g.c->regs.eflags |= RFLAGS_TF;
        EXPECT(&g, EXIT_EXCEPTION);
        EQUAL(1, g.c->vector);
        EQUAL(CODE + at[i], g.c->regs.rip);
    }
    g.c->regs.eflags |= RFLAGS_TF;
    EXPECT(&g, EXIT_SYSCALL);
    EQUAL(CODE + 9, g.c->regs.rip);
    CHECK(g.c->regs.eflags & RFLAGS_TF);
    EXPECT(&g, EXIT_EXCEPTION);
    EQUAL(1, g.c->vector);
    CHECK(g.c->regs.rip == CODE + 10);
    guest_close(&g);
    guest_open(&g, GUEST(self_step));
    EXPECT(&g, EXIT_EXCEPTION);
    EQUAL(1, g.c->vector);
    guest_close(&g);
}

static void segment_bases(void)
{
    struct guest g;
    if (!half_has_fsgsbase(platform)) {
        skipped++;
        return;
    }
    guest_open(&g, GUEST(bases));
    struct user_regs *r = &g.c->regs;
    u64 *data = (u64 *)(memory + g.data);
    data[1] = 111;
    data[3] = 333;
    r->fs_base = 0x123456789000;
    r->gs_base = 0xffff900000000000;
    r->rdi = DATA;
    r->rsi = DATA + 16;
    EXPECT(&g, EXIT_SYSCALL);
    EQUAL(0x123456789000, r->r12);
    EQUAL(0xffff900000000000, r->rbx);
    EQUAL(DATA, r->fs_base);
    EQUAL(DATA + 16, r->gs_base);
    EXPECT(&g, EXIT_SYSCALL);
    EQUAL(111, r->r12);
    EQUAL(333, r->r13);
    guest_restart(&g);
    r->fs_base = r->gs_base = 0x8000000000000000;
    EXPECT(&g, EXIT_SYSCALL); /* not a failed entry */
    guest_close(&g);
}

static void time_stamp(void)
{
    struct guest g;
    guest_open(&g, GUEST(rdtsc));
    for (int i = 0; i < 5; i++) {
        u64 before = __builtin_ia32_rdtsc();
        EXPECT(&g, EXIT_SYSCALL);
        u64 after = __builtin_ia32_rdtsc();
        CHECK(before <= g.c->regs.rbx && g.c->regs.rbx <= after);
    }
    guest_close(&g);
}

void test_basics(void)
{
    system_call();
    exceptions();
    faults();
    single_step();
    segment_bases();
    if (!emulated && half_host_tsc(platform)) /* QEMU's is now and then 0.1 ms behind in a guest */
        time_stamp();
}
