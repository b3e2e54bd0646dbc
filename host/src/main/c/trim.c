/* gvj.host.HostProcess.trim: gives back what only a beginning needed. */
#include "host.h"

#include "seccomp.h"

#include <malloc.h>
#include <stdio.h>
#include <sys/mman.h>

/* A private mapping of a file that this process may not write to. */
struct mapping {
    uintptr_t from;
    uintptr_t to;
    int clean; /* such a mapping; its Anonymous line decides */
};

static int parse(const char *line, struct mapping *m) {
    unsigned long from, to, inode;
    char permissions[5];
    if (sscanf(line, "%lx-%lx %4s %*x %*x:%*x %lu", &from, &to, permissions, &inode) != 4) return 0;
    *m = (struct mapping){from, to, permissions[1] == '-' && permissions[3] == 'p' && inode};
    return 1;
}

static FILE *smaps; /* stays open: behind a filter nothing can be opened */

void trim_prepare(void) {
    smaps = fopen("/proc/self/smaps", "re");
}

/*
 * Unmaps the pages of the JVM's code and of the AOT cache: the page cache keeps them, whoever needs one again takes a minor
 * fault. Only where no page was ever written (relocations, patched archives): those exist nowhere else.
 */
PROCESS(jlong, trim)(JNI_ARGS) {
    malloc_trim(0);
    if (smaps) rewind(smaps);
    else trim_prepare();
    if (!smaps) return -errno;
    struct mapping m = {0};
    char line[512];
    unsigned long kib, resident = 0;
    jlong given = 0;
    while (fgets(line, sizeof line, smaps)) {
        if (sscanf(line, "Rss: %lu", &kib) == 1) resident = kib;
        else if (sscanf(line, "Anonymous: %lu", &kib) == 1) {
            if (m.clean && !kib && resident && !madvise(PTR(m.from), m.to - m.from, MADV_DONTNEED)) given += resident;
        } else parse(line, &m);
    }
    return given << 10;
}
