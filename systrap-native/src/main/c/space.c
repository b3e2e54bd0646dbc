/*
 * Address spaces. A table of four levels, as the CPU's, says what each page of the stub process is mapped to, so that only
 * what differs costs a system call there:
 *
 *   63 ......... 12 | 5 PATCHED | 4 STABLE | 3 PRESENT | 2 EXEC | 1 WRITE | 0 READ
 *    offset in the memory file
 *
 * Mapping is put off until the application runs again, many ranges with one wake-up of the helper. What takes rights away
 * is done when the call returns: the helper's report cannot be forged by the application.
 */
#include "gvjsystrap.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "rewrite.h"

/* Longer runs that are only read are left to the host's faults, which map what is around as well. */
#define POPULATE_READ (64 * 1024)

static u64 **level(u64 *table, u64 address, int shift)
{
    return (u64 **)&table[address >> shift & 511];
}

/* The last level's table of address; NULL if there is none and it is not wanted or there is no memory. */
static u64 *leaf(struct aspace *as, u64 address, bool wanted)
{
    u64 *table = as->table;
    for (int shift = 39; shift > 12; shift -= 9) {
        u64 **below = level(table, address, shift);
        if (*below == NULL && (!wanted || (*below = calloc(512, 8)) == NULL))
            return NULL;
        table = *below;
    }
    return table;
}

u64 as_entry(struct aspace *as, u64 address)
{
    u64 *table = address < USER_LIMIT ? leaf(as, address, false) : NULL;
    return table != NULL ? table[address >> 12 & 511] : 0;
}

u64 *as_slot(struct aspace *as, u64 address)
{
    u64 *table = leaf(as, address, false);
    return table != NULL ? &table[address >> 12 & 511] : NULL;
}

/* The first page at or behind `from` that is mapped, or `to`. */
static u64 next_present(struct aspace *as, u64 from, u64 to)
{
    while (from < to) {
        u64 *table = as->table;
        int shift = 39;
        for (; shift > 12 && table != NULL; shift -= 9) {
            u64 *below = *level(table, from, shift);
            if (below == NULL)
                break;
            table = below;
        }
        if (shift > 12) { /* nothing below this entry */
            from = ((from >> shift) + 1) << shift;
            continue;
        }
        for (u64 i = from >> 12 & 511; i < 512 && from < to; i++, from += PAGE)
            if (table[i] != 0)
                return from;
    }
    return to;
}

static void free_table(u64 *table, int shift)
{
    for (int i = 0; shift > 12 && i < 512; i++)
        if (table[i] != 0)
            free_table((u64 *)table[i], shift - 9);
    free(table);
}

static void forget_all(struct aspace *as)
{
    for (int i = 0; i < 512; i++)
        if (as->table[i] != 0)
            free_table((u64 *)as->table[i], 30);
    memset(as->table, 0, PAGE);
    rewrite_forget(as);
}

/* Unmaps everything; what cannot even do that is killed. */
static void drop_all(struct aspace *as)
{
    struct process *p = as->process;
    p->queued = 0;   /* what was to be mapped is forgotten as well, and would be refused again */
    helper_await(p); /* whatever became of the last batch */
    atomic_store(&p->failed, 0);
    helper_call(p, SYS_munmap, 0, USER_LIMIT, 0, 0, 0, 0);
    if (helper_run(p) == -EIO) {
        process_kill(p);
        while (helper_await(p) != -ESRCH)
            host_futex_wait(&p->commands->done, (u32)atomic_load(&p->commands->done), 1000000);
    }
    forget_all(as); /* only now: threads were still in the copies and the table of call sites */
    atomic_store(&as->pending, 0);
}

/* The translations are a cache: if the host refuses, all go. */
void as_finish(struct aspace *as)
{
    if (helper_run(as->process) == -EIO)
        drop_all(as);
    atomic_store(&as->pending, 0);
    rewrite_collect(as);
}

struct aspace *as_open(struct platform *platform)
{
    struct aspace *as = calloc(1, sizeof *as);
    u64 *table = calloc(512, 8);
    struct process *p = as != NULL && table != NULL ? process_take(platform) : NULL;
    if (p == NULL) {
        free(as);
        free(table);
        return NULL;
    }
    as->platform = platform;
    as->process = p;
    as->table = table;
    as->no_rewriting = !platform->rewriting;
    pthread_mutex_init(&as->lock, NULL);
    return as;
}

void as_close(struct aspace *as)
{
    struct process *p = as->process;
    pthread_mutex_lock(&as->lock);
    helper_call(p, SYS_munmap, 0, USER_LIMIT, 0, 0, 0, 0); /* frames may be reused before its threads have died */
    as_finish(as);
    threads_detach(p);
    pthread_mutex_unlock(&as->lock);
    process_retire(p);
    forget_all(as);
    rewrite_close(as);
    pthread_mutex_destroy(&as->lock);
    free(as->table);
    free(as);
}

static bool bad_range(u64 address, u64 length)
{
    return ((address | length) & (PAGE - 1)) != 0 || address >= USER_LIMIT || length > USER_LIMIT - address;
}

static void queue_map(struct aspace *as, u64 address, u64 length, u64 entry)
{
    u64 rights = entry & ENTRY_RIGHTS;
    u64 flags = MAP_SHARED | MAP_FIXED;
    if ((rights & PROT_WRITE) != 0 || length <= POPULATE_READ)
        flags |= MAP_POPULATE;
    helper_call(as->process, SYS_mmap, address, length, rights, flags, MEMORY_FD, entry & ~(PAGE - 1));
    atomic_store(&as->pending, 1);
}

int as_map(struct aspace *as, u64 address, u64 length, u64 offset, int protection)
{
    if (bad_range(address, length) || (offset & (PAGE - 1)) != 0 || offset > as->platform->memory_bytes
        || length > as->platform->memory_bytes - offset || (protection & ~((int)ENTRY_RIGHTS | PROT_STABLE)) != 0)
        return -EINVAL;
    u64 rights = (u64)protection & ENTRY_RIGHTS, stable = protection & PROT_STABLE ? ENTRY_STABLE : 0;
    if (rights == 0)
        return as_unmap(as, address, length);
    rights |= PROT_READ;
    if ((rights & PROT_WRITE) != 0 || (rights & PROT_EXEC) == 0)
        stable = 0;
    int rc = 0;
    bool takes = false;
    pthread_mutex_lock(&as->lock);
    if (as->process->queued == 0 ? helper_await(as->process) == -EIO : atomic_load(&as->process->failed))
        drop_all(as);
    if (address < SITES_BASE + SITES_BYTES && address + length > SITES_BASE && !as->gave_way) {
        rewrite_yield(as);
        as->gave_way = true;
    }
    u64 run = 0; /* bytes before `at` that are to be mapped */
    for (u64 done = 0; done < length; done += PAGE) {
        u64 at = address + done, *table = leaf(as, at, true);
        if (table == NULL) {
            rc = -ENOMEM;
            length = done;
            break;
        }
        u64 *entry = &table[at >> 12 & 511], old = *entry;
        u64 new = (offset + done) | rights | ENTRY_PRESENT | stable;
        if ((old & ~ENTRY_PATCHED) == new) {
            if (run != 0)
                queue_map(as, at - run, run, (offset + done - run) | rights);
            run = 0;
            continue;
        }
        if (old != 0)
            takes |= (old ^ new) >> 12 != 0 || (old & ~new & ENTRY_RIGHTS) != 0;
        if (old & ENTRY_PATCHED) {
            rewrite_dropped(as, at);
            takes = true;
        }
        *entry = new;
        run += PAGE;
    }
    if (run != 0)
        queue_map(as, address + length - run, run, (offset + length - run) | rights);
    if (takes)
        as_finish(as);
    pthread_mutex_unlock(&as->lock);
    return rc;
}

int as_unmap(struct aspace *as, u64 address, u64 length)
{
    if (bad_range(address, length))
        return -EINVAL;
    u64 end = address + length, last = 0, first = end;
    pthread_mutex_lock(&as->lock);
    for (u64 at = next_present(as, address, end); at < end; at = next_present(as, at + PAGE, end)) {
        u64 *entry = as_slot(as, at);
        if (*entry & ENTRY_PATCHED)
            rewrite_dropped(as, at);
        *entry = 0;
        if (first == end)
            first = at;
        last = at + PAGE;
    }
    if (first != end) {
        helper_call(as->process, SYS_munmap, first, last - first, 0, 0, 0, 0);
        as_finish(as);
    }
    pthread_mutex_unlock(&as->lock);
    return 0;
}

int as_write_protect(struct aspace *as, u64 address, u64 length)
{
    if (bad_range(address, length))
        return -EINVAL;
    u64 end = address + length;
    bool any = false;
    pthread_mutex_lock(&as->lock);
    for (u64 at = next_present(as, address, end); at < end; at = next_present(as, at, end)) {
        u64 rights = *as_slot(as, at) & ENTRY_RIGHTS, from = at;
        if ((rights & PROT_WRITE) == 0) {
            at += PAGE;
            continue;
        }
        for (u64 *entry; at < end && (entry = as_slot(as, at)) != NULL && (*entry & ENTRY_RIGHTS) == rights
             && *entry != 0; at += PAGE)
            *entry &= ~(u64)PROT_WRITE;
        helper_call(as->process, SYS_mprotect, from, at - from, rights & ~(u64)PROT_WRITE, 0, 0, 0);
        any = true;
    }
    if (any)
        as_finish(as);
    pthread_mutex_unlock(&as->lock);
    return 0;
}

bool as_release(struct aspace *as, struct thread *t)
{
    pthread_mutex_lock(&as->lock);
    struct command *command = atomic_load(&as->pending) ? helper_command(as->process) : NULL;
    if (command != NULL) {
        atomic_store(&t->page->turn, TURN_RELEASE);
        *command = (struct command){.args = {t->address}, .kind = KIND_RELEASE};
        helper_submit(as->process);
        atomic_store(&as->pending, 0);
    }
    pthread_mutex_unlock(&as->lock);
    return command != NULL;
}

void as_keep_code(struct aspace *as)
{
    pthread_mutex_lock(&as->lock);
    if (!as->no_rewriting)
        rewrite_stop(as);
    pthread_mutex_unlock(&as->lock);
}
