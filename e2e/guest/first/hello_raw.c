/* No libc at all: one write, one exit_group. */
static long call3(long nr, long a, long b, long c) {
    long ret;
    __asm__ volatile("syscall" : "=a"(ret) : "a"(nr), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
    return ret;
}

void _start(void) {
    static const char text[] = "hello, raw\n";
    long n = call3(1, 1, (long)text, sizeof text - 1);
    call3(231, n == (long)sizeof text - 1 ? 0 : 1, 0, 0);
    __builtin_unreachable();
}
