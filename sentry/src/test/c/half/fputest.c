/* FPU state: kept over system calls and over others' turns, saved, loaded, cleaned. */
#include "check.h"

DECLARE(avx512); DECLARE(sse); DECLARE(call);

#define THREADS 24

static bool has_avx512(void)
{
    return (platform->xcr0 & 0xe0) == 0xe0 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
}

static void fill(struct guest *g, u64 n)
{
    u64 *in = (u64 *)(memory + g->data);
    for (u64 i = 0; i < 7; i++)
        in[i] = n * 0x0101010101010101ull + i * 0x1000;
    double d = (double)n + 0.5;
    memcpy(&in[2], &d, 8);
    in[7] = n & 1 ? 0x3f80 : 0x1f80; /* rounding mode in MXCSR */
    g->c->regs.rdi = DATA;
    g->c->regs.rsi = 6;
    g->c->regs.rdx = DATA + 64;
}

static void verify(struct guest *g, bool wide)
{
    const u64 *in = (u64 *)(memory + g->data), *out = in + 8;
    const u8 *raw = (const u8 *)out;
    if (wide) {
        for (int r = 0; r < 32; r++)
            for (int i = 0; i < 8; i++)
                EQUAL(r == 0 ? in[i] : 2 * in[i], out[r * 8 + i]);
        EQUAL(in[0], out[256]);
        EQUAL(in[1], out[257]);
    } else {
        CHECK(memcmp(in, out, 32) == 0);
    }
    CHECK(memcmp(raw + 2064, &in[2], 8) == 0);
    EQUAL(in[7], *(const u32 *)(raw + 2072));
}

/* In turns: where threads share something that holds FPU state, every turn takes it away from somebody. */
void test_fpu_in_turns(void)
{
    struct guest g[THREADS];
    bool wide = has_avx512();
    skipped += !wide;
    for (u64 i = 0; i < THREADS; i++) {
        if (wide)
            guest_open(&g[i], GUEST(avx512));
        else
            guest_open(&g[i], GUEST(sse));
        fill(&g[i], i + 1);
    }
    for (int turn = 0; turn < 6; turn++)
        for (int i = 0; i < THREADS; i++)
            EXPECT(&g[i], EXIT_SYSCALL);
    for (int i = 0; i < THREADS; i++) {
        EXPECT(&g[i], EXIT_SYSCALL);
        EQUAL(2, g[i].c->regs.rax);
        verify(&g[i], wide);
        guest_close(&g[i]);
    }
}

static void copied_to_another(void)
{
    struct guest a, b;
    bool wide = has_avx512();
    u8 *area = aligned_alloc(64, (platform->fpu_bytes + 63) & ~63u);
    if (wide)
        guest_open(&a, GUEST(avx512));
    else
        guest_open(&a, GUEST(sse));
    fill(&a, 7);
    EXPECT(&a, EXIT_SYSCALL);
    EXPECT(&a, EXIT_SYSCALL);
    EQUAL(0, fpu_save(a.c, area));
    EQUAL(0, fpu_save(a.c, area));
    guest_open(&b, GUEST(call)); /* fork: the child continues with the parent's registers and FPU state */
    b.c->regs = a.c->regs;
    EQUAL(0, fpu_load(b.c, area));
    EQUAL(0, as_map(b.as, CODE, PAGE, a.code, code_rights));
    memcpy(memory + b.data, memory + a.data, 64);
    for (int i = 0; i < 4; i++)
        EXPECT(&b, EXIT_SYSCALL);
    fpu_reset(a.c);
    EXPECT(&b, EXIT_SYSCALL);
    EQUAL(2, b.c->regs.rax);
    verify(&b, wide);
    guest_close(&a);
    guest_close(&b);
    free(area);
}

static void hostile_area(void)
{
    struct guest g;
    guest_open(&g, GUEST(sse));
    fill(&g, 3);
    size_t bytes = platform->fpu_bytes;
    u8 *area = aligned_alloc(64, (bytes + 63) & ~63ul), *back = aligned_alloc(64, (bytes + 63) & ~63ul);
    u64 seed = 99;
    for (int round = 0; round < 60; round++) {
        for (size_t i = 0; i < bytes; i++) {
            seed = seed * 6364136223846793005ull + 1442695040888963407ull;
            area[i] = round == 0 ? 0xff : (u8)(seed >> 56);
        }
        if (round > 30)
            memset(area + 512, 0xff, 8); /* all features */
        EQUAL(0, fpu_load(g.c, area));
        EQUAL(0, fpu_save(g.c, back));
        EQUAL(0, *(u32 *)(back + 24) & ~platform->mxcsr_mask);
        EQUAL(0, *(u64 *)(back + 512) & ~platform->xcr0);
        guest_restart(&g);
        int reason = guest_run(&g);
        CHECK(reason == EXIT_SYSCALL || reason == EXIT_EXCEPTION);
    }
    fpu_reset(g.c);
    EQUAL(0, fpu_save(g.c, back));
    EQUAL(0x37f, *(u16 *)back);
    EQUAL(0x1f80, *(u32 *)(back + 24));
    for (int i = 32; i < 416; i++)
        EQUAL(0, back[i]);
    guest_close(&g);
    free(area);
    free(back);
}

void test_fpu(void)
{
    test_fpu_in_turns();
    copied_to_another();
    hostile_area();
}
