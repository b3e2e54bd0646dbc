/* Call sites of the three shapes that rewrite.c knows, and what only looks like them. Copied to CODE. */
#include "guest_macros.h"

GUEST numbered                      /* 1: mov, 6: syscall, 8: behind it; a page's first instruction may be the end of one */
    nop
1:  mov     $39, %eax
    syscall
    jmp     1b
ENDGUEST numbered

GUEST numbered_padded               /* as numbered, with padding that a jump from the system call itself would reach */
    nop
1:  mov     $39, %eax
    syscall
    jmp     1b
    nop
    ret
    .fill   20, 1, 0xcc
ENDGUEST numbered_padded

GUEST padded                        /* 0: syscall, 2: behind it */
1:  syscall
    jmp     1b
    ret
    .fill   11, 1, 0xcc
ENDGUEST padded

GUEST compared                      /* 0: syscall, 2: cmp */
1:  syscall
    cmp     $-4095, %rax
    jmp     1b
ENDGUEST compared

GUEST compared_target               /* somebody jumps to the comparison: 0: syscall */
1:  syscall
2:  cmp     $-4095, %rax
    jae     3f
    jmp     1b
3:  mov     $7, %eax
    inc     %rbx
    jmp     2b
ENDGUEST compared_target

/* Seven bytes that look like padding and end where a function may begin: a division by five. 0: syscall */
GUEST constant
1:  syscall
    .fill   4, 1, 0x90
    movabs  $0xcccccccccccccccd, %rbx
    jmp     1b
ENDGUEST constant

GUEST counted                       /* calls and counts in (rdi), one shape each */
    nop
1:  mov     $1, %eax
    syscall
    incq    (%rdi)
    jmp     1b
ENDGUEST counted
GUEST counted_padded
1:  syscall
    incq    (%rdi)
    jmp     1b
    ret
    .fill   23, 1, 0xcc
ENDGUEST counted_padded
GUEST counted_compared
1:  syscall
    cmp     $-4095, %rax
    setae   %bl
    incq    (%rdi)
    jmp     1b
ENDGUEST counted_compared

GUEST stepping                      /* sets TF itself, at 11: mov, 16: syscall, 18: nop */
1:  nop
    pushfq
    or      %rdi, (%rsp)
    popfq
    nop
    .org    guest_stepping + 11, 0x90
    mov     $39, %eax
    syscall
    nop
    jmp     1b
ENDGUEST stepping

GUEST own_gs                        /* 111 at gs:8 to rbx */
    wrgsbase %rdi
1:  mov     %gs:8, %rbx
    mov     $1, %eax
    syscall
    jmp     1b
ENDGUEST own_gs

    .section .note.GNU-stack, "", @progbits
