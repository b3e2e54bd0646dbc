/*
 * Guest page tables of application address spaces.
 *
 * KVM with shadow paging copies these tables and does not see our stores to them; the CPU caches them with either kind
 * of paging. What is right with both:
 *   - not present -> present, and more rights to the same frame: a plain store. The application faults on what is
 *     cached, and a fault looks at the table again (spurious faults come to the Sentry at worst).
 *   - anything that takes away (unmap, fewer rights, another frame): store, then make KVM drop its translations of the
 *     frames that were mapped. MADV_DONTNEED on KVM's own mapping of the memory file does that through the MMU
 *     notifier, for all vCPUs, before it returns; the pages stay in the file. A vCPU that faults meanwhile compares the
 *     table with what it read before, under the lock that the notifier takes, so nothing stale comes back.
 *   - upper-level entries never change once set, because KVM follows its copies of them without looking. Whole trees
 *     are retired and reused after vm_flush_all.
 *
 * Calls for one address space are serialised by the caller; vCPUs run in it meanwhile.
 */
#include "gvjkvm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PROT_STABLE 0x100 /* gvj.platform.AddressSpace.STABLE: makes no difference here */
#define PROT_MASK (PROT_READ | PROT_WRITE | PROT_EXEC)
#define TABLE_SPAN (512 * PAGE)
/* Frames closer together than this are dropped with one call, those between them needlessly. */
#define GAP (64 * PAGE)

static u64 load(u64 *entry)
{
    return __atomic_load_n(entry, __ATOMIC_RELAXED);
}

static void store(u64 *entry, u64 value)
{
    __atomic_store_n(entry, value, __ATOMIC_RELEASE);
}

static int drop(struct vm *vm, u64 offset, u64 end)
{
    u8 *at = vm->file + offset;
    if (madvise(at, end - offset, MADV_DONTNEED) == 0)
        return 0;
    /* Locked memory refuses; a change of rights and back has the same effect on KVM. */
    if (mprotect(at, end - offset, PROT_READ) == 0 && mprotect(at, end - offset, PROT_READ | PROT_WRITE) == 0)
        return 0;
    return vm_flush_all(vm);
}

static int by_offset(const void *a, const void *b)
{
    u64 x = ((const struct run *)a)->offset, y = ((const struct run *)b)->offset;
    return x < y ? -1 : x > y;
}

/* Makes KVM forget the frames noted since the last call. */
static int flush(struct aspace *as)
{
    if (as->nruns == 0)
        return 0;
    if (as->nruns > 1)
        qsort(as->runs, (size_t)as->nruns, sizeof as->runs[0], by_offset);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    int rc = 0;
    struct run r = as->runs[0];
    for (int i = 1; i < as->nruns; i++) {
        if (as->runs[i].offset <= r.end + GAP) {
            if (as->runs[i].end > r.end)
                r.end = as->runs[i].end;
            continue;
        }
        int e = drop(as->vm, r.offset, r.end);
        rc = rc < 0 ? rc : e;
        r = as->runs[i];
    }
    int e = drop(as->vm, r.offset, r.end);
    as->nruns = 0;
    return rc < 0 ? rc : e;
}

/* Notes that translations of the frame of a table entry must go. */
static int note(struct aspace *as, u64 entry)
{
    u64 gpa = entry & PTE_FRAME;
    if (gpa < FILE_GPA)
        return 0; /* the probe's own pages */
    u64 offset = (u64)as->vm->gib_file[(gpa - FILE_GPA) / GIB] * GIB + gpa % GIB;
    if (as->nruns > 0 && as->runs[as->nruns - 1].end == offset) {
        as->runs[as->nruns - 1].end = offset + PAGE;
        return 0;
    }
    int rc = as->nruns == MAX_RUNS ? flush(as) : 0;
    as->runs[as->nruns++] = (struct run){offset, offset + PAGE};
    return rc;
}

static u64 *descend(struct aspace *as, u64 *entry, bool create)
{
    u64 e = load(entry);
    if (!(e & PTE_P)) {
        if (!create)
            return NULL;
        u64 table = vm_table_alloc(as->vm);
        if (table == 0)
            return NULL;
        as->tables++;
        e = table | PTE_P | PTE_W | PTE_U | PTE_A;
        store(entry, e);
    }
    return vm_kernel(as->vm, e & PTE_FRAME);
}

/* The level 1 table for address; NULL if absent (and, with create, no memory). */
static u64 *leaf_table(struct aspace *as, u64 address, bool create)
{
    u64 base = address & ~(TABLE_SPAN - 1);
    if (as->last_base == base)
        return as->last_table;
    u64 *table = vm_kernel(as->vm, as->root);
    for (int shift = 39; shift >= 21 && table != NULL; shift -= 9)
        table = descend(as, &table[address >> shift & 511], create);
    if (table != NULL) {
        as->last_base = base;
        as->last_table = table;
    }
    return table;
}

static int reset(struct aspace *as)
{
    as->last_base = ~0ull;
    as->tables = 1;
    as->nruns = 0;
    return vm_tree_reset(as->vm, as->root);
}

static int check_range(u64 address, u64 length)
{
    return (address | length) % PAGE != 0 || length > USER_LIMIT || address > USER_LIMIT - length ? -EINVAL : 0;
}

/* First address after address that another entry of the given level covers, at most end. */
static u64 next_span(u64 address, u64 end, int shift)
{
    u64 next = ((address >> shift) + 1) << shift;
    return next < end ? next : end;
}

static int replace(struct aspace *as, u64 *entry, u64 new)
{
    u64 old = load(entry);
    if (old == new)
        return 0;
    store(entry, new);
    if (!(old & PTE_P))
        return 0;
    u64 lost = (old & ~new & (PTE_W | PTE_U)) | (new & ~old & PTE_NX) | ((old ^ new) & PTE_FRAME);
    return lost != 0 ? note(as, old) : 0;
}

int as_map(struct aspace *as, u64 address, u64 length, u64 offset, int protection)
{
    struct vm *vm = as->vm;
    if (check_range(address, length) < 0 || offset % PAGE != 0 || offset > vm->memory_bytes
        || length > vm->memory_bytes - offset || (protection & ~(PROT_MASK | PROT_STABLE)) != 0)
        return -EINVAL;
    if ((protection & PROT_MASK) == PROT_NONE)
        return as_unmap(as, address, length);
    if (as->tables > as->vm->tables_limit) {
        int rc = reset(as);
        if (rc < 0)
            return rc;
    }
    u64 flags = PTE_P | PTE_U | PTE_A | PTE_D | (protection & PROT_WRITE ? PTE_W : 0)
        | (protection & PROT_EXEC ? 0 : PTE_NX);
    u64 end = address + length;
    int rc = 0;
    while (address < end) {
        u64 stop = next_span(address, end, 21), gib_end = address + (GIB - offset % GIB), gpa;
        if (stop > gib_end)
            stop = gib_end;
        int e = vm_file_gpa(vm, offset, &gpa);
        u64 *table = e < 0 ? NULL : leaf_table(as, address, true);
        if (e == 0 && table == NULL) {
            e = reset(as); /* out of tables: its own are the ones that may go */
            table = e < 0 ? NULL : leaf_table(as, address, true);
            e = e == 0 && table == NULL ? -ENOMEM : e;
        }
        if (e < 0) {
            rc = e;
            break;
        }
        offset += stop - address;
        for (; address < stop; address += PAGE, gpa += PAGE) {
            e = replace(as, &table[address >> 12 & 511], gpa | flags);
            rc = rc < 0 ? rc : e;
        }
    }
    int e = flush(as);
    return rc < 0 ? rc : e;
}

/* Does what unmap (keep = 0) or write-protect (keep = ~PTE_W) does to one level of the tree. */
static int take_away(struct aspace *as, u64 *table, int shift, u64 address, u64 end, u64 keep)
{
    int rc = 0;
    for (u64 next; address < end; address = next) {
        next = next_span(address, end, shift);
        u64 *entry = &table[address >> shift & 511];
        u64 e = load(entry);
        if (!(e & PTE_P))
            continue;
        int one = shift > 12 ? take_away(as, vm_kernel(as->vm, e & PTE_FRAME), shift - 9, address, next, keep)
            : replace(as, entry, e & keep);
        rc = rc < 0 ? rc : one;
    }
    return rc;
}

static int take_away_range(struct aspace *as, u64 address, u64 length, u64 keep)
{
    if (check_range(address, length) < 0)
        return -EINVAL;
    int rc = take_away(as, vm_kernel(as->vm, as->root), 39, address, address + length, keep);
    int e = flush(as);
    return rc < 0 ? rc : e;
}

int as_unmap(struct aspace *as, u64 address, u64 length)
{
    return take_away_range(as, address, length, 0);
}

int as_write_protect(struct aspace *as, u64 address, u64 length)
{
    return take_away_range(as, address, length, ~PTE_W);
}

/*
 * Reads up to n bytes of application code. Answers how many there were. Another thread may change the tables: what is
 * read stays inside the tables and the memory file, whatever it is.
 */
int as_read_code(struct aspace *as, u64 address, u8 *bytes, int n)
{
    struct vm *vm = as->vm;
    for (int i = 0; i < n; i++, address++) {
        u64 *table = vm_kernel(vm, as->root), e = 0;
        for (int shift = 39; shift >= 12; shift -= 9) {
            e = address < USER_LIMIT ? load(&table[address >> shift & 511]) : 0;
            if (!(e & PTE_P))
                return i;
            if (shift == 12)
                break;
            if ((e & PTE_FRAME) >= KERNEL_BYTES)
                return i;
            table = vm_kernel(vm, e & PTE_FRAME);
        }
        u64 gpa = (e & PTE_FRAME) + address % PAGE;
        if (gpa < FILE_GPA || gpa / GIB >= __atomic_load_n(&vm->next_gib, __ATOMIC_ACQUIRE))
            return i;
        u64 offset = (u64)vm->gib_file[(gpa - FILE_GPA) / GIB] * GIB + gpa % GIB;
        if (offset >= vm->memory_bytes)
            return i;
        bytes[i] = *(volatile u8 *)(vm->file + offset);
    }
    return n;
}

/* Maps one page of kernel-private memory; only the probe does. */
int as_map_private(struct aspace *as, u64 address, u64 gpa, u64 flags)
{
    u64 *table = leaf_table(as, address, true);
    if (table == NULL)
        return -ENOMEM;
    store(&table[address >> 12 & 511], gpa | flags | PTE_P | PTE_A | PTE_D);
    return 0;
}

struct aspace *as_open(struct vm *vm)
{
    struct aspace *as = calloc(1, sizeof *as);
    if (as == NULL)
        return NULL;
    as->vm = vm;
    as->last_base = ~0ull;
    as->tables = 1;
    as->root = vm_table_alloc(vm);
    if (as->root == 0) {
        free(as);
        return NULL;
    }
    vm_kernel(vm, as->root)[256] = KERNEL_PDPT_GPA | PTE_P | PTE_W | PTE_A;
    return as;
}

void as_close(struct aspace *as)
{
    vm_tree_retire(as->vm, as->root, as->tables);
    free(as);
}
