/* Whatever an application loads into registers or executes is its own problem only. */
#include "check.h"

#include <unistd.h>

DECLARE(call); DECLARE(bad_selector); DECLARE(kernel_selector); DECLARE(user_selectors);
DECLARE(noncanonical_rsp_call); DECLARE(noncanonical_jump); DECLARE(flags); DECLARE(far_jump); DECLARE(iret);
DECLARE(bad_ss); DECLARE(sysenter); DECLARE(in_port); DECLARE(out_port); DECLARE(cli); DECLARE(rdmsr); DECLARE(wrmsr);
DECLARE(cr3); DECLARE(swapgs); DECLARE(xsetbv); DECLARE(lgdt); DECLARE(invlpg); DECLARE(rdpmc); DECLARE(vmmcall);
DECLARE(vmcall); DECLARE(harmless); DECLARE(jump); DECLARE(ud2);

/* The machine still works. */
static void sane(void)
{
    struct guest g;
    guest_open(&g, GUEST(call));
    for (int i = 0; i < 3; i++)
        EXPECT(&g, EXIT_SYSCALL);
    guest_close(&g);
}

static void privileged(const u8 *begin, const u8 *end)
{
    struct guest g;
    guest_open(&g, begin, end);
    EXPECT(&g, EXIT_EXCEPTION);
    EQUAL(13, g.c->vector);
    guest_close(&g);
    sane();
}

/* Anything but a failure, soon. */
static void survives(const u8 *begin, const u8 *end, u64 rdi, u64 rsi)
{
    struct guest g;
    guest_open(&g, begin, end);
    g.c->regs.rdi = rdi;
    g.c->regs.rsi = rsi;
    for (int i = 0; i < 4; i++) {
        int reason = guest_run(&g);
        if (reason == EXIT_FAILED)
            printf("failure: %s ", g.c->failure);
        CHECK(reason != EXIT_FAILED);
    }
    guest_close(&g);
    sane();
}

static void registers_from_outside(void)
{
    struct guest g;
    u64 bad[] = {1ull << 47, 1ull << 63, 0xffff7fffffffffff, 0x123456789abcdef0};
    for (int i = 0; i < 4; i++) {
        guest_open(&g, GUEST(call));
        g.c->regs.rip = bad[i];
        EXPECT(&g, EXIT_EXCEPTION);
        EQUAL(13, g.c->vector);
        EQUAL(bad[i], g.c->regs.rip);
        guest_restart(&g);
        g.c->regs.rsp = bad[i];
        EXPECT(&g, EXIT_SYSCALL);
        EQUAL(bad[i], g.c->regs.rsp);
        EXPECT(&g, EXIT_SYSCALL);
        guest_restart(&g);
        g.c->regs.fs_base = g.c->regs.gs_base = bad[i];
        EXPECT(&g, EXIT_SYSCALL);
        guest_restart(&g);
        g.c->regs.cs = g.c->regs.ss = g.c->regs.ds = bad[i];
        EXPECT(&g, EXIT_SYSCALL);
        EQUAL(0x33, g.c->regs.cs);
        guest_close(&g);
    }
    guest_open(&g, GUEST(call));
    g.c->regs.eflags = ~0ull & ~RFLAGS_TF;
    EXPECT(&g, EXIT_SYSCALL);
    EQUAL(0, g.c->regs.eflags & 0x3000); /* IOPL */
    guest_close(&g);
    guest_open(&g, GUEST(ud2));
    g.c->regs.rsp = 1ull << 63;
    EXPECT(&g, EXIT_EXCEPTION);
    EQUAL(6, g.c->vector);
    EQUAL(1ull << 63, g.c->regs.rsp);
    guest_close(&g);
}

static void flags_from_inside(void)
{
    u64 values[] = {0x4000, 0x40000, 0x200000, 0x3000, 0x20000, 0x180000, 0x10000, 0x200, 0, 0x254cd5, ~0x100ull};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct guest g;
        guest_open(&g, GUEST(flags));
        g.c->regs.rdi = values[i];
        EXPECT(&g, EXIT_SYSCALL);
        EQUAL(0, g.c->regs.eflags & 0x3000);
        EXPECT(&g, EXIT_SYSCALL);
        EQUAL(0x200, g.c->regs.rbx & 0x3200);
        guest_close(&g);
    }
    sane();
}

/* Code of a sandbox must not become 32-bit or ring 0 code by a far transfer. */
static void far_transfers(void)
{
    u64 selectors[] = {0x10, 0x13, 0x18, 0x1b, 0x20, 0x23, 0x2b, 0x30, 0x33, 0, 3, 0x40, 0x43, 0x53, 0x7b, 0xfff8, 4, 7};
    for (size_t i = 0; i < sizeof selectors / sizeof selectors[0]; i++) {
        survives(GUEST(far_jump), CODE + 0x20, selectors[i]);
        survives(GUEST(iret), CODE + 0x20, selectors[i]);
        survives(GUEST(bad_ss), 0, selectors[i]);
    }
}

static void into_the_stub(void)
{
    for (u64 at = 0; at < 0x300; at += 8)
        survives(GUEST(jump), 0xffff800000001000 + at, 0);
    survives(GUEST(jump), 0xffff800000003000, 0);
    survives(GUEST(jump), 0xffffffffff600000, 0);
    survives(GUEST(jump), 0xfffffffffffffffc, 0);
}

void test_hostile(void)
{
    registers_from_outside();
    flags_from_inside();
    privileged(GUEST(bad_selector));
    privileged(GUEST(kernel_selector));
    privileged(GUEST(noncanonical_jump));
    privileged(GUEST(in_port));
    privileged(GUEST(out_port));
    privileged(GUEST(cli));
    privileged(GUEST(rdmsr));
    privileged(GUEST(wrmsr));
    privileged(GUEST(cr3));
    privileged(GUEST(xsetbv));
    privileged(GUEST(lgdt));
    privileged(GUEST(invlpg));
    privileged(GUEST(rdpmc));
    privileged(GUEST(swapgs));
    survives(GUEST(sysenter), 0, 0);
    survives(GUEST(vmcall), 0, 0);
    survives(GUEST(vmmcall), 0, 0);
    survives(GUEST(harmless), 0, 0);
    survives(GUEST(noncanonical_rsp_call), 0, 0);
    survives(GUEST(user_selectors), 0, 0);
    far_transfers();
    into_the_stub();
}
