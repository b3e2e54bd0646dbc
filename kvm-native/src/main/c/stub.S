/*
 * All of guest ring 0. Copied to STUB_GPA; position independent. Every entry is one `out`: the exit of KVM_RUN that
 * the Sentry waits for. Nobody returns to what follows it: the next entry sets user registers from outside.
 */
    .section .rodata
    .globl gvj_stub_begin, gvj_stub_end, gvj_stub_syscall, gvj_stub_syscall32, gvj_stub_vectors
    .balign 64
gvj_stub_begin:
gvj_stub_syscall:                   /* MSR_LSTAR: rcx = user rip, r11 = user rflags, rsp is the user's */
    out     %al, $0x80
1:  hlt
    jmp     1b
    .balign 64
gvj_stub_syscall32:                 /* MSR_CSTAR: 32-bit code cannot exist (no such descriptor), but MSRs need a value */
    out     %al, $0x81
1:  hlt
    jmp     1b
    .balign 64
gvj_stub_vectors:                   /* 16 bytes per vector */
    .set    vector, 0
    .rept   32
    .balign 16
    out     %al, $(0x40 + vector)
1:  hlt
    jmp     1b
    .set    vector, vector + 1
    .endr
    .balign 16
gvj_stub_end:
    .section .note.GNU-stack, "", @progbits
