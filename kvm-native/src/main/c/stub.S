/*
 * All of guest ring 0. Copied to STUB_GPA; position independent. Every way out of user mode ends in an `out`: the exit of
 * KVM_RUN that the Sentry waits for. What runs next is always set from outside.
 *
 * There are two ways. The plain one is for a KVM that emulates ring 0 (kvm_pvm) and for CPUs without FSGSBASE: one
 * instruction, and the Sentry reads and sets segment state through KVM. The quick one does that here, so that a round
 * trip needs general registers only. While the quick way is in ring 0, GS points to the vCPU's kernel page.
 */
    .file   "stub.S"                /* not the temporary object's name: builds are to be the same everywhere */
    .set    AT_FS, 0x80             /* struct kernel_page in gvjkvm.h */
    .set    AT_GS, 0x88
    .set    AT_RAX, 0x90
    .set    AT_CR2, 0x98

    .macro  ENTRY name
    .globl  gvj_stub_\name
    .balign 16, 0x90
gvj_stub_\name:
    .endm

    .macro  EXIT port
    out     %al, $\port
9:  hlt
    jmp     9b
    .endm

    /* Notes the user's FS and GS bases; GS becomes the kernel page. rax is in AT_RAX afterwards. */
    .macro  NOTE_BASES
    swapgs
    mov     %rax, %gs:AT_RAX
    rdfsbase %rax
    mov     %rax, %gs:AT_FS
    swapgs
    rdgsbase %rax
    swapgs
    mov     %rax, %gs:AT_GS
    .endm

    .section .rodata
    .balign 64
ENTRY begin
ENTRY syscall                       /* MSR_LSTAR: rcx = user rip, r11 = user rflags, rsp is the user's */
    EXIT    0x80
ENTRY syscall32                     /* MSR_CSTAR: 32-bit code cannot exist (no such descriptor), but MSRs need a value */
    EXIT    0x81
ENTRY vectors                       /* 16 bytes per vector */
    .set    vector, 0
    .rept   32
    .balign 16, 0x90
    EXIT    (0x40 + vector)
    .set    vector, vector + 1
    .endr

ENTRY quick_syscall
    NOTE_BASES
    mov     %gs:AT_RAX, %rax
    EXIT    0x80

ENTRY quick_vectors                 /* 16 bytes per vector: leaves error code (or 0) and vector below the frame */
    .set    vector, 0
    .rept   32
    .balign 16, 0x90
    .if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30)
    pushq   $0
    .endif
    pushq   $vector
    jmp     quick_exception
    .set    vector, vector + 1
    .endr
    .balign 16, 0x90
quick_exception:
    testb   $3, 24(%rsp)            /* from ring 0? then GS is whatever it is, and the Sentry gives up */
    jz      1f
    NOTE_BASES
    mov     %cr2, %rax
    mov     %rax, %gs:AT_CR2
    mov     %gs:AT_RAX, %rax
1:  EXIT    0x82

    /* Back to user mode: registers are the user's but rsp, which points to an IRETQ frame. */
ENTRY enter_bases                   /* other FS and GS bases */
    mov     %gs:AT_FS, %rax
    wrfsbase %rax
    mov     %gs:AT_GS, %rax
    swapgs
    wrgsbase %rax
    swapgs
    mov     %gs:AT_RAX, %rax
ENTRY enter
    swapgs
    iretq
ENTRY end
    .section .note.GNU-stack, "", @progbits
