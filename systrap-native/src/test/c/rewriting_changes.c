/* Rewritten pages that the application maps, unmaps or writes, and memory where the table of trampolines would be. */
#include "own.h"

DECLARE(numbered); DECLARE(compared); DECLARE(store);
DECLARE(counted); DECLARE(counted_padded); DECLARE(counted_compared);

static void calls(struct guest *g, u64 number)
{
    for (int i = 0; i < HOT; i++) {
        EXPECT(g, EXIT_SYSCALL);
        EQUAL(number, g->c->regs.rax);
    }
}

static void mapped_anew(void)
{
    struct guest g;
    stable_open(&g, GUEST(numbered));
    u64 other = frame(1);
    memcpy(memory + other, memory + g.code, PAGE);
    memory[other + 2] = 40;
    for (int round = 0; round < 5; round++) {
        calls(&g, 39);
        CHECK(round > 0 || is_rewritten(&g)); /* a site is not tried for ever */
        EQUAL(0, as_unmap(g.as, CODE, PAGE));
        EXPECT(&g, EXIT_FAULT);
        EQUAL(PROT_EXEC, g.c->fault_access);
        EQUAL(CODE + 8, g.c->fault_address);
        EQUAL(0, as_map(g.as, CODE, PAGE, other, STABLE));
        calls(&g, 40);
        CHECK(round > 0 || is_rewritten(&g));
        EQUAL(0, as_map(g.as, CODE, PAGE, g.code, RX | PROT_WRITE));
        CHECK(!is_rewritten(&g));
        memory[g.code + 2] = 41; /* what a JIT does */
        calls(&g, 41);
        memory[g.code + 2] = 39;
        calls(&g, 39);
        CHECK(!is_rewritten(&g));
        EQUAL(0, as_map(g.as, CODE, PAGE, g.code, PROT_READ));
        EXPECT(&g, EXIT_FAULT);
        EQUAL(PROT_EXEC, g.c->fault_access);
        EQUAL(0, as_map(g.as, CODE, PAGE, g.code, STABLE));
        EQUAL(0, as_write_protect(g.as, 0, USER_LIMIT));
    }
    EQUAL(0xb8, memory[g.code + 1]); /* the frame itself never changes */
    guest_close(&g);
}

/* Who comes back from a call finds the code that is there now, not a comparison that has moved to a trampoline. */
static void comparison_goes(void)
{
    for (int kind = 0; kind < 3; kind++) {
        struct guest g;
        stable_open(&g, GUEST(compared));
        make_hot(&g);
        u64 to = kind == 0 ? g.code : frame(1);
        if (kind == 2)
            EQUAL(0, as_unmap(g.as, CODE, PAGE));
        EQUAL(0, as_map(g.as, CODE, PAGE, to, kind == 0 ? RX | PROT_WRITE : STABLE));
        memcpy(memory + to, memory + g.code, PAGE);
        memcpy(memory + to + 2, (u8[]){0xbb, 5, 0, 0, 0, 0x90}, 6); /* mov $5, %ebx */
        EQUAL(CODE + 2, g.c->regs.rip);
        EXPECT(&g, EXIT_SYSCALL);
        EQUAL(5, g.c->regs.rbx);
        guest_close(&g);
    }
}

/* The application's own memory at the table's addresses, before and after there is a table. */
static void table_gives_way(void)
{
    for (int early = 0; early < 2; early++) {
        struct guest g, writer;
        u64 f = frame(1);
        stable_open(&g, GUEST(numbered));
        guest_thread(&writer, &g, GUEST(store));
        if (early)
            EQUAL(0, as_map(g.as, SITES_BASE + PAGE, PAGE, f, RW));
        calls(&g, 39);
        EQUAL(!early, is_rewritten(&g));
        if (!early)
            EQUAL(0, as_map(g.as, SITES_BASE + PAGE, PAGE, f, RW));
        CHECK(!is_rewritten(&g));
        calls(&g, 39);
        writer.c->regs.rdi = SITES_BASE + PAGE + 16;
        EXPECT(&writer, EXIT_SYSCALL);
        EQUAL(77, *(u64 *)(memory + f + 16));
        writer.c->regs.rdi = SITES_BASE;
        EXPECT(&writer, EXIT_FAULT);
        calls(&g, 39);
        ctx_close(writer.c);
        guest_close(&g);
    }
}

/* The host allows so many mappings (vm.max_map_count); when it refuses one, all go and come back by faults. */
static void too_many_mappings(void)
{
    struct guest g;
    enum { PAGES = 70000 };
    u64 f = 2 * GIB;
    stable_open(&g, GUEST(numbered));
    make_hot(&g);
    for (u64 i = 0; i < PAGES; i++)
        EQUAL(0, as_map(g.as, GIB + 2 * i * PAGE, PAGE, f, PROT_READ));
    int faults = 0;
    for (int i = 0; i < 3 * HOT; i++) {
        int reason = guest_run(&g);
        if (reason == EXIT_FAULT) {
            faults++;
            EQUAL(PROT_EXEC, g.c->fault_access);
            EQUAL(0, as_map(g.as, CODE, PAGE, g.code, STABLE));
            continue;
        }
        if (reason == EXIT_FAILED)
            printf("failure: %s ", g.c->failure);
        EQUAL(EXIT_SYSCALL, reason);
        EQUAL(39, g.c->regs.rax);
    }
    CHECK(faults > 0);
    CHECK(is_rewritten(&g));
    guest_close(&g);
}

static _Atomic int stop;

/* Calls from one place and brings back what goes. */
static void *calling(void *arg)
{
    struct guest *g = arg;
    u64 calls = 0;
    while (!atomic_load(&stop)) {
        int reason = guest_run(g);
        if (reason == EXIT_FAULT) {
            u64 address = g->c->fault_address & ~(PAGE - 1);
            CHECK(address == CODE || address == DATA);
            EQUAL(0, as_map(g->as, address, PAGE, address == CODE ? g->code : g->data, address == CODE ? STABLE : RW));
        } else if (reason != EXIT_INTERRUPTED) {
            EQUAL(EXIT_SYSCALL, reason);
            EQUAL(calls++, *(u64 *)(memory + g->data)); /* it counts behind the call */
        }
        g->c->regs.rax = calls % 3 == 0 ? (u64)-11 : calls;
    }
    return NULL;
}

/* A thread is on its way through a trampoline while the table and the copies go. */
static void dropped_meanwhile(const u8 *begin, const u8 *end)
{
    enum { PAGES = 200000 };
    struct guest g;
    pthread_t thread;
    stable_open(&g, begin, end);
    g.c->regs.rdi = DATA;
    atomic_store(&stop, 0);
    CHECK(pthread_create(&thread, NULL, calling, &g) == 0);
    for (u64 i = 0; i < PAGES; i++)
        EQUAL(0, as_map(g.as, GIB + 2 * i * PAGE, PAGE, 2 * GIB, PROT_READ));
    atomic_store(&stop, 1);
    pthread_join(thread, NULL);
    guest_close(&g);
}

void test_changes(void)
{
    mapped_anew();
    comparison_goes();
    table_gives_way();
    too_many_mappings();
    dropped_meanwhile(GUEST(counted));
    dropped_meanwhile(GUEST(counted_padded));
    dropped_meanwhile(GUEST(counted_compared));
}
