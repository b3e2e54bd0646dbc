/*
 * What the tests of the native halves of platforms use. Those here ask the same of every platform: as_*, ctx_* and fpu_*
 * as both halves have them. A half's own src/test/c has half.h, which says what differs, its own tests, and the Makefile.
 */
#ifndef CHECK_H
#define CHECK_H

#include "half.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define CODE 0x400000ull
#define DATA 0x600000ull
#define STACK (USER_LIMIT - 0xff000) /* one page below */
#define MEMORY_BYTES (8 * GIB)

#define RW (PROT_READ | PROT_WRITE)
#define RX (PROT_READ | PROT_EXEC)

#define CHECK(condition) \
    ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))
#define EQUAL(expected, actual) \
    check_equal(__FILE__, __LINE__, #actual, (u64)(expected), (u64)(actual))

extern PLATFORM *platform;
extern u8 *memory;           /* the memory file as the Sentry maps it */
extern int code_rights;      /* what guests' code is mapped with: RX, and perhaps what a half adds */
extern int skipped;
extern bool emulated;        /* by QEMU's TCG, which is not exact */

void check_failed(const char *file, int line, const char *what) __attribute__((noreturn));
void check_equal(const char *file, int line, const char *what, u64 expected, u64 actual);
const char *reason_name(int reason);

u64 frame(int pages);        /* file offset of fresh zeroed pages */

/* One application thread with code at CODE, a data page at DATA, a stack. */
struct guest {
    struct aspace *as;
    struct context *c;
    u64 code, data, stack;   /* file offsets */
};

void guest_open(struct guest *g, const u8 *begin, const u8 *end);
void guest_thread(struct guest *g, const struct guest *other, const u8 *begin, const u8 *end); /* same address space */
void guest_restart(struct guest *g);
void guest_close(struct guest *g);
int guest_run(struct guest *g);
void expect(struct guest *g, int reason, const char *file, int line);
#define EXPECT(g, reason) expect(g, reason, __FILE__, __LINE__)
#define GUEST(name) guest_##name, guest_##name##_end
#define DECLARE(name) extern const u8 guest_##name[], guest_##name##_end[]

/* Host threads that run a guest until it stops for a reason. */
struct runner {
    pthread_t thread;
    struct guest *g;
    int reason;
    bool joined;
    _Atomic int done;
};
void runner_start(struct runner *r, struct guest *g);
int runner_join(struct runner *r);
void sleep_ms(int ms);
void wait_changed(volatile u64 *at, u64 from, const char *file, int line); /* fails after some seconds */
#define wait_for_change(at, from) wait_changed(at, from, __FILE__, __LINE__)

/* Two threads in one address space that run the same piece with rdi = SHARED, rdx a counter of their own. */
struct pair {
    struct guest g[2];
    struct runner r[2];
    volatile u64 *counters;
};

#define SHARED 0x10000000ull
#define COUNTER 0x10001000ull /* progress counters of the pair, 8 bytes each */

void pair_open(struct pair *p, const u8 *begin, const u8 *end, u64 shared, int protection);
void pair_start(struct pair *p);
void pair_running(struct pair *p); /* waits for progress of both */
void pair_faulted(struct pair *p, int access);
void pair_close(struct pair *p);

struct test {
    const char *name;
    void (*test)(void);
};
extern const struct test half_tests[]; /* a half's own; the last has no name */

void test_basics(void);
void test_hostile(void);
void test_memory(void);
void test_fpu(void);
void test_interrupts(void);
void test_pool(void);
void test_fuzz(int rounds);
void test_recycling(void); /* of page tables, by address spaces that come and go */
void test_fpu_in_turns(void);
void bench(void);

#endif
