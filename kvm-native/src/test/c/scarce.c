/* What KVM has few of: vCPUs, which threads take from each other, and page tables, which are used again. */
#include "check.h"

DECLARE(call); DECLARE(write_loop);

static void vcpus_taken_away(void)
{
    struct guest g;
    guest_open(&g, GUEST(call));
    EXPECT(&g, EXIT_SYSCALL);
    guest_close(&g);
    u32 max = platform->max_vcpus;
    platform->max_vcpus = atomic_load(&platform->nvcpus); /* no new ones */
    CHECK(platform->max_vcpus < 24);
    test_fpu_in_turns();
    platform->max_vcpus = max;
}

/* A page table page that was another table before has no old translations. */
static void tables_used_again(void)
{
    u64 limit = platform->retired_limit;
    platform->retired_limit = 64;
    test_recycling();
    platform->retired_limit = limit;
    for (int i = 0; i < 10; i++)
        EQUAL(0, vm_flush_all(platform));
}

/* A tree that runs out of its budget of tables starts afresh under running vCPUs; translations fault back in. */
static void trees_started_afresh(void)
{
    struct pair p;
    u64 f = frame(1), elsewhere = frame(1);
    volatile u64 *written = (volatile u64 *)(memory + f);
    pair_open(&p, GUEST(write_loop), f, RW);
    u64 limit = platform->tables_limit;
    platform->tables_limit = 40;
    pair_start(&p);
    wait_for_change(written, 0);
    for (u64 i = 0; i < 200; i++)
        EQUAL(0, as_map(p.g[0].as, 0x100000000000 + i * 0x40000000, PAGE, elsewhere, RW));
    CHECK(p.g[0].as->tables <= 50);
    for (int i = 0; i < 2; i++)
        EQUAL(EXIT_FAULT, runner_join(&p.r[i]));
    EQUAL(0, *(u64 *)(memory + elsewhere));
    platform->tables_limit = limit;
    pair_close(&p);
}

static void test_scarce(void)
{
    vcpus_taken_away();
    tables_used_again();
    trees_started_afresh();
}

const struct test half_tests[] = {{"scarce", test_scarce}, {NULL, NULL}};
