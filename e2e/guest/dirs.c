/* Directories: mkdir, rmdir, getdents64, the working directory, chroot, path walking. */
#include "guest.h"
#include <sys/sysmacros.h>

struct dirent64_k {
    uint64_t ino;
    int64_t off;
    uint16_t reclen;
    uint8_t type;
    char name[];
};

static int count_entries(const char *path) {
    int n = 0;
    DIR *dir = opendir(path);
    while (dir && readdir(dir))
        n++;
    if (dir)
        closedir(dir);
    return n;
}

TEST(mkdir_and_rmdir) {
    struct stat st;
    CHECK_EQ(mkdir("d", 0755), 0);
    CHECK_ERRNO(mkdir("d", 0755), EEXIST);
    CHECK_ERRNO(mkdir("a/b", 0755), ENOENT);
    CHECK_EQ(mkdir("slash/", 0700), 0);
    CHECK_ERRNO(mkdir("", 0755), ENOENT);
    CHECK_ERRNO(mkdir("/", 0755), EEXIST);
    spit("f", "");
    CHECK_ERRNO(mkdir("f/x", 0755), ENOTDIR);
    CHECK_ERRNO(mkdir("f", 0755), EEXIST);
    spit("d/f", "");
    CHECK_ERRNO(rmdir("d"), ENOTEMPTY);
    CHECK_ERRNO(rmdir("f"), ENOTDIR);
    CHECK_ERRNO(rmdir("absent"), ENOENT);
    CHECK_ERRNO(rmdir("d/."), EINVAL);
    CHECK_ERRNO(rmdir("d/.."), ENOTEMPTY);
    CHECK_ERRNO(rmdir("/"), EBUSY);
    CHECK_ERRNO(unlink("d"), EISDIR);
    CHECK_ERRNO(unlinkat(AT_FDCWD, "d", 0x100), EINVAL);
    CHECK_EQ(unlink("d/f"), 0);
    CHECK_EQ(unlinkat(AT_FDCWD, "d", AT_REMOVEDIR), 0);
    CHECK_ERRNO(stat("d", &st), ENOENT);
}

TEST(directory_stat) {
    struct stat st;
    CHECK_EQ(mkdir("d", 0751), 0);
    CHECK_EQ(stat("d", &st), 0);
    CHECK_EQ(st.st_mode, S_IFDIR | 0751);
    ino_t ino = st.st_ino;
    CHECK_EQ(stat("d/.", &st), 0);
    CHECK_EQ(st.st_ino, ino);
    CHECK_EQ(mkdir("d/e", 0755), 0);
    CHECK_EQ(stat("d/e/..", &st), 0);
    CHECK_EQ(st.st_ino, ino);
}

TEST(setgid_directory_inherits_group) {
    struct stat st;
    CHECK_EQ(mkdir("d", 0755), 0);
    CHECK_EQ(chown("d", 0, 1234), 0);
    CHECK_EQ(chmod("d", 02755), 0);
    spit("d/f", "");
    CHECK_EQ(mkdir("d/sub", 0755), 0);
    CHECK_EQ(stat("d/f", &st), 0);
    CHECK_EQ(st.st_gid, 1234);
    CHECK_EQ(st.st_mode & 07777, 0644);
    CHECK_EQ(stat("d/sub", &st), 0);
    CHECK_EQ(st.st_gid, 1234);
    CHECK_EQ(st.st_mode & 07777, 02755);
}

TEST(removed_while_open) {
    char cwd[PATH_MAX];
    CHECK_EQ(mkdir("d", 0755), 0);
    int fd = open("d", O_RDONLY | O_DIRECTORY);
    CHECK_EQ(rmdir("d"), 0);
    CHECK_ERRNO(openat(fd, "f", O_CREAT | O_RDWR, 0644), ENOENT);
    CHECK_ERRNO(mkdirat(fd, "x", 0755), ENOENT);
    CHECK_EQ(fchdir(fd), 0);
    CHECK_ERRNO(getcwd(cwd, sizeof cwd) ? 0 : -1, ENOENT);
    char buf[1000];
    CHECK_ERRNO(syscall(SYS_getdents64, fd, buf, sizeof buf), ENOENT);
    CHECK_EQ(chdir(".."), 0);
}

TEST(getdents_raw) {
    char buf[2000];
    int seen = 0, dots = 0;
    CHECK_EQ(mkdir("d", 0755), 0);
    spit("d/file", "");
    CHECK_EQ(mkdir("d/dir", 0755), 0);
    CHECK_EQ(symlink("x", "d/link"), 0);
    CHECK_EQ(mkfifo("d/fifo", 0644), 0);
    int fd = open("d", O_RDONLY | O_DIRECTORY);
    long n;
    while ((n = syscall(SYS_getdents64, fd, buf, sizeof buf)) > 0)
        for (long at = 0; at < n;) {
            struct dirent64_k *e = (void *)(buf + at);
            CHECK_EQ(e->reclen % 8, 0);
            CHECK(e->ino != 0);
            if (strcmp(e->name, "file") == 0)
                CHECK_EQ(e->type, DT_REG);
            else if (strcmp(e->name, "dir") == 0)
                CHECK_EQ(e->type, DT_DIR);
            else if (strcmp(e->name, "link") == 0)
                CHECK_EQ(e->type, DT_LNK);
            else if (strcmp(e->name, "fifo") == 0)
                CHECK_EQ(e->type, DT_FIFO);
            else
                dots++;
            seen++;
            at += e->reclen;
        }
    CHECK_EQ(n, 0);
    CHECK_EQ(seen, 6);
    CHECK_EQ(dots, 2);
    CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
    CHECK(syscall(SYS_getdents64, fd, buf, sizeof buf) > 0);
    CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
    CHECK_ERRNO(syscall(SYS_getdents64, fd, buf, 10), EINVAL);
    CHECK_ERRNO(syscall(SYS_getdents64, fd, 8, 1000), EFAULT);
    CHECK_ERRNO(syscall(SYS_getdents64, 1000, buf, 1000), EBADF);
    int file = open("d/file", O_RDONLY);
    CHECK_ERRNO(syscall(SYS_getdents64, file, buf, 1000), ENOTDIR);
}

TEST(seekdir_and_telldir) {
    char name[5][256];
    long where = 0;
    for (int i = 0; i < 40; i++) {
        snprintf(name[0], sizeof name[0], "f%d", i);
        spit(name[0], "");
    }
    DIR *dir = opendir(".");
    for (int i = 0; i < 20; i++) {
        if (i == 10)
            where = telldir(dir);
        struct dirent *e = readdir(dir);
        if (i >= 10 && i < 13)
            strcpy(name[i - 10], e->d_name);
    }
    seekdir(dir, where);
    for (int i = 0; i < 3; i++)
        CHECK_STR(readdir(dir)->d_name, name[i]);
    rewinddir(dir);
    int n = 0;
    while (readdir(dir))
        n++;
    CHECK_EQ(n, 42);
    closedir(dir);
}

TEST_T(five_thousand_entries_with_changes, 120) {
    enum { COUNT = 5000 };
    static unsigned char seen[COUNT];
    char name[32];
    int doubles = 0, strange = 0, missing = 0;
    CHECK_EQ(mkdir("d", 0755), 0);
    int dir = open("d", O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "entry-%d", i);
        int fd = openat(dir, name, O_CREAT | O_WRONLY, 0644);
        MUST(fd >= 0);
        close(fd);
    }
    CHECK_EQ(count_entries("d"), COUNT + 2);
    /* While it is read, even entries go and others come: what stays is seen exactly once. */
    char buf[4096];
    long n;
    int step = 0;
    while ((n = syscall(SYS_getdents64, dir, buf, sizeof buf)) > 0) {
        for (long at = 0; at < n;) {
            struct dirent64_k *e = (void *)(buf + at);
            int i = strncmp(e->name, "entry-", 6) == 0 ? atoi(e->name + 6) : -1;
            if (i >= 0)
                doubles += seen[i]++ > 0;
            else
                strange += e->name[0] != '.' && strncmp(e->name, "new-", 4) != 0;
            at += e->reclen;
        }
        for (int k = 0; k < 40 && step < COUNT; k++, step += 2) {
            snprintf(name, sizeof name, "entry-%d", step);
            unlinkat(dir, name, 0);
            snprintf(name, sizeof name, "new-%d", step);
            close(openat(dir, name, O_CREAT | O_WRONLY, 0644));
        }
    }
    CHECK_EQ(n, 0);
    for (int i = 1; i < COUNT; i += 2)
        missing += seen[i] != 1;
    CHECK_EQ(missing, 0);
    CHECK_EQ(doubles, 0);
    CHECK_EQ(strange, 0);
}

TEST(getcwd_and_chdir) {
    char start[PATH_MAX], cwd[PATH_MAX], want[PATH_MAX + 10];
    MUST(getcwd(start, sizeof start));
    CHECK_EQ(mkdir("a", 0755), 0);
    CHECK_EQ(symlink("a", "s"), 0);
    CHECK_EQ(chdir("s"), 0);
    snprintf(want, sizeof want, "%s/a", start);
    CHECK_STR(getcwd(cwd, sizeof cwd), want);
    CHECK_EQ(syscall(SYS_getcwd, cwd, sizeof cwd), (long)strlen(want) + 1);
    CHECK_ERRNO(syscall(SYS_getcwd, cwd, 3), ERANGE);
    CHECK_ERRNO(syscall(SYS_getcwd, 8, 4096), EFAULT);
    CHECK_EQ(rename("../a", "../b"), 0);
    snprintf(want, sizeof want, "%s/b", start);
    CHECK_STR(getcwd(cwd, sizeof cwd), want); /* follows the rename */
    CHECK_ERRNO(chdir("absent"), ENOENT);
    spit("f", "");
    CHECK_ERRNO(chdir("f"), ENOTDIR);
    int fd = open("f", O_RDONLY);
    CHECK_ERRNO(fchdir(fd), ENOTDIR);
    CHECK_ERRNO(fchdir(9999), EBADF);
    CHECK_EQ(chdir("/"), 0);
    CHECK_EQ(chdir("../.."), 0);
    CHECK_STR(getcwd(cwd, sizeof cwd), "/");
}

TEST(path_walking) {
    struct stat st;
    char path[PATH_MAX + 100], name[300];
    CHECK_EQ(mkdir("a", 0755), 0);
    CHECK_EQ(mkdir("a/b", 0755), 0);
    spit("a/b/f", "");
    CHECK_EQ(stat("a//b///f", &st), 0);
    CHECK_EQ(stat("./a/./b/../b/f", &st), 0);
    CHECK_ERRNO(stat("a/absent/../b/f", &st), ENOENT);
    CHECK_ERRNO(stat("a/b/f/..", &st), ENOTDIR);
    CHECK_ERRNO(stat("a/b/f/.", &st), ENOTDIR);
    memset(name, 'n', sizeof name);
    name[255] = 0;
    CHECK_EQ(mkdir(name, 0755), 0);
    CHECK_EQ(rmdir(name), 0);
    name[255] = 'n';
    name[256] = 0;
    CHECK_ERRNO(mkdir(name, 0755), ENAMETOOLONG);
    CHECK_ERRNO(stat(name, &st), ENAMETOOLONG);
    memset(path, '/', sizeof path);
    path[4094] = 'a';
    path[4095] = 0;
    CHECK_ERRNO(stat(path, &st), ENOENT);
    path[4095] = 'a';
    path[4096] = 0;
    CHECK_ERRNO(stat(path, &st), ENAMETOOLONG);
}

TEST(deep_directories) {
    enum { DEPTH = 300 };
    char name[60];
    memset(name, 'd', sizeof name - 1);
    name[sizeof name - 1] = 0;
    for (int i = 0; i < DEPTH; i++)
        MUST(mkdir(name, 0755) == 0 && chdir(name) == 0);
    char cwd[PATH_MAX];
    CHECK_ERRNO(syscall(SYS_getcwd, cwd, sizeof cwd), ENAMETOOLONG);
    spit("leaf", "deep");
    CHECK_STR(slurp("leaf"), "deep");
    CHECK_EQ(unlink("leaf"), 0);
    for (int i = 0; i < DEPTH; i++)
        MUST(chdir("..") == 0 && rmdir(name) == 0);
}

TEST(at_calls_use_the_directory) {
    struct stat st;
    CHECK_EQ(mkdir("d", 0755), 0);
    int fd = open("d", O_RDONLY | O_DIRECTORY);
    CHECK_EQ(rename("d", "moved"), 0);
    CHECK_EQ(mkdirat(fd, "x", 0755), 0);
    CHECK_EQ(stat("moved/x", &st), 0);
    CHECK_EQ(symlinkat("t", fd, "s"), 0);
    CHECK_EQ(mknodat(fd, "fifo", S_IFIFO | 0600, 0), 0);
    CHECK_EQ(linkat(fd, "fifo", AT_FDCWD, "hard", 0), 0);
    CHECK_EQ(renameat(fd, "s", AT_FDCWD, "s"), 0);
    CHECK_EQ(unlinkat(fd, "x", AT_REMOVEDIR), 0);
    CHECK_ERRNO(mkdirat(fd, "/absent/x", 0755), ENOENT);
    CHECK_ERRNO(mkdirat(9999, "x", 0755), EBADF);
    int file = open("file", O_CREAT | O_RDWR, 0644);
    CHECK_ERRNO(mkdirat(file, "x", 0755), ENOTDIR);
    CHECK_ERRNO(unlinkat(file, "x", 0), ENOTDIR);
}

TEST(mknod_types) {
    struct stat st;
    CHECK_EQ(mknod("reg", S_IFREG | 0640, 0), 0);
    CHECK_EQ(mknod("plain", 0600, 0), 0);
    CHECK_EQ(mknod("fifo", S_IFIFO | 0644, 0), 0);
    CHECK_EQ(mknod("sock", S_IFSOCK | 0644, 0), 0);
    CHECK_EQ(stat("plain", &st), 0);
    CHECK_EQ(st.st_mode, S_IFREG | 0600);
    CHECK_EQ(stat("sock", &st), 0);
    CHECK(S_ISSOCK(st.st_mode));
    CHECK_ERRNO(open("sock", O_RDONLY), ENXIO);
    CHECK_ERRNO(mknod("reg", S_IFREG, 0), EEXIST);
    CHECK_ERRNO(mknod("dir", S_IFDIR | 0755, 0), EPERM);
    CHECK_ERRNO(mknod("link", S_IFLNK | 0777, 0), EINVAL);
    CHECK_EQ(mknod("null", S_IFCHR | 0666, makedev(1, 3)), 0);
    CHECK_EQ(stat("null", &st), 0);
    CHECK_EQ(st.st_rdev, makedev(1, 3));
    CHECK(S_ISCHR(st.st_mode));
}

TEST(chroot_confines) {
    struct stat st, root;
    char cwd[PATH_MAX], *text = "inside";
    CHECK_EQ(mkdir("jail", 0755), 0);
    spit("jail/f", text);
    CHECK_EQ(symlink("/f", "jail/abs"), 0);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(chroot("jail"), 0);
        CHECK_EQ(syscall(SYS_getcwd, cwd, sizeof cwd) > 0, 1);
        CHECK(strncmp(cwd, "(unreachable)", 13) == 0); /* still outside */
        CHECK_EQ(chdir("/"), 0);
        CHECK_STR(getcwd(cwd, sizeof cwd), "/");
        CHECK_STR(slurp("/f"), text);
        CHECK_STR(slurp("abs"), text);
        CHECK_STR(slurp("../../../f"), text);
        CHECK_EQ(stat("/", &root), 0);
        CHECK_EQ(stat("/..", &st), 0);
        CHECK_EQ(st.st_ino, root.st_ino);
        CHECK_ERRNO(stat("/proc", &st), ENOENT);
        CHECK_ERRNO(chroot("f"), ENOTDIR);
        CHECK_EQ(setresuid(1000, 1000, 1000), 0);
        CHECK_ERRNO(chroot("/"), EPERM);
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CHECK_ERRNO(chroot("absent"), ENOENT);
}
