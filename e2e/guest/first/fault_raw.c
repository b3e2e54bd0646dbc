/* No libc: what a program without handlers sees on a bad store: SIGSEGV, status 139 by a shell's count. */
void _start(void) {
    *(volatile int *)16 = 1;
    __builtin_unreachable();
}
