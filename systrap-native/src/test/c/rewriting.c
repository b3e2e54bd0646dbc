/* Call sites that jump instead of trapping: what the application may notice of it, which is nothing. */
#include "own.h"

DECLARE(numbered); DECLARE(numbered_padded); DECLARE(padded); DECLARE(compared); DECLARE(compared_target); DECLARE(constant); DECLARE(own_gs);
DECLARE(stepping);
DECLARE(counted); DECLARE(counted_padded); DECLARE(counted_compared);

static u64 seed = 4711;

static u64 next(void)
{
    return seed = seed * 6364136223846793005ull + 1442695040888963407ull;
}

static const u64 flags[] = {0, 0xcd5, 0x400, 0x801, 0x94, 0x240};

/* Registers and flags come out as they went in, whether the site traps or jumps. */
static void kept(const u8 *begin, const u8 *end, u64 behind, bool numbered, bool compares)
{
    struct guest g;
    stable_open(&g, begin, end);
    struct user_regs *r = &g.c->regs;
    for (int i = 0; i < 3 * HOT; i++) {
        u64 *words = (u64 *)r;
        for (int k = 0; k < 15; k++)
            words[k] = next();
        if (i % 5 != 0)
            r->rsp = STACK - 64;
        r->eflags = flags[i % 6];
        r->fs_base = DATA + (u64)i;
        struct user_regs before = *r;
        EXPECT(&g, EXIT_SYSCALL);
        EQUAL(numbered ? 39 : before.rax, r->rax);
        EQUAL(r->rax, r->orig_rax);
        EQUAL(CODE + behind, r->rip);
        EQUAL(r->rip, r->rcx);
        EQUAL(r->eflags, r->r11);
        if (!compares || i == 0)
            EQUAL(before.eflags & 0xcd5, r->eflags & 0xcd5);
        CHECK(memcmp(&before, r, offsetof(struct user_regs, r11)) == 0);
        EQUAL(before.r8, r->r8);
        EQUAL(before.r9, r->r9);
        EQUAL(before.r10, r->r10);
        EQUAL(before.rdx, r->rdx);
        EQUAL(before.rsi, r->rsi);
        EQUAL(before.rdi, r->rdi);
        EQUAL(before.rsp, r->rsp);
        EQUAL(before.fs_base, r->fs_base);
        EQUAL(0, r->gs_base);
    }
    CHECK(is_rewritten(&g) && has_jumped(&g));
    guest_close(&g);
}

/* The comparison in the trampoline leaves the flags that the one in the code does. */
static void comparison(void)
{
    struct guest cold, hot;
    guest_open(&cold, GUEST(compared));
    stable_open(&hot, GUEST(compared));
    make_hot(&hot);
    u64 values[] = {0, 1, (u64)-1, (u64)-4095, (u64)-4096, 1ull << 63, (1ull << 63) - 1, (u64)-38};
    for (int i = 0; i < 8; i++) {
        for (int k = 0; k < 2; k++) {
            struct guest *g = k == 0 ? &cold : &hot;
            g->c->regs.rip = CODE + 2;
            g->c->regs.rax = values[i];
            EXPECT(g, EXIT_SYSCALL);
            EQUAL(values[i], g->c->regs.rax);
            EQUAL(CODE + 2, g->c->regs.rip);
        }
        EQUAL(cold.c->regs.eflags, hot.c->regs.eflags);
    }
    guest_close(&cold);
    guest_close(&hot);
}

/* The second half of a rewritten site still is the system call, with any number. */
/*
 * Threads that were between the two instructions when the site was rewritten trap at the second one, as often as it takes
 * to rewrite a site: it is the end of a jump now, and stays it.
 */
static void trapped_in_the_middle(void)
{
    struct guest g;
    stable_open(&g, GUEST(numbered_padded));
    make_hot(&g);
    for (int i = 0; i < 3 * HOT; i++) {
        g.c->regs.rip = CODE + 6;
        g.c->regs.rax = 39;
        EXPECT(&g, EXIT_SYSCALL);
        EQUAL(CODE + 8, g.c->regs.rip);
    }
    for (int i = 0; i < HOT; i++) {
        EXPECT(&g, EXIT_SYSCALL);
        EQUAL(39, g.c->regs.rax);
        EQUAL(CODE + 8, g.c->regs.rip);
    }
    CHECK(has_jumped(&g));
    guest_close(&g);
}

static void jump_into_the_middle(void)
{
    struct guest g;
    stable_open(&g, GUEST(numbered));
    make_hot(&g);
    g.c->regs.rip = CODE + 6;
    g.c->regs.rax = 77;
    EXPECT(&g, EXIT_SYSCALL);
    EQUAL(77, g.c->regs.rax);
    EQUAL(CODE + 8, g.c->regs.rip);
    EXPECT(&g, EXIT_SYSCALL);
    EQUAL(39, g.c->regs.rax);
    guest_close(&g);
}

static void not_taken_for_a_shape(void)
{
    struct guest g;
    stable_open(&g, GUEST(constant));
    for (int i = 0; i < 3 * HOT; i++) {
        g.c->regs.rbx = 0;
        EXPECT(&g, EXIT_SYSCALL);
        if (i > 0)
            EQUAL(0xcccccccccccccccd, g.c->regs.rbx);
    }
    CHECK(!is_rewritten(&g));
    guest_close(&g);
    stable_open(&g, GUEST(compared_target));
    for (int i = 0; i < 3 * HOT; i++) {
        g.c->regs.rax = i & 1 ? (u64)-5 : 3;
        u64 before = g.c->regs.rbx;
        EXPECT(&g, EXIT_SYSCALL);
        if (i > 0)
            EQUAL(before + (i & 1), g.c->regs.rbx);
    }
    CHECK(!is_rewritten(&g));
    guest_close(&g);
}

static void application_uses_gs(void)
{
    struct guest g;
    stable_open(&g, GUEST(own_gs));
    ((u64 *)(memory + g.data))[1] = 111;
    g.c->regs.rdi = DATA;
    for (int i = 0; i < 3 * HOT; i++) {
        g.c->regs.rbx = 0;
        g.c->regs.eflags = flags[i % 6];
        EXPECT(&g, EXIT_SYSCALL);
        EQUAL(111, g.c->regs.rbx);
        EQUAL(DATA, g.c->regs.gs_base);
        EQUAL(1, g.c->regs.orig_rax);
        EQUAL(flags[i % 6] & 0xcd5, g.c->regs.eflags & 0xcd5);
    }
    CHECK(is_rewritten(&g));
    guest_close(&g);
}

/* Every page full of sites, and more of them than the table has places. */
static void many_sites(void)
{
    enum { SITES = 1300, BYTES = 7 * SITES + 5, FIRST = 1000 };
    struct guest g;
    guest_open(&g, GUEST(numbered));
    u64 code = frame(3), at = code;
    for (u32 i = 0; i < SITES; i++, at += 7) {
        u32 number = FIRST + i;
        memcpy(memory + at, (u8[]){0xb8, (u8)number, (u8)(number >> 8), 0, 0, 0x0f, 0x05}, 7);
    }
    memory[at] = 0xe9;
    memcpy(memory + at + 1, &(i32){-BYTES}, 4);
    EQUAL(0, as_map(g.as, CODE, 3 * PAGE, code, STABLE));
    for (int round = 0; round < HOT; round++)
        for (u64 i = 0; i < SITES; i++) {
            EXPECT(&g, EXIT_SYSCALL);
            EQUAL(FIRST + i, g.c->regs.rax);
            EQUAL(CODE + (i + 1) * 7, g.c->regs.rip);
        }
    CHECK(is_rewritten(&g));
    guest_close(&g);
}

/* The host's kernel does not ask filters about this one, and answers it with a signal. */
static void uretprobe(void)
{
    struct guest g;
    stable_open(&g, GUEST(numbered));
    memory[g.code + 2] = (u8)335;
    memory[g.code + 3] = 335 >> 8;
    for (int i = 0; i < HOT; i++) {
        EXPECT(&g, EXIT_SYSCALL);
        EQUAL(335, g.c->regs.rax);
        EQUAL(335, g.c->regs.orig_rax);
        EQUAL(CODE + 8, g.c->regs.rip);
    }
    guest_close(&g);
}

/* An application that steps through a hot site by itself stops where it would in its own code. */
static void stepping(void)
{
    struct guest g;
    stable_open(&g, GUEST(stepping));
    g.c->regs.rdi = 0;
    make_hot(&g);
    g.c->regs.rdi = RFLAGS_TF;
    u64 at = 0, steps = 0;
    do {
        EXPECT(&g, EXIT_EXCEPTION);
        EQUAL(1, g.c->vector);
        at = g.c->regs.rip - CODE;
        CHECK(++steps < 10);
    } while (at != 16);
    EQUAL(39, g.c->regs.rax);
    EXPECT(&g, EXIT_SYSCALL);
    EQUAL(CODE + 18, g.c->regs.rip);
    EQUAL(39, g.c->regs.rax);
    CHECK(!is_rewritten(&g));
    guest_close(&g);
}

struct looper {
    struct guest g;
    pthread_t thread;
    u64 calls, behind;
    bool compares;
};

/* Each call is made once, whatever happens to the code meanwhile. */
static void *loop(void *arg)
{
    struct looper *l = arg;
    volatile u64 *counter = (volatile u64 *)(memory + l->g.data) + (l->g.c->regs.rdi - DATA) / 8;
    for (u64 i = 0; i < l->calls; i++) {
        EXPECT(&l->g, EXIT_SYSCALL);
        EQUAL(i, *counter);
        EQUAL(CODE + l->behind, l->g.c->regs.rip);
        if (l->compares && i > 0)
            EQUAL((i - 1) % 3 == 0, l->g.c->regs.rbx & 0xff);
        l->g.c->regs.rax = i % 3 == 0 ? (u64)-11 : i;
    }
    return NULL;
}

static void together(const u8 *begin, const u8 *end, u64 behind, bool compares, bool keep)
{
    struct looper l[2];
    for (int i = 0; i < 2; i++) {
        l[i] = (struct looper){.calls = 400, .behind = behind, .compares = compares};
        if (i == 0)
            stable_open(&l[0].g, begin, end);
        else
            guest_thread(&l[1].g, &l[0].g, begin, end);
        l[i].g.c->regs.rip = CODE;
        l[i].g.c->regs.rdi = DATA + 8 * (u64)i;
    }
    for (int i = 0; i < 2; i++)
        CHECK(pthread_create(&l[i].thread, NULL, loop, &l[i]) == 0);
    if (keep) {
        sleep_ms((int)(next() >> 61));
        as_keep_code(l[0].g.as);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(l[i].thread, NULL);
    if (keep)
        CHECK(!is_rewritten(&l[0].g));
    ctx_close(l[1].g.c);
    guest_close(&l[0].g);
}

void test_rewriting(void)
{
    kept(GUEST(numbered), 8, true, false);
    kept(GUEST(padded), 2, false, false);
    kept(GUEST(compared), 2, false, true);
    comparison();
    jump_into_the_middle();
    trapped_in_the_middle();
    not_taken_for_a_shape();
    application_uses_gs();
    many_sites();
    uretprobe();
    stepping();
    for (int i = 0; i < 30; i++) {
        together(GUEST(counted), 8, false, i & 1);
        together(GUEST(counted_padded), 2, false, i & 1);
        together(GUEST(counted_compared), 2, true, i & 1);
    }
}
