/* Extended attributes. */
#include "guest.h"
#include <sys/xattr.h>

TEST(set_get_list_remove) {
    char buf[100];
    spit("f", "x");
    CHECK_EQ(setxattr("f", "user.a", "value", 5, 0), 0);
    CHECK_EQ(getxattr("f", "user.a", buf, sizeof buf), 5);
    CHECK(memcmp(buf, "value", 5) == 0);
    CHECK_EQ(getxattr("f", "user.a", NULL, 0), 5);
    CHECK_ERRNO(getxattr("f", "user.a", buf, 3), ERANGE);
    CHECK_ERRNO(getxattr("f", "user.none", buf, 3), ENODATA);
    CHECK_EQ(setxattr("f", "user.empty", "", 0, 0), 0);
    CHECK_EQ(getxattr("f", "user.empty", buf, sizeof buf), 0);
    CHECK_EQ(removexattr("f", "user.a"), 0);
    CHECK_ERRNO(removexattr("f", "user.a"), ENODATA);
    CHECK_EQ(listxattr("f", buf, sizeof buf), 11);
    CHECK_STR(buf, "user.empty");
    CHECK_EQ(listxattr("f", NULL, 0), 11);
    CHECK_ERRNO(listxattr("f", buf, 5), ERANGE);
}

TEST(create_and_replace) {
    spit("f", "x");
    CHECK_ERRNO(setxattr("f", "user.a", "1", 1, XATTR_REPLACE), ENODATA);
    CHECK_EQ(setxattr("f", "user.a", "1", 1, XATTR_CREATE), 0);
    CHECK_ERRNO(setxattr("f", "user.a", "2", 1, XATTR_CREATE), EEXIST);
    CHECK_EQ(setxattr("f", "user.a", "2", 1, XATTR_REPLACE), 0);
    CHECK_ERRNO(setxattr("f", "user.a", "2", 1, 8), EINVAL);
    char c;
    CHECK_EQ(getxattr("f", "user.a", &c, 1), 1);
    CHECK_EQ(c, '2');
}

TEST(names_and_sizes) {
    char name[300], *big = calloc(1, 70000);
    spit("f", "x");
    CHECK_ERRNO(setxattr("f", "", "1", 1, 0), ERANGE);
    CHECK_ERRNO(setxattr("f", "noprefix", "1", 1, 0), EOPNOTSUPP);
    CHECK_ERRNO(setxattr("f", "user.", "1", 1, 0), EINVAL);
    memset(name, 'n', sizeof name);
    memcpy(name, "user.", 5);
    name[256] = 0;
    CHECK_ERRNO(setxattr("f", name, "1", 1, 0), ERANGE);
    name[255] = 0;
    CHECK_EQ(setxattr("f", name, "1", 1, 0), 0);
    CHECK_ERRNO(setxattr("f", "user.big", big, 65537, 0), E2BIG);
    CHECK_ERRNO(setxattr("f", "user.a", (void *)8, 10, 0), EFAULT);
    CHECK_ERRNO(setxattr("absent", "user.a", "1", 1, 0), ENOENT);
    CHECK_ERRNO(fsetxattr(9999, "user.a", "1", 1, 0), EBADF);
}

TEST(descriptors_and_links) {
    char buf[10];
    spit("f", "x");
    CHECK_EQ(symlink("f", "s"), 0);
    int fd = open("f", O_RDONLY);
    CHECK_EQ(fsetxattr(fd, "user.a", "1", 1, 0), 0); /* a matter of the file's mode, not the descriptor's */
    CHECK_EQ(fgetxattr(fd, "user.a", buf, 10), 1);
    CHECK_EQ(getxattr("s", "user.a", buf, 10), 1);
    CHECK_ERRNO(lgetxattr("s", "user.a", buf, 10), ENODATA);
    CHECK_ERRNO(lsetxattr("s", "user.a", "1", 1, 0), EPERM); /* user attributes only on files and directories */
    CHECK_EQ(flistxattr(fd, buf, 10), 7);
    CHECK_EQ(fremovexattr(fd, "user.a"), 0);
    CHECK_EQ(mkdir("d", 0755), 0);
    CHECK_EQ(setxattr("d", "user.d", "1", 1, 0), 0);
    CHECK_EQ(mkfifo("p", 0644), 0);
    CHECK_ERRNO(setxattr("p", "user.p", "1", 1, 0), EPERM);
}

TEST(permissions) {
    char buf[10];
    spit("f", "x");
    CHECK_EQ(setxattr("f", "user.a", "1", 1, 0), 0);
    CHECK_EQ(setxattr("f", "trusted.t", "1", 1, 0), 0);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(setresuid(1000, 1000, 1000), 0);
        CHECK_EQ(getxattr("f", "user.a", buf, 10), 1);
        CHECK_ERRNO(setxattr("f", "user.a", "2", 1, 0), EACCES);
        CHECK_ERRNO(getxattr("f", "trusted.t", buf, 10), ENODATA); /* not even seen */
        CHECK_ERRNO(setxattr("f", "trusted.t", "1", 1, 0), EPERM);
        char list[100];
        CHECK_EQ(listxattr("f", list, sizeof list), 7);
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CHECK_EQ(getxattr("f", "trusted.t", buf, 10), 1);
}

TEST(follow_the_file) {
    char buf[10];
    spit("f", "x");
    CHECK_EQ(setxattr("f", "user.a", "1", 1, 0), 0);
    CHECK_EQ(rename("f", "g"), 0);
    CHECK_EQ(link("g", "h"), 0);
    CHECK_EQ(setxattr("h", "user.b", "22", 2, 0), 0);
    CHECK_EQ(getxattr("g", "user.a", buf, 10), 1);
    CHECK_EQ(getxattr("g", "user.b", buf, 10), 2);
}
