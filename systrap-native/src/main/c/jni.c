/* Entry points of gvj.systrap.SystrapNative. */
#include "gvjsystrap.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NATIVE(result, name) JNIEXPORT result JNICALL Java_gvj_systrap_SystrapNative_##name
#define PLATFORM struct platform
#define half_close platform_close
#define FLAG_KEEP_CODE 1 /* gvj.platform.PlatformProvider.KEEP_CODE */

/* The stub lies beside this library. */
static struct platform *half_open(int memory_fd, u64 memory_bytes, int flags, char *failure)
{
    Dl_info info;
    char stub[4096];
    const char *slash = dladdr((void *)half_open, &info) != 0 ? strrchr(info.dli_fname, '/') : NULL;
    if (slash == NULL) {
        snprintf(failure, FAILURE_BYTES, "cannot tell where libgvjsystrap.so lies");
        return NULL;
    }
    snprintf(stub, sizeof stub, "%.*s/gvj-stub", (int)(slash - info.dli_fname), info.dli_fname);
    return platform_open(memory_fd, memory_bytes, stub, !(flags & FLAG_KEEP_CODE), failure);
}

static bool half_host_tsc(const struct platform *p)
{
    (void)p; /* RDTSC is never trapped */
    return true;
}

static u64 half_entries(struct platform *p)
{
    pthread_mutex_lock(&p->lock);
    u64 sum = p->closed_entries;
    for (const struct context *c = p->contexts; c != NULL; c = c->next)
        sum += c->entries;
    pthread_mutex_unlock(&p->lock);
    return sum;
}

#include "native_half.h"
