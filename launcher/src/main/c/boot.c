/*
 * The boot message: how gvj was called, byte for byte, in an anonymous file. (A JVM's own arguments are decoded with the
 * locale and would lose bytes.) gvj.runtime.BootMessage reads it.
 *
 *   0  u32 version (1)      4  u32 control socket     8  u32 log descriptor     12  u32 number of channels
 *  16  u32 channels[4]     32  u32 is a terminal     36  u32 rows               40  u32 columns
 *  44  u32 arguments       48  u32 environment       52  u32 bytes of config.json
 *  56  NUL-terminated: id, working directory, arguments, environment; then config.json
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher.h"

enum { CONFIG_MAX = 4 << 20 };

extern char **environ;

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

int boot_message(const struct cmdline *cmdline, int argc, char **argv, int control, const int *channels, int log) {
    unsigned rows, columns, variables = 0;
    size_t config_length;
    char *config = read_config(cmdline, &config_length);
    char *directory = getcwd(NULL, 0);
    terminal_size(&rows, &columns);
    while (environ[variables]) variables++;
    uint32_t header[14] = {1, control, log, CHANNELS};
    for (int i = 0; i < CHANNELS; i++) header[4 + i] = channels[i];
    header[8] = terminal_present();
    header[9] = rows;
    header[10] = columns;
    header[11] = argc - 1;
    header[12] = variables;
    header[13] = config_length;

    int fd = memfd_create("gvj-boot", MFD_CLOEXEC);
    if (fd < 0) fail("cannot make the boot message: %s", strerror(errno));
    put(fd, header, sizeof header);
    put_string(fd, cmdline->id);
    put_string(fd, directory ? directory : "/");
    for (int i = 1; i < argc; i++) put_string(fd, argv[i]);
    for (unsigned i = 0; i < variables; i++) put_string(fd, environ[i]);
    put(fd, config, config_length);
    lseek(fd, 0, SEEK_SET);
    free(directory);
    return fd;
}
