/*
 * What the tests run in ring 3. Position independent; each piece is copied to CODE. rdi, rsi: arguments.
 * System call 1 is "here I am"; a piece ends with it or with the exception it is about.
 */
#include "guest_macros.h"

GUEST call                          /* one system call after another; what is in front of a page's first instruction is unknown */
    nop
1:  mov     $1, %eax
    syscall
    jmp     1b
ENDGUEST call

GUEST store                         /* 77 to (rdi), call */
1:  movq    $77, (%rdi)
    mov     $1, %eax
    syscall
    jmp     1b
ENDGUEST store

GUEST load
1:  mov     (%rdi), %rbx
    mov     $1, %eax
    syscall
    jmp     1b
ENDGUEST load

GUEST jump
    jmp     *%rdi
ENDGUEST jump

GUEST spin
1:  jmp     1b
ENDGUEST spin

GUEST write_loop                    /* counts in (rdi) and in rax */
1:  inc     %rax
    mov     %rax, (%rdi)
    jmp     1b
ENDGUEST write_loop

GUEST read_loop                     /* reads (rdi) until it is not rsi */
1:  incq    (%rdx)
    mov     (%rdi), %rax
    cmp     %rsi, %rax
    je      1b
    mov     $1, %eax
    syscall
    jmp     1b
ENDGUEST read_loop

GUEST call_loop                     /* calls the page at rdi (a ret) */
1:  incq    (%rdx)
    call    *%rdi
    jmp     1b
ENDGUEST call_loop

GUEST count                         /* counts in (rdi), no system calls */
1:  incq    (%rdi)
    jmp     1b
ENDGUEST count

GUEST ud2
    ud2
ENDGUEST ud2
GUEST int3
    int3
ENDGUEST int3
GUEST int3_long
    .byte   0xcd, 3
ENDGUEST int3_long
GUEST int4
    int     $4
ENDGUEST int4
GUEST int80
    int     $0x80
ENDGUEST int80
GUEST int14
    int     $14
ENDGUEST int14
GUEST int32
    int     $32
ENDGUEST int32
GUEST icebp
    .byte   0xf1
    nop
ENDGUEST icebp
GUEST divide
    xor     %ecx, %ecx
    div     %ecx
ENDGUEST divide
GUEST hlt
    hlt
ENDGUEST hlt
GUEST bad_selector
    mov     $0x53, %eax
    mov     %eax, %ds
ENDGUEST bad_selector
GUEST kernel_selector
    mov     $0x18, %eax
    mov     %eax, %ds
ENDGUEST kernel_selector
GUEST user_selectors                /* what any program may do */
    mov     $0x2b, %eax
    mov     %eax, %ds
    mov     %eax, %es
    mov     %eax, %fs
    mov     %eax, %gs
    mov     $1, %eax
    syscall
    xor     %eax, %eax
    mov     %eax, %ds
    mov     %eax, %fs
    mov     $1, %eax
    syscall
ENDGUEST user_selectors
GUEST noncanonical_read
    mov     $0x8000000000000000, %rax
    mov     (%rax), %rax
ENDGUEST noncanonical_read
GUEST noncanonical_push
    mov     $0x8000000000000000, %rsp
    push    %rax
ENDGUEST noncanonical_push
GUEST noncanonical_rsp_call
    mov     $0x8000000000000000, %rsp
    mov     $1, %eax
    syscall
    ud2
ENDGUEST noncanonical_rsp_call
GUEST noncanonical_jump
    mov     $0x0000800000000000, %rax
    jmp     *%rax
ENDGUEST noncanonical_jump
GUEST alignment
    pushfq
    orq     $0x40000, (%rsp)
    popfq
    mov     1(%rsp), %rax
ENDGUEST alignment
GUEST x87
    fninit
    pushq   $0x33b                  /* unmask divide by zero */
    fldcw   (%rsp)
    fld1
    fldz
    fdivrp
    fwait
ENDGUEST x87
GUEST simd
    pushq   $0x1d80                 /* unmask divide by zero */
    ldmxcsr (%rsp)
    xorps   %xmm0, %xmm0
    mov     $1, %eax
    cvtsi2ss %eax, %xmm1
    divss   %xmm0, %xmm1
ENDGUEST simd
GUEST flags                         /* everything popf takes, then a call */
    push    %rdi
    popfq
    mov     $1, %eax
    syscall
    pushfq
    pop     %rbx
    mov     $1, %eax
    syscall
ENDGUEST flags
GUEST step
    nop
    nop
    mov     $1, %eax
    syscall
    nop
    nop
ENDGUEST step
GUEST self_step                     /* sets TF itself */
    pushfq
    orq     $0x100, (%rsp)
    popfq
    nop
    nop
ENDGUEST self_step
GUEST far_jump                      /* selector in rsi */
    push    %rsi
    push    %rdi
    lretq
ENDGUEST far_jump
GUEST iret                          /* selector in rsi */
    mov     %rsp, %rax
    pushq   $0x2b
    push    %rax
    pushq   $0x3202
    push    %rsi
    push    %rdi
    iretq
ENDGUEST iret
GUEST bad_ss
    mov     %esi, %ss
ENDGUEST bad_ss
GUEST sysenter
    sysenter
ENDGUEST sysenter
GUEST in_port
    in      $0x80, %al
ENDGUEST in_port
GUEST out_port
    out     %al, $0x80
ENDGUEST out_port
GUEST cli
    cli
ENDGUEST cli
GUEST rdmsr
    mov     $0xc0000082, %ecx
    rdmsr
ENDGUEST rdmsr
GUEST wrmsr
    mov     $0xc0000082, %ecx
    wrmsr
ENDGUEST wrmsr
GUEST cr3
    mov     %rax, %cr3
ENDGUEST cr3
GUEST swapgs
    swapgs
ENDGUEST swapgs
GUEST xsetbv
    xor     %ecx, %ecx
    mov     $3, %eax
    xor     %edx, %edx
    xsetbv
ENDGUEST xsetbv
GUEST lgdt
    lgdt    (%rsp)
ENDGUEST lgdt
GUEST invlpg
    invlpg  (%rsp)
ENDGUEST invlpg
GUEST rdpmc
    rdpmc
ENDGUEST rdpmc
GUEST vmmcall
    mov     $5, %eax
    vmmcall
    mov     $1, %eax
    syscall
ENDGUEST vmmcall
GUEST vmcall
    mov     $5, %eax
    vmcall
    mov     $1, %eax
    syscall
ENDGUEST vmcall
GUEST harmless                      /* what works in ring 3, or is an exception; then a call */
    sub     $64, %rsp
    cpuid
    rdtsc
    rdtscp
    xor     %ecx, %ecx
    xgetbv
    pause
    mfence
    mov     $1, %eax
    syscall
ENDGUEST harmless

GUEST bases                         /* rdi: new fs, rsi: new gs; answers the old ones */
    rdfsbase %rax
    rdgsbase %rbx
    mov     %rax, %r12
    wrfsbase %rdi
    wrgsbase %rsi
    mov     $1, %eax
    syscall
    mov     %fs:8, %r12
    mov     %gs:8, %r13
    mov     $1, %eax
    syscall
ENDGUEST bases

/* Fills every vector register from the 64 bytes at rdi, calls rsi times, stores them at rdx. */
GUEST avx512
    vmovdqu64 (%rdi), %zmm0
    .irp    n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    vpaddq  %zmm0, %zmm0, %zmm\n
    .endr
    kmovq   (%rdi), %k1
    kmovq   8(%rdi), %k7
    fninit
    fldl    16(%rdi)
    ldmxcsr 56(%rdi)
1:  mov     $1, %eax
    syscall
    dec     %rsi
    jnz     1b
    .set    at, 0
    .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    vmovdqu64 %zmm\n, at(%rdx)
    .set    at, at + 64
    .endr
    kmovq   %k1, 2048(%rdx)
    kmovq   %k7, 2056(%rdx)
    fstpl   2064(%rdx)
    stmxcsr 2072(%rdx)
    mov     $2, %eax
    syscall
ENDGUEST avx512

/* The same with what every x86-64 CPU has. */
GUEST sse
    movdqu  (%rdi), %xmm0
    movdqu  16(%rdi), %xmm15
    fninit
    fldl    16(%rdi)
    ldmxcsr 56(%rdi)
1:  mov     $1, %eax
    syscall
    dec     %rsi
    jnz     1b
    movdqu  %xmm0, (%rdx)
    movdqu  %xmm15, 16(%rdx)
    fstpl   2064(%rdx)
    stmxcsr 2072(%rdx)
    mov     $2, %eax
    syscall
ENDGUEST sse

GUEST rdtsc
1:  rdtsc
    shl     $32, %rdx
    or      %rax, %rdx
    mov     %rdx, %rbx
    mov     $1, %eax
    syscall
    jmp     1b
ENDGUEST rdtsc

    .section .note.GNU-stack, "", @progbits
