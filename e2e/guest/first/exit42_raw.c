/* No libc: exit status 42 by the exit call. */
void _start(void) {
    __asm__ volatile("syscall" : : "a"(60), "D"(42) : "rcx", "r11", "memory");
    __builtin_unreachable();
}
