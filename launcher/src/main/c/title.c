/*
 * What `ps` shows of this process. The kernel reads it where it put our arguments, and beyond them, in the environment's place,
 * if they do not end in NUL any more: that is written to.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "launcher.h"

extern char **environ;
static char *place;
static size_t room;

/* Arguments and environment move to the heap. */
char **title_free(int argc, char **argv) {
    int count = 0;
    while (environ[count]) count++;
    char **arguments = calloc(argc + 1, sizeof *arguments), **variables = calloc(count + 1, sizeof *variables);
    if (!arguments || !variables) fail("out of memory");
    for (int i = 0; i < argc; i++) arguments[i] = text("%s", argv[i]);
    for (int i = 0; i < count; i++) variables[i] = text("%s", environ[i]);
    if (argc) {
        const char *last = count ? environ[count - 1] : argv[argc - 1]; /* the environment lies right behind the arguments */
        place = argv[0];
        room = last > place ? last + strlen(last) + 1 - place : 0;
    }
    environ = variables;
    return arguments;
}

void title_set(const char *title) {
    size_t length = strlen(title);
    if (!room) return;
    if (length >= room) length = room - 1;
    memset(place, 0, room);
    memcpy(place, title, length);
    prctl(PR_SET_NAME, "gvj");
}
