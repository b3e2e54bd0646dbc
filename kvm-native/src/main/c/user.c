/*
 * Entering user mode and reading back what it left, in two ways (see stub.S).
 *
 * Plain: user registers and segments are set through KVM, and read back with every exit. Quick: the vCPU waits in ring 0
 * after its `out`; general registers are set so that it goes on with IRETQ from a frame on its own kernel page, and FS
 * and GS bases go through that page when they changed. IRETQ takes any user state; SYSRET would not.
 */
#include "gvjkvm.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#define MSR_KERNEL_GS_BASE 0xc0000102
/* What ring 3 may have in RFLAGS: CF PF AF ZF SF TF DF OF NT RF AC ID. Never IOPL, VM, VIF, VIP. */
#define RFLAGS_USER 0x254dd5ull

static u64 canonical(u64 address)
{
    return (u64)((int64_t)(address << 16) >> 16);
}

static u64 stub_address(const u8 *entry)
{
    return KERNEL_BASE + STUB_GPA + (u64)(entry - gvj_stub_begin);
}

static int set_kernel_gs(struct vcpu *v)
{
    struct {
        struct kvm_msrs head;
        struct kvm_msr_entry entry;
    } msrs = {.head.nmsrs = 1, .entry = {.index = MSR_KERNEL_GS_BASE, .data = vcpu_page_address(v)}};
    return ioctl(v->fd, KVM_SET_MSRS, &msrs) == 1 ? 0 : -EIO;
}

static void load_registers(struct kvm_regs *r, const struct user_regs *u)
{
    *r = (struct kvm_regs){
        .rax = u->rax, .rbx = u->rbx, .rcx = u->rcx, .rdx = u->rdx, .rsi = u->rsi, .rdi = u->rdi, .rsp = u->rsp,
        .rbp = u->rbp, .r8 = u->r8, .r9 = u->r9, .r10 = u->r10, .r11 = u->r11, .r12 = u->r12, .r13 = u->r13,
        .r14 = u->r14, .r15 = u->r15, .rip = u->rip, .rflags = (u->eflags & RFLAGS_USER) | RFLAGS_IF | 2};
}

static int load_plain(struct vcpu *v, u64 fs, u64 gs, u64 root)
{
    v->user.cr3 = root;
    v->user.fs.base = fs;
    v->user.gs.base = gs;
    v->run->s.regs.sregs = v->user;
    v->run->kvm_dirty_regs |= KVM_SYNC_X86_SREGS;
    return v->vm->quick ? set_kernel_gs(v) : 0;
}

static void load_quick(struct vcpu *v, u64 fs, u64 gs)
{
    struct kvm_regs *r = &v->run->s.regs.regs;
    struct kernel_page *page = v->page;
    page->frame = (struct iret_frame){.rip = r->rip, .cs = USER_CS, .rflags = r->rflags, .rsp = r->rsp, .ss = USER_DS};
    page->rax = r->rax;
    r->rsp = vcpu_page_address(v) + offsetof(struct kernel_page, frame);
    r->rflags = 2;
    if (page->fs_base != fs || page->gs_base != gs)
        r->rip = stub_address(gvj_stub_enter_bases);
    else
        r->rip = stub_address(gvj_stub_enter);
    page->fs_base = fs;
    page->gs_base = gs;
}

/* Prepares the next KVM_RUN to run c in as. */
int user_load(struct vcpu *v, struct context *c, struct aspace *as)
{
    u64 fs = canonical(c->regs.fs_base), gs = canonical(c->regs.gs_base), root = as->root;
    int rc = 0;
    load_registers(&v->run->s.regs.regs, &c->regs);
    v->run->kvm_dirty_regs = KVM_SYNC_X86_REGS;
    if (v->in_stub && v->root == root)
        load_quick(v, fs, gs); /* with another root, its old one may have been reused for something else by now */
    else
        rc = load_plain(v, fs, gs, root);
    v->root = root;
    v->in_stub = false;
    return rc;
}

/* The registers as they were in user mode, but for what the way out of it changed. */
void user_save(struct vcpu *v, struct context *c)
{
    const struct kvm_regs *r = &v->run->s.regs.regs;
    const struct kvm_sregs *s = &v->run->s.regs.sregs;
    c->regs = (struct user_regs){
        .r15 = r->r15, .r14 = r->r14, .r13 = r->r13, .r12 = r->r12, .rbp = r->rbp, .rbx = r->rbx, .r11 = r->r11,
        .r10 = r->r10, .r9 = r->r9, .r8 = r->r8, .rax = r->rax, .rcx = r->rcx, .rdx = r->rdx, .rsi = r->rsi,
        .rdi = r->rdi, .orig_rax = ~0ull, .rip = r->rip, .cs = USER_CS, .eflags = r->rflags, .rsp = r->rsp,
        .ss = USER_DS, .fs_base = v->in_stub ? v->page->fs_base : s->fs.base,
        .gs_base = v->in_stub ? v->page->gs_base : s->gs.base};
}

/*
 * KVM_RUN was interrupted: false if the vCPU is on its way from user mode to the stub's `out`. Then it must go on; what
 * it brings is only instructions away. Otherwise c has its registers.
 */
bool user_interrupted(struct vcpu *v, struct context *c)
{
    u64 rip = v->run->s.regs.regs.rip;
    if (v->vm->quick && ioctl(v->fd, KVM_GET_SREGS, &v->run->s.regs.sregs) < 0)
        return false;
    if (rip - KERNEL_BASE - STUB_GPA < PAGE) {
        bool entering = v->run->s.regs.sregs.cs.dpl == 0 && rip >= stub_address(gvj_stub_enter_bases);
        return entering; /* c has not run, its registers are what they were */
    }
    struct kvm_vcpu_events events;
    if (ioctl(v->fd, KVM_GET_VCPU_EVENTS, &events) == 0 && (events.exception.injected || events.exception.pending))
        return false;
    user_save(v, c);
    return true;
}
