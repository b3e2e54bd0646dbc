/* Mounts inside a mount namespace of one's own: tmpfs, bind, move, read-only, propagation, pivot_root. */
#include "guest.h"
#include <linux/mount.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statfs.h>

/* Every case runs where nothing it mounts is seen outside. */
static void isolate(void) {
    MUST(unshare(CLONE_NEWNS) == 0);
    MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
}

TEST(tmpfs) {
    struct statfs fs;
    struct stat before, st;
    isolate();
    CHECK_EQ(mkdir("m", 0755), 0);
    spit("m/hidden", "x");
    CHECK_EQ(stat("m", &before), 0);
    CHECK_EQ(mount("none", "m", "tmpfs", 0, "size=1m,mode=0700"), 0);
    CHECK_EQ(stat("m", &st), 0);
    CHECK_EQ(st.st_mode, S_IFDIR | 0700);
    CHECK(st.st_dev != before.st_dev);
    CHECK_ERRNO(stat("m/hidden", &st), ENOENT);
    CHECK_EQ(statfs("m", &fs), 0);
    CHECK_EQ(fs.f_type, 0x01021994);
    CHECK_EQ(fs.f_blocks * fs.f_bsize, 1 << 20);
    static char big[2 << 20];
    int fd = open("m/big", O_CREAT | O_RDWR, 0644);
    CHECK_EQ(write(fd, big, sizeof big), 1 << 20); /* until it is full */
    CHECK_ERRNO(write(fd, big, 1), ENOSPC);
    CHECK_ERRNO(umount("m"), EBUSY);
    close(fd);
    CHECK_EQ(umount("m"), 0);
    CHECK_STR(slurp("m/hidden"), "x");
    CHECK_ERRNO(umount("m"), EINVAL);
}

TEST(bind) {
    isolate();
    CHECK_EQ(mkdir("a", 0755), 0);
    CHECK_EQ(mkdir("b", 0755), 0);
    spit("a/f", "one");
    CHECK_EQ(mount("a", "b", NULL, MS_BIND, NULL), 0);
    CHECK_STR(slurp("b/f"), "one");
    spit("b/g", "two");
    CHECK_STR(slurp("a/g"), "two");
    CHECK_ERRNO(rename("b/f", "a/h"), EXDEV); /* one file system, two mounts */
    CHECK_ERRNO(link("b/f", "a/h"), EXDEV);
    CHECK_ERRNO(rmdir("b"), EBUSY);
    CHECK_EQ(umount2("b", MNT_DETACH), 0);
    spit("x", "file");
    spit("y", "");
    CHECK_EQ(mount("x", "y", NULL, MS_BIND, NULL), 0); /* a file over a file */
    CHECK_STR(slurp("y"), "file");
    CHECK_ERRNO(unlink("y"), EBUSY);
    CHECK_EQ(umount("y"), 0);
    CHECK_ERRNO(mount("x", "b", NULL, MS_BIND, NULL), ENOTDIR);
}

TEST(read_only_remount) {
    isolate();
    CHECK_EQ(mkdir("a", 0755), 0);
    spit("a/f", "x");
    CHECK_EQ(mount("a", "a", NULL, MS_BIND, NULL), 0);
    int fd = open("a/f", O_RDWR);
    CHECK_ERRNO(mount(NULL, "a", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), EBUSY);
    close(fd);
    CHECK_EQ(mount(NULL, "a", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), 0);
    CHECK_ERRNO(open("a/f", O_RDWR), EROFS);
    CHECK_ERRNO(open("a/new", O_CREAT | O_RDWR, 0644), EROFS);
    CHECK_ERRNO(unlink("a/f"), EROFS);
    CHECK_ERRNO(mkdir("a/d", 0755), EROFS);
    CHECK_ERRNO(chmod("a/f", 0600), EROFS);
    CHECK_ERRNO(access("a/f", W_OK), EROFS);
    CHECK_STR(slurp("a/f"), "x");
    CHECK_EQ(umount("a"), 0);
    CHECK(open("a/f", O_RDWR) >= 0);
}

TEST(noexec_and_nodev) {
    isolate();
    CHECK_EQ(mkdir("m", 0755), 0);
    CHECK_EQ(mount("none", "m", "tmpfs", MS_NOEXEC | MS_NODEV, NULL), 0);
    spit("m/s", "#!/bin/sh\nexit 0\n");
    CHECK_EQ(chmod("m/s", 0755), 0);
    char *argv[] = {"s", NULL};
    CHECK_ERRNO(execv("m/s", argv), EACCES);
    CHECK_ERRNO(access("m/s", X_OK), EACCES);
    CHECK_EQ(mknod("m/null", S_IFCHR | 0666, 0x103), 0);
    CHECK_ERRNO(open("m/null", O_RDWR), EACCES);
}

TEST(errors) {
    isolate();
    CHECK_EQ(mkdir("m", 0755), 0);
    CHECK_ERRNO(mount("none", "m", "nosuchfs", 0, NULL), ENODEV);
    CHECK_ERRNO(mount("none", "absent", "tmpfs", 0, NULL), ENOENT);
    CHECK_ERRNO(mount("absent", "m", NULL, MS_BIND, NULL), ENOENT);
    CHECK_ERRNO(mount("none", "m", "tmpfs", 0, "nosuchoption=1"), EINVAL);
    CHECK_ERRNO(umount("m"), EINVAL);
    CHECK_ERRNO(umount("absent"), ENOENT);
    CHECK_ERRNO(umount2("m", 0x100), EINVAL);
    CHECK_ERRNO(mount(NULL, "m", NULL, MS_REMOUNT, NULL), EINVAL);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(setresuid(1000, 1000, 1000), 0);
        CHECK_ERRNO(mount("none", "m", "tmpfs", 0, NULL), EPERM);
        CHECK_ERRNO(umount("m"), EPERM);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

TEST(move_and_stack) {
    isolate();
    CHECK_EQ(mkdir("a", 0755), 0);
    CHECK_EQ(mkdir("b", 0755), 0);
    CHECK_EQ(mount("none", "a", "tmpfs", 0, NULL), 0);
    spit("a/f", "first");
    CHECK_EQ(mount("a", "b", NULL, MS_MOVE, NULL), 0);
    CHECK_STR(slurp("b/f"), "first");
    CHECK_STR(slurp("a/f"), "");
    CHECK_EQ(mount("none", "b", "tmpfs", 0, NULL), 0);
    CHECK_STR(slurp("b/f"), ""); /* the one on top hides it */
    CHECK_EQ(umount("b"), 0);
    CHECK_STR(slurp("b/f"), "first");
    CHECK_EQ(umount("b"), 0);
}

TEST(dot_dot_leaves_a_mount) {
    struct stat outside, st;
    char cwd[PATH_MAX];
    isolate();
    CHECK_EQ(mkdir("m", 0755), 0);
    CHECK_EQ(stat(".", &outside), 0);
    CHECK_EQ(mount("none", "m", "tmpfs", 0, NULL), 0);
    CHECK_EQ(stat("m/..", &st), 0);
    CHECK_EQ(st.st_ino, outside.st_ino);
    CHECK_EQ(mkdir("m/d", 0755), 0);
    CHECK_EQ(chdir("m/d"), 0);
    CHECK(strcmp(getcwd(cwd, sizeof cwd) + strlen(cwd) - 4, "/m/d") == 0);
    CHECK_ERRNO(umount("../../m"), EBUSY); /* somebody stands in it */
    CHECK_EQ(umount2("../../m", MNT_DETACH), 0);
    spit("still", "here");
    CHECK_STR(slurp("still"), "here");
}

TEST(mountinfo_lists_them) {
    char line[PATH_MAX + 50], cwd[PATH_MAX];
    isolate();
    CHECK_EQ(mkdir("with space", 0755), 0);
    CHECK_EQ(mount("source", "with space", "tmpfs", MS_NOSUID | MS_RDONLY, NULL), 0);
    snprintf(line, sizeof line, " / %s/with\\040space ro,nosuid,relatime - tmpfs source ro", getcwd(cwd, sizeof cwd));
    CHECK(strstr(slurp("/proc/self/mountinfo"), line) != NULL);
}

TEST(pivot_root_and_detach) {
    isolate();
    pid_t pid = FORK();
    if (pid == 0) {
        struct stat st;
        CHECK_EQ(mkdir("root", 0755), 0);
        CHECK_EQ(mount("none", "root", "tmpfs", 0, NULL), 0);
        CHECK_EQ(mkdir("root/old", 0755), 0);
        spit("root/mark", "new root");
        CHECK_EQ(syscall(SYS_pivot_root, "root", "root/old"), 0);
        CHECK_EQ(chdir("/"), 0);
        CHECK_STR(slurp("/mark"), "new root");
        CHECK_EQ(stat("/old/proc", &st), 0);
        CHECK_EQ(umount2("/old", MNT_DETACH), 0);
        CHECK_ERRNO(stat("/old/proc", &st), ENOENT);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

TEST(propagation_private_and_shared) {
    int p[2], q[2];
    char c;
    isolate();
    CHECK_EQ(mkdir("m", 0755), 0);
    CHECK_EQ(mount("none", "m", "tmpfs", 0, NULL), 0);
    CHECK_EQ(mkdir("m/private", 0755), 0);
    MUST(pipe(p) == 0 && pipe(q) == 0);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(unshare(CLONE_NEWNS), 0);
        CHECK_EQ(write(p[1], "x", 1), 1);
        CHECK_EQ(read(q[0], &c, 1), 1);
        CHECK_STR(slurp("m/private/f"), ""); /* mounted after the namespaces parted */
        DONE();
    }
    CHECK_EQ(read(p[0], &c, 1), 1);
    CHECK_EQ(mount("none", "m/private", "tmpfs", 0, NULL), 0);
    spit("m/private/f", "x");
    CHECK_EQ(write(q[1], "x", 1), 1);
    CHECK_EXIT(pid, 0);
}

TEST(proc_can_be_mounted) {
    isolate();
    CHECK_EQ(mkdir("p", 0755), 0);
    CHECK_EQ(mount("proc", "p", "proc", 0, NULL), 0);
    CHECK(strlen(slurp("p/self/stat")) > 0);
    CHECK_EQ(umount("p"), 0);
}
