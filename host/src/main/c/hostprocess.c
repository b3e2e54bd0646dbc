/* gvj.host.HostProcess: threads, signals, limits, identity of this process. */
#include "host.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#define KICK_SIGNAL 40 /* HostProcess.KICK_SIGNAL; 32 and 33 are glibc's, 62 the JDK's */

PROCESS(jint, gettid)(JNI_ARGS) { return syscall(SYS_gettid); }

PROCESS(jint, getpid)(JNI_ARGS) { return getpid(); }

PROCESS(jint, geteuid)(JNI_ARGS) { return geteuid(); }

PROCESS(jint, getegid)(JNI_ARGS) { return getegid(); }

PROCESS(jint, tgkill)(JNI_ARGS, jint tgid, jint tid, jint signal) {
    return answer(syscall(SYS_tgkill, tgid, tid, signal));
}

static void on_kick(int signal) { (void)signal; } /* empty on purpose: only EINTR matters */

PROCESS(jint, installKick)(JNI_ARGS) {
    struct sigaction a;
    memset(&a, 0, sizeof a);
    a.sa_handler = on_kick;
    a.sa_flags = SA_ONSTACK; /* no SA_RESTART: that is the point */
    if (sigaction(KICK_SIGNAL, &a, NULL)) return -errno;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, KICK_SIGNAL);
    int e = pthread_sigmask(SIG_UNBLOCK, &set, NULL); /* a parent may have left it blocked; new threads inherit ours */
    return -e;
}

PROCESS(jint, interrupt)(JNI_ARGS, jint tid) { return answer(syscall(SYS_tgkill, getpid(), tid, KICK_SIGNAL)); }

PROCESS(jint, schedSetaffinity)(JNI_ARGS, jint tid, jlong mask, jint bytes) {
    return answer(syscall(SYS_sched_setaffinity, tid, bytes, PTR(mask)));
}

PROCESS(jint, schedGetaffinity)(JNI_ARGS, jint tid, jlong mask, jint bytes) {
    return answer(syscall(SYS_sched_getaffinity, tid, bytes, PTR(mask)));
}

PROCESS(jint, schedYield)(JNI_ARGS) { return answer(sched_yield()); }

PROCESS(jint, uname)(JNI_ARGS, jlong utsname) {
    _Static_assert(sizeof(struct utsname) == 390, "HostProcess.UTSNAME_BYTES");
    return answer(uname(PTR(utsname)));
}

PROCESS(jint, getrlimit)(JNI_ARGS, jint resource, jlong rlimit) { return answer(getrlimit(resource, PTR(rlimit))); }

PROCESS(jint, setrlimit)(JNI_ARGS, jint resource, jlong soft, jlong hard) {
    struct rlimit r = {soft, hard};
    return answer(setrlimit(resource, &r));
}

PROCESS(jint, umask)(JNI_ARGS, jint mask) { return umask(mask); }

PROCESS(jint, setThreadName)(JNI_ARGS, jbyteArray name) {
    char text[16] = {0};
    if (!name) return -EINVAL;
    jsize length = (*env)->GetArrayLength(env, name);
    (*env)->GetByteArrayRegion(env, name, 0, length < 15 ? length : 15, (jbyte *)text);
    return answer(prctl(PR_SET_NAME, text, 0, 0, 0));
}

PROCESS(jint, setDumpable)(JNI_ARGS, jboolean dumpable) { return answer(prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0)); }

PROCESS(void, exitNow)(JNI_ARGS, jint status) { _exit(status); }
