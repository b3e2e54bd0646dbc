/*
 * Call sites that jump instead of trapping: a signal costs ten times what a jump does.
 *
 * Code is rewritten in a copy of its page, which the stub maps in place of the frame: the frame, and with it all that
 * ptrace(2), /proc, write(2), fork(2) and mprotect(2) see, stays as it was. The new page is mapped at once, so a thread
 * runs the old code or the new, never half of each. A page qualifies while nobody can write to it (ENTRY_STABLE); what
 * becomes writable, or goes, takes the copy along.
 *
 * Two shapes of code are known. Where a thread may be, or jump to, while the page changes keeps its meaning:
 *
 *   b8 NR NR NR NR  0f 05        mov $NR, %eax; syscall
 *   ff 24 25 lo hi  0f 05        jmp *0x050fhilo      the second half still is the system call
 *
 *   0f 05 ... cc cc cc cc cc cc cc         syscall, with padding between functions not far away
 *   eb to ... ff 24 25 lo hi 0f 05         jmp there; jmp *0x050fhilo
 *
 * At SITES_BASE is a table of small trampolines, one for each call site, which note where to go on:
 *
 *   0 address of 8   8 [mov $NR, %eax]; mov $return, %r11; jmp *SITES_BASE       the first entry holds stub.S's trampoline
 *
 * Should the application use the table's addresses itself, rewriting ends for its address space.
 */
#include "rewrite.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define SITE_BYTES 32
#define MAX_SITES (SITES_BYTES / SITE_BYTES)
#define MAX_COPIES 1024
#define COUNTERS 256
#define OFTEN 6 /* system calls of a site before it is rewritten */
#define JUMP_BYTES 7
#define PADDING 0xcc

struct copy {
    u64 address; /* of the page in the application */
    u64 offset;  /* of the copy in the control file */
};

struct sites {
    u64 table;              /* offset in the control file */
    u32 count;              /* entries in use, the first one included */
    struct { u64 back; i64 number; } list[MAX_SITES]; /* where each goes on, and its call or -1 */
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
    if (s == NULL && (s = as->sites = calloc(1, sizeof *s)) != NULL)
        s->table = NO_OFFSET;
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

void rewrite_collect(struct aspace *as)
{
    struct sites *s = as->sites;
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
    s->count = 1;
    helper_call(as->process, SYS_mmap, SITES_BASE, SITES_BYTES, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, CONTROL_FD,
                s->table);
    return true;
}

/* A trampoline that makes call `number`, or the one in eax if it is negative, and goes on at `back`. Its address. */
static u64 add_site(struct aspace *as, struct sites *s, i64 number, u64 back)
{
    u64 address = SITES_BASE + (u64)s->count * SITE_BYTES;
    u8 *site = as->platform->control + s->table + (u64)s->count * SITE_BYTES, *at = site + 8;
    memcpy(site, &(u64){address + 8}, 8);
    if (number >= 0) {
        *at++ = 0xb8;
        put32(at, (u64)number);
        at += 4;
    }
    *at++ = 0x49;
    *at++ = 0xbb;
    memcpy(at, &back, 8);
    put_jump(at + 8, SITES_BASE);
    s->list[s->count].back = back;
    s->list[s->count++].number = number;
    return address;
}

bool rewrite_finish(struct context *c)
{
    struct aspace *as = c->as;
    pthread_mutex_lock(&as->lock);
    struct sites *s = as->sites;
    u64 i = (c->regs.rip - SITES_BASE) / SITE_BYTES;
    bool found = s != NULL && i > 0 && i < s->count;
    if (found) {
        c->regs.rip = s->list[i].back;
        if (s->list[i].number >= 0)
            c->regs.rax = (u64)s->list[i].number;
    }
    pthread_mutex_unlock(&as->lock);
    return found;
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

/* Where padding for a jump begins that a short jump behind `at` reaches, or 0. */
static u64 padding(const u8 *page, u64 at)
{
    u64 from = at > 126 ? at - 126 : 0, to = at + 129 < PAGE ? at + 129 : PAGE, run = 0;
    for (u64 i = from; i < to; i++) {
        run = page[i] == PADDING ? run + 1 : 0;
        if (run == JUMP_BYTES)
            return i + 1 - JUMP_BYTES;
    }
    return 0;
}

/* Rewrites the system call at `at` in the copy of its page; false if the code there has no known shape. */
static bool rewrite_code(struct aspace *as, struct sites *s, u8 *page, u64 back, u64 at, u64 rax)
{
    if (is_numbered(page, at, rax)) {
        put_jump(page + at - 5, add_site(as, s, (i64)rax, back));
        return true;
    }
    u64 room = padding(page, at);
    if (room == 0)
        return false;
    put_jump(page + room, add_site(as, s, -1, back));
    page[at] = 0xeb;
    page[at + 1] = (u8)(room - at - 2);
    return true;
}

static void rewrite_page(struct aspace *as, struct sites *s, u64 address, u64 at, u64 rax)
{
    struct platform *p = as->platform;
    u64 *entry = as_slot(as, address);
    struct copy *old = NULL;
    if (entry == NULL || !(*entry & ENTRY_STABLE) || s->copy_count == MAX_COPIES || s->count == MAX_SITES)
        return;
    for (u32 i = 0; *entry & ENTRY_PATCHED && i < s->copy_count; i++)
        if (s->copies[i].address == address)
            old = &s->copies[i];
    u8 page[PAGE];
    memcpy(page, old != NULL ? p->control + old->offset : p->memory + (*entry & ~(PAGE - 1)), PAGE);
    if (page[at] != 0x0f || page[at + 1] != 0x05 || !open_table(as, s))
        return;
    struct copy *room = grow(s->copies, s->copy_count, &s->copy_room, sizeof *room);
    u64 offset = room != NULL ? control_alloc(p, CONTROL_PAGE) : NO_OFFSET;
    if (offset == NO_OFFSET)
        return;
    s->copies = room;
    if (!rewrite_code(as, s, page, address + at + 2, at, rax)) {
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
        u32 i = (u32)(rip * 0x9e3779b97f4a7c15ull >> 56) % COUNTERS;
        if (s->counters[i].rip != rip) {
            s->counters[i].rip = rip;
            s->counters[i].count = 0;
        }
        if (++s->counters[i].count == OFTEN)
            rewrite_page(as, s, rip - 2 - at, at, c->regs.rax);
    }
    pthread_mutex_unlock(&as->lock);
}
