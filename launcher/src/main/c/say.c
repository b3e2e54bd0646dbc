/* Errors: one line, with what failed and why. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "launcher.h"

void tell(const char *format, ...) {
    va_list arguments;
    terminal_restore();
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

static void line(const char *format, va_list arguments) {
    terminal_restore(); /* a line in raw mode would not begin at the left */
    fputs("gvj: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
}

void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    line(format, arguments);
    va_end(arguments);
}

noreturn void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    line(format, arguments);
    exit(STATUS_FAILURE); /* children die with us: PDEATHSIG */
}

char *text(const char *format, ...) {
    va_list arguments;
    char *result;
    va_start(arguments, format);
    if (vasprintf(&result, format, arguments) < 0) fail("out of memory");
    va_end(arguments);
    return result;
}
