/*
 * `start`: finds or makes the shim of a container's pod, and prints where it listens. The socket listens before its JVM runs, so that
 * nobody waits for that here. Standard error is the same pipe as the answer: nothing is written to it but why this failed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sha256.h"
#include "shim.h"

enum { BACKLOG = 128, ANSWER_MAX = 4096 };

/* The rule of containerd's other shims: no two of the same containerd, namespace and pod. */
static const char *socket_path(const struct shim *shim, const struct shim_options *options, const char *group) {
    char hex[65];
    const char *name = text("%s/%s/%s", shim->address, shim->namespace, group);
    sha256_hex(name, strlen(name), hex);
    return text("%s/%s", options->socket_directory, hex);
}

/* Who holds this lock alone looks for shims and makes them. */
static int lock_sockets(const char *directory) {
    make_directories(directory, 0700);
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) fail("cannot open %s: %s", directory, strerror(errno));
    while (flock(fd, LOCK_EX))
        if (errno != EINTR) fail("cannot lock %s: %s", directory, strerror(errno));
    return fd;
}

/* A socket at `path` that listens, or -1: a shim has it already. */
static int listen_at(const char *path) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof name.sun_path) fail("the path of a socket is too long: %s", path);
    strcpy(name.sun_path, path);
    int living = unix_connect(path, SOCK_STREAM);
    if (living >= 0) {
        close(living);
        return -1;
    }
    if (unlink(path) && errno != ENOENT) fail("cannot remove %s: %s", path, strerror(errno));
    mode_t mask = umask(0177);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof name) || listen(fd, BACKLOG))
        fail("cannot make the socket %s: %s", path, strerror(errno));
    umask(mask);
    return fd;
}

/* Whether the containerd that runs is of a version that begins so: what runs is what tells it. 1.6 does not say where it is. */
static int is_containerd(const struct shim *shim, const char *version) {
    char answer[ANSWER_MAX];
    int ends[2];
    if (!getenv("MAX_SHIM_VERSION") || !*shim->publish_binary || pipe2(ends, O_CLOEXEC)) return 0;
    pid_t pid = fork();
    if (!pid) {
        dup2(ends[1], 1);
        execl(shim->publish_binary, shim->publish_binary, "--version", (char *)NULL);
        _exit(STATUS_FAILURE);
    }
    close(ends[1]);
    ssize_t length = pid < 0 ? -1 : read(ends[0], answer, sizeof answer - 1);
    close(ends[0]);
    answer[length < 0 ? 0 : length] = 0;
    return strstr(answer, text(" %s", version)) || strstr(answer, text(" v%s", version));
}

/* The plain address is what all versions take. gRPC shims do not work with 2.0 and later, and 1.6 has none; 1 refuses version 3. */
static const char *answer(const struct shim *shim, const struct shim_options *options, const char *path) {
    static const char json[] = "{\"version\":%d,\"address\":\"%s%s\",\"protocol\":\"%s\"}";
    if (options->protocol == SHIM_GRPC && !options->bootstrap && is_containerd(shim, "1.7."))
        return text(json, 2, "", path, "grpc"); /* the bare path: containerd tries it as it is */
    if (options->protocol == SHIM_TTRPC_V3 && (options->bootstrap || is_containerd(shim, "2.")))
        return text(json, 3, "unix://", path, "ttrpc");
    return text("unix://%s", path);
}

static void start_daemon(const struct shim *shim, const struct shim_options *options, const struct shim_bundle *bundle, int listening) {
    const char *events = getenv("TTRPC_ADDRESS");
    const char *fixed[] = {text("%d", SHIM_LISTENING), bundle->socket, shim->namespace, bundle->root, install_path("bin/gvj"),
                           events ? events : "", aot == AOT_TRAIN ? "train" : options->debug || shim->debug ? "debug" : ""};
    enum { FIXED = sizeof fixed / sizeof *fixed };
    char *arguments[FIXED + options->flags.count + 1];
    for (int i = 0; i < FIXED; i++) arguments[i] = (char *)fixed[i];
    for (int i = 0; i < options->flags.count; i++) arguments[FIXED + i] = options->flags.values[i];
    arguments[FIXED + options->flags.count] = NULL;
    shim_daemon(listening, options, arguments);
}

int shim_start(const struct shim *shim) {
    struct shim_options options;
    struct shim_bundle bundle;
    shim_options_read(&options, 0);
    bundle.group = shim_group(shim);
    bundle.socket = socket_path(shim, &options, bundle.group);
    bundle.root = text("%s/%s", options.root, shim->namespace);
    shim_bundle_write(&bundle);
    int lock = lock_sockets(options.socket_directory), listening = listen_at(bundle.socket);
    if (listening >= 0) {
        start_daemon(shim, &options, &bundle, listening);
        close(listening);
    }
    close(lock);
    const char *line = answer(shim, &options, bundle.socket);
    if (write_file("address", line, strlen(line), 0600)) fail("cannot write the address: %s", strerror(errno));
    return write_all(1, line, strlen(line)) ? STATUS_ERROR : 0;
}
