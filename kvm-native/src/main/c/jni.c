/* Entry points of gvj.kvm.KvmNative. */
#include "gvjkvm.h"

#include <cpuid.h>

#define NATIVE(result, name) JNIEXPORT result JNICALL Java_gvj_kvm_KvmNative_##name
#define PLATFORM struct vm
#define half_close vm_close

static struct vm *half_open(int memory_fd, u64 memory_bytes, int flags, char *failure)
{
    (void)flags;
    return vm_open(memory_fd, memory_bytes, failure);
}

static bool half_host_tsc(const struct vm *vm)
{
    return vm->host_tsc;
}

static u64 half_entries(struct vm *vm)
{
    u64 sum = 0;
    for (u32 i = 0, n = atomic_load(&vm->nvcpus); i < n; i++)
        sum += atomic_load_explicit(&vm->vcpus[i]->entries, memory_order_relaxed);
    return sum;
}

/* It never is anything else. */
static void as_keep_code(const struct aspace *as)
{
    (void)as;
}

/* Application code runs on the Sentry's own threads. */
static u64 ctx_cpu_ns(const struct context *c)
{
    (void)c;
    return 0;
}

#include "native_half.h"

NATIVE(void, useDevice)(JNIEnv *env, jclass type, jint fd)
{
    (void)env, (void)type;
    vm_device = fd;
}

NATIVE(jboolean, isEmulated)(JNIEnv *env, jclass type)
{
    u32 a, b, c, d;
    (void)env, (void)type;
    __cpuid(1, a, b, c, d);
    bool vmx = c >> 5 & 1;
    __cpuid(0x80000001, a, b, c, d);
    bool svm = c >> 2 & 1;
    return !vmx && !svm;
}
