/* Translations: every kind of change while two threads run in the address space, reuse of trees, large ranges. */
#include "check.h"

#include <unistd.h>

DECLARE(call); DECLARE(store); DECLARE(load); DECLARE(write_loop); DECLARE(read_loop); DECLARE(call_loop);

void pair_open(struct pair *p, const u8 *begin, const u8 *end, u64 shared, int protection)
{
    guest_open(&p->g[0], begin, end);
    guest_thread(&p->g[1], &p->g[0], begin, end);
    u64 counters = frame(1);
    p->counters = (volatile u64 *)(memory + counters);
    EQUAL(0, as_map(p->g[0].as, SHARED, PAGE, shared, protection));
    EQUAL(0, as_map(p->g[0].as, COUNTER, PAGE, counters, RW));
    for (u64 i = 0; i < 2; i++) {
        p->g[i].c->regs.rdi = SHARED;
        p->g[i].c->regs.rsi = 0x11;
        p->g[i].c->regs.rdx = COUNTER + 8 * i;
    }
}

void pair_start(struct pair *p)
{
    for (int i = 0; i < 2; i++)
        runner_start(&p->r[i], &p->g[i]);
}

void pair_running(struct pair *p)
{
    for (int i = 0; i < 2; i++)
        wait_for_change(&p->counters[i], p->counters[i]);
}

void pair_faulted(struct pair *p, int access)
{
    for (int i = 0; i < 2; i++) {
        EQUAL(EXIT_FAULT, runner_join(&p->r[i]));
        EQUAL(SHARED, p->g[i].c->fault_address);
        EQUAL(access, p->g[i].c->fault_access);
    }
}

void pair_close(struct pair *p)
{
    ctx_close(p->g[1].c);
    guest_close(&p->g[0]);
}

static volatile u64 *at(u64 offset)
{
    return (volatile u64 *)(memory + offset);
}

/* Once a downgrade has returned, no write arrives any more, and both threads fault. */
static void writers_stopped(struct pair *p, u64 old)
{
    u64 seen = *at(old);
    pair_faulted(p, PROT_WRITE);
    EQUAL(seen, *at(old));
}

static void writers(int kind)
{
    struct pair p;
    u64 f = frame(1), other = frame(1);
    pair_open(&p, GUEST(write_loop), f, RW);
    for (int round = 0; round < 10; round++) {
        pair_start(&p);
        wait_for_change(at(f), *at(f));
        sleep_ms(round);
        struct aspace *as = p.g[0].as;
        if (kind == 0)
            EQUAL(0, as_unmap(as, SHARED, PAGE));
        else if (kind == 1)
            EQUAL(0, as_write_protect(as, SHARED, PAGE));
        else if (kind == 2)
            EQUAL(0, as_map(as, SHARED, PAGE, f, PROT_READ));
        else if (kind == 3)
            EQUAL(0, as_map(as, SHARED, PAGE, other, PROT_READ));
        else
            EQUAL(0, as_map(as, SHARED, PAGE, f, PROT_NONE));
        writers_stopped(&p, f);
        EQUAL(0, as_map(as, SHARED, PAGE, f, RW));
    }
    pair_close(&p);
}

/* present -> another frame, both writable: writes go over to it, and none is seen in the old one any more. */
static void writers_moved(void)
{
    struct pair p;
    u64 f[2] = {frame(1), frame(1)};
    pair_open(&p, GUEST(write_loop), f[0], RW);
    pair_start(&p);
    for (int round = 0; round < 20; round++) {
        u64 old = f[round & 1], new = f[~round & 1];
        wait_for_change(at(old), *at(old));
        EQUAL(0, as_map(p.g[0].as, SHARED, PAGE, new, RW));
        u64 seen = *at(old);
        wait_for_change(at(new), *at(new));
        sleep_ms(2);
        EQUAL(seen, *at(old));
    }
    EQUAL(0, as_unmap(p.g[0].as, SHARED, PAGE));
    pair_faulted(&p, PROT_WRITE);
    pair_close(&p);
}

/* present -> another frame: readers see the new contents. */
static void readers_moved(void)
{
    struct pair p;
    u64 f = frame(1), other = frame(1);
    *at(f) = 0x11;
    *at(other) = 0x22;
    pair_open(&p, GUEST(read_loop), f, PROT_READ);
    for (int round = 0; round < 10; round++) {
        EQUAL(0, as_map(p.g[0].as, SHARED, PAGE, f, PROT_READ));
        pair_start(&p);
        pair_running(&p);
        EQUAL(0, as_map(p.g[0].as, SHARED, PAGE, other, PROT_READ));
        for (int i = 0; i < 2; i++)
            EQUAL(EXIT_SYSCALL, runner_join(&p.r[i]));
    }
    pair_close(&p);
}

static void executors(void)
{
    struct pair p;
    u64 f = frame(1);
    memory[f] = 0xc3;
    pair_open(&p, GUEST(call_loop), f, RX);
    for (int round = 0; round < 10; round++) {
        pair_start(&p);
        pair_running(&p);
        EQUAL(0, as_map(p.g[0].as, SHARED, PAGE, f, PROT_READ));
        pair_faulted(&p, PROT_EXEC);
        EQUAL(0, as_map(p.g[0].as, SHARED, PAGE, f, RX)); /* the next round starts with the ret */
    }
    pair_close(&p);
}

/* More rights, and frames where there was nothing, are seen without any flush. */
static void upgrades(void)
{
    struct guest g;
    u64 f = frame(1);
    guest_open(&g, GUEST(store));
    g.c->regs.rdi = SHARED;
    for (int i = 0; i < 5; i++) {
        EXPECT(&g, EXIT_FAULT);
        EQUAL(0, as_map(g.as, SHARED, PAGE, f, PROT_READ));
        EXPECT(&g, EXIT_FAULT);
        EQUAL(0, as_map(g.as, SHARED, PAGE, f, RW));
        EXPECT(&g, EXIT_SYSCALL);
        EQUAL(77, *at(f));
        EQUAL(0, as_unmap(g.as, SHARED, PAGE));
        EXPECT(&g, EXIT_FAULT);
    }
    guest_close(&g);
}

/* What fork does: two spaces, every page write-protected, each gets its copy on its first write. */
static void copy_on_write(void)
{
    enum { PAGES = 700 };
    struct guest parent, child;
    u64 pages = frame(PAGES);
    guest_open(&parent, GUEST(store));
    guest_open(&child, GUEST(store));
    EQUAL(0, as_map(parent.as, SHARED, PAGES * PAGE, pages, RW));
    for (u64 i = 0; i < PAGES; i += 7) {
        parent.c->regs.rdi = SHARED + i * PAGE;
        EXPECT(&parent, EXIT_SYSCALL);
    }
    EQUAL(0, as_write_protect(parent.as, 0, USER_LIMIT));
    EQUAL(0, as_map(child.as, SHARED, PAGES * PAGE, pages, PROT_READ));
    for (u64 i = 0; i < PAGES; i += 7) {
        *at(pages + i * PAGE) = 5;
        struct guest *g = i & 1 ? &parent : &child;
        g->c->regs.rdi = SHARED + i * PAGE;
        EXPECT(g, EXIT_FAULT);
        EQUAL(SHARED + i * PAGE, g->c->fault_address);
        EQUAL(6, g->c->error_code & ~1ull); /* a platform may not have mapped it at all yet */
        EQUAL(5, *at(pages + i * PAGE));
        u64 copy = frame(1);
        EQUAL(0, as_map(g->as, SHARED + i * PAGE, PAGE, copy, RW));
        EXPECT(g, EXIT_SYSCALL);
        EQUAL(5, *at(pages + i * PAGE));
        EQUAL(77, *at(copy));
    }
    guest_close(&parent);
    guest_close(&child);
}

/* Address spaces come and go; a page table page that was another table before has no old translations. */
void test_recycling(void)
{
    u64 values = frame(64);
    for (u64 i = 0; i < 64; i++)
        *at(values + i * PAGE) = i;
    struct context *c = ctx_open(platform);
    u64 code = frame(1);
    DECLARE(load);
    memcpy(memory + code, guest_load, (size_t)(guest_load_end - guest_load));
    u64 seed = 12345;
    for (int round = 0; round < 600; round++) {
        struct aspace *as = as_open(platform);
        CHECK(as != NULL);
        EQUAL(0, as_map(as, CODE, PAGE, code, RX));
        c->regs.rip = CODE;
        for (int i = 0; i < 4; i++) {
            seed = seed * 6364136223846793005ull + 1442695040888963407ull;
            u64 address = (seed >> 17) % (USER_LIMIT - PAGE) & ~(PAGE - 1);
            if (i < 2)
                address = SHARED + (seed >> 60) * 0x200000; /* places that others used too */
            if (address == CODE)
                continue;
            u64 n = seed >> 20 & 63;
            c->regs.rdi = address;
            int reason = ctx_run(c, as);
            if (reason == EXIT_FAULT) {
                EQUAL(address, c->fault_address);
                EQUAL(0, as_map(as, address, PAGE, values + n * PAGE, PROT_READ));
                reason = ctx_run(c, as);
                EQUAL(n, c->regs.rbx);
            }
            EQUAL(EXIT_SYSCALL, reason);
        }
        as_close(as);
    }
    ctx_close(c);
}

static void large_ranges(void)
{
    struct guest g;
    u64 f = 4 * GIB, start = now_ns();
    guest_open(&g, GUEST(load));
    for (u64 at = 0x100000000; at < 0x700000000000; at += 0x100000000000)
        EQUAL(0, as_map(g.as, at, 16 * PAGE, f, RW));
    EQUAL(0, as_map(g.as, SHARED, GIB + 8 * PAGE, f + GIB - 16 * PAGE, PROT_READ)); /* across slots */
    *at(f + 2 * GIB - 9 * PAGE) = 99;
    g.c->regs.rdi = SHARED + GIB + 7 * PAGE;
    EXPECT(&g, EXIT_SYSCALL);
    EQUAL(99, g.c->regs.rbx);
    EQUAL(0, as_unmap(g.as, SHARED, USER_LIMIT - SHARED - 1024 * PAGE));
    EXPECT(&g, EXIT_FAULT);
    guest_restart(&g);
    CHECK(now_ns() - start < 5000000000ull);
    EQUAL(-22ull, as_map(g.as, SHARED + 1, PAGE, f, RW));
    EQUAL(-22ull, as_map(g.as, SHARED, PAGE + 1, f, RW));
    EQUAL(-22ull, as_map(g.as, USER_LIMIT, PAGE, f, RW));
    EQUAL(-22ull, as_map(g.as, SHARED, PAGE, MEMORY_BYTES, RW));
    EQUAL(-22ull, as_map(g.as, SHARED, 2 * PAGE, MEMORY_BYTES - PAGE, RW));
    EQUAL(-22ull, as_map(g.as, 0xfffffffffffff000, 2 * PAGE, f, RW));
    EQUAL(-22ull, as_unmap(g.as, SHARED, ~0ull & ~0xfffull));
    EQUAL(-22ull, as_map(g.as, SHARED, PAGE, f, 8));
    guest_close(&g);
}

void test_memory(void)
{
    upgrades();
    for (int kind = 0; kind < 5; kind++)
        writers(kind);
    writers_moved();
    readers_moved();
    executors();
    copy_on_write();
    test_recycling();
    large_ranges();
}
