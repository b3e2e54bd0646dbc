/* The virtual machine: /dev/kvm, memory slots, kernel-private memory and CPUID. */
#include "gvjkvm.h"

#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* Trees that closed address spaces left behind are reused after one flush for this many of their pages. */
#define RETIRED_PAGES 8192
/* A tree this large (256 MiB of tables) starts afresh: unmap does not take upper levels back. */
#define MAX_TABLES 65536

static int set_slot(struct vm *vm, u32 slot, u64 gpa, u64 bytes, void *host)
{
    struct kvm_userspace_memory_region region = {
        .slot = slot, .guest_phys_addr = gpa, .memory_size = bytes, .userspace_addr = (u64)(uintptr_t)host};
    return ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region) < 0 ? -errno : 0;
}

static int add_slot(struct vm *vm, u64 gpa, u64 bytes, void *host)
{
    if (vm->next_slot >= vm->max_slots)
        return -ENOSPC;
    int rc = set_slot(vm, vm->next_slot, gpa, bytes, host);
    if (rc == 0)
        vm->next_slot++;
    return rc;
}

/* Makes one more chunk of kernel-private memory usable. memory_lock held. */
static int grow_kernel(struct vm *vm)
{
    if (vm->kernel_ready + KERNEL_CHUNK > KERNEL_BYTES)
        return -ENOMEM;
    u8 *chunk = vm->kernel + vm->kernel_ready;
    if (mprotect(chunk, KERNEL_CHUNK, PROT_READ | PROT_WRITE) < 0)
        return -errno;
    int rc = add_slot(vm, vm->kernel_ready, KERNEL_CHUNK, chunk);
    if (rc == 0)
        vm->kernel_ready += KERNEL_CHUNK;
    return rc;
}

/*
 * The guest-physical address of a byte of the memory file. The first call for a GiB gives it a memory slot: slots cost
 * kernel memory by size, and a sparse file may be larger than the guest-physical address space.
 */
int vm_file_gpa(struct vm *vm, u64 offset, u64 *gpa)
{
    u64 gib = offset / GIB;
    u32 at = atomic_load_explicit(&vm->file_gib[gib], memory_order_acquire);
    if (at == 0) {
        int rc = 0;
        pthread_mutex_lock(&vm->memory_lock);
        at = atomic_load(&vm->file_gib[gib]);
        if (at == 0) {
            u64 bytes = vm->memory_bytes - gib * GIB < GIB ? vm->memory_bytes - gib * GIB : GIB;
            at = vm->next_gib;
            rc = ((u64)at + 1) * GIB > 1ull << vm->physical_bits ? -ENOMEM
                : add_slot(vm, (u64)at * GIB, bytes, vm->file + gib * GIB);
            if (rc == 0) {
                vm->gib_file[at - FILE_GPA / GIB] = (u32)gib;
                __atomic_store_n(&vm->next_gib, at + 1, __ATOMIC_RELEASE);
                atomic_store_explicit(&vm->file_gib[gib], at, memory_order_release);
            }
        }
        pthread_mutex_unlock(&vm->memory_lock);
        if (rc < 0)
            return rc;
    }
    *gpa = (u64)at * GIB + offset % GIB;
    return 0;
}

/*
 * Makes KVM forget every translation of every vCPU: what it does when a slot goes away. Right with shadow and with
 * nested paging, and dear (everything faults back in), so it is done once for many retired trees.
 */
int vm_flush_all(struct vm *vm)
{
    int rc = set_slot(vm, vm->flush_slot, FLUSH_GPA, PAGE, (void *)(uintptr_t)vm->flush_page);
    return rc < 0 ? rc : set_slot(vm, vm->flush_slot, FLUSH_GPA, 0, (void *)(uintptr_t)vm->flush_page);
}

/* Gives the pages of a tree back; KVM must have forgotten it. memory_lock held. */
static void free_tree(struct vm *vm, u64 table, int level)
{
    u64 *entries = vm_kernel(vm, table);
    if (level > 1) {
        int own = level == 4 ? 256 : 512; /* the upper half of the root is everybody's */
        for (int i = 0; i < own; i++)
            if (entries[i] & PTE_P)
                free_tree(vm, entries[i] & PTE_FRAME, level - 1);
    }
    entries[0] = vm->free_tables;
    vm->free_tables = table;
}

/* Empties a tree that vCPUs may be running in, all but its root. */
int vm_tree_reset(struct vm *vm, u64 root)
{
    u64 *entries = vm_kernel(vm, root), old[256];
    memcpy(old, entries, sizeof old);
    for (int i = 0; i < 256; i++)
        __atomic_store_n(&entries[i], 0, __ATOMIC_SEQ_CST);
    pthread_mutex_lock(&vm->memory_lock);
    int rc = vm_flush_all(vm);
    if (rc == 0)
        for (int i = 0; i < 256; i++)
            if (old[i] & PTE_P)
                free_tree(vm, old[i] & PTE_FRAME, 3);
    pthread_mutex_unlock(&vm->memory_lock);
    return rc;
}

/* Flushes, then gives the pages of all retired trees back. memory_lock held. */
static int reuse_retired(struct vm *vm)
{
    if (vm->retired_head == 0)
        return -ENOMEM;
    int rc = vm_flush_all(vm);
    if (rc < 0)
        return rc;
    while (vm->retired_head != 0) {
        u64 root = vm->retired_head;
        vm->retired_head = vm_kernel(vm, root)[511];
        free_tree(vm, root, 4);
    }
    vm->retired_count = 0;
    return 0;
}

/* A zeroed page-table page, or 0 if there is no more memory for them. */
u64 vm_table_alloc(struct vm *vm)
{
    u64 gpa = 0;
    pthread_mutex_lock(&vm->memory_lock);
    if (vm->free_tables == 0 && vm->retired_count >= vm->retired_limit)
        reuse_retired(vm);
    if (vm->free_tables == 0 && vm->kernel_next == vm->kernel_ready && grow_kernel(vm) < 0)
        reuse_retired(vm);
    if (vm->free_tables != 0) {
        gpa = vm->free_tables;
        vm->free_tables = vm_kernel(vm, gpa)[0];
        memset(vm_kernel(vm, gpa), 0, PAGE);
    } else if (vm->kernel_next < vm->kernel_ready) {
        gpa = vm->kernel_next;
        vm->kernel_next += PAGE;
    }
    pthread_mutex_unlock(&vm->memory_lock);
    return gpa;
}

/*
 * Takes a tree that no vCPU will enter again. KVM may keep shadows of its pages, so they must not become other tables
 * before the next vm_flush_all.
 */
void vm_tree_retire(struct vm *vm, u64 root, u64 tables)
{
    pthread_mutex_lock(&vm->memory_lock);
    vm_kernel(vm, root)[511] = vm->retired_head;
    vm->retired_head = root;
    vm->retired_count += tables;
    pthread_mutex_unlock(&vm->memory_lock);
}

static void idt_gate(u64 *idt, int vector, u64 address, int dpl, int ist)
{
    u64 attributes = 0x8e00u | (u64)dpl << 13 | (u64)ist;
    idt[2 * vector] = (address & 0xffff) | (u64)KERNEL_CS << 16 | attributes << 32 | (address >> 16 & 0xffff) << 48;
    idt[2 * vector + 1] = address >> 32;
}

/* NMI, double fault and machine check have a stack of their own and never come, so they stay plain. */
void vm_set_idt(struct vm *vm)
{
    u64 *idt = vm_kernel(vm, IDT_GPA);
    for (int v = 0; v < 32; v++) {
        bool ist = v == 2 || v == 8 || v == 18;
        const u8 *entry = (vm->quick && !ist ? gvj_stub_quick_vectors : gvj_stub_vectors) + 16 * v;
        idt_gate(idt, v, LSTAR + (u64)(entry - gvj_stub_begin), v == 3 || v == 4 ? 3 : 0, ist);
    }
}

/* What guest ring 0 sees: the stub, descriptor tables and their mapping, the same in every address space. */
static void build_kernel(struct vm *vm)
{
    memcpy(vm_kernel(vm, STUB_GPA), gvj_stub_begin, (size_t)(gvj_stub_end - gvj_stub_begin));
    u64 *gdt = vm_kernel(vm, GDT_GPA); /* accessed bits set, so the page can be read-only; no 32-bit code segment */
    gdt[KERNEL_CS / 8] = 0x00af9b000000ffffull;
    gdt[KERNEL_DS / 8] = 0x00cf93000000ffffull;
    gdt[USER_DS / 8] = 0x00cff3000000ffffull;
    gdt[USER_CS / 8] = 0x00affb000000ffffull;
    vm_set_idt(vm);
    vm_kernel(vm, KERNEL_PDPT_GPA)[0] = KERNEL_PD_GPA | PTE_P | PTE_W | PTE_A;
    vm_kernel(vm, KERNEL_PD_GPA)[0] = KERNEL_PT_GPA | PTE_P | PTE_W | PTE_A;
    u64 *pt = vm_kernel(vm, KERNEL_PT_GPA);
    pt[STUB_GPA / PAGE] = STUB_GPA | PTE_P | PTE_A | PTE_D;
    pt[GDT_GPA / PAGE] = GDT_GPA | PTE_P | PTE_A | PTE_D | PTE_NX;
    pt[IDT_GPA / PAGE] = IDT_GPA | PTE_P | PTE_A | PTE_D | PTE_NX;
    for (u64 i = 0; i < MAX_VCPUS; i++) {
        u64 gpa = VCPU_GPA + i * PAGE;
        pt[gpa / PAGE] = gpa | PTE_P | PTE_W | PTE_A | PTE_D | PTE_NX;
    }
}

static int need(struct vm *vm, int cap, const char *name, char *failure)
{
    int value = ioctl(vm->kvm_fd, KVM_CHECK_EXTENSION, cap);
    if (value <= 0)
        snprintf(failure, FAILURE_BYTES, "the host's KVM lacks %s; use a newer kernel", name);
    return value;
}

static struct kvm_cpuid2 *supported_cpuid(int kvm_fd)
{
    for (u32 n = 128; n <= 4096; n *= 2) {
        struct kvm_cpuid2 *cpuid = calloc(1, sizeof *cpuid + n * sizeof(struct kvm_cpuid_entry2));
        if (cpuid == NULL)
            return NULL;
        cpuid->nent = n;
        if (ioctl(kvm_fd, KVM_GET_SUPPORTED_CPUID, cpuid) == 0)
            return cpuid;
        free(cpuid);
        if (errno != E2BIG)
            return NULL;
    }
    return NULL;
}

static struct kvm_cpuid_entry2 *leaf(struct vm *vm, u32 function, u32 index)
{
    for (u32 i = 0; i < vm->cpuid->nent; i++)
        if (vm->cpuid->entries[i].function == function && vm->cpuid->entries[i].index == index)
            return &vm->cpuid->entries[i];
    return NULL;
}

static bool native_fsgsbase(void)
{
    u32 eax, ebx, ecx, edx;
    return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && ebx & 1;
}

/*
 * XCR0 components applications get: x87, SSE, AVX, AVX-512. Not MPX (dead), PKRU (the Sentry has no pkey_mprotect) or
 * AMX (8 KiB per thread that Linux gives only on request).
 */
#define XCR0_WANTED 0xe7ull

/* What applications may see: nothing that needs ring-0 support they do not get. */
static int trim_cpuid(struct vm *vm, char *failure)
{
    struct kvm_cpuid_entry2 *basic = leaf(vm, 1, 0), *extended = leaf(vm, 7, 0), *xsave = leaf(vm, 0xd, 0);
    if (basic == NULL || xsave == NULL || (xsave->eax & 3) != 3) {
        snprintf(failure, FAILURE_BYTES, "the CPU has no XSAVE");
        return -ENOTSUP;
    }
    vm->xcr0 = ((u64)xsave->edx << 32 | xsave->eax) & XCR0_WANTED;
    vm->cr4 = 1u << 5 | 1u << 9 | 1u << 10 | 1u << 18; /* PAE OSFXSR OSXMMEXCPT OSXSAVE */
    if (native_fsgsbase())
        vm->cr4 |= CR4_FSGSBASE; /* kvm_pvm lets CPUID through and does not list it; vcpu.c falls back if KVM refuses */
    basic->ecx |= 1u << 26;                            /* XSAVE, as leaf 13 says; kvm_pvm does not list it here */
    basic->ecx &= ~(1u << 3);                          /* MONITOR */
    if (extended != NULL) {
        extended->ebx &= ~(1u << 14);                                         /* MPX */
        extended->ecx &= ~(1u << 3 | 1u << 4 | 1u << 5 | 1u << 7);            /* PKU OSPKE WAITPKG SHSTK */
        extended->edx &= ~(1u << 5 | 1u << 20 | 1u << 22 | 1u << 24 | 1u << 25); /* UINTR IBT AMX */
    }
    vm->fpu_bytes = 576;
    u32 kept = 0;
    for (u32 i = 0; i < vm->cpuid->nent; i++) {
        struct kvm_cpuid_entry2 *e = &vm->cpuid->entries[i];
        if (e->function == 0xd && e->index == 0) {
            e->eax = (u32)vm->xcr0;
            e->edx = (u32)(vm->xcr0 >> 32);
        } else if (e->function == 0xd && e->index == 1) {
            e->eax &= ~(1u << 3 | 1u << 4); /* XSAVES, XFD */
            e->ecx = e->edx = 0;
        } else if (e->function == 0xd) {
            if (e->index > 63 || !(vm->xcr0 >> e->index & 1))
                continue;
            if (e->ebx + e->eax > vm->fpu_bytes)
                vm->fpu_bytes = e->ebx + e->eax;
        } else if (e->function >= 0x40000000 && e->function < 0x50000000)
            continue; /* paravirtual features are for kernels */
        else if (e->function == 0x80000008 && (e->eax & 0xff) < vm->physical_bits)
            vm->physical_bits = e->eax & 0xff;
        vm->cpuid->entries[kept++] = *e;
    }
    vm->cpuid->nent = kept;
    return 0;
}

int vm_device = INT_MIN;

static int device(void)
{
    if (vm_device == INT_MIN)
        return open("/dev/kvm", O_RDWR | O_CLOEXEC);
    if (vm_device >= 0)
        return fcntl(vm_device, F_DUPFD_CLOEXEC, 3);
    errno = -vm_device;
    return -1;
}

static int open_device(struct vm *vm, char *failure)
{
    vm->kvm_fd = device();
    if (vm->kvm_fd < 0) {
        int e = errno;
        if (e == ENOENT || e == ENXIO || e == ENODEV)
            snprintf(failure, FAILURE_BYTES, "there is no /dev/kvm on this machine (%s); load the kvm modules, "
                     "or enable (nested) virtualisation", strerror(e));
        else if (e == EACCES || e == EPERM)
            snprintf(failure, FAILURE_BYTES, "no permission to open /dev/kvm; run as root or join the group that "
                     "owns it");
        else
            snprintf(failure, FAILURE_BYTES, "cannot open /dev/kvm: %s", strerror(e));
        return -e;
    }
    int version = ioctl(vm->kvm_fd, KVM_GET_API_VERSION, 0);
    if (version < 0) {
        snprintf(failure, FAILURE_BYTES, "/dev/kvm is something else than KVM: %s", strerror(errno));
        return -ENOTSUP;
    }
    if (version != KVM_API_VERSION) {
        snprintf(failure, FAILURE_BYTES, "/dev/kvm speaks API version %d, not %d", version,
                 KVM_API_VERSION);
        return -ENOTSUP;
    }
    do
        vm->fd = ioctl(vm->kvm_fd, KVM_CREATE_VM, 0);
    while (vm->fd < 0 && errno == EINTR);
    if (vm->fd < 0) {
        int e = errno;
        snprintf(failure, FAILURE_BYTES, "KVM cannot create a virtual machine: %s", strerror(e));
        return -e;
    }
    return 0;
}

static int check_limits(struct vm *vm, char *failure)
{
    if (need(vm, KVM_CAP_USER_MEMORY, "user memory", failure) <= 0
        || need(vm, KVM_CAP_IMMEDIATE_EXIT, "immediate exits", failure) <= 0
        || need(vm, KVM_CAP_XCRS, "XCRs", failure) <= 0
        || need(vm, KVM_CAP_DESTROY_MEMORY_REGION_WORKS, "slot removal", failure) <= 0
        || need(vm, KVM_CAP_SYNC_MMU, "an MMU notifier", failure) <= 0)
        return -ENOTSUP;
    int sync = need(vm, KVM_CAP_SYNC_REGS, "synchronised registers", failure);
    if (sync <= 0 || (sync & 3) != 3)
        return -ENOTSUP;
    int vcpus = ioctl(vm->kvm_fd, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS);
    int slots = ioctl(vm->kvm_fd, KVM_CHECK_EXTENSION, KVM_CAP_NR_MEMSLOTS);
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    vm->max_vcpus = cpus > 4 ? (u32)cpus * 4 : 16;
    if (vcpus > 0 && vm->max_vcpus > (u32)vcpus)
        vm->max_vcpus = (u32)vcpus;
    if (vm->max_vcpus > MAX_VCPUS)
        vm->max_vcpus = MAX_VCPUS;
    vm->max_slots = slots > 0 ? (u32)slots : 32;
    vm->run_bytes = ioctl(vm->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
    vm->physical_bits = 52;
    return 0;
}

static int map_memory(struct vm *vm, char *failure)
{
    u64 gibs = (vm->memory_bytes + GIB - 1) / GIB;
    vm->file_gib = calloc(gibs, sizeof *vm->file_gib);
    vm->gib_file = calloc(gibs, sizeof *vm->gib_file);
    vm->kernel = mmap(NULL, KERNEL_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    vm->file = mmap(NULL, vm->memory_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, vm->memory_fd, 0);
    void *flush = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (vm->file_gib == NULL || vm->gib_file == NULL || vm->kernel == MAP_FAILED || vm->file == MAP_FAILED || flush == MAP_FAILED) {
        snprintf(failure, FAILURE_BYTES, "cannot map %llu MiB of sandbox memory: %s",
                 (unsigned long long)(vm->memory_bytes >> 20), strerror(errno));
        return -ENOMEM;
    }
    madvise(vm->file, vm->memory_bytes, MADV_DONTDUMP);
    madvise(vm->kernel, KERNEL_BYTES, MADV_DONTDUMP);
    madvise(vm->kernel, KERNEL_BYTES, MADV_NOHUGEPAGE);
    vm->flush_page = (u64)(uintptr_t)flush;
    vm->next_gib = FILE_GPA / GIB;
    vm->kernel_next = TABLES_GPA;
    vm->next_slot = 1;
    vm->flush_slot = 0;
    u64 identity = 0xfffbc000; /* Intel without unrestricted guests keeps four pages here; elsewhere this does nothing */
    ioctl(vm->fd, KVM_SET_IDENTITY_MAP_ADDR, &identity);
    ioctl(vm->fd, KVM_SET_TSS_ADDR, 0xfffbd000ul);
    int rc = grow_kernel(vm);
    if (rc < 0)
        snprintf(failure, FAILURE_BYTES, "KVM does not take the first memory slot: %s", strerror(-rc));
    return rc;
}

struct vm *vm_open(int memory_fd, u64 memory_bytes, char *failure)
{
    struct vm *vm = calloc(1, sizeof *vm);
    if (vm == NULL) {
        snprintf(failure, FAILURE_BYTES, "out of memory");
        return NULL;
    }
    vm->kvm_fd = vm->fd = -1;
    vm->retired_limit = RETIRED_PAGES;
    vm->tables_limit = MAX_TABLES;
    vm->host_tsc = true;
    vm->memory_fd = memory_fd;
    vm->memory_bytes = memory_bytes;
    vm->kernel = vm->file = MAP_FAILED;
    pthread_mutex_init(&vm->memory_lock, NULL);
    pthread_mutex_init(&vm->pool_lock, NULL);
    if (open_device(vm, failure) < 0 || check_limits(vm, failure) < 0 || map_memory(vm, failure) < 0)
        goto fail;
    vm->cpuid = supported_cpuid(vm->kvm_fd);
    if (vm->cpuid == NULL) {
        snprintf(failure, FAILURE_BYTES, "KVM does not say which CPU features it supports");
        goto fail;
    }
    if (trim_cpuid(vm, failure) < 0 || fpu_setup(vm, failure) < 0)
        goto fail;
    build_kernel(vm);
    int rc = vcpu_install_signal();
    if (rc < 0) {
        snprintf(failure, FAILURE_BYTES, "cannot install the interrupt signal handler: %s", strerror(-rc));
        goto fail;
    }
    rc = probe(vm, failure);
    if (rc == -ETIMEDOUT)
        return NULL; /* a thread is stuck in KVM with all of this: leave it alone */
    if (rc < 0)
        goto fail;
    close(vm->kvm_fd); /* the virtual machine is all that is needed from here on */
    vm->kvm_fd = -1;
    return vm;
fail:
    vm_close(vm);
    return NULL;
}

void vm_close(struct vm *vm)
{
    for (u32 i = 0; i < atomic_load(&vm->nvcpus); i++)
        vcpu_close(vm->vcpus[i]);
    if (vm->fd >= 0)
        close(vm->fd);
    if (vm->kvm_fd >= 0)
        close(vm->kvm_fd);
    if (vm->kernel != MAP_FAILED)
        munmap(vm->kernel, KERNEL_BYTES);
    if (vm->file != MAP_FAILED)
        munmap(vm->file, vm->memory_bytes);
    if (vm->flush_page != 0)
        munmap((void *)(uintptr_t)vm->flush_page, PAGE);
    free((void *)vm->file_gib);
    free(vm->gib_file);
    free(vm->cpuid);
    free(vm);
}
