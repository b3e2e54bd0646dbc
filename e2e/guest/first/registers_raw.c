/* No libc: every general register but rax, rcx and r11 survives a system call, and so do xmm and the direction of
 * the stack; the program exits 0 if so, else with the number of the first check that failed. */
static long exit_with(long code) {
    __asm__ volatile("syscall" : : "a"(231L), "D"(code) : "rcx", "r11", "memory");
    __builtin_unreachable();
}

__attribute__((force_align_arg_pointer)) void _start(void) {
    unsigned long in[4] = {0x1111111122222222, 0x3333333344444444, 0x5555555566666666, 0x7777777788888888}, out[4];
    unsigned long bx = 0x0123456789abcdef, r12 = 0x1112131415161718, r13 = 0x2122232425262728, r14 = 0x3132333435363738;
    unsigned long rc;
    long pid;
    __asm__ volatile("movdqu (%[in]), %%xmm3\n movdqu 16(%[in]), %%xmm12\n"
                     "mov $0x0123456789abcdef, %%rbx\n mov $0x1112131415161718, %%r12\n"
                     "mov $0x2122232425262728, %%r13\n mov $0x3132333435363738, %%r14\n"
                     "mov $39, %%eax\n syscall\n"
                     "movdqu %%xmm3, (%[out])\n movdqu %%xmm12, 16(%[out])\n"
                     "cmp %%rbx, %[bx]\n jne 1f\n cmp %%r12, %[r12]\n jne 1f\n cmp %%r13, %[r13]\n jne 1f\n"
                     "cmp %%r14, %[r14]\n jne 1f\n xor %%edx, %%edx\n jmp 2f\n1: mov $1, %%edx\n2:\n"
                     : "=a"(pid), "=d"(rc)
                     : [in] "D"(in), [out] "S"(out), [bx] "m"(bx), [r12] "m"(r12), [r13] "m"(r13), [r14] "m"(r14)
                     : "rbx", "r12", "r13", "r14", "rcx", "r11", "xmm3", "xmm12", "memory", "cc");
    if (rc != 0)
        exit_with(1);
    if (pid <= 0)
        exit_with(2);
    for (int i = 0; i < 4; i++)
        if (in[i] != out[i])
            exit_with(3);
    exit_with(0);
}
