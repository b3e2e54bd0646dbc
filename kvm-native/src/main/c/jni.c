/* Entry points of gvj.kvm.KvmNative: numbers in, numbers out. The Java half answers for every pointer it passes. */
#include "gvjkvm.h"

#include <jni.h>
#include <string.h>

#define NATIVE(result, name) JNIEXPORT result JNICALL Java_gvj_kvm_KvmNative_##name
#define POINTER(type, value) ((type *)(uintptr_t)(value))

NATIVE(jlong, open)(JNIEnv *env, jclass type, jint memory_fd, jlong memory_bytes, jbyteArray failure)
{
    (void)type;
    char text[FAILURE_BYTES] = "";
    struct vm *vm = vm_open(memory_fd, (u64)memory_bytes, text);
    if (vm == NULL)
        (*env)->SetByteArrayRegion(env, failure, 0, (jsize)strnlen(text, sizeof text), (const jbyte *)text);
    return (jlong)(uintptr_t)vm;
}

NATIVE(void, close)(JNIEnv *env, jclass type, jlong vm)
{
    (void)env, (void)type;
    vm_close(POINTER(struct vm, vm));
}

NATIVE(jstring, description)(JNIEnv *env, jclass type, jlong vm)
{
    (void)type;
    return (*env)->NewStringUTF(env, POINTER(struct vm, vm)->description);
}

NATIVE(jlong, xcr0)(JNIEnv *env, jclass type, jlong vm)
{
    (void)env, (void)type;
    return (jlong)POINTER(struct vm, vm)->xcr0;
}

NATIVE(jint, fpuBytes)(JNIEnv *env, jclass type, jlong vm)
{
    (void)env, (void)type;
    return (jint)POINTER(struct vm, vm)->fpu_bytes;
}

NATIVE(jboolean, hostTsc)(JNIEnv *env, jclass type, jlong vm)
{
    (void)env, (void)type;
    return POINTER(struct vm, vm)->host_tsc;
}

NATIVE(jlong, entries)(JNIEnv *env, jclass type, jlong vm)
{
    (void)env, (void)type;
    struct vm *m = POINTER(struct vm, vm);
    u64 sum = 0;
    for (u32 i = 0, n = atomic_load(&m->nvcpus); i < n; i++)
        sum += atomic_load_explicit(&m->vcpus[i]->entries, memory_order_relaxed);
    return (jlong)sum;
}

NATIVE(jlong, newSpace)(JNIEnv *env, jclass type, jlong vm)
{
    (void)env, (void)type;
    return (jlong)(uintptr_t)as_open(POINTER(struct vm, vm));
}

NATIVE(void, closeSpace)(JNIEnv *env, jclass type, jlong space)
{
    (void)env, (void)type;
    as_close(POINTER(struct aspace, space));
}

NATIVE(jint, map)(JNIEnv *env, jclass type, jlong space, jlong address, jlong length, jlong offset, jint protection)
{
    (void)env, (void)type;
    return as_map(POINTER(struct aspace, space), (u64)address, (u64)length, (u64)offset, protection);
}

NATIVE(jint, unmap)(JNIEnv *env, jclass type, jlong space, jlong address, jlong length)
{
    (void)env, (void)type;
    return as_unmap(POINTER(struct aspace, space), (u64)address, (u64)length);
}

NATIVE(jint, writeProtect)(JNIEnv *env, jclass type, jlong space, jlong address, jlong length)
{
    (void)env, (void)type;
    return as_write_protect(POINTER(struct aspace, space), (u64)address, (u64)length);
}

NATIVE(jlong, newContext)(JNIEnv *env, jclass type, jlong vm)
{
    (void)env, (void)type;
    return (jlong)(uintptr_t)ctx_open(POINTER(struct vm, vm));
}

NATIVE(void, closeContext)(JNIEnv *env, jclass type, jlong context)
{
    (void)env, (void)type;
    ctx_close(POINTER(struct context, context));
}

NATIVE(jint, run)(JNIEnv *env, jclass type, jlong context, jlong space)
{
    (void)env, (void)type;
    return ctx_run(POINTER(struct context, context), POINTER(struct aspace, space));
}

NATIVE(void, interrupt)(JNIEnv *env, jclass type, jlong context)
{
    (void)env, (void)type;
    ctx_interrupt(POINTER(struct context, context));
}

NATIVE(jint, saveFpu)(JNIEnv *env, jclass type, jlong context, jlong address)
{
    (void)env, (void)type;
    return fpu_save(POINTER(struct context, context), POINTER(void, address));
}

NATIVE(jint, loadFpu)(JNIEnv *env, jclass type, jlong context, jlong address)
{
    (void)env, (void)type;
    return fpu_load(POINTER(struct context, context), POINTER(const void, address));
}

NATIVE(void, resetFpu)(JNIEnv *env, jclass type, jlong context)
{
    (void)env, (void)type;
    fpu_reset(POINTER(struct context, context));
}
