/* What the C files of libgvjhost.so share.
 *
 * Every function answers Linux's way: the result, or -errno. None throws, calls back into Java or keeps a reference.
 * Addresses come as jlong and are trusted: Java code that hands out an address answers for it (see gvj.host.Mem).
 */
#ifndef GVJ_HOST_H
#define GVJ_HOST_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <jni.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HOST(type, name) JNIEXPORT type JNICALL Java_gvj_host_Host_##name
#define FILES(type, name) JNIEXPORT type JNICALL Java_gvj_host_HostFiles_##name
#define PROCESS(type, name) JNIEXPORT type JNICALL Java_gvj_host_HostProcess_##name

/* The two arguments every static native has and none of ours needs. */
#define JNI_ARGS JNIEnv *env __attribute__((unused)), jclass cls __attribute__((unused))

#define PTR(address) ((void *)(uintptr_t)(address))

static inline jlong answer(long result) { return result < 0 ? -errno : result; }

/* Copies a NUL-terminated Java byte[] to the C stack: 0, -EINVAL (no NUL at the end, NUL inside) or -ENAMETOOLONG. */
static inline int bytes_to_c(JNIEnv *env, jbyteArray array, char *to, jsize room) {
    if (!array) return -EINVAL;
    jsize length = (*env)->GetArrayLength(env, array);
    if (length < 1) return -EINVAL;
    if (length > room) return -ENAMETOOLONG;
    (*env)->GetByteArrayRegion(env, array, 0, length, (jbyte *)to);
    return memchr(to, 0, length) == to + length - 1 ? 0 : -EINVAL;
}

#endif
