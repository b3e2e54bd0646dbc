/*
 * The KVM platform, native half: what its files share.
 *
 *   vm.c      /dev/kvm, memory slots, kernel-private memory, CPUID
 *   tables.c  guest page tables of application address spaces
 *   stub.S    the few instructions of guest ring 0
 *   vcpu.c    one vCPU: setting it up, running, interrupting
 *   user.c    entering user mode and reading back what it left
 *   exits.c   what the exits of KVM_RUN mean
 *   pool.c    which context has which vCPU; time slices; interrupts
 *   fpu.c     XSAVE areas
 *   probe.c   does KVM work here, and which kind of KVM is it
 *   jni.c     the Java half's entry points
 *
 * Locks, in this order: vm->pool_lock, vm->memory_lock. Functions answer 0 or -errno unless they say otherwise.
 */
#ifndef GVJKVM_H
#define GVJKVM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <linux/kvm.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t u64;
typedef uint32_t u32;
typedef uint16_t u16;
typedef uint8_t u8;

#define PAGE 4096ull
#define GIB (1ull << 30)
/* First address an application may not use: the top page below the hole stays free, so RIP+2 is always canonical. */
#define USER_LIMIT 0x7ffffffff000ull

/* Guest-physical layout: [0, 3 GiB) kernel-private memory in chunks, the rest of the 4th GiB unused (KVM keeps its own
 * pages there on some machines), then the memory file in the order its GiBs were first named. */
#define KERNEL_BYTES (3 * GIB)
#define KERNEL_CHUNK (16ull << 20)
#define FLUSH_GPA (3 * GIB)
#define FILE_GPA (4 * GIB)

/* Kernel-private pages with a fixed place. Guest-virtual address = KERNEL_BASE + guest-physical address, for the first
 * 2 MiB, of which only these pages and the vCPUs' are present. */
#define KERNEL_BASE 0xffff800000000000ull
#define STUB_GPA 0x1000ull
#define GDT_GPA 0x2000ull
#define IDT_GPA 0x3000ull
#define KERNEL_PDPT_GPA 0x4000ull
#define KERNEL_PD_GPA 0x5000ull
#define KERNEL_PT_GPA 0x6000ull
#define PROBE_GPA 0x7000ull /* four pages that only the probe's address space maps for ring 3 */
#define VCPU_GPA 0x10000ull
#define MAX_VCPUS 480
#define TABLES_GPA 0x200000ull

#define KERNEL_CS 0x10
#define KERNEL_DS 0x18
#define USER_DS 0x2b
#define USER_CS 0x33

#define PORT_VECTOR 0x40 /* + vector */
#define PORT_SYSCALL 0x80
#define PORT_SYSCALL32 0x81
#define PORT_VECTOR_BELOW 0x82 /* the vector is below the exception frame */
#define LSTAR (KERNEL_BASE + STUB_GPA)

#define PTE_P 1ull
#define PTE_W 2ull
#define PTE_U 4ull
#define PTE_A 0x20ull
#define PTE_D 0x40ull
#define PTE_NX (1ull << 63)
#define PTE_FRAME 0x000ffffffffff000ull

#define CR4_FSGSBASE (1ull << 16)
#define RFLAGS_TF 0x100ull
#define RFLAGS_IF 0x200ull
#define RFLAGS_RF 0x10000ull

enum exit_reason { EXIT_SYSCALL, EXIT_FAULT, EXIT_EXCEPTION, EXIT_INTERRUPTED, EXIT_FAILED };

/* Linux's struct user_regs_struct, as gvj.platform.Registers lays it out. */
struct user_regs {
    u64 r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8;
    u64 rax, rcx, rdx, rsi, rdi, orig_rax, rip, cs, eflags, rsp, ss;
    u64 fs_base, gs_base, ds, es, fs, gs;
};
_Static_assert(sizeof(struct user_regs) == 216, "user_regs_struct");

#define FAILURE_BYTES 256

struct vm;
struct vcpu;

/* The state of one application thread. The first part is read and written by Java (KvmContext has the offsets). */
struct context {
    struct user_regs regs;
    u64 fault_address;       /* 216 */
    u64 error_code;          /* 224 */
    u32 fault_access;        /* 232 */
    u32 vector;              /* 236 */
    char failure[FAILURE_BYTES]; /* 240 */

    struct vm *vm;
    _Atomic(struct vcpu *) vcpu; /* bound vCPU; cleared by whoever takes it away, under pool_lock */
    _Atomic u32 interrupted;     /* an interrupt nobody has answered yet */
    _Atomic int tid;             /* thread inside ctx_run, 0 for none */
    _Atomic u32 waiting;         /* queued for a vCPU */
    struct vcpu *granted;        /* set under pool_lock by whoever hands a vCPU to this waiter */
    struct context *next_waiter;
    pthread_cond_t wakeup;
    bool broken;                 /* its FPU state could not be saved */
    bool fpu_here;               /* fpu[] is the state to run with; otherwise the vCPU holds it */
    u8 *fpu;                     /* vm->xsave_bytes, 64-byte aligned */
};
_Static_assert(offsetof(struct context, failure) == 240, "KvmContext.FAILURE");

#define MAX_RUNS 512
struct run { u64 offset, end; };

/* One application address space: a four-level page table tree. */
struct aspace {
    struct vm *vm;
    u64 root;              /* guest-physical address of the PML4 */
    u64 tables;            /* pages in the tree */
    u64 *last_table;       /* the level 1 table that was used last ... */
    u64 last_base;         /* ... and the 2 MiB it maps, ~0 for none */
    struct run runs[MAX_RUNS]; /* memory file ranges whose translations KVM must forget */
    int nruns;
};

struct iret_frame { u64 rip, cs, rflags, rsp, ss; };

/* A vCPU's page in guest ring 0: its TSS, what stub.S notes, and its stacks, which hold one frame each. */
struct kernel_page {
    struct {
        u32 reserved;
        u64 rsp0, rsp1, rsp2, reserved1, ist1, ist[6], reserved2;
        u16 reserved3, io_map;
    } __attribute__((packed)) tss;
    u8 unused0[0x80 - 0x68];
    u64 fs_base, gs_base, rax, cr2;
    u8 unused1[PAGE / 2 - 0xa0 - 48];
    u64 ist_error_code;
    struct iret_frame ist_frame;
    u8 unused2[PAGE / 2 - 56];
    u64 vector, error_code;
    struct iret_frame frame;
};
_Static_assert(sizeof(struct kernel_page) == PAGE && offsetof(struct kernel_page, fs_base) == 0x80
               && offsetof(struct kernel_page, ist_error_code) == PAGE / 2 - 48
               && offsetof(struct kernel_page, tss.io_map) == 102 && offsetof(struct kernel_page, tss.ist1) == 36
               && offsetof(struct kernel_page, frame) == PAGE - 40, "stub.S, x86");

/* What vcpu.word holds: the context (0: free) and one of these. */
#define OWNER_IDLE 0u
#define OWNER_RUNNING 1u
#define OWNER_TAKEN 2u /* somebody with pool_lock is taking it away */

struct vcpu {
    struct vm *vm;
    int fd, index;
    struct kvm_run *run;
    struct kernel_page *page;
    bool in_stub;               /* it waits behind an `out` of the quick way: user.c */
    u64 root;                   /* what it has run last */
    struct kvm_sregs user;      /* what user mode runs with; CR3 and FS/GS bases change */
    _Atomic uintptr_t word;
    _Atomic u32 recently_used;  /* second chance for pool.c */
    _Atomic u32 yield;          /* its context's time slice is over and somebody waits */
    _Atomic u64 slice_start;    /* CLOCK_MONOTONIC ns */
    _Atomic int tid;            /* thread inside KVM_RUN */
    _Atomic u64 entries;
};

struct vm {
    int kvm_fd, fd, memory_fd;
    u64 memory_bytes;
    int run_bytes;
    u32 max_vcpus, max_slots, next_slot;
    u32 physical_bits;

    pthread_mutex_t memory_lock; /* slots, kernel memory, retired trees */
    u8 *kernel;                  /* KERNEL_BYTES reserved; [0, kernel_ready) backed by slots */
    u64 kernel_ready, kernel_next;
    u64 free_tables;             /* list of free table pages through their first word, 0 ends it */
    u64 retired_head, retired_count; /* trees that KVM may still have translations of, through entry 511 of the root */
    u64 retired_limit;           /* pages in them before they are worth a flush */
    u64 tables_limit;            /* of one tree */
    u64 flush_page;
    u32 flush_slot;
    u8 *file;                    /* the memory file, mapped for KVM only */
    _Atomic u32 *file_gib;       /* per GiB of the file: its GiB in guest-physical memory, 0 for none */
    u32 *gib_file;               /* the other way round, from FILE_GPA on */
    u32 next_gib;

    pthread_mutex_t pool_lock;   /* vCPU creation, taking vCPUs away, the queue of waiters */
    struct vcpu *vcpus[MAX_VCPUS];
    _Atomic u32 nvcpus;
    u32 hand;
    struct context *first_waiter, *last_waiter;
    _Atomic u32 waiters;

    u64 xcr0;
    u32 xsave_bytes;             /* what KVM_GET_XSAVE2 writes */
    u32 fpu_bytes;               /* an XSAVE area for xcr0 */
    u32 mxcsr_mask;
    struct kvm_cpuid2 *cpuid;
    u64 cr4;

    bool pvm;                    /* SYSCALL does not leave ring 3: exits.c */
    bool quick;                  /* ring 0 runs at full speed and has FSGSBASE: stub.S */
    bool host_tsc;               /* RDTSC in user mode reads the host's counter */
    u64 round_trip_ns;
    char description[FAILURE_BYTES];
};

/* vm.c */
extern int vm_device; /* /dev/kvm, opened by somebody else; -errno if that failed; INT_MIN: vm_open opens it */
struct vm *vm_open(int memory_fd, u64 memory_bytes, char *failure);
void vm_close(struct vm *vm);
int vm_file_gpa(struct vm *vm, u64 offset, u64 *gpa);
u64 vm_table_alloc(struct vm *vm);
void vm_tree_retire(struct vm *vm, u64 root, u64 tables);
void vm_set_idt(struct vm *vm);
int vm_tree_reset(struct vm *vm, u64 root);
int vm_flush_all(struct vm *vm);
static inline u64 *vm_kernel(struct vm *vm, u64 gpa)
{
    return (u64 *)(vm->kernel + gpa);
}

/* tables.c */
struct aspace *as_open(struct vm *vm);
int as_map(struct aspace *as, u64 address, u64 length, u64 offset, int protection);
int as_unmap(struct aspace *as, u64 address, u64 length);
int as_write_protect(struct aspace *as, u64 address, u64 length);
int as_read_code(struct aspace *as, u64 address, u8 *bytes, int n);
int as_map_private(struct aspace *as, u64 address, u64 gpa, u64 flags);
void as_close(struct aspace *as);

/* vcpu.c */
struct vcpu *vcpu_open(struct vm *vm, int index);
void vcpu_close(struct vcpu *v);
int vcpu_run(struct vcpu *v, struct context *c, struct aspace *as);
void kick_thread(int tid);
int vcpu_my_tid(void);
int vcpu_install_signal(void);
int vcpu_set_up(struct vcpu *v);
static inline u64 vcpu_page_address(const struct vcpu *v)
{
    return KERNEL_BASE + VCPU_GPA + (u64)v->index * PAGE;
}

/* user.c */
int user_load(struct vcpu *v, struct context *c, struct aspace *as);
void user_save(struct vcpu *v, struct context *c);
bool user_interrupted(struct vcpu *v, struct context *c);

/* exits.c */
int exit_meaning(struct vcpu *v, struct context *c, struct aspace *as);
void ctx_fail(struct context *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* pool.c */
struct context *ctx_open(struct vm *vm);
void ctx_close(struct context *c);
int ctx_run(struct context *c, struct aspace *as);
void ctx_interrupt(struct context *c);
/* c's vCPU, which nobody can take away until pool_unpin, or NULL: then the state is in c. Not while c runs. */
struct vcpu *pool_pin(struct context *c);
void pool_unpin(struct context *c, struct vcpu *v);
u64 now_ns(void);

/* fpu.c */
int fpu_setup(struct vm *vm, char *failure);
int fpu_from_vcpu(struct vcpu *v, struct context *c);
int fpu_to_vcpu(struct vcpu *v, struct context *c);
void fpu_reset(struct context *c);
int fpu_save(struct context *c, void *to);
int fpu_load(struct context *c, const void *from);

/* probe.c */
int probe(struct vm *vm, char *failure);

/* stub.S */
extern const u8 gvj_stub_begin[], gvj_stub_end[], gvj_stub_syscall[], gvj_stub_syscall32[], gvj_stub_vectors[],
    gvj_stub_quick_syscall[], gvj_stub_quick_vectors[], gvj_stub_enter_bases[], gvj_stub_enter[];

#endif
