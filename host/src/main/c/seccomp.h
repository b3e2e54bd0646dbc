/*
 * System call filters as tables. A row allows, refuses or forbids a call when its conditions hold; rows of one call are tried
 * in order, and what no row takes is forbidden: the process ends with a line that names the call.
 */
#ifndef GVJ_SECCOMP_H
#define GVJ_SECCOMP_H
#include <stdint.h>
#include <sys/syscall.h>

#define MAX_CONDITIONS 3

/* (the lower half of argument `arg`) & mask == value; no condition if mask is 0. */
struct condition {
    uint8_t arg;
    uint8_t own_pid; /* value is this process's id */
    uint32_t mask;
    uint32_t value;
};

enum verdict { FORBIDDEN, ALLOWED, REFUSED };

struct rule {
    uint16_t call;
    uint8_t verdict;
    uint8_t error; /* of REFUSED */
    struct condition when[MAX_CONDITIONS];
};

#define IS(arg, value) {arg, 0, ~0u, value}
#define BITS(arg, mask, value) {arg, 0, mask, value}
#define OWN_PID(arg) {arg, 1, ~0u, 0}
#define ALLOW(name, ...) {SYS_##name, ALLOWED, 0, {__VA_ARGS__}}
#define REFUSE(name, error, ...) {SYS_##name, REFUSED, error, {__VA_ARGS__}}
#define FORBID(name, ...) {SYS_##name, FORBIDDEN, 0, {__VA_ARGS__}}

struct table {
    const struct rule *rules;
    unsigned count;
};

#define MAX_TABLES 5

/* The filter of one kind of process. */
struct filter {
    const char *role; /* as gvj.host.Seccomp names it */
    const char *name; /* of the process, for people */
    struct table tables[MAX_TABLES];
};

/* filters.c */
extern const struct filter filters[];
extern const unsigned filter_count;

/* probe.c: makes a call that is forbidden; what came of it if the process still lives, -ENOENT for an unknown name */
long probe(const char *name);

/* trim.c: opens what trimming reads */
void trim_prepare(void);

#endif
