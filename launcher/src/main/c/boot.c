/*
 * The boot message: how gvj was called, byte for byte, in an anonymous file. (A JVM's own arguments are decoded with the
 * locale and would lose bytes.) gvj.runtime.BootMessage reads it.
 *
 * All numbers are u32, little endian, in the order of `struct header`; then the supplementary groups; the descriptors that
 * become the program's 0, 1, 2 and on; then NUL-terminated: id, working directory, host name, arguments, environment; then the bytes of config.json.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "launcher.h"

enum { CONFIG_MAX = 4 << 20, GROUPS_MAX = 1024 };

extern char **environ;

struct header {
    uint32_t version;
    uint32_t control; /* descriptors, -1 for what there is not */
    uint32_t log;
    uint32_t listen;
    uint32_t kvm; /* or -errno of opening it */
    uint32_t channels[CHANNELS];
    uint32_t stdio; /* how many descriptors the program gets */
    uint32_t gated; /* 1: the program waits for CONTROL_START */
    uint32_t terminal; /* 1 if fd 0 is one */
    uint32_t rows;
    uint32_t columns;
    uint32_t memory_mib; /* of this machine */
    uint32_t uid;
    uint32_t gid;
    uint32_t groups; /* how many */
    uint32_t arguments;
    uint32_t environment;
    uint32_t config_bytes;
};

static void put(int fd, const void *bytes, size_t length) {
    for (const char *from = bytes; length;) {
        ssize_t done = write(fd, from, length);
        if (done < 0) fail("cannot write the boot message: %s", strerror(errno));
        from += done;
        length -= done;
    }
}

static void put_string(int fd, const char *string) {
    put(fd, string, strlen(string) + 1);
}

/* The bundle's config.json; empty for commands without a bundle. */
static char *read_config(const struct cmdline *cmdline, size_t *length) {
    *length = 0;
    if (strcmp(cmdline->command, "run")) return "";
    const char *path = text("%s/config.json", cmdline->bundle);
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status)) fail("cannot read the bundle: %s: %s", path, strerror(errno));
    if (!S_ISREG(status.st_mode) || status.st_size > CONFIG_MAX)
        fail("cannot read the bundle: %s is not a file of at most %d MiB", path, CONFIG_MAX >> 20);
    char *bytes = malloc(status.st_size + 1);
    ssize_t done = 0;
    while (bytes && (done = read(fd, bytes + *length, status.st_size - *length)) > 0) *length += done;
    if (!bytes || done < 0) fail("cannot read %s: %s", path, strerror(errno));
    close(fd);
    return bytes;
}

static uint32_t memory_mib(void) {
    struct sysinfo info;
    return sysinfo(&info) ? 1024 : (uint32_t)(((uint64_t)info.totalram * info.mem_unit) >> 20);
}

int boot_message(const struct cmdline *cmdline, int argc, char **argv, int control, const int *channels, int log, int kvm) {
    size_t config_length;
    char *config = read_config(cmdline, &config_length), *directory = getcwd(NULL, 0), host[256] = "localhost";
    gid_t groups[GROUPS_MAX];
    int group_count = getgroups(GROUPS_MAX, groups);
    struct header header = {
        .version = 2, .control = control, .log = log, .listen = -1, .kvm = kvm, .stdio = 3, .terminal = terminal_present(), .memory_mib = memory_mib(),
        .uid = geteuid(), .gid = getegid(), .groups = group_count < 0 ? 0 : group_count,
        .arguments = argc - 1, .config_bytes = config_length,
    };
    for (int i = 0; i < CHANNELS; i++) header.channels[i] = channels[i];
    while (environ[header.environment]) header.environment++;
    terminal_size(&header.rows, &header.columns);
    gethostname(host, sizeof host - 1);

    int fd = memfd_create("gvj-boot", MFD_CLOEXEC);
    if (fd < 0) fail("cannot make the boot message: %s", strerror(errno));
    put(fd, &header, sizeof header);
    put(fd, groups, header.groups * sizeof *groups);
    for (uint32_t i = 0; i < header.stdio; i++) put(fd, &i, sizeof i);
    put_string(fd, cmdline->id);
    put_string(fd, directory ? directory : "/");
    put_string(fd, host);
    for (int i = 1; i < argc; i++) put_string(fd, argv[i]);
    for (unsigned i = 0; i < header.environment; i++) put_string(fd, environ[i]);
    put(fd, config, config_length);
    lseek(fd, 0, SEEK_SET);
    free(directory);
    return fd;
}
