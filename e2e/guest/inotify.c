/* inotify. */
#include "guest.h"
#include <poll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>

static int in;
static char text[4000];

/* All events that are there, one per line: mask in hexadecimal, name, "cookie" if there is one. */
static char *events(void) {
    static char buf[8192] __attribute__((aligned(8)));
    ssize_t n = read(in, buf, sizeof buf);
    int at = 0;
    text[0] = 0;
    for (ssize_t i = 0; i < n;) {
        struct inotify_event *e = (void *)(buf + i);
        at += snprintf(text + at, sizeof text - at, "%x %s%s\n", e->mask, e->len ? e->name : "",
                       e->cookie ? " cookie" : "");
        i += sizeof *e + e->len;
    }
    return text;
}

static void watch(const char *path, uint32_t mask) {
    in = inotify_init1(IN_NONBLOCK);
    MUST(in >= 0 && inotify_add_watch(in, path, mask) > 0);
}

TEST(file_life_in_a_directory) {
    watch(".", IN_ALL_EVENTS);
    int fd = open("f", O_CREAT | O_WRONLY, 0644);
    write(fd, "x", 1);
    close(fd);
    CHECK_STR(events(), "100 f\n20 f\n2 f\n8 f\n"); /* create, open, modify, close_write */
    fd = open("f", O_RDONLY);
    char c;
    read(fd, &c, 1);
    close(fd);
    CHECK_STR(events(), "20 f\n1 f\n10 f\n"); /* open, access, close_nowrite */
    chmod("f", 0600);
    CHECK_STR(events(), "4 f\n");
    truncate("f", 0);
    CHECK_STR(events(), "2 f\n");
    unlink("f");
    CHECK_STR(events(), "200 f\n");
    mkdir("d", 0755);
    rmdir("d");
    CHECK_STR(events(), "40000100 d\n40000200 d\n");
}

TEST(rename_has_a_cookie) {
    mkdir("d", 0755);
    spit("f", "x");
    watch(".", IN_MOVE);
    rename("f", "g");
    CHECK_STR(events(), "40 f cookie\n80 g cookie\n");
    rename("g", "d/g");
    CHECK_STR(events(), "40 g cookie\n");
    rename("d/g", "h");
    CHECK_STR(events(), "80 h cookie\n");
}

TEST(watch_of_a_file) {
    spit("f", "x");
    watch("f", IN_ALL_EVENTS);
    rename("f", "g");
    CHECK_STR(events(), "800 \n"); /* move_self */
    link("g", "h");
    CHECK_STR(events(), "4 \n"); /* the link count is metadata */
    unlink("h");
    CHECK_STR(events(), "4 \n");
    unlink("g");
    CHECK_STR(events(), "4 \n400 \n8000 \n"); /* attrib, delete_self, ignored */
}

TEST(directory_removed) {
    mkdir("d", 0755);
    watch("d", IN_ALL_EVENTS);
    rmdir("d");
    CHECK_STR(events(), "400 \n8000 \n");
}

TEST(mask_and_oneshot) {
    watch(".", IN_CREATE | IN_ONESHOT);
    spit("a", "x");
    spit("b", "x");
    CHECK_STR(events(), "100 a\n8000 \n");
}

TEST(rewatch_gives_the_same_number) {
    watch(".", IN_CREATE);
    int wd = inotify_add_watch(in, ".", IN_DELETE); /* replaces the mask */
    CHECK_EQ(wd, 1);
    spit("a", "x");
    unlink("a");
    CHECK_STR(events(), "200 a\n");
    CHECK_EQ(inotify_add_watch(in, ".", IN_CREATE | IN_MASK_ADD), 1);
    spit("a", "x");
    unlink("a");
    CHECK_STR(events(), "100 a\n200 a\n");
    CHECK_ERRNO(inotify_add_watch(in, ".", IN_CREATE | IN_MASK_CREATE), EEXIST);
    CHECK_EQ(inotify_rm_watch(in, 1), 0);
    CHECK_STR(events(), "8000 \n");
    CHECK_ERRNO(inotify_rm_watch(in, 1), EINVAL);
    CHECK_EQ(inotify_add_watch(in, ".", IN_CREATE), 2);
}

TEST(equal_events_merge) {
    spit("f", "x");
    int fd = open("f", O_WRONLY);
    watch("f", IN_MODIFY);
    for (int i = 0; i < 5; i++)
        write(fd, "y", 1);
    CHECK_STR(events(), "2 \n");
}

TEST(errors_and_readiness) {
    char small[8];
    int n = -1;
    CHECK_ERRNO(inotify_init1(64), EINVAL);
    watch(".", IN_CREATE);
    CHECK_ERRNO(inotify_add_watch(in, "absent", IN_CREATE), ENOENT);
    CHECK_ERRNO(inotify_add_watch(in, ".", 0), EINVAL);
    CHECK_ERRNO(inotify_add_watch(0, ".", IN_CREATE), EINVAL);
    CHECK_ERRNO(inotify_add_watch(9999, ".", IN_CREATE), EBADF);
    spit("f", "");
    CHECK_ERRNO(inotify_add_watch(in, "f", IN_CREATE | IN_ONLYDIR), ENOTDIR);
    CHECK_ERRNO(read(in, small, 8), EINVAL);
    struct pollfd p = {in, POLLIN, 0};
    CHECK_EQ(poll(&p, 1, 0), 1);
    CHECK_EQ(ioctl(in, FIONREAD, &n), 0);
    CHECK_EQ(n, 32); /* the event and a name padded to 16 */
    CHECK_STR(events(), "100 f\n");
    CHECK_EQ(poll(&p, 1, 0), 0);
    CHECK_ERRNO(read(in, text, sizeof text), EAGAIN);
    CHECK_ERRNO(write(in, "x", 1), EBADF);
}

TEST(seen_from_another_process) {
    watch(".", IN_CLOSE_WRITE);
    pid_t pid = FORK();
    if (pid == 0) {
        spit("from-child", "x");
        DONE();
    }
    struct pollfd p = {in, POLLIN, 0};
    CHECK_EQ(poll(&p, 1, 10000), 1);
    CHECK_STR(events(), "8 from-child\n");
    CHECK_EXIT(pid, 0);
}
