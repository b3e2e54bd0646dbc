/* How our JVMs are started: flags, classes, AOT cache, environment. Nothing is taken from the caller's environment. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "launcher.h"

const char *probe;

static const char *const common[] = {
    "-XX:+UseSerialGC",
    "-Xrs",                            /* signals are the launcher's */
    "-XX:-UsePerfData",                /* no file in /tmp */
    "-XX:+DisableAttachMechanism",
    "-XX:-UseContainerSupport",        /* no probing of /proc and /sys: all sizes are given */
    "-XX:+ErrorFileToStderr",
    "-XX:Tier3InvocationThreshold=1000", /* most of what a start runs 200 times is not run 1,000 times */
    "-XX:Tier3MinInvocationThreshold=500",
    "-XX:Tier3CompileThreshold=4000",
    "-XX:Tier0InvokeNotifyFreqLog=9",
    "-XX:-CreateCoredumpOnCrash",
    "-Xlog:disable",                   /* a cache that does not fit must not be a line in the program's output */
    "-Xlog:all=error:stderr",
    "-Xlog:aot*=off:stderr",           /* as one that was moved with its directory */
    "--enable-native-access=ALL-UNNAMED",
    "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED", /* gvj.host.Mem */
    "-Djava.io.tmpdir=/",
    "-Dstdout.encoding=ISO-8859-1",    /* strings have one char per byte */
    "-Dstderr.encoding=ISO-8859-1",
    "-Djdk.reflect.useNativeAccessorOnly=true", /* the few reflective calls are made once each: no method handles for them */
    NULL,
};

/*
 * 1,000 threads and some 100,000 dentries have room; what idles stays small. The whole code cache is there from the start: after that
 * no memory may become executable.
 */
static const char *const sentry_options[] = {
    "-Dgvj.platforms=gvj.kvm.KvmPlatformProvider,gvj.systrap.SystrapPlatformProvider", /* in the order of choice */
    "-Xms24m", "-Xmx512m", "-Xss512k", "-XX:ReservedCodeCacheSize=48m", "-XX:InitialCodeCacheSize=48m",
    "-XX:+UseCountedLoopSafepoints", "-XX:LoopStripMiningIter=1000", NULL,
};
static const char *const small_options[] = {
    "-Xms8m", "-Xmx96m", "-Xss512k", "-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=16m", "-XX:InitialCodeCacheSize=16m", NULL,
};

/* One thread for each call that waits. */
static const char *const shim_options[] = {
    "-Xms8m", "-Xmx96m", "-Xss256k", "-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=16m", "-XX:InitialCodeCacheSize=2496k",
    "--sun-misc-unsafe-memory-access=allow", /* protobuf asks for it, and would print a warning */
    "-Dio.netty.allocator.type=unpooled", "-Dio.netty.noUnsafe=true", NULL,
};

static const char *const sentry_jars[] = {"host", "wire", "sentry", "kvm-native", "systrap-native", "runtime", NULL};
static const char *const gofer_jars[] = {"host", "wire", "gofer", NULL};
static const char *const shim_jars[] = {
    "host", "wire", "sentry", "runtime", "shim/proto", "shim/shim", "shim/protobuf-javalite", NULL,
};
/* Netty finds its library and its resources by way of a class loader. Only for clients that speak gRPC anybody looks in here. */
static const char *const grpc_jars[] = {
    "shim/shim-grpc", "shim/grpc-api", "shim/grpc-core", "shim/grpc-stub", "shim/grpc-netty", "shim/grpc-util",
    "shim/grpc-context", "shim/guava", "shim/failureaccess", "shim/perfmark-api", "shim/netty-buffer", "shim/netty-codec-base",
    "shim/netty-codec-compression", "shim/netty-codec-http", "shim/netty-codec-http2", "shim/netty-common", "shim/netty-handler",
    "shim/netty-resolver", "shim/netty-transport", "shim/netty-transport-classes-epoll",
    "shim/netty-transport-native-unix-common", "shim/netty-transport-native-epoll", NULL,
};
/* Without a class path it would be the current directory. */
static const char *const no_jars[] = {"host", NULL};

const struct jvm jvm_sentry = {"Sentry", "gvj.runtime.SandboxMain", sentry_options, sentry_jars, no_jars, &jail_sentry};
const struct jvm jvm_gofer = {"gofer", "gvj.gofer.Main", small_options, gofer_jars, no_jars, &jail_gofer};
const struct jvm jvm_tool = {"tool", "gvj.runtime.Main", small_options, sentry_jars, no_jars, NULL};
const struct jvm jvm_shim = {"shim", "gvj.shim.Main", shim_options, shim_jars, grpc_jars, NULL};

static char *class_path(const char *const jars[]) {
    char *path = text("%s", "");
    for (const char *const *jar = jars; *jar; jar++)
        path = text("%s%s%s", path, *path ? ":" : "", install_path(text("lib/%s.jar", *jar)));
    return path;
}

/* The cache's classes are all we want of it: replaying what was hot in training compiles half of the boot path at start. */
static const char *const aot_options[] = {
    "-XX:+UnlockDiagnosticVMOptions",
    "-XX:-AOTRecordTraining",
    "-XX:-AOTReplayTraining",
    "-XX:ArchiveRelocationMode=0", /* where it was made for: nothing to patch, so less is ours alone */
    NULL,
};

static void add_aot(const struct jvm *jvm, const char **argv, int *n) {
    const char *cache = install_path(text("lib/%s.aot", jvm == &jvm_sentry ? "sentry" : jvm->name));
    if (aot == AOT_OFF || (aot == AOT_AUTO && access(cache, R_OK))) return;
    for (const char *const *option = aot_options; *option; option++) argv[(*n)++] = *option;
    argv[(*n)++] = text("-XX:AOTCache%s=%s", aot == AOT_TRAIN ? "Output" : "", cache);
    if (aot == AOT_TRAIN) argv[(*n)++] = "-Dgvj.seccomp=off"; /* it forks, and writes a file */
    if (aot == AOT_REQUIRED) argv[(*n)++] = "-XX:AOTMode=on";
}

static long long monotonic_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

noreturn void jvm_exec(const struct jvm *jvm, char *const arguments[]) {
    const char *environment[] = {"LC_ALL=C", "TZ=UTC", "MALLOC_ARENA_MAX=2", NULL};
    const char *java = install_path("jre/bin/java");
    int capacity = 64, n = 0;
    for (char *const *argument = arguments; *argument; argument++) capacity++;
    const char *argv[capacity];
    argv[n++] = java;
    for (const char *const *option = common; *option; option++) argv[n++] = *option;
    for (const char *const *option = jvm->options; *option; option++) argv[n++] = *option;
    add_aot(jvm, argv, &n);
    if (probe && !strncmp(probe, jvm->name, strlen(jvm->name)) && probe[strlen(jvm->name)] == ':')
        argv[n++] = text("-Dgvj.probe=%s", probe + strlen(jvm->name) + 1);
    argv[n++] = text("-Dgvj.native=%s", install_path("lib"));
    argv[n++] = text("-Dgvj.exec=%lld", monotonic_now()); /* how long the JVM takes to start is counted from here */
    if (jvm == &jvm_shim) argv[n++] = text("-Djava.library.path=%s", install_path("lib/shim")); /* Netty's */
    /* Boot classes: those of a class path get a code source, a manifest and a package definition, made in Java. */
    argv[n++] = text("-Xbootclasspath/a:%s", class_path(jvm->jars));
    argv[n++] = "-cp";
    argv[n++] = class_path(jvm->class_path);
    argv[n++] = jvm->main_class;
    for (char *const *argument = arguments; *argument; argument++) argv[n++] = *argument;
    argv[n] = NULL;
    /* The tool has relative paths to read; the others must not find anything in the caller's directory. */
    if (jvm != &jvm_tool && chdir(install_path("lib"))) fail("cannot enter %s: %s", install_path("lib"), strerror(errno));
    execve(java, (char *const *)argv, (char *const *)environment);
    fail("cannot start the %s: %s: %s", jvm->name, java, strerror(errno));
}
