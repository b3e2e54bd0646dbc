/* Where the stub is, and the tests that only this half has. */
#include "own.h"

#include <unistd.h>

struct platform *half_open(int memory_fd, u64 memory_bytes, char *failure)
{
    char stub[4096];
    ssize_t n = readlink("/proc/self/exe", stub, sizeof stub - 16);
    CHECK(n > 0);
    stub[n] = 0;
    strcpy(strrchr(stub, '/'), "/gvj-stub");
    return platform_open(memory_fd, memory_bytes, stub, true, failure);
}

void stable_open(struct guest *g, const u8 *begin, const u8 *end)
{
    code_rights = STABLE;
    guest_open(g, begin, end);
    code_rights = RX;
}

bool is_rewritten(struct guest *g)
{
    return (as_entry(g->as, CODE) & ENTRY_PATCHED) != 0;
}

bool has_jumped(struct guest *g)
{
    return g->c->thread->page->event == EVENT_CALL;
}

void make_hot(struct guest *g)
{
    for (int i = 0; i < HOT; i++)
        EXPECT(g, EXIT_SYSCALL);
    CHECK(is_rewritten(g));
}

/* What every platform must do, with call sites that are rewritten. */
static void test_rewritten(void)
{
    code_rights = STABLE;
    test_basics();
    test_hostile();
    test_memory();
    test_fpu();
    test_interrupts();
    code_rights = RX;
}

const struct test half_tests[] = {{"rewritten", test_rewritten}, {"rewriting", test_rewriting},
                                  {"changes", test_changes}, {"processes", test_processes}, {NULL, NULL}};
