/* Names and opens the files of --debug-log. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "launcher.h"

/* pattern with %ID%, %COMMAND% and %TIMESTAMP% filled in */
static char *expand(const char *pattern, const char *id, const char *part, const char *timestamp) {
    const struct {
        const char *name, *value;
    } fields[] = {{"%ID%", id}, {"%COMMAND%", part}, {"%TIMESTAMP%", timestamp}};
    char *result = text("%s", "");
    while (*pattern) {
        size_t used = 1;
        char one[2] = {*pattern, 0};
        const char *piece = one;
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
            if (!strncmp(pattern, fields[i].name, strlen(fields[i].name))) {
                used = strlen(fields[i].name);
                piece = fields[i].value;
            }
        result = text("%s%s", result, piece);
        pattern += used;
    }
    return result;
}

static void make_parents(char *path) {
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(path, 0755); /* what is wrong shows at open */
        *slash = '/';
    }
}

int log_open(const struct cmdline *cmdline, const char *part) {
    static char timestamp[64]; /* the same for all files of one sandbox */
    const char *pattern = cmdline->debug_log;
    if (!pattern || !*pattern) return 2;
    if (!timestamp[0]) {
        struct timespec now;
        struct tm parts;
        clock_gettime(CLOCK_REALTIME, &now);
        gmtime_r(&now.tv_sec, &parts);
        size_t length = strftime(timestamp, sizeof timestamp, "%Y%m%d-%H%M%S", &parts);
        snprintf(timestamp + length, sizeof timestamp - length, ".%06ld", now.tv_nsec / 1000);
    }
    if (pattern[strlen(pattern) - 1] == '/') pattern = text("%sgvj.log.%%TIMESTAMP%%.%%COMMAND%%.txt", pattern);
    char *path = expand(pattern, cmdline->id, part, timestamp);
    make_parents(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0) fail("cannot write the debug log %s: %s", path, strerror(errno));
    return fd;
}
