/* Namespaces: UTS, PID, IPC, mount and user; setns; ns files. */
#include "guest.h"
#include <grp.h>
#include <sched.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/shm.h>

static char *ns_link(const char *name) {
    static char link[64];
    char path[64];
    snprintf(path, sizeof path, "/proc/self/ns/%s", name);
    ssize_t n = readlink(path, link, sizeof link - 1);
    link[n > 0 ? n : 0] = 0;
    return link;
}

TEST(uts) {
    char host[65], mine[65];
    CHECK_EQ(gethostname(host, sizeof host), 0);
    int old = open("/proc/self/ns/uts", O_RDONLY);
    CHECK(old >= 0);
    CHECK_EQ(unshare(CLONE_NEWUTS), 0);
    CHECK_EQ(sethostname("inside", 6), 0);
    CHECK_EQ(setdomainname("dom", 3), 0);
    CHECK_EQ(gethostname(mine, sizeof mine), 0);
    CHECK_STR(mine, "inside");
    CHECK_STR(slurp("/proc/sys/kernel/hostname"), "inside\n");
    CHECK_EQ(setns(old, CLONE_NEWUTS), 0);
    CHECK_EQ(gethostname(mine, sizeof mine), 0);
    CHECK_STR(mine, host);
    CHECK_ERRNO(setns(old, CLONE_NEWIPC), EINVAL);
    CHECK_ERRNO(setns(9999, 0), EBADF);
    CHECK_ERRNO(setns(0, 0), EINVAL);
}

TEST(links_name_the_namespace) {
    char before[64];
    strcpy(before, ns_link("uts"));
    CHECK(strncmp(before, "uts:[", 5) == 0);
    CHECK(strncmp(ns_link("mnt"), "mnt:[", 5) == 0);
    CHECK(strncmp(ns_link("user"), "user:[", 6) == 0);
    CHECK_EQ(unshare(CLONE_NEWUTS), 0);
    CHECK(strcmp(before, ns_link("uts")) != 0);
}

TEST(pid) {
    pid_t seen[2] = {0, 0};
    int p[2];
    MUST(pipe(p) == 0);
    CHECK_EQ(unshare(CLONE_NEWPID), 0);
    pid_t pid = FORK(); /* the init of the new one */
    if (pid == 0) {
        CHECK_EQ(getpid(), 1);
        CHECK_EQ(getppid(), 0);
        pid_t child = FORK();
        if (child == 0) {
            seen[0] = getpid();
            seen[1] = getppid();
            CHECK_EQ(write(p[1], seen, sizeof seen), sizeof seen);
            CHECK_ERRNO(kill(3000000, 0), ESRCH);
            DONE();
        }
        CHECK_EQ(child, 2);
        CHECK_EXIT(child, 0);
        pid_t left = FORK(); /* dies with its init */
        if (left == 0) {
            pause();
            DONE();
        }
        DONE();
    }
    CHECK(pid > 1);
    CHECK_EQ(read(p[0], seen, sizeof seen), sizeof seen);
    CHECK_EQ(seen[0], 2);
    CHECK_EQ(seen[1], 1);
    CHECK_EXIT(pid, 0);
    close(p[1]);
    CHECK_EQ(read(p[0], seen, 1), 0); /* all gone */
    CHECK_ERRNO(fork(), ENOMEM);      /* no init, no children */
}

TEST(pid_init_ignores_signals) {
    CHECK_EQ(unshare(CLONE_NEWPID), 0);
    pid_t pid = FORK();
    if (pid == 0) {
        raise(SIGTERM); /* without a handler, from inside: nothing */
        kill(1, SIGKILL);
        pid_t orphan_maker = FORK();
        if (orphan_maker == 0) {
            pid_t orphan = FORK();
            if (orphan == 0) {
                UNTIL(getppid() == 1);
                _exit(44);
            }
            _exit(0);
        }
        CHECK_EXIT(orphan_maker, 0);
        int status = 0;
        CHECK(wait(&status) > 0);
        CHECK_EQ(WEXITSTATUS(status), 44);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

TEST(ipc) {
    int id = shmget(0x67756573, 4096, IPC_CREAT | 0600);
    CHECK(id >= 0);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(unshare(CLONE_NEWIPC), 0);
        CHECK_ERRNO(shmget(0x67756573, 4096, 0), ENOENT);
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CHECK_EQ(shmctl(id, IPC_RMID, NULL), 0);
}

static void map_ids(const char *file, const char *text) {
    int fd = open(file, O_WRONLY);
    CHECK(fd >= 0);
    CHECK_EQ(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

TEST(user) {
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(setresgid(1000, 1000, 1000), 0);
        CHECK_EQ(setresuid(1000, 1000, 1000), 0);
        CHECK_EQ(prctl(PR_SET_DUMPABLE, 1), 0); /* or /proc/self would be root's after the change of user */
        CHECK_EQ(unshare(CLONE_NEWUSER), 0);
        CHECK_EQ(getuid(), 65534); /* not mapped yet */
        map_ids("/proc/self/setgroups", "deny");
        map_ids("/proc/self/uid_map", "0 1000 1");
        map_ids("/proc/self/gid_map", "0 1000 1");
        CHECK_EQ(getuid() + getgid() + geteuid(), 0);
        CHECK_EQ(unshare(CLONE_NEWUTS), 0); /* root in here */
        CHECK_EQ(sethostname("x", 1), 0);
        CHECK_ERRNO(setgroups(0, NULL), EPERM);
        CHECK_ERRNO(setuid(5), EINVAL); /* no such user here */
        struct stat st;
        CHECK_EQ(stat("/", &st), 0);
        CHECK_EQ(st.st_uid, 65534);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

TEST(unshare_errors) {
    CHECK_ERRNO(unshare(0x1), EINVAL);
    CHECK_EQ(unshare(0), 0);
    CHECK_EQ(unshare(CLONE_THREAD), 0); /* alone already */
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(setresuid(1000, 1000, 1000), 0);
        CHECK_ERRNO(unshare(CLONE_NEWUTS), EPERM);
        CHECK_ERRNO(unshare(CLONE_NEWNS), EPERM);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}
