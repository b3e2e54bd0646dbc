/* Which trees a hostile Sentry gets when it makes a further container; and limits of cgroups, in a directory that looks like one. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup.h"
#include "fuzz.h"
#include "grants.h"
#include "launcher.h"

static int failures, checks;

static void check(int good, const char *what) {
    checks++;
    if (good) return;
    failures++;
    printf("FAILED: %s\n", what);
}

static const struct json *parse(const char *json) {
    const char *problem;
    const struct json *parsed = json_parse(json, strlen(json), &problem);
    if (!parsed) fail("%s: %s", json, problem);
    return parsed;
}

/* ---- grants ---- */

static const char config[] =
    "{\"root\": {\"path\": \"rootfs/\"}, \"mounts\": ["
    "{\"destination\": \"/rw\", \"type\": \"bind\", \"source\": \"/data/rw\", \"options\": [\"rbind\", \"rw\"]},"
    "{\"destination\": \"/ro\", \"type\": \"bind\", \"source\": \"/data/ro\", \"options\": [\"rbind\", \"ro\"]},"
    "{\"destination\": \"/last\", \"source\": \"/data/last\", \"options\": [\"bind\", \"rw\", \"rro\"]},"
    "{\"destination\": \"/both\", \"source\": \"/data/both\", \"options\": [\"bind\", \"ro\"]},"
    "{\"destination\": \"/too\", \"source\": \"/data/both\", \"options\": [\"bind\"]},"
    "{\"destination\": \"/near\", \"type\": \"bind\", \"source\": \"near\"},"
    "{\"destination\": \"/tmp\", \"type\": \"tmpfs\", \"source\": \"/data/tmp\"},"
    "{\"destination\": \"/odd\", \"type\": \"bind\"}, 7, \"x\"]}";

struct request {
    const char *overlay, *entry;
    int granted;
};

static const struct request requests[] = {
    {NULL, "rw /b/rootfs/", 1},
    {NULL, "ro /b/rootfs/", 1},
    {NULL, "rw /b/rootfs", 0}, /* names are compared as they stand, and never made nicer */
    {NULL, "rw /b/rootfs/..", 0},
    {NULL, "rw /data/rw", 1},
    {NULL, "rw /data/rw/", 0},
    {NULL, "rw /data/rw/x", 0},
    {NULL, "rw /data", 0},
    {NULL, "ro /data/ro", 1},
    {NULL, "rw /data/ro", 0},
    {NULL, "ro /data/last", 1},
    {NULL, "rw /data/last", 0},
    {NULL, "rw /data/both", 1},
    {NULL, "rw /b/near", 1},
    {NULL, "rw near", 0},
    {NULL, "ro /data/tmp", 0},
    {NULL, "ro tmpfs", 0},
    {NULL, "ro /", 0},
    {NULL, "ro ", 0},
    {NULL, "rw", 0},
    {NULL, "", 0},
    {NULL, "xx /data/rw", 0},
    {NULL, "RW /data/rw", 0},
    {NULL, "rw\t/data/rw", 0},
    {NULL, "rw  /data/rw", 0},
    {NULL, "up /b/rootfs.gvj-c", 0},
    {NULL, "up /data/rw", 0},
    {"none", "rw /b/rootfs/", 1},
    {"none", "up /b/rootfs.gvj-c", 0},
    {"root:memory", "rw /b/rootfs/", 0},
    {"root:memory", "ro /b/rootfs/", 1},
    {"root:memory", "up /b/rootfs.gvj-c", 0},
    {"root:memory", "rw /data/rw", 1},
    {"root:self", "up /b/rootfs.gvj-c", 1},
    {"root:self", "uk /b/rootfs.gvj-c", 0},
    {"root:self", "up /b/rootfs/.gvj-c", 0},
    {"root:self", "up /b/rootfs.gvj-d", 0},
    {"root:self", "up /etc", 0},
    {"root:dir=/up", "uk /up/gvj-c", 1},
    {"root:dir=/up", "up /up/gvj-c", 0},
    {"root:dir=/up", "uk /up", 0},
    {"root:dir=/up", "uk /up/gvj-c/..", 0},
    {"all:memory", "rw /data/rw", 0},
    {"all:memory", "ro /data/rw", 1},
    {"all:memory", "rw /b/rootfs/", 0},
};

static const char *refusal(const char *overlay, const char *list, size_t length) {
    struct grants grants = {parse(config), "/b", "c", overlay};
    return grants_refusal(&grants, list, length);
}

static void check_requests(void) {
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        const struct request *one = &requests[i];
        const char *problem = refusal(one->overlay, one->entry, strlen(one->entry) + 1);
        check((problem == NULL) == one->granted, text("%s with %s: %s", one->entry, one->overlay ? one->overlay : "no overlay", problem ? problem : "granted"));
    }
}

static void check_lists(void) {
    static const char good[] = "rw /b/rootfs/\0ro /data/ro\0rw /data/rw", bad[] = "rw /b/rootfs/\0ro /etc\0rw /data/rw";
    struct buffer many = {0};
    check(!refusal(NULL, "", 0), "an empty list is granted");
    check(!refusal(NULL, good, sizeof good), "three trees that config.json names");
    check(refusal(NULL, good, sizeof good - 1) != NULL, "a list without an end");
    check(refusal(NULL, bad, sizeof bad) != NULL, "one of three that it does not name");
    for (int i = 0; i < 100; i++) put_bytes(&many, "ro /data/ro", 12);
    check(refusal(NULL, many.bytes, many.length) != NULL, "the same one a hundred times");
    check(!refusal(NULL, many.bytes, 12 * 12), "as often as there may be trees");
    struct grants nothing = {parse("[]"), "/b", "c", NULL};
    check(grants_refusal(&nothing, "ro /b", 6) != NULL, "a config.json without a root");
    check(grants_refusal(&nothing, "ro ", 4) != NULL, "... and no path at all");
}

static void check_overlay(void) {
    const struct json *both = parse("{\"dev.gvisor.flag.overlay2\": \"root:self\", \"io.gvisor-java.flag.overlay2\": \"none\"}");
    check(!grants_overlay(NULL, NULL), "no overlay");
    check(!strcmp(grants_overlay("root:self", parse("{}")), "root:self"), "the sandbox's overlay");
    check(!strcmp(grants_overlay("root:self", both), "none"), "the last annotation's overlay");
    check(!strstr(grants_overlay(NULL, parse("{\"dev.gvisor.flag.overlay2\": \"root:dir=/etc\"}")), "dir="), "an annotation names no directory");
}

/* ---- limits ---- */

static void put_file(const char *directory, const char *name, const char *value) {
    if (write_file(text("%s/%s", directory, name), value, strlen(value), 0644)) fail("cannot write %s/%s", directory, name);
}

static void check_limits_above(void) {
    char top[] = "/tmp/gvj-check-XXXXXX";
    if (!mkdtemp(top)) fail("cannot make %s", top);
    const char *levels[] = {text("%s/cg", top), text("%s/cg/pod", top), text("%s/cg/pod/leaf", top)};
    const char *const memory[] = {NULL, "1000000", "5"}, *const cpu[] = {NULL, "150000 100000", "1 1"};
    struct cgroups cgroups = {.unified = 1, .count = 1, .at = {{"", levels[2]}}};
    for (int i = 0; i < 3; i++) {
        make_directories(levels[i], 0755);
        put_file(levels[i], "cgroup.procs", "");
        if (memory[i]) put_file(levels[i], "memory.max", memory[i]);
        if (cpu[i]) put_file(levels[i], "cpu.max", cpu[i]);
    }
    check(cgroups_memory_above(&cgroups) == 1000000, "memory of the cgroup above, not of the own");
    check(cgroups_cpus_above(&cgroups) == 1500, "a CPU and a half");
    put_file(levels[1], "memory.max", "max");
    put_file(levels[1], "cpu.max", "max 100000");
    check(!cgroups_memory_above(&cgroups) && !cgroups_cpus_above(&cgroups), "no limits above");
    cgroups.count = 0;
    check(!cgroups_memory_above(&cgroups), "no cgroups");
    if (system(text("rm -r %s", top))) fail("cannot remove %s", top);
}

int main(void) {
    check_requests();
    check_lists();
    check_overlay();
    check_limits_above();
    check(!fuzz(), "random text is read, or refused with a sentence");
    printf("%d checks, %d failed\n", checks, failures);
    return failures != 0;
}
