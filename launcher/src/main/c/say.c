/* Errors: one sentence, with what failed and why; on stderr and, as runc does, in the file of --log. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "json.h"
#include "launcher.h"

int failure_status = STATUS_FAILURE;
const char *log_path;
int log_json;
void (*on_failure)(const char *message);

static void append_to_log(const char *level, const char *message) {
    static int busy; /* a log that cannot be made is not worth a second failure */
    struct buffer line = {0};
    struct timespec now;
    struct tm parts;
    char when[64];
    int fd = log_path && !busy++ ? open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
    if (fd >= 0) {
        clock_gettime(CLOCK_REALTIME, &now);
        gmtime_r(&now.tv_sec, &parts);
        strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &parts);
        put_text(&line, log_json ? "{\"level\":\"%s\",\"msg\":" : "time=\"%2$s\" level=%1$s msg=", level, when);
        put_quoted(&line, message);
        if (log_json) put_text(&line, ",\"time\":\"%s\"}", when);
        put_text(&line, "\n");
        if (write(fd, line.bytes, line.length) < 0) { /* a full disk must not hide what is being reported */
        }
        close(fd);
    }
    if (busy) busy--;
}

void tell(const char *line) {
    static const char prefix[] = "gvj: ";
    size_t own = !strncmp(line, prefix, sizeof prefix - 1) ? sizeof prefix - 1 : 0;
    terminal_restore(); /* a line in raw mode would not begin at the left */
    fprintf(stderr, "%s\n", line);
    append_to_log("error", line + own);
}

static char *made(const char *prefix, const char *format, va_list arguments) {
    char *message, *line;
    if (vasprintf(&message, format, arguments) < 0 || asprintf(&line, "%s%s", prefix, message) < 0) abort();
    free(message);
    return line;
}

void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *line = made("gvj: ", format, arguments);
    va_end(arguments);
    tell(line);
    free(line);
}

void warn(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *line = made("", format, arguments);
    va_end(arguments);
    terminal_restore();
    fprintf(stderr, "gvj: %s\n", line);
    append_to_log("warning", line);
    free(line);
}

noreturn void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *line = made("gvj: ", format, arguments);
    va_end(arguments);
    void (*cleanup)(const char *) = on_failure;
    on_failure = NULL; /* what fails while cleaning up ends at once */
    if (cleanup) cleanup(line);
    else tell(line);
    exit(failure_status); /* children die with us: PDEATHSIG */
}

char *text(const char *format, ...) {
    va_list arguments;
    char *result;
    va_start(arguments, format);
    if (vasprintf(&result, format, arguments) < 0) fail("out of memory");
    va_end(arguments);
    return result;
}
