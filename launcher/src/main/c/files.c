/* Small files, read whole and written whole, and Unix sockets whose paths may be longer than an address has room for. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "launcher.h"

char *read_fd(int fd, const char *name, size_t most, size_t *length) {
    size_t room = 4096;
    char *bytes = malloc(room);
    ssize_t done = 0;
    *length = 0;
    while (bytes && (done = read(fd, bytes + *length, room - *length - 1)) != 0) {
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) fail("cannot read %s: %s", name, strerror(errno));
        *length += done;
        if (*length > most) fail("cannot read %s: it is longer than %zu bytes", name, most);
        if (*length + 1 == room) bytes = realloc(bytes, room *= 2);
    }
    if (!bytes) fail("out of memory");
    bytes[*length] = 0;
    return bytes;
}

char *read_file(const char *path, size_t most, size_t *length) {
    struct stat status;
    /* Not a FIFO or a device that never ends. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &status)) fail("cannot read %s: %s", path, strerror(errno));
    if (!S_ISREG(status.st_mode)) fail("cannot read %s: it is not a regular file", path);
    char *bytes = read_fd(fd, path, most, length);
    close(fd);
    return bytes;
}

int write_all(int fd, const char *bytes, size_t length) {
    while (length) {
        ssize_t done = write(fd, bytes, length);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return -1;
        bytes += done;
        length -= done;
    }
    return 0;
}

/* A reader sees all of it or nothing; a full disk leaves nothing. */
int write_file(const char *path, const char *bytes, size_t length, mode_t mode) {
    char *new = text("%s.%d", path, (int)getpid());
    int fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode), error = 0;
    if (fd < 0) return -1;
    if (write_all(fd, bytes, length)) error = errno;
    if (close(fd) && !error) error = errno;
    if (!error && rename(new, path)) error = errno;
    if (error) unlink(new);
    free(new);
    errno = error;
    return error ? -1 : 0;
}

void make_directories(const char *path, mode_t mode) {
    char *copy = text("%s", path);
    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(copy, mode); /* what is wrong shows at the last one */
        *slash = '/';
    }
    if (mkdir(copy, mode) && errno != EEXIST) fail("cannot make the directory %s: %s", path, strerror(errno));
    free(copy);
}

/* The address of a socket at `path`, by way of a descriptor of its directory if the path is too long for one. */
static int address(struct sockaddr_un *name, const char *path) {
    *name = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) < sizeof name->sun_path) {
        strcpy(name->sun_path, path);
        return -1;
    }
    char *first = text("%s", path), *second = text("%s", path);
    int directory = open(dirname(first), O_PATH | O_DIRECTORY | O_CLOEXEC);
    snprintf(name->sun_path, sizeof name->sun_path, "/proc/self/fd/%d/%s", directory, basename(second));
    free(first);
    free(second);
    return directory;
}

int unix_listen(const char *path) {
    struct sockaddr_un name;
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), directory = address(&name, path);
    if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof name) || listen(fd, 64))
        fail("cannot make the socket %s: %s", path, strerror(errno));
    chmod(path, 0600);
    if (directory >= 0) close(directory);
    return fd;
}

int unix_connect(const char *path, int type) {
    struct sockaddr_un name;
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0), directory = address(&name, path), error = 0;
    if (fd >= 0 && connect(fd, (struct sockaddr *)&name, sizeof name)) {
        error = errno;
        close(fd);
        fd = -1;
    }
    if (directory >= 0) close(directory);
    if (error) errno = error;
    return fd;
}

int send_with_descriptors(int socket, const void *bytes, size_t length, const int *fds, int count) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))];
    } rights = {0};
    struct iovec vector = {(void *)bytes, length};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    if (count > DESCRIPTORS_MAX) {
        errno = E2BIG;
        return -1;
    }
    if (count) {
        message.msg_control = &rights;
        message.msg_controllen = CMSG_SPACE(count * sizeof(int));
        rights.header.cmsg_level = SOL_SOCKET;
        rights.header.cmsg_type = SCM_RIGHTS;
        rights.header.cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(&rights.header), fds, count * sizeof(int));
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL) == (ssize_t)length ? 0 : -1;
}
