/*
 * Call sites that jump instead of trapping: a signal costs ten times what a jump does.
 *
 * Code is rewritten in a copy of its page, which the stub maps in place of the frame: the frame, and with it all that
 * ptrace(2), /proc, write(2), fork(2) and mprotect(2) see, stays as it was. The new page is mapped at once, so a thread
 * runs the old code or the new, never half of each. A page qualifies while nobody can write to it (ENTRY_STABLE); what
 * becomes writable, or goes, takes the copy along.
 *
 * Three shapes of code are known. In the first two, wherever a thread may be, or jump to, keeps its meaning:
 *
 *   b8 NR NR NR NR  0f 05                  mov $NR, %eax; syscall
 *   ff 24 25 lo hi  0f 05                  jmp *0x050fhilo      the second half still is the system call
 *
 *   0f 05 ... cc cc cc cc cc cc cc         syscall, with padding between functions not far away
 *   eb to ... ff 24 25 lo hi 0f 05         jmp there; jmp *0x050fhilo
 *
 *   0f 05 48 3d II II II II                syscall; cmp $II, %rax
 *   ff 24 25 lo hi 0f 05 II                jmp *0x050fhilo
 *
 * In the third the comparison loses its place. Who goes on there after a system call goes by way of the Sentry, which
 * sends him to the trampoline's own comparison; no other thread may be in application code when the page changes; and code
 * around it must not jump there.
 *
 * At SITES_BASE is a table of trampolines, one for each call site, which note where to go on. Its first entry holds the
 * address of stub.S's trampoline.
 *
 *    0 address of 16   8 address behind the comparison
 *   16 [mov $NR, %eax]; mov $return, %r11; jmp *SITES_BASE
 *   40 cmp $II, %rax; jmp *8
 *
 * Should the application use the table's addresses itself, rewriting ends for its address space.
 */
#include "rewrite.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define SITE_BYTES 64
#define SITE_CALL 16
#define SITE_COMPARE 40
#define COMPARE_BYTES 6
#define MAX_SITES (SITES_BYTES / SITE_BYTES)
#define MAX_COPIES 1024
#define COUNTERS 256
#define OFTEN 6 /* system calls of a site before it is rewritten */
#define MOST_TRIES 4
#define JUMP_BYTES 7
#define PADDING 0xcc
#define RETURN 0xc3

struct copy {
    u64 address; /* of the page in the application */
    u64 offset;  /* of the copy in the control file */
};

struct sites {
    u64 table;              /* offset in the control file */
    u32 count;              /* entries in use, the first one included */
    struct site {
        u64 back;           /* where the application goes on */
        i64 number;         /* of the call, -1 for whatever is in rax */
        bool compares;      /* the comparison at `back` is in the trampoline now */
    } list[MAX_SITES];
    u16 compares[COUNTERS]; /* hash by `back`: entries that compare, through `next` */
    u16 next[MAX_SITES];
    struct copy *copies;    /* pages that are mapped */
    u32 copy_count, copy_room;
    u64 *garbage;           /* copies that the stub may still have */
    u32 garbage_count, garbage_room;
    struct { u64 rip; u32 count; } counters[COUNTERS];
};

static void *grow(void *array, u32 count, u32 *room, size_t bytes)
{
    if (count < *room)
        return array;
    u32 more = *room == 0 ? 16 : *room * 2;
    void *bigger = realloc(array, more * bytes);
    if (bigger != NULL)
        *room = more;
    return bigger;
}

static struct sites *sites_of(struct aspace *as)
{
    struct sites *s = as->sites;
    if (s == NULL && (s = calloc(1, sizeof *s)) != NULL) {
        s->table = NO_OFFSET;
        atomic_store(&as->sites, s);
    }
    return s;
}

static void discard(struct sites *s, u64 offset)
{
    u64 *room = grow(s->garbage, s->garbage_count, &s->garbage_room, sizeof *room);
    if (room == NULL)
        return; /* a page is lost until the sandbox ends */
    s->garbage = room;
    s->garbage[s->garbage_count++] = offset;
}

/* Comparisons of pages that are no longer rewritten: there may be other code at their addresses soon. */
static void forget_compares(struct aspace *as, struct sites *s)
{
    for (u32 h = 0; h < COUNTERS; h++)
        for (u16 *at = &s->compares[h]; *at != 0;) {
            if (as_entry(as, s->list[*at].back - 2) & ENTRY_PATCHED)
                at = &s->next[*at];
            else
                *(volatile u16 *)at = s->next[*at];
        }
}

void rewrite_collect(struct aspace *as)
{
    struct sites *s = as->sites;
    if (s != NULL && s->garbage_count > 0)
        forget_compares(as, s);
    while (s != NULL && s->garbage_count > 0)
        control_free(as->platform, CONTROL_PAGE, s->garbage[--s->garbage_count]);
}

void rewrite_dropped(struct aspace *as, u64 address)
{
    struct sites *s = as->sites;
    for (u32 i = 0; i < s->copy_count; i++)
        if (s->copies[i].address == address) {
            discard(s, s->copies[i].offset);
            s->copies[i] = s->copies[--s->copy_count];
            return;
        }
}

void rewrite_forget(struct aspace *as)
{
    struct sites *s = as->sites;
    if (s == NULL)
        return;
    while (s->copy_count > 0)
        discard(s, s->copies[--s->copy_count].offset);
    if (s->table != NO_OFFSET)
        control_free(as->platform, CONTROL_SITES, s->table);
    s->table = NO_OFFSET;
    s->count = 0;
}

void rewrite_close(struct aspace *as)
{
    rewrite_collect(as);
    if (as->sites != NULL) {
        free(as->sites->copies);
        free(as->sites->garbage);
        free(as->sites);
    }
}

void rewrite_stop(struct aspace *as)
{
    struct sites *s = as->sites;
    as->no_rewriting = true;
    if (s == NULL)
        return;
    while (s->copy_count > 0) {
        u64 address = s->copies[0].address, *entry = as_slot(as, address);
        rewrite_dropped(as, address);
        *entry &= ~ENTRY_PATCHED;
        helper_call(as->process, SYS_mmap, address, PAGE, *entry & ENTRY_RIGHTS, MAP_SHARED | MAP_FIXED, MEMORY_FD,
                    *entry & ~(PAGE - 1));
    }
    as_finish(as); /* threads on their way through the table come through: it stays */
    memset(s->compares, 0, sizeof s->compares); /* not before the comparisons are back in the code */
}

void rewrite_yield(struct aspace *as)
{
    rewrite_stop(as);
    if (as->sites != NULL)
        as->sites->count = 0;
    helper_call(as->process, SYS_munmap, SITES_BASE, SITES_BYTES, 0, 0, 0, 0);
}

static void put32(u8 *at, u64 value)
{
    memcpy(at, &(u32){(u32)value}, 4);
}

/* jmp *address, for addresses below 2 GiB */
static u8 *put_jump(u8 *at, u64 address)
{
    at[0] = 0xff;
    at[1] = 0x24;
    at[2] = 0x25;
    put32(at + 3, address);
    return at + JUMP_BYTES;
}

static bool open_table(struct aspace *as, struct sites *s)
{
    if (s->table != NO_OFFSET)
        return true;
    s->table = control_alloc(as->platform, CONTROL_SITES);
    if (s->table == NO_OFFSET)
        return false;
    memcpy(as->platform->control + s->table, &(u64){STUB_TRAMPOLINE}, 8);
    memset(s->compares, 0, sizeof s->compares);
    s->count = 1;
    helper_call(as->process, SYS_mmap, SITES_BASE, SITES_BYTES, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, CONTROL_FD,
                s->table);
    as_finish(as); /* other threads may be sent there at once */
    return s->table != NO_OFFSET;
}

/* A trampoline that makes call `number`, or the one in eax if it is negative, and goes on at `back`. Its address. */
static u64 add_site(struct aspace *as, struct sites *s, i64 number, u64 back)
{
    u64 address = SITES_BASE + (u64)s->count * SITE_BYTES;
    u8 *site = as->platform->control + s->table + (u64)s->count * SITE_BYTES, *at = site + SITE_CALL;
    memcpy(site, &(u64){address + SITE_CALL}, 8);
    if (number >= 0) {
        *at++ = 0xb8;
        put32(at, (u64)number);
        at += 4;
    }
    *at++ = 0x49;
    *at++ = 0xbb;
    memcpy(at, &back, 8);
    put_jump(at + 8, SITES_BASE);
    s->list[s->count++] = (struct site){.back = back, .number = number};
    return address;
}

static u32 hash(u64 rip)
{
    return (u32)(rip * 0x9e3779b97f4a7c15ull >> 56) % COUNTERS;
}

/* The comparison behind the last entry's system call moves into its trampoline. */
static void add_compare(struct aspace *as, struct sites *s, const u8 *compare)
{
    u32 i = s->count - 1;
    u64 back = s->list[i].back;
    u8 *site = as->platform->control + s->table + (u64)i * SITE_BYTES;
    memcpy(site + 8, &(u64){back + COMPARE_BYTES}, 8);
    memcpy(site + SITE_COMPARE, compare, COMPARE_BYTES);
    put_jump(site + SITE_COMPARE + COMPARE_BYTES, SITES_BASE + (u64)i * SITE_BYTES + 8);
    s->list[i].compares = true;
    s->next[i] = s->compares[hash(back)];
    atomic_thread_fence(memory_order_seq_cst);
    *(volatile u16 *)&s->compares[hash(back)] = (u16)i;
    atomic_thread_fence(memory_order_seq_cst);
}

u64 rewrite_entry(struct aspace *as, u64 rip)
{
    const struct sites *s = atomic_load_explicit(&as->sites, memory_order_acquire);
    if (s == NULL || s->count == 0)
        return rip;
    for (u32 i = *(const volatile u16 *)&s->compares[hash(rip)]; i != 0; i = s->next[i])
        if (s->list[i].back == rip)
            return SITES_BASE + (u64)i * SITE_BYTES + SITE_COMPARE;
    return rip;
}

bool rewrite_finish(struct context *c)
{
    struct aspace *as = c->as;
    pthread_mutex_lock(&as->lock);
    struct sites *s = as->sites;
    u64 i = (c->regs.rip - SITES_BASE) / SITE_BYTES, at = (c->regs.rip - SITES_BASE) % SITE_BYTES;
    bool call = false;
    if (s != NULL && !as->gave_way && s->list[i].back != 0) { /* also when the table has just gone: rewrite_forget */
        c->regs.rip = s->list[i].back;
        call = at < SITE_COMPARE;
        if (call && s->list[i].number >= 0)
            c->regs.rax = (u64)s->list[i].number;
        if (at > SITE_COMPARE)
            c->regs.rip += COMPARE_BYTES; /* it has compared already */
    }
    pthread_mutex_unlock(&as->lock);
    return call;
}

/* mov $number, %eax in front of the system call, and not the end of a longer instruction. */
static bool is_numbered(const u8 *page, u64 at, u64 rax)
{
    u32 number;
    if (at < 6 || page[at - 5] != 0xb8 || (page[at - 6] & 0xf0) == 0x40)
        return false;
    memcpy(&number, page + at - 4, 4);
    return number == rax && number < 0x1000;
}

/* Whether the system call at `at` is the second half of a jump of ours, where threads may come from the middle of the shape. */
static bool is_end_of_jump(const u8 *page, u64 at)
{
    return at >= 5 && page[at - 5] == 0xff && page[at - 4] == 0x24 && page[at - 3] == 0x25;
}

/*
 * Where padding for a jump begins that a short jump behind `at` reaches, or 0. Padding follows a return and ends where a
 * function may begin; seven such bytes elsewhere are, most likely, part of 0xcccccccccccccccd, by which compilers divide.
 */
static u64 padding(const u8 *page, u64 at)
{
    u64 from = at > 126 ? at - 126 : 1, to = at + 129 < PAGE ? at + 129 : PAGE;
    for (u64 end = (from + 15) & ~15ull; end <= to; end += 16) {
        u64 begin = end;
        while (begin > from && page[begin - 1] == PADDING)
            begin--;
        if (end - begin >= JUMP_BYTES && page[begin - 1] == RETURN)
            return begin;
    }
    return 0;
}

/* Whether code of the page jumps to [at, at + length) of it; false alarms do no harm. */
static bool is_target(const u8 *page, u64 at, u64 length)
{
    for (u64 i = 0; i + 2 <= PAGE; i++) {
        u8 code = page[i];
        i32 far;
        if ((code == 0xeb || (code & 0xf0) == 0x70 || (code & 0xfc) == 0xe0)
            && i + 2 + (u64)(i64)(i8)page[i + 1] - at < length)
            return true;
        if (i + 5 > PAGE)
            continue;
        memcpy(&far, page + i + 1, 4);
        if (((code & 0xfe) == 0xe8 || (code & 0xf0) == 0x80) && i + 5 + (u64)(i64)far - at < length)
            return true;
    }
    return false;
}

/* Whether another thread may be in application code right now. */
static bool is_shared(struct aspace *as, const struct thread *mine)
{
    for (const struct thread *t = as->process->threads; t != NULL; t = t->next)
        if (t != mine && atomic_load(&t->in_application))
            return true;
    return false;
}

/* syscall; cmp $..., %rax, in the third shape */
static bool rewrite_compare(struct context *c, struct sites *s, u8 *page, u64 back, u64 at)
{
    if (at + 8 > PAGE || page[at + 2] != 0x48 || page[at + 3] != 0x3d || is_target(page, at + 2, COMPARE_BYTES))
        return false;
    u64 address = add_site(c->as, s, -1, back);
    add_compare(c->as, s, page + at + 2);
    if (is_shared(c->as, c->thread)) { /* not now: who goes by way of the trampoline's comparison finds the same there */
        *(volatile u16 *)&s->compares[hash(back)] = s->next[s->count - 1];
        return false;
    }
    put_jump(page + at, address);
    return true;
}

/* Rewrites the system call at `at` in the copy of its page; false if the code there has no known shape. */
static bool rewrite_code(struct context *c, struct sites *s, u8 *page, u64 back, u64 at)
{
    if (is_numbered(page, at, c->regs.rax)) {
        put_jump(page + at - 5, add_site(c->as, s, (i64)c->regs.rax, back));
        return true;
    }
    u64 room = padding(page, at);
    if (room == 0)
        return rewrite_compare(c, s, page, back, at);
    put_jump(page + room, add_site(c->as, s, -1, back));
    page[at] = 0xeb;
    page[at + 1] = (u8)(room - at - 2);
    return true;
}

static void rewrite_page(struct context *c, struct sites *s, u64 address, u64 at)
{
    struct aspace *as = c->as;
    struct platform *p = as->platform;
    struct copy *old = NULL;
    if (!(as_entry(as, address) & ENTRY_STABLE) || !open_table(as, s))
        return;
    u64 *entry = as_slot(as, address);
    if (entry == NULL || !(*entry & ENTRY_STABLE) || s->copy_count == MAX_COPIES || s->count == MAX_SITES)
        return;
    for (u32 i = 0; *entry & ENTRY_PATCHED && i < s->copy_count; i++)
        if (s->copies[i].address == address)
            old = &s->copies[i];
    u8 page[PAGE];
    memcpy(page, old != NULL ? p->control + old->offset : p->memory + (*entry & ~(PAGE - 1)), PAGE);
    if (page[at] != 0x0f || page[at + 1] != 0x05 || is_end_of_jump(page, at))
        return;
    struct copy *room = grow(s->copies, s->copy_count, &s->copy_room, sizeof *room);
    u64 offset = room != NULL ? control_alloc(p, CONTROL_PAGE) : NO_OFFSET;
    if (offset == NO_OFFSET)
        return;
    s->copies = room;
    if (!rewrite_code(c, s, page, address + at + 2, at)) {
        control_free(p, CONTROL_PAGE, offset);
        return;
    }
    memcpy(p->control + offset, page, PAGE);
    if (*entry & ENTRY_PATCHED)
        rewrite_dropped(as, address);
    s->copies[s->copy_count++] = (struct copy){address, offset};
    *entry |= ENTRY_PATCHED;
    helper_call(as->process, SYS_mmap, address, PAGE, *entry & ENTRY_RIGHTS, MAP_SHARED | MAP_FIXED | MAP_POPULATE,
                CONTROL_FD, offset);
    atomic_store(&as->pending, 1);
}

void rewrite_trapped(struct context *c)
{
    struct aspace *as = c->as;
    u64 rip = c->regs.rip, at = (rip - 2) % PAGE;
    if (as->no_rewriting || at > PAGE - 2)
        return;
    pthread_mutex_lock(&as->lock);
    struct sites *s = sites_of(as);
    if (s != NULL && !as->no_rewriting) {
        u32 i = hash(rip);
        if (s->counters[i].rip != rip) {
            s->counters[i].rip = rip;
            s->counters[i].count = 0;
        }
        if (++s->counters[i].count % OFTEN == 0 && s->counters[i].count <= OFTEN * MOST_TRIES)
            rewrite_page(c, s, rip - 2 - at, at);
    }
    pthread_mutex_unlock(&as->lock);
}
