/*
 * Open files that outlive who opened them. "passed SOCKET give FILE DIR" opens both and hands them to "passed SOCKET take GO",
 * which says so and waits until there is a file GO: by then the giver and all that it had mounted are gone.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { FILES = 2, PAGE = 4096, NAP_NANOS = 10000000, PATIENCE_NAPS = 2000 };

static void need(int good, const char *what) {
    if (good) return;
    perror(what);
    exit(1);
}

static void nap(void) {
    const struct timespec time = {0, NAP_NANOS};
    nanosleep(&time, NULL);
}

static void move(int socket, int sending, int *fds) {
    char byte = 'x';
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(FILES * sizeof(int))];
    } control = {{0}};
    struct iovec iov = {&byte, 1};
    struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (!sending) {
        need(recvmsg(socket, &message, 0) == 1 && header->cmsg_type == SCM_RIGHTS, "recvmsg");
        memcpy(fds, CMSG_DATA(header), FILES * sizeof *fds);
        return;
    }
    header->cmsg_level = SOL_SOCKET, header->cmsg_type = SCM_RIGHTS, header->cmsg_len = CMSG_LEN(FILES * sizeof *fds);
    memcpy(CMSG_DATA(header), fds, FILES * sizeof *fds);
    need(sendmsg(socket, &message, 0) == 1, "sendmsg");
}

static void give(const struct sockaddr_un *address, const char *file, const char *directory) {
    int fds[FILES] = {open(file, O_RDWR | O_CREAT, 0644), open(directory, O_RDONLY | O_DIRECTORY)};
    need(fds[0] >= 0 && fds[1] >= 0 && write(fds[0], "before", 6) == 6, "open");
    int to = socket(AF_UNIX, SOCK_STREAM, 0);
    for (int naps = 0; connect(to, (const struct sockaddr *)address, sizeof *address); naps++, nap())
        need(naps < PATIENCE_NAPS, "connect");
    move(to, 1, fds);
    need(puts("given") >= 0 && !fflush(stdout), "puts");
    pause(); /* until it is killed */
}

static void use(int file, int directory) {
    char text[16] = "";
    struct stat now;
    need(pread(file, text, 6, 0) == 6 && !strcmp(text, "before"), "pread");
    need(pwrite(file, " after", 6, 6) == 6 && !fstat(file, &now) && now.st_size == 12, "pwrite");
    char *mapped = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, file, 0);
    need(mapped != MAP_FAILED && !memcmp(mapped, "before after", 12), "mmap");
    int made = openat(directory, "made", O_RDWR | O_CREAT, 0644);
    need(made >= 0 && write(made, "made", 4) == 4 && !close(made), "openat");
    need(!fchdir(directory) && !close(directory) && !close(file), "fchdir");
    need(!rename("made", "moved") && !stat("moved", &now) && now.st_size == 4, "rename");
    need(!memcmp(mapped, "before after", 12) && !munmap(mapped, PAGE) && !chdir("/"), "munmap");
}

static void take(const struct sockaddr_un *address, const char *go) {
    int fds[FILES], listening = socket(AF_UNIX, SOCK_STREAM, 0);
    need(!bind(listening, (const struct sockaddr *)address, sizeof *address) && !listen(listening, 1), "bind");
    int from = accept(listening, NULL, NULL);
    move(from, 0, fds);
    need(puts("taken") >= 0 && !fflush(stdout), "puts");
    for (int naps = 0; access(go, F_OK); naps++, nap()) need(naps < PATIENCE_NAPS, go);
    use(fds[0], fds[1]);
    need(puts("used") >= 0 && !fflush(stdout), "puts");
    pause();
}

int main(int argc, char **argv) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (argc < 4) return 2;
    strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
    if (!strcmp(argv[2], "give") && argc == 5) give(&address, argv[3], argv[4]);
    else take(&address, argv[3]);
    return 0;
}
