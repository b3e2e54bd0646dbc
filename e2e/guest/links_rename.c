/* Hard links, symbolic links, rename and renameat2. */
#include "guest.h"

static ino_t ino_of(const char *path) {
    struct stat st;
    return lstat(path, &st) == 0 ? st.st_ino : 0;
}

static int links_of(const char *path) {
    struct stat st;
    return lstat(path, &st) == 0 ? (int)st.st_nlink : -1;
}

TEST(hard_links) {
    spit("a", "text");
    CHECK_EQ(link("a", "b"), 0);
    CHECK_EQ(links_of("a"), 2);
    CHECK_EQ(ino_of("a"), ino_of("b"));
    spit("b", "other");
    CHECK_STR(slurp("a"), "other");
    CHECK_EQ(unlink("a"), 0);
    CHECK_EQ(links_of("b"), 1);
    CHECK_ERRNO(link("absent", "c"), ENOENT);
    CHECK_ERRNO(link("b", "b"), EEXIST);
    CHECK_ERRNO(link("b", "absent/c"), ENOENT);
    CHECK_EQ(mkdir("d", 0755), 0);
    CHECK_ERRNO(link("d", "e"), EPERM);
    CHECK_ERRNO(link("b", "d"), EEXIST);
    CHECK_ERRNO(link("b", "/proc/self/x"), ENOENT);
    CHECK_ERRNO(linkat(AT_FDCWD, "b", AT_FDCWD, "c", 0x10), EINVAL);
}

TEST(link_to_a_symlink) {
    spit("f", "x");
    CHECK_EQ(symlink("f", "s"), 0);
    CHECK_EQ(link("s", "hard"), 0); /* the symbolic link itself */
    CHECK_EQ(ino_of("hard"), ino_of("s"));
    CHECK_EQ(linkat(AT_FDCWD, "s", AT_FDCWD, "followed", AT_SYMLINK_FOLLOW), 0);
    CHECK_EQ(ino_of("followed"), ino_of("f"));
    int fd = open("f", O_RDONLY);
    CHECK_EQ(linkat(fd, "", AT_FDCWD, "byfd", AT_EMPTY_PATH), 0);
    CHECK_EQ(ino_of("byfd"), ino_of("f"));
}

TEST(symlinks_and_readlink) {
    char buf[100], target[PATH_MAX + 10];
    CHECK_EQ(symlink("some/where", "s"), 0);
    memset(buf, '#', sizeof buf);
    CHECK_EQ(readlink("s", buf, sizeof buf), 10);
    CHECK(memcmp(buf, "some/where#", 11) == 0); /* no terminator */
    CHECK_EQ(readlink("s", buf, 4), 4);
    CHECK_ERRNO(readlink("s", buf, 0), EINVAL);
    CHECK_ERRNO(readlink("s", (void *)8, 10), EFAULT);
    CHECK_ERRNO(readlink("absent", buf, 10), ENOENT);
    CHECK_ERRNO(readlink(".", buf, 10), EINVAL);
    CHECK_ERRNO(symlink("x", "s"), EEXIST);
    CHECK_ERRNO(symlink("", "t"), ENOENT);
    memset(target, 't', sizeof target);
    target[4096] = 0;
    CHECK_ERRNO(symlink(target, "t"), ENAMETOOLONG);
    target[4000] = 0;
    CHECK_EQ(symlink(target, "t"), 0);
    struct stat st;
    CHECK_EQ(lstat("t", &st), 0);
    CHECK_EQ(st.st_size, 4000);
    CHECK_EQ(st.st_mode, S_IFLNK | 0777);
}

TEST(symlinks_in_paths) {
    struct stat st;
    CHECK_EQ(mkdir("d", 0755), 0);
    spit("d/f", "x");
    CHECK_EQ(symlink("d", "s"), 0);
    CHECK_EQ(stat("s/f", &st), 0);
    CHECK_EQ(lstat("s/", &st), 0);
    CHECK(S_ISDIR(st.st_mode)); /* a slash follows */
    CHECK_ERRNO(open("s", O_RDONLY | O_NOFOLLOW), ELOOP);
    CHECK_ERRNO(open("s", O_RDONLY | O_NOFOLLOW | O_DIRECTORY), ENOTDIR);
    CHECK_EQ(symlink("absent", "dangling"), 0);
    CHECK_ERRNO(open("dangling", O_RDONLY), ENOENT);
    CHECK_ERRNO(open("dangling", O_CREAT | O_EXCL | O_RDWR, 0644), EEXIST);
    int fd = open("dangling", O_CREAT | O_RDWR, 0644); /* creates what it names */
    CHECK(fd >= 0);
    CHECK_EQ(stat("absent", &st), 0);
    CHECK_ERRNO(mkdir("dangling2", 0755) == 0 ? symlink("nowhere", "dangling2") : 0, EEXIST);
    CHECK_ERRNO(rmdir("s"), ENOTDIR);
    CHECK_ERRNO(rmdir("s/"), ENOTDIR);
    CHECK_EQ(unlink("s"), 0);
    CHECK_EQ(stat("d/f", &st), 0);
}

TEST(symlink_loops_and_depth) {
    struct stat st;
    char name[20], target[20];
    CHECK_EQ(symlink("b", "a"), 0);
    CHECK_EQ(symlink("a", "b"), 0);
    CHECK_ERRNO(stat("a", &st), ELOOP);
    CHECK_ERRNO(open("a", O_CREAT | O_RDWR, 0644), ELOOP);
    CHECK_EQ(lstat("a", &st), 0);
    spit("l0", "end");
    for (int i = 1; i <= 41; i++) {
        snprintf(name, sizeof name, "l%d", i);
        snprintf(target, sizeof target, "l%d", i - 1);
        CHECK_EQ(symlink(target, name), 0);
    }
    CHECK_EQ(stat("l40", &st), 0);
    CHECK_ERRNO(stat("l41", &st), ELOOP);
}

TEST(rename_files) {
    spit("a", "A");
    spit("b", "B");
    ino_t ino = ino_of("a");
    int old = open("b", O_RDONLY);
    CHECK_EQ(rename("a", "b"), 0);
    CHECK_EQ(ino_of("b"), ino);
    CHECK_STR(slurp("b"), "A");
    CHECK_EQ(ino_of("a"), 0);
    char c;
    CHECK_EQ(read(old, &c, 1), 1);
    CHECK_EQ(c, 'B'); /* the replaced file lives on where it is open */
    CHECK_ERRNO(rename("absent", "x"), ENOENT);
    CHECK_ERRNO(rename("b", "absent/x"), ENOENT);
    CHECK_ERRNO(rename("b", "c/"), ENOTDIR);
    CHECK_EQ(rename("b", "b"), 0);
    CHECK_EQ(link("b", "hard"), 0);
    CHECK_EQ(rename("b", "hard"), 0); /* the same file: nothing happens */
    CHECK_EQ(links_of("b"), 2);
    CHECK_ERRNO(rename("b", "/proc/x"), EXDEV);
}

TEST(rename_directories) {
    CHECK_EQ(mkdir("a", 0755), 0);
    CHECK_EQ(mkdir("a/sub", 0755), 0);
    CHECK_EQ(mkdir("empty", 0755), 0);
    CHECK_EQ(mkdir("full", 0755), 0);
    spit("full/f", "");
    spit("file", "");
    CHECK_ERRNO(rename("a", "a/sub/x"), EINVAL);
    CHECK_ERRNO(rename("a", "full"), ENOTEMPTY);
    CHECK_ERRNO(rename("a", "file"), ENOTDIR);
    CHECK_ERRNO(rename("file", "empty"), EISDIR);
    CHECK_ERRNO(rename("a/sub", "a"), ENOTEMPTY);
    CHECK_ERRNO(rename(".", "x"), EBUSY);
    CHECK_ERRNO(rename("a/..", "x"), EBUSY);
    CHECK_ERRNO(rename("a", "."), EBUSY);
    ino_t ino = ino_of("a");
    CHECK_EQ(rename("a", "empty"), 0);
    CHECK_EQ(ino_of("empty"), ino);
    CHECK(ino_of("empty/sub") != 0);
    CHECK_EQ(rename("empty/", "moved/"), 0);
    CHECK_EQ(rename("moved/sub", "up"), 0);
    CHECK_EQ(ino_of("up/.."), ino_of("."));
}

TEST(rename_keeps_open_files_and_cwd) {
    char cwd[PATH_MAX];
    CHECK_EQ(mkdir("d", 0755), 0);
    int fd = open("d/f", O_CREAT | O_RDWR, 0644);
    CHECK_EQ(rename("d", "e"), 0);
    CHECK_EQ(write(fd, "after", 5), 5);
    CHECK_STR(slurp("e/f"), "after");
    CHECK_EQ(chdir("e"), 0);
    CHECK_EQ(rename("../e", "../g"), 0);
    spit("new", "n");
    CHECK_STR(slurp("../g/new"), "n");
    CHECK(strcmp(strrchr(getcwd(cwd, sizeof cwd), '/'), "/g") == 0);
}

TEST(renameat2_flags) {
    spit("a", "A");
    spit("b", "B");
    CHECK_ERRNO(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_NOREPLACE), EEXIST);
    CHECK_EQ(renameat2(AT_FDCWD, "a", AT_FDCWD, "c", RENAME_NOREPLACE), 0);
    CHECK_EQ(renameat2(AT_FDCWD, "c", AT_FDCWD, "b", RENAME_EXCHANGE), 0);
    CHECK_STR(slurp("b"), "A");
    CHECK_STR(slurp("c"), "B");
    CHECK_ERRNO(renameat2(AT_FDCWD, "b", AT_FDCWD, "absent", RENAME_EXCHANGE), ENOENT);
    CHECK_EQ(mkdir("d", 0755), 0);
    spit("d/in", "in");
    CHECK_EQ(renameat2(AT_FDCWD, "d", AT_FDCWD, "b", RENAME_EXCHANGE), 0);
    CHECK_STR(slurp("b/in"), "in");
    CHECK_STR(slurp("d"), "A");
    CHECK_ERRNO(renameat2(AT_FDCWD, "b", AT_FDCWD, "b/in", RENAME_EXCHANGE), EINVAL);
    CHECK_ERRNO(renameat2(AT_FDCWD, "b", AT_FDCWD, "x", RENAME_EXCHANGE | RENAME_NOREPLACE), EINVAL);
    CHECK_ERRNO(renameat2(AT_FDCWD, "b", AT_FDCWD, "x", 64), EINVAL);
}

TEST(sticky_directories) {
    CHECK_EQ(mkdir("t", 0755), 0);
    CHECK_EQ(chmod("t", 01777), 0);
    spit("t/rootfile", "");
    spit("t/mine", "");
    CHECK_EQ(chown("t/mine", 1000, 1000), 0);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(setresgid(1000, 1000, 1000), 0);
        CHECK_EQ(setresuid(1000, 1000, 1000), 0);
        CHECK_ERRNO(unlink("t/rootfile"), EPERM);
        CHECK_ERRNO(rename("t/rootfile", "t/x"), EPERM);
        CHECK_ERRNO(rename("t/mine", "t/rootfile"), EPERM);
        CHECK_EQ(rename("t/mine", "t/mine2"), 0);
        CHECK_EQ(unlink("t/mine2"), 0);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

TEST(unlink_errors) {
    CHECK_ERRNO(unlink("absent"), ENOENT);
    CHECK_ERRNO(unlink(""), ENOENT);
    spit("f", "");
    CHECK_ERRNO(unlink("f/"), ENOTDIR);
    CHECK_ERRNO(unlink("f/x"), ENOTDIR);
    CHECK_ERRNO(unlink("."), EISDIR);
    CHECK_ERRNO(syscall(SYS_unlink, 8), EFAULT);
    CHECK_EQ(mkfifo("p", 0600), 0);
    CHECK_EQ(unlink("p"), 0);
}

TEST_T(rename_races_keep_the_name, 60) {
    int missing = 0;
    spit("target", "0");
    pid_t pid = FORK();
    if (pid == 0) {
        for (int i = 0; i < 300; i++) {
            spit("temp", "1");
            CHECK_EQ(rename("temp", "target"), 0);
        }
        DONE();
    }
    for (int i = 0; i < 300; i++) {
        int fd = open("target", O_RDONLY);
        missing += fd < 0;
        close(fd);
    }
    CHECK_EQ(missing, 0); /* there is no moment without it */
    CHECK_EXIT(pid, 0);
}
