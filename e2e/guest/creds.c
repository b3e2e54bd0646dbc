/* Users, groups, capabilities, permission checks. */
#include "guest.h"
#include <grp.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>

struct caps {
    struct __user_cap_data_struct d[2];
};

static struct caps get_caps(void) {
    struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct caps c;
    MUST(syscall(SYS_capget, &h, c.d) == 0);
    return c;
}

static int set_caps(struct caps c) {
    struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
    return syscall(SYS_capset, &h, c.d);
}

static bool has_effective(int cap) {
    return get_caps().d[cap / 32].effective >> cap % 32 & 1;
}

static void drop_effective(int cap) {
    struct caps c = get_caps();
    c.d[cap / 32].effective &= ~(1u << cap % 32);
    MUST(set_caps(c) == 0);
}

static void become(uid_t uid, gid_t gid) {
    MUST(setgroups(0, NULL) == 0 && setresgid(gid, gid, gid) == 0 && setresuid(uid, uid, uid) == 0);
}

TEST(uids_of_root) {
    uid_t r, e, s;
    CHECK_EQ(setresuid(1000, 1001, 1002), 0);
    CHECK_EQ(getresuid(&r, &e, &s), 0);
    CHECK_EQ(r, 1000);
    CHECK_EQ(e, 1001);
    CHECK_EQ(s, 1002);
    CHECK_EQ(getuid() * 10000 + geteuid(), 10001001);
    CHECK_EQ(setresuid(-1, 1002, -1), 0); /* the saved one */
    CHECK_ERRNO(setresuid(-1, 0, -1), EPERM);
    CHECK_ERRNO(setresuid(-1, -1, 1003), EPERM);
    CHECK_ERRNO(setuid(0), EPERM);
    CHECK_EQ(setuid(1000), 0);
    CHECK_EQ(geteuid(), 1000);
    CHECK_ERRNO(syscall(SYS_getresuid, 8, &e, &s), EFAULT);
}

TEST(setuid_of_root_sets_all) {
    uid_t r, e, s;
    CHECK_EQ(setuid(1000), 0);
    CHECK_EQ(getresuid(&r, &e, &s), 0);
    CHECK_EQ(r + e + s, 3000);
    CHECK_ERRNO(seteuid(0), EPERM);
}

TEST(saved_uid_gives_root_back) {
    CHECK_EQ(seteuid(1000), 0);
    CHECK(!has_effective(CAP_CHOWN));
    CHECK(get_caps().d[0].permitted & 1 << CAP_CHOWN);
    CHECK_EQ(seteuid(0), 0);
    CHECK(has_effective(CAP_CHOWN));
}

TEST(setreuid_rules) {
    uid_t r, e, s;
    CHECK_EQ(setreuid(1000, 1001), 0);
    CHECK_EQ(getresuid(&r, &e, &s), 0);
    CHECK_EQ(s, 1001); /* follows the effective one */
    CHECK_EQ(setreuid(1001, 1000), 0);
    CHECK_ERRNO(setreuid(5, -1), EPERM);
}

TEST(gids) {
    gid_t r, e, s;
    CHECK_EQ(setresgid(10, 11, 12), 0);
    CHECK_EQ(getresgid(&r, &e, &s), 0);
    CHECK_EQ(r * 10000 + e * 100 + s, 101112);
    CHECK_EQ(setgid(20), 0);
    CHECK_EQ(getegid(), 20);
    CHECK_EQ(setuid(1000), 0);
    CHECK_ERRNO(setgid(0), EPERM);
    CHECK_ERRNO(setregid(0, 0), EPERM);
    CHECK_EQ(setregid(20, 20), 0);
}

TEST(supplementary_groups) {
    gid_t set[3] = {100, 200, 300}, got[10];
    CHECK_EQ(setgroups(3, set), 0);
    CHECK_EQ(getgroups(0, NULL), 3);
    CHECK_EQ(getgroups(10, got), 3);
    CHECK_EQ(got[0] + got[1] + got[2], 600);
    CHECK_ERRNO(getgroups(2, got), EINVAL);
    CHECK_ERRNO(getgroups(-1, got), EINVAL);
    CHECK_ERRNO(setgroups(65537, set), EINVAL);
    CHECK_ERRNO(syscall(SYS_setgroups, 3, 8), EFAULT);
    spit("f", "x");
    CHECK_EQ(chown("f", 0, 200), 0);
    CHECK_EQ(chmod("f", 0640), 0);
    CHECK_EQ(setresgid(1000, 1000, 1000), 0);
    CHECK_EQ(setresuid(1000, 1000, 1000), 0);
    CHECK(open("f", O_RDONLY) >= 0);
    CHECK_ERRNO(open("f", O_WRONLY), EACCES);
    CHECK_ERRNO(setgroups(0, NULL), EPERM);
}

TEST(permission_bits) {
    spit("f", "x");
    CHECK_EQ(chown("f", 1000, 2000), 0);
    int modes[] = {0400, 0040, 0004};
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(chmod("f", modes[i]), 0);
        uid_t uids[] = {1000, 1001, 1001};
        gid_t gids[] = {1, 2000, 1};
        for (int k = 0; k < 3; k++) { /* only the class that matches first counts */
            pid_t pid = FORK();
            if (pid == 0) {
                become(uids[k], gids[k]);
                if (i == k)
                    CHECK(open("f", O_RDONLY) >= 0);
                else
                    CHECK_ERRNO(open("f", O_RDONLY), EACCES);
                DONE();
            }
            CHECK_EXIT(pid, 0);
        }
    }
}

TEST(directory_permissions) {
    struct stat st;
    CHECK_EQ(mkdir("d", 0755), 0);
    spit("d/f", "x");
    CHECK_EQ(chown("d", 1000, 1000), 0);
    pid_t pid = FORK();
    if (pid == 0) {
        become(1000, 1000);
        CHECK_EQ(chmod("d", 0300), 0);
        CHECK_EQ(stat("d/f", &st), 0);
        CHECK_ERRNO(open("d", O_RDONLY), EACCES);
        CHECK_EQ(close(open("d/new", O_CREAT | O_RDWR, 0600)), 0);
        CHECK_EQ(chmod("d", 0500), 0);
        CHECK_ERRNO(open("d/other", O_CREAT | O_RDWR, 0600), EACCES);
        CHECK_ERRNO(unlink("d/new"), EACCES);
        CHECK_EQ(chmod("d", 0600), 0);
        CHECK_ERRNO(stat("d/f", &st), EACCES);
        CHECK_ERRNO(chdir("d"), EACCES);
        CHECK_EQ(chmod("d", 0700), 0);
        CHECK_EQ(unlink("d/f"), 0); /* somebody else's file, in one's own directory */
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

TEST(ownership_changes) {
    spit("f", "x");
    CHECK_EQ(chown("f", 1000, 1000), 0);
    spit("g", "x");
    pid_t pid = FORK();
    if (pid == 0) {
        gid_t groups[1] = {77};
        MUST(setgroups(1, groups) == 0 && setresgid(1000, 1000, 1000) == 0 && setresuid(1000, 1000, 1000) == 0);
        CHECK_ERRNO(chown("f", 1001, -1), EPERM);
        CHECK_EQ(chown("f", -1, 77), 0); /* to a group one is in */
        CHECK_ERRNO(chown("f", -1, 78), EPERM);
        CHECK_ERRNO(chmod("g", 0777), EPERM);
        CHECK_EQ(chmod("f", 02755), 0);
        struct stat st;
        CHECK_EQ(stat("f", &st), 0);
        CHECK_EQ(st.st_mode & 07777, 02755);
        CHECK_ERRNO(utimensat(AT_FDCWD, "g", NULL, 0), EACCES);
        struct timespec t[2] = {{1, 0}, {1, 0}};
        CHECK_ERRNO(utimensat(AT_FDCWD, "g", t, 0), EPERM);
        CHECK_EQ(utimensat(AT_FDCWD, "f", t, 0), 0);
        CHECK_ERRNO(mknod("d", S_IFCHR | 0600, 0x103), EACCES);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

TEST(setuid_programs) {
    char buf[65536], self[PATH_MAX];
    ssize_t n = readlink(GUEST_SELF, self, sizeof self - 1);
    MUST(n > 0);
    self[n] = 0;
    int in = open(self, O_RDONLY), out = open("prog", O_CREAT | O_WRONLY, 0755);
    while ((n = read(in, buf, sizeof buf)) > 0)
        MUST(write(out, buf, n) == n);
    close(out);
    CHECK_EQ(chown("prog", 1234, 4321), 0);
    for (int nnp = 0; nnp < 2; nnp++) {
        CHECK_EQ(chmod("prog", 06755), 0);
        pid_t pid = FORK();
        if (pid == 0) {
            become(1000, 1000);
            if (nnp)
                CHECK_EQ(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
            execl("./prog", "prog", "@show_ids", nnp ? "1" : "0", NULL);
            _exit(98);
        }
        CHECK_EXIT(pid, 33);
    }
}

HELPER(show_ids) {
    uid_t r, e, s;
    gid_t rg, eg, sg;
    getresuid(&r, &e, &s);
    getresgid(&rg, &eg, &sg);
    if (argv[0][0] == '1')
        return r == 1000 && e == 1000 && s == 1000 && eg == 1000 ? 33 : 1;
    return r == 1000 && e == 1234 && s == 1234 && rg == 1000 && eg == 4321 && sg == 4321 ? 33 : 2;
}

TEST(capabilities_over_uid_changes) {
    CHECK(has_effective(CAP_DAC_OVERRIDE));
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(setresuid(1000, 1000, 1000), 0);
        struct caps c = get_caps();
        CHECK_EQ(c.d[0].permitted | c.d[0].effective | c.d[1].permitted, 0);
        DONE();
    }
    CHECK_EXIT(pid, 0);
    pid = FORK();
    if (pid == 0) {
        CHECK_EQ(prctl(PR_SET_KEEPCAPS, 1), 0);
        CHECK_EQ(prctl(PR_GET_KEEPCAPS), 1);
        CHECK_EQ(setresuid(1000, 1000, 1000), 0);
        struct caps c = get_caps();
        CHECK_EQ(c.d[0].effective, 0);
        CHECK(c.d[0].permitted & 1 << CAP_CHOWN);
        c.d[0].effective = 1 << CAP_CHOWN;
        CHECK_EQ(set_caps(c), 0);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

TEST(dropped_capabilities_bind_root) {
    spit("f", "x");
    CHECK_EQ(chown("f", 1000, 1000), 0);
    CHECK_EQ(chmod("f", 0600), 0);
    drop_effective(CAP_DAC_OVERRIDE);
    drop_effective(CAP_DAC_READ_SEARCH);
    CHECK_ERRNO(open("f", O_RDONLY), EACCES);
    drop_effective(CAP_CHOWN);
    CHECK_ERRNO(chown("f", 0, 0), EPERM);
    drop_effective(CAP_FOWNER);
    CHECK_ERRNO(chmod("f", 0666), EPERM);
    drop_effective(CAP_SETUID);
    CHECK_ERRNO(setuid(1000), EPERM);
    drop_effective(CAP_SYS_CHROOT);
    CHECK_ERRNO(chroot("."), EPERM);
    struct caps c = get_caps();
    c.d[0].permitted &= ~(1u << CAP_CHOWN);
    CHECK_EQ(set_caps(c), 0);
    c.d[0].permitted |= 1u << CAP_CHOWN;
    CHECK_ERRNO(set_caps(c), EPERM); /* no way back */
    c = get_caps();
    c.d[0].effective |= 1u << CAP_CHOWN;
    CHECK_ERRNO(set_caps(c), EPERM);
}

TEST(capget_errors) {
    struct __user_cap_header_struct h = {0x12345678, 0};
    struct caps c;
    CHECK_ERRNO(syscall(SYS_capget, &h, c.d), EINVAL);
    CHECK_EQ(h.version, _LINUX_CAPABILITY_VERSION_3);
    h.pid = 99999999;
    CHECK_ERRNO(syscall(SYS_capget, &h, c.d), ESRCH);
    h.pid = -1;
    CHECK_ERRNO(syscall(SYS_capget, &h, c.d), EINVAL);
    h.pid = getppid();
    CHECK_EQ(syscall(SYS_capget, &h, c.d), 0);
    CHECK_ERRNO(syscall(SYS_capset, &h, c.d), EPERM);
    CHECK_ERRNO(syscall(SYS_capget, 8, c.d), EFAULT);
}

TEST(bounding_and_ambient_sets) {
    CHECK_EQ(prctl(PR_CAPBSET_READ, CAP_CHOWN), 1);
    CHECK_ERRNO(prctl(PR_CAPBSET_READ, 99), EINVAL);
    CHECK_EQ(prctl(PR_CAPBSET_DROP, CAP_CHOWN), 0);
    CHECK_EQ(prctl(PR_CAPBSET_READ, CAP_CHOWN), 0);
    CHECK(has_effective(CAP_CHOWN)); /* only execve looks at it */
    pid_t pid = FORK();
    if (pid == 0) {
        execl(GUEST_SELF, "self", "@has_cap", "0", NULL);
        _exit(98);
    }
    CHECK_EXIT(pid, 0);
    CHECK_ERRNO(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0), EPERM); /* not inheritable yet */
    struct caps c = get_caps();
    c.d[0].inheritable |= 1 << CAP_KILL;
    CHECK_EQ(set_caps(c), 0);
    CHECK_EQ(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0), 0);
    CHECK_EQ(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL, 0, 0), 1);
    pid = FORK();
    if (pid == 0) {
        CHECK_EQ(prctl(PR_SET_KEEPCAPS, 1), 0);
        CHECK_EQ(prctl(PR_SET_SECUREBITS, 1 << 2 /* no setuid fixup */), 0);
        CHECK_EQ(setresuid(1000, 1000, 1000), 0);
        execl(GUEST_SELF, "self", "@has_cap", "5", NULL);
        _exit(98);
    }
    CHECK_EXIT(pid, 1);
    CHECK_EQ(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), 0);
    CHECK_EQ(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL, 0, 0), 0);
}

HELPER(has_cap) {
    return has_effective(atoi(argv[0]));
}

TEST(fsuid) {
    spit("f", "x");
    CHECK_EQ(chmod("f", 0600), 0);
    CHECK_EQ(setfsuid(1000), 0); /* answers the old one */
    CHECK_EQ(setfsuid(-1), 1000);
    CHECK_ERRNO(open("f", O_RDONLY), EACCES);
    CHECK_EQ(geteuid(), 0);
    CHECK_EQ(setfsuid(0), 1000);
    CHECK(open("f", O_RDONLY) >= 0);
    CHECK_EQ(setfsgid(5), 0);
    CHECK_EQ(setfsgid(-1), 5);
}

TEST(kill_permissions) {
    int p[2];
    char c;
    MUST(pipe(p) == 0);
    pid_t victim = FORK();
    if (victim == 0) {
        become(1000, 1000);
        CHECK_EQ(write(p[1], "x", 1), 1);
        for (;;)
            pause();
    }
    CHECK_EQ(read(p[0], &c, 1), 1);
    pid_t pid = FORK();
    if (pid == 0) {
        become(1001, 1001);
        CHECK_ERRNO(kill(getppid(), 0), EPERM);
        CHECK_ERRNO(kill(victim, 0), EPERM);
        CHECK_ERRNO(kill(1, SIGTERM), EPERM);
        DONE();
    }
    CHECK_EXIT(pid, 0);
    pid = FORK();
    if (pid == 0) {
        become(1000, 1000);
        CHECK_EQ(kill(victim, SIGKILL), 0);
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CHECK_KILLED(victim, SIGKILL);
}

static void *change_all(void *arg GUEST_UNUSED) {
    CHECK_EQ(setuid(1000), 0); /* glibc carries it to every thread */
    return NULL;
}

TEST(setuid_in_threads) {
    pthread_t t;
    MUST(pthread_create(&t, NULL, change_all, NULL) == 0);
    pthread_join(t, NULL);
    CHECK_EQ(getuid(), 1000);
}

static void *change_one(void *arg GUEST_UNUSED) {
    CHECK_EQ(syscall(SYS_setresuid, 1000, 1000, 1000), 0);
    CHECK_EQ(getuid(), 1000);
    return NULL;
}

TEST(credentials_are_per_thread) {
    pthread_t t;
    MUST(pthread_create(&t, NULL, change_one, NULL) == 0);
    pthread_join(t, NULL);
    CHECK_EQ(getuid(), 0);
}
