/*
 * The boot message: how gvj was called, byte for byte, in an anonymous file. (A JVM's own arguments are decoded with the
 * locale and would lose bytes.) gvj.runtime.BootMessage reads it.
 *
 * All numbers are u32, little endian, in the order of `struct header`; then the supplementary groups; the descriptors that
 * become the program's 0, 1, 2 and on; then NUL-terminated: id, working directory, host name, arguments, environment; then the
 * bytes of config.json.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "launcher.h"

enum { GROUPS_MAX = 1024 };

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
    uint32_t memory_mib; /* of this machine, or what the sandbox may have of it */
    uint32_t cpus; /* that it may keep busy; 0: all */
    uint32_t uid;
    uint32_t gid;
    uint32_t groups; /* how many */
    uint32_t arguments;
    uint32_t environment;
    uint32_t config_bytes;
};

static void put(int fd, const void *bytes, size_t length) {
    if (write_all(fd, bytes, length)) fail("cannot write the boot message: %s", strerror(errno));
}

static void put_string(int fd, const char *string) {
    put(fd, string, strlen(string) + 1);
}

static uint32_t memory_mib(uint64_t limit) {
    struct sysinfo info;
    uint64_t machine = sysinfo(&info) ? 1024 << 20 : (uint64_t)info.totalram * info.mem_unit;
    return (uint32_t)((limit && limit < machine ? limit : machine) >> 20);
}

int boot_message(const struct cmdline *cmdline, const struct boot *boot) {
    char *directory = getcwd(NULL, 0), host[256] = "localhost";
    gid_t groups[GROUPS_MAX];
    int group_count = getgroups(GROUPS_MAX, groups);
    struct header header = {
        .version = 3, .control = boot->control, .log = boot->log, .listen = boot->listen, .kvm = boot->kvm,
        .stdio = boot->stdio_count, .gated = boot->gated, .terminal = boot->terminal >= 0, .memory_mib = memory_mib(boot->memory_limit),
        .cpus = boot->cpus,
        .uid = geteuid(), .gid = getegid(), .groups = group_count < 0 ? 0 : group_count,
        .arguments = cmdline->argc - 1, .config_bytes = boot->config_length,
    };
    for (int i = 0; i < CHANNELS; i++) header.channels[i] = boot->channels[i];
    while (environ[header.environment]) header.environment++;
    terminal_size(boot->terminal, &header.rows, &header.columns);
    gethostname(host, sizeof host - 1);

    int fd = memfd_create("gvj-boot", MFD_CLOEXEC);
    if (fd < 0) fail("cannot make the boot message: %s", strerror(errno));
    put(fd, &header, sizeof header);
    put(fd, groups, header.groups * sizeof *groups);
    put(fd, boot->stdio, boot->stdio_count * sizeof *boot->stdio);
    put_string(fd, cmdline->id);
    put_string(fd, directory ? directory : "/");
    put_string(fd, host);
    for (int i = 1; i < cmdline->argc; i++) put_string(fd, cmdline->argv[i]);
    for (unsigned i = 0; i < header.environment; i++) put_string(fd, environ[i]);
    put(fd, boot->config, boot->config_length);
    lseek(fd, 0, SEEK_SET);
    free(directory);
    return fd;
}
