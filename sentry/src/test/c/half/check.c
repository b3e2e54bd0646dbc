/* make check, in a half's src/test/c: proves the native half on this machine, without Java. */
#include "check.h"

#include <cpuid.h>
#include <time.h>
#include <unistd.h>

PLATFORM *platform;
u8 *memory;
int code_rights = RX;
int skipped;
bool emulated;
static u64 next_frame = PAGE;

void check_failed(const char *file, int line, const char *what)
{
    printf("FAILED %s:%d: %s\n", file, line, what);
    exit(1);
}

void check_equal(const char *file, int line, const char *what, u64 expected, u64 actual)
{
    if (expected == actual)
        return;
    printf("FAILED %s:%d: %s is %#llx, not %#llx\n", file, line, what, (unsigned long long)actual,
           (unsigned long long)expected);
    exit(1);
}

const char *reason_name(int reason)
{
    static const char *const names[] = {"SYSCALL", "FAULT", "EXCEPTION", "INTERRUPTED", "FAILED"};
    return reason >= 0 && reason < 5 ? names[reason] : "?";
}

u64 frame(int pages)
{
    u64 offset = __atomic_fetch_add(&next_frame, (u64)pages * PAGE, __ATOMIC_RELAXED);
    CHECK(next_frame <= MEMORY_BYTES);
    return offset;
}

void guest_thread(struct guest *g, const struct guest *other, const u8 *begin, const u8 *end)
{
    static _Atomic u64 threads = 0;
    u64 n = atomic_fetch_add(&threads, 1);
    *g = (struct guest){.as = other->as, .c = ctx_open(platform), .code = frame(1), .data = other->data, .stack = frame(1)};
    CHECK(g->c != NULL);
    memcpy(memory + g->code, begin, (size_t)(end - begin));
    u64 code = CODE + (n + 1) * 2 * PAGE, stack = STACK - (n + 1) * 2 * PAGE;
    EQUAL(0, as_map(g->as, code, PAGE, g->code, code_rights));
    EQUAL(0, as_map(g->as, stack - PAGE, PAGE, g->stack, RW));
    g->c->regs.rip = code;
    g->c->regs.rsp = stack - 64;
}

void guest_open(struct guest *g, const u8 *begin, const u8 *end)
{
    *g = (struct guest){.as = as_open(platform), .c = ctx_open(platform), .code = frame(1), .data = frame(1), .stack = frame(1)};
    CHECK(g->as != NULL && g->c != NULL);
    memcpy(memory + g->code, begin, (size_t)(end - begin));
    EQUAL(0, as_map(g->as, CODE, PAGE, g->code, code_rights));
    EQUAL(0, as_map(g->as, DATA, PAGE, g->data, RW));
    EQUAL(0, as_map(g->as, STACK - PAGE, PAGE, g->stack, RW));
    guest_restart(g);
}

void guest_restart(struct guest *g)
{
    g->c->regs.rip = CODE;
    g->c->regs.rsp = STACK - 64;
    g->c->regs.eflags = 0;
}

void guest_close(struct guest *g)
{
    ctx_close(g->c);
    as_close(g->as);
}

int guest_run(struct guest *g)
{
    return ctx_run(g->c, g->as);
}

void expect(struct guest *g, int reason, const char *file, int line)
{
    int got = guest_run(g);
    if (got == reason)
        return;
    struct context *c = g->c;
    printf("FAILED %s:%d: %s, not %s: vector %u error %#llx address %#llx rip %#llx rsp %#llx rax %#llx flags %#llx %s\n",
           file, line, reason_name(got), reason_name(reason), c->vector, (unsigned long long)c->error_code,
           (unsigned long long)c->fault_address, (unsigned long long)c->regs.rip, (unsigned long long)c->regs.rsp,
           (unsigned long long)c->regs.rax, (unsigned long long)c->regs.eflags, got == EXIT_FAILED ? c->failure : "");
    exit(1);
}

static void *runner_main(void *arg)
{
    struct runner *r = arg;
    r->reason = guest_run(r->g);
    atomic_store(&r->done, 1);
    return NULL;
}

void runner_start(struct runner *r, struct guest *g)
{
    *r = (struct runner){.g = g};
    CHECK(pthread_create(&r->thread, NULL, runner_main, r) == 0);
}

int runner_join(struct runner *r)
{
    for (int i = 0; i < 30000 && !atomic_load(&r->done); i++)
        usleep(1000);
    CHECK(atomic_load(&r->done));
    pthread_join(r->thread, NULL);
    if (r->reason == EXIT_FAILED)
        printf("failure: %s\n", r->g->c->failure);
    return r->reason;
}

void sleep_ms(int ms)
{
    usleep((useconds_t)ms * 1000);
}

void wait_changed(volatile u64 *at, u64 from, const char *file, int line)
{
    for (int i = 0; i < 30000; i++) {
        if (*at != from)
            return;
        usleep(1000);
    }
    check_failed(file, line, "a guest makes progress");
}

static void run(const char *name, void (*test)(void))
{
    u64 start = now_ns();
    printf("%-10s", name);
    fflush(stdout);
    test();
    printf("ok %llu ms\n", (unsigned long long)((now_ns() - start) / 1000000));
}

/* All of them, or the one that is asked for; whether there was any. */
static bool run_all(const struct test *t, const char *only)
{
    bool any = false;
    for (; t->name != NULL; t++)
        if (*only == 0 || strcmp(only, t->name) == 0) {
            run(t->name, t->test);
            any = true;
        }
    return any;
}

static void fuzz(void)
{
    test_fuzz(getenv("FUZZ") != NULL ? atoi(getenv("FUZZ")) : 2000);
}

static bool is_tcg(void)
{
    u32 eax, name[3];
    __cpuid(0x40000000, eax, name[0], name[1], name[2]);
    return memcmp(name, "TCGTCGTCGTCG", 12) == 0;
}

int main(int argc, char **argv)
{
    emulated = is_tcg();
    int fd = memfd_create("memory", MFD_CLOEXEC);
    CHECK(fd >= 0 && ftruncate(fd, (off_t)MEMORY_BYTES) == 0);
    memory = mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
    CHECK(memory != MAP_FAILED);
    char failure[FAILURE_BYTES] = "";
    platform = half_open(fd, MEMORY_BYTES, failure);
    if (platform == NULL) {
        printf("FAILED %s\n", failure);
        return 1;
    }
    printf("%s\n", platform->description);
    const char *only = argc > 1 ? argv[1] : "";
    const struct test tests[] = {{"basics", test_basics}, {"hostile", test_hostile}, {"memory", test_memory},
                                 {"fpu", test_fpu}, {"pool", test_pool}, {"fuzz", fuzz}, {NULL, NULL}};
    bool known = strcmp(only, "bench") == 0;
    known |= run_all(tests, only);
    known |= run_all(half_tests, only);
    CHECK(known);
    if (strcmp(only, "bench") == 0)
        bench();
    half_close(platform);
    printf("PASSED%s\n", skipped ? " (some skipped: not on this CPU)" : "");
    return 0;
}
