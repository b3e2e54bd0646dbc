/*
 * Entry points of the native half of a platform, for its jni.c: numbers in, numbers out. The Java half, gvj.platform.jni,
 * answers for every pointer it passes. Before this is included:
 *
 *   NATIVE(result, name)  declares the entry point `name` of the half's class
 *   PLATFORM              the type of the platform, with description, xcr0 and fpu_bytes
 *   half_open, half_close, half_host_tsc, half_entries; as_* and ctx_* as both halves have them
 */
#ifndef GVJ_NATIVE_HALF_H
#define GVJ_NATIVE_HALF_H
#include <jni.h>
#include <string.h>

#define POINTER(type, value) ((type *)(uintptr_t)(value))

NATIVE(jlong, open)(JNIEnv *env, jobject half, jint memory_fd, jlong memory_bytes, jint flags, jbyteArray failure)
{
    (void)half;
    char text[FAILURE_BYTES] = "";
    PLATFORM *platform = half_open(memory_fd, (u64)memory_bytes, flags, text);
    if (platform == NULL)
        (*env)->SetByteArrayRegion(env, failure, 0, (jsize)strnlen(text, sizeof text), (const jbyte *)text);
    return (jlong)(uintptr_t)platform;
}

NATIVE(void, close)(JNIEnv *env, jobject half, jlong platform)
{
    (void)env, (void)half;
    half_close(POINTER(PLATFORM, platform));
}

NATIVE(jstring, description)(JNIEnv *env, jobject half, jlong platform)
{
    (void)half;
    return (*env)->NewStringUTF(env, POINTER(PLATFORM, platform)->description);
}

NATIVE(jlong, xcr0)(JNIEnv *env, jobject half, jlong platform)
{
    (void)env, (void)half;
    return (jlong)POINTER(PLATFORM, platform)->xcr0;
}

NATIVE(jint, fpuBytes)(JNIEnv *env, jobject half, jlong platform)
{
    (void)env, (void)half;
    return (jint)POINTER(PLATFORM, platform)->fpu_bytes;
}

NATIVE(jboolean, hostTsc)(JNIEnv *env, jobject half, jlong platform)
{
    (void)env, (void)half;
    return half_host_tsc(POINTER(PLATFORM, platform));
}

NATIVE(jlong, roundTripNanos)(JNIEnv *env, jobject half, jlong platform)
{
    (void)env, (void)half;
    return (jlong)POINTER(PLATFORM, platform)->round_trip_ns;
}

NATIVE(jlong, entries)(JNIEnv *env, jobject half, jlong platform)
{
    (void)env, (void)half;
    return (jlong)half_entries(POINTER(PLATFORM, platform));
}

NATIVE(jlong, newSpace)(JNIEnv *env, jobject half, jlong platform)
{
    (void)env, (void)half;
    return (jlong)(uintptr_t)as_open(POINTER(PLATFORM, platform));
}

NATIVE(void, closeSpace)(JNIEnv *env, jobject half, jlong space)
{
    (void)env, (void)half;
    as_close(POINTER(struct aspace, space));
}

NATIVE(jint, map)(JNIEnv *env, jobject half, jlong space, jlong address, jlong length, jlong offset, jint protection)
{
    (void)env, (void)half;
    return as_map(POINTER(struct aspace, space), (u64)address, (u64)length, (u64)offset, protection);
}

NATIVE(jint, unmap)(JNIEnv *env, jobject half, jlong space, jlong address, jlong length)
{
    (void)env, (void)half;
    return as_unmap(POINTER(struct aspace, space), (u64)address, (u64)length);
}

NATIVE(jint, writeProtect)(JNIEnv *env, jobject half, jlong space, jlong address, jlong length)
{
    (void)env, (void)half;
    return as_write_protect(POINTER(struct aspace, space), (u64)address, (u64)length);
}

NATIVE(void, keepCode)(JNIEnv *env, jobject half, jlong space)
{
    (void)env, (void)half;
    as_keep_code(POINTER(struct aspace, space));
}

NATIVE(jlong, newContext)(JNIEnv *env, jobject half, jlong platform)
{
    (void)env, (void)half;
    return (jlong)(uintptr_t)ctx_open(POINTER(PLATFORM, platform));
}

NATIVE(void, closeContext)(JNIEnv *env, jobject half, jlong context)
{
    (void)env, (void)half;
    ctx_close(POINTER(struct context, context));
}

NATIVE(jint, run)(JNIEnv *env, jobject half, jlong context, jlong space)
{
    (void)env, (void)half;
    return ctx_run(POINTER(struct context, context), POINTER(struct aspace, space));
}

NATIVE(void, interrupt)(JNIEnv *env, jobject half, jlong context)
{
    (void)env, (void)half;
    ctx_interrupt(POINTER(struct context, context));
}

NATIVE(jint, saveFpu)(JNIEnv *env, jobject half, jlong context, jlong address)
{
    (void)env, (void)half;
    return fpu_save(POINTER(struct context, context), POINTER(void, address));
}

NATIVE(jint, loadFpu)(JNIEnv *env, jobject half, jlong context, jlong address)
{
    (void)env, (void)half;
    return fpu_load(POINTER(struct context, context), POINTER(const void, address));
}

NATIVE(void, resetFpu)(JNIEnv *env, jobject half, jlong context)
{
    (void)env, (void)half;
    fpu_reset(POINTER(struct context, context));
}

NATIVE(jlong, cpuNanos)(JNIEnv *env, jobject half, jlong context)
{
    (void)env, (void)half;
    return (jlong)ctx_cpu_ns(POINTER(struct context, context));
}

#endif
