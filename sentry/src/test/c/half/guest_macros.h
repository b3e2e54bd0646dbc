/* A piece of code that a test runs in a guest: `DECLARE(name)` of check.h is its other side. */
    .section .rodata
    .macro  GUEST name
    .globl  guest_\name, guest_\name\()_end
    .balign 16
guest_\name:
    .endm
    .macro  ENDGUEST name
guest_\name\()_end:
    .endm
