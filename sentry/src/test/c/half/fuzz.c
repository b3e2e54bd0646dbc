/* Random bytes as code, random registers: nothing may fail but the application. And the figures for docs. */
#include "check.h"

#include <unistd.h>

DECLARE(call); DECLARE(load); DECLARE(store);

static u64 seed = 88172645463325252ull;

static u64 next(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

static _Atomic(struct context *) watched;
static _Atomic u64 since;

/* Interrupts whoever spins for more than 5 ms. */
static void *watchdog(void *arg)
{
    (void)arg;
    for (;;) {
        usleep(2000);
        struct context *c = atomic_load(&watched);
        if (c == (void *)1)
            return NULL;
        if (c != NULL && now_ns() - atomic_load(&since) > 5000000)
            ctx_interrupt(c);
    }
}

/* Prefixes and opcodes that reach into the system part of the instruction set more often than chance. */
static const u8 spice[][3] = {{0x0f, 0x05}, {0x0f, 0x01}, {0x0f, 0x34}, {0x0f, 0x07}, {0xcd}, {0xcc}, {0xf1}, {0x9d},
    {0x48, 0xcf}, {0xcb}, {0xff}, {0x8e}, {0x0f, 0xae}, {0x0f, 0xc7}, {0x66}, {0xf0}, {0xf2}, {0xf3}, {0x0f, 0x00},
    {0x0f, 0x22}, {0x0f, 0x30}, {0xe6}, {0xf4}, {0xc8}, {0x62}, {0xc4}, {0xc5}, {0x0f, 0x0b}, {0x0f, 0x01, 0xd0},
    {0x0f, 0x01, 0xd9}, {0x0f, 0x01, 0xc1}, {0x0f, 0x01, 0xd4}, {0xea}, {0x0f, 0xa2}, {0x67}, {0x8c}};

static void random_code(u8 *code)
{
    for (size_t i = 0; i < PAGE; i += 8) {
        u64 r = next();
        memcpy(code + i, &r, 8);
    }
    for (size_t i = 0; i < PAGE - 4; i += 1 + next() % 16)
        memcpy(code + i, spice[next() % (sizeof spice / 3)], 1 + next() % 3);
    for (size_t i = 0; emulated && i < PAGE; i++)
        if (code[i] == 0xcf)
            code[i] = 0x90; /* QEMU's iretd goes to virtual-8086 mode if the flags it pops say so, even here */
}

static void one_round(struct guest *g)
{
    random_code(memory + g->code);
    u64 *words = (u64 *)&g->c->regs;
    for (int i = 0; i < 27; i++)
        words[i] = next() & 3 ? next() % 2 ? DATA + next() % PAGE : STACK - 8 * (next() % 64) : next();
    g->c->regs.rip = CODE + next() % (PAGE / 2);
    for (int i = 0; i < 12; i++) {
        atomic_store(&since, now_ns());
        u64 entry = g->c->regs.rip - CODE;
        int reason = guest_run(g);
        if (reason == EXIT_FAILED) {
            printf("failure: %s; entered at:", g->c->failure);
            for (u64 k = entry; k < entry + 64 && k < PAGE; k++)
                printf(" %02x", memory[g->code + k]);
            printf("\n");
        }
        CHECK(reason != EXIT_FAILED);
        if (g->c->regs.rip - CODE >= PAGE - 16)
            g->c->regs.rip = CODE + next() % (PAGE / 2);
        else
            g->c->regs.rip += 1 + next() % 3; /* over what faulted */
    }
}

void test_fuzz(int rounds)
{
    struct guest g;
    pthread_t dog;
    if (getenv("SEED") != NULL)
        seed = strtoull(getenv("SEED"), NULL, 0);
    guest_open(&g, GUEST(call));
    EQUAL(0, as_map(g.as, CODE, PAGE, g.code, PROT_READ | PROT_WRITE | PROT_EXEC));
    atomic_store(&watched, g.c);
    CHECK(pthread_create(&dog, NULL, watchdog, NULL) == 0);
    for (int i = 0; i < rounds; i++)
        one_round(&g);
    atomic_store(&watched, (void *)1);
    pthread_join(dog, NULL);
    guest_close(&g);
    guest_open(&g, GUEST(call));
    EXPECT(&g, EXIT_SYSCALL);
    guest_close(&g);
}

static u64 begin;

static void start(void)
{
    begin = now_ns();
}

static void report(const char *what, u64 n)
{
    printf("%-48s %9llu ns\n", what, (unsigned long long)((now_ns() - begin) / n));
}

static void bench_faults(void)
{
    enum { PAGES = 2000 };
    struct guest g;
    u64 pages = frame(PAGES);
    memset(memory + pages, 1, PAGES * PAGE);
    guest_open(&g, GUEST(store));
    start();
    EQUAL(0, as_map(g.as, 0x10000000, PAGES * PAGE, pages, RW));
    report("map, per page", PAGES);
    start();
    for (u64 i = 0; i < PAGES; i++) {
        g.c->regs.rdi = 0x10000000 + i * PAGE;
        EXPECT(&g, EXIT_SYSCALL);
    }
    report("system call and first touch of a mapped page", PAGES);
    start();
    for (u64 i = 0; i < PAGES; i++) {
        g.c->regs.rdi = 0x10000000 + i * PAGE;
        EXPECT(&g, EXIT_SYSCALL);
    }
    report("system call and second touch", PAGES);
    start();
    EQUAL(0, as_write_protect(g.as, 0, USER_LIMIT));
    report("write-protect, per page of one run", PAGES);
    start();
    for (u64 i = 0; i < PAGES; i++) {
        g.c->regs.rdi = 0x10000000 + i * PAGE;
        EXPECT(&g, EXIT_FAULT);
        EQUAL(0, as_map(g.as, 0x10000000 + i * PAGE, PAGE, pages + i * PAGE, RW));
        EXPECT(&g, EXIT_SYSCALL);
    }
    report("write fault, map, retry, system call", PAGES);
    start();
    for (u64 i = 0; i < PAGES; i += 2)
        EQUAL(0, as_unmap(g.as, 0x10000000 + i * PAGE, PAGE));
    report("unmap of one page", PAGES / 2);
    guest_close(&g);
}

void bench(void)
{
    enum { N = 20000, SPACES = 300 };
    struct guest g;
    guest_open(&g, GUEST(call));
    EXPECT(&g, EXIT_SYSCALL);
    start();
    for (int i = 0; i < N; i++)
        EXPECT(&g, EXIT_SYSCALL);
    report("system call round trip", N);
    bench_faults();
    start();
    for (int i = 0; i < SPACES; i++) {
        struct aspace *as = as_open(platform);
        EQUAL(0, as_map(as, CODE, PAGE, g.code, RX));
        EQUAL(0, as_map(as, STACK - PAGE, PAGE, g.stack, RW));
        as_close(as);
    }
    report("address space open, two maps, close", SPACES);
    guest_close(&g);
}
