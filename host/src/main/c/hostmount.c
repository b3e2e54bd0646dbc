/* gvj.host.HostMount: file systems of the host, mounted and taken away. */
#include "host.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>

struct mounting {
    const char *source, *target, *type, *data, *directory;
    unsigned long flags;
    int error;
};

/* A thread that leaves the directory that threads share, to stand in another one, and ends there. */
static void *mount_elsewhere(void *argument) {
    struct mounting *m = argument;
    if (unshare(CLONE_FS) || chdir(m->directory) || mount(m->source, m->target, m->type, m->flags, m->data)) m->error = errno;
    return NULL;
}

static int mount_from(struct mounting *m) {
    pthread_t thread;
    int e = pthread_create(&thread, NULL, mount_elsewhere, m);
    if (e) return -e;
    pthread_join(thread, NULL);
    return -m->error;
}

/* What came as a Java byte[] with a NUL at its end; NULL for null and where there is no memory. */
static char *text_of(JNIEnv *env, jbyteArray array) {
    if (!array) return NULL;
    jsize length = (*env)->GetArrayLength(env, array);
    char *text = calloc(1, (size_t)length + 1);
    if (text) (*env)->GetByteArrayRegion(env, array, 0, length, (jbyte *)text);
    return text;
}

JNIEXPORT jint JNICALL Java_gvj_host_HostMount_mount(JNI_ARGS, jbyteArray source, jbyteArray target, jbyteArray type, jlong flags,
                                                     jbyteArray data, jbyteArray directory) {
    char *texts[] = {text_of(env, source), text_of(env, target), text_of(env, type), text_of(env, data), text_of(env, directory)};
    struct mounting m = {texts[0], texts[1], texts[2], texts[3], texts[4], (unsigned long)flags, 0};
    jint result = -EINVAL;
    if (m.target) result = m.directory ? mount_from(&m) : answer(mount(m.source, m.target, m.type, m.flags, m.data));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) free(texts[i]);
    return result;
}

JNIEXPORT jint JNICALL Java_gvj_host_HostMount_unmount(JNI_ARGS, jbyteArray target, jint flags) {
    char text[PATH_MAX];
    int bad = bytes_to_c(env, target, text, sizeof text);
    return bad ? bad : answer(umount2(text, flags));
}
