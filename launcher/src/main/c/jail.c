/*
 * What a JVM of ours gives up between fork and exec, so that it has nothing to give away: its own namespaces, a root that
 * holds only what it runs from, an unprivileged user, no capability it does not need, no way to get more.
 *
 * The order matters. The files are put together while we may still mount, and before the user namespace is made: they
 * belong to the outer one, so nothing inside can change them. docs/security.md has the reasons.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "idmaps.h"
#include "launcher.h"

enum { NOBODY = 65534 };
#define BIT(cap) (1ull << (cap))

struct jail jail_sentry = {.nobody = 1};
struct jail jail_gofer = {
    .own_network = 1,
    .capabilities = BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_FOWNER) | BIT(CAP_FSETID),
};
int jail_off;

/* ---- capabilities ---- */

/* Permitted ones. */
static uint64_t capabilities_now(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{0}};
    if (syscall(SYS_capget, &header, data)) return 0;
    return data[0].permitted | (uint64_t)data[1].permitted << 32;
}

static void capabilities_set(uint64_t kept) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    for (int i = 0; i < 2; i++)
        data[i].effective = data[i].permitted = data[i].inheritable = (uint32_t)(kept >> 32 * i);
    if (syscall(SYS_capset, &header, data)) fail("cannot drop capabilities: %s", strerror(errno));
}

/* No later exec can bring back what is not in this set. */
static void bound(uint64_t kept) {
    for (int cap = 0; cap < 64; cap++)
        if (!(kept & BIT(cap)) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0)) {
            if (errno == EINVAL) return; /* the kernel knows no more */
            fail("cannot drop capability %d: %s", cap, strerror(errno));
        }
}

/* Keeps exactly `kept`, over the exec and for good: being user 0 means nothing any more. */
static void keep_capabilities(uint64_t kept) {
    const unsigned long bits = SECURE_ALL_BITS & ~SECBIT_KEEP_CAPS;
    uint64_t now = capabilities_now();
    kept &= now;
    capabilities_set((kept | BIT(CAP_SETPCAP)) & now);
    bound(kept);
    for (int cap = 0; cap < 64; cap++)
        if (kept & BIT(cap) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0))
            fail("cannot keep capability %d: %s", cap, strerror(errno));
    if (prctl(PR_SET_SECUREBITS, bits | SECURE_ALL_LOCKS, 0, 0, 0)) fail("cannot lock capabilities: %s", strerror(errno));
    capabilities_set(kept);
}

/* ---- files ---- */

/* Where glibc's loader looks when it has no cache. */
static const char *const library_directories[] = {
    "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib", NULL,
};
/* The last three are for JDKs that distributions build. */
static const char *const libraries[] = {
    "libc.so.6", "libdl.so.2", "libpthread.so.0", "libm.so.6", "librt.so.1", "libz.so.1", "libgcc_s.so.1", "libstdc++.so.6", NULL,
};

int mount_attributes(int fd, const char *path, int flags, const struct mount_attributes *attributes) {
    return (int)syscall(SYS_mount_setattr, fd, path, flags, attributes, sizeof *attributes);
}

/* The new root is put together on a directory that exists everywhere and is not part of it. */
static const char *place(void) {
    return install_path("bin");
}

static void make_place(const char *target, int directory) {
    char *path = text("%s", target);
    for (char *slash = strchr(path + strlen(place()) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(path, 0755);
        *slash = '/';
    }
    if (directory) mkdir(path, 0755);
    else {
        int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
        if (fd >= 0) close(fd);
    }
}

/* `path` of the host, at the same path of the new root, read-only. The same inodes: pages are shared between sandboxes. */
static void bind_as(const char *path, const char *name, int more) {
    struct stat status;
    const char *target = text("%s%s", place(), name);
    if (stat(path, &status)) fail("the sandbox needs %s: %s", path, strerror(errno));
    struct mount_attributes wanted = {.set = MOUNT_RDONLY | MOUNT_NOSUID | more};
    if (!S_ISCHR(status.st_mode)) wanted.set |= MOUNT_NODEV;
    make_place(target, S_ISDIR(status.st_mode));
    if (mount(path, target, NULL, MS_BIND | MS_REC, NULL)) fail("cannot show %s to the sandbox: %s", path, strerror(errno));
    if (!mount_attributes(AT_FDCWD, target, 0x8000 /* AT_RECURSIVE */, &wanted)) return;
    if (errno != ENOSYS || mount(NULL, target, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID, NULL))
        fail("cannot make %s read-only for the sandbox: %s", path, strerror(errno));
}

static void bind_here(const char *path) {
    bind_as(path, path, 0);
}

static void bind_libraries(void) {
    bind_here("/lib64/ld-linux-x86-64.so.2");
    for (const char *const *name = libraries; *name; name++)
        for (const char *const *directory = library_directories; *directory; directory++) {
            const char *path = text("%s/%s", *directory, *name);
            if (access(path, R_OK)) continue;
            bind_here(path);
            break;
        }
}

/*
 * Plug-ins' jars, separated by colons; those that are not there are the JVM's to name. Loading them makes a SecureRandom, which
 * without a device collects its seed from the clock for eight seconds.
 */
static void bind_plugins(const char *list) {
    char *directory = getcwd(NULL, 0); /* relative ones are in the caller's */
    if (list) bind_here("/dev/random");
    if (list) bind_here("/dev/urandom");
    while (list && *list) {
        size_t length = strcspn(list, ":");
        char *path = text("%.*s", (int)length, list), *absolute = path;
        if (*path && *path != '/') absolute = text("%s/%s", directory ? directory : "", path);
        if (*path && !access(path, R_OK)) bind_as(path, absolute, MOUNT_NOEXEC);
        list += length + (list[length] == ':');
    }
}

/*
 * Of /proc: what the CPU can do, how the network is set, and the process's own directory, as a mount of its own: ".." does
 * not lead out of it. (The JVM finds its libraries and gives back memory with it.)
 */
static void bind_proc(const struct jail *jail) {
    char self[64] = "/proc/";
    ssize_t length = readlink("/proc/self", self + 6, sizeof self - 7);
    if (length <= 0) fail("the sandbox needs /proc: %s", strerror(errno));
    bind_as("/proc/cpuinfo", "/proc/cpuinfo", MOUNT_NOEXEC);
    bind_as(self, "/proc/self", MOUNT_NOEXEC);
    if (!jail->own_network && !access("/proc/sys/net", R_OK)) bind_as("/proc/sys/net", "/proc/sys/net", MOUNT_NOEXEC);
}

static void change_root(const struct jail *jail) {
    static const char options[] = "size=256k,nr_inodes=256,mode=755";
    unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) || mount("gvj", place(), "tmpfs", flags, options))
        fail("cannot make an empty root for the sandbox: %s", strerror(errno));
    bind_here(install_path("jre"));
    bind_here(install_path("lib"));
    bind_libraries();
    bind_plugins(jail->files);
    bind_proc(jail);
    if (mount(NULL, place(), NULL, MS_REMOUNT | MS_RDONLY | flags, options) || chdir(place()) ||
        syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) || chdir("/"))
        fail("cannot enter the sandbox's root: %s", strerror(errno));
}

/* ---- users ---- */

/* Maps two ids, and no others, to themselves. `self` is the caller's directory in /proc. */
static int map_ids(int self, uid_t uid, gid_t gid) {
    struct id_maps maps = {.uids = text("%u %u 1", uid, uid), .gids = text("%u %u 1", gid, gid)};
    return idmaps_write(self, &maps);
}

/* Nobody, as far as we may: a caller that is not root has only one id. Capabilities stay until they are dropped. */
static void become_nobody(void) {
    if (geteuid()) return;
    prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
    if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY))
        fail("cannot become user %d: %s", NOBODY, strerror(errno));
}

/*
 * A user namespace: whoever gets capabilities in it has none over anything that was there before. Not with a capability that
 * is kept, which would mean nothing there; and where the host refuses, there is no capability to lose all the same.
 */
static void leave_user_namespace(int self) {
    uid_t uid = geteuid();
    gid_t gid = getegid();
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* else /proc/PID/uid_map would be root's */
    if (!unshare(CLONE_NEWUSER) && map_ids(self, uid, gid)) fail("cannot map the sandbox's user: %s", strerror(errno));
}

void jail_prepare(void) {
    uid_t uid = geteuid();
    gid_t gid = getegid();
    if (jail_off || capabilities_now() & BIT(CAP_SYS_ADMIN)) return;
    int self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (self < 0 || unshare(CLONE_NEWUSER | CLONE_NEWNS) || map_ids(self, uid, gid))
        fail("cannot confine the sandbox: user %d may not make user namespaces here (%s). Run gvj as root, or let users make them "
             "(sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns), "
             "or go without the jail: gvj --jail=off do ...",
             (int)uid, strerror(errno));
    close(self);
}

/* ---- processes ---- */

/* Its writing end is open as long as the launcher lives. */
static int alive[2] = {-1, -1};

pid_t jail_fork(const struct jail *jail) {
    if (alive[0] < 0 && pipe2(alive, O_CLOEXEC)) return -1;
    if (!jail || jail_off) return fork();
    long flags = SIGCHLD | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | (jail->own_network ? CLONE_NEWNET : 0);
    return (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, 0);
}

void jail_bind_to_parent(void) {
    struct pollfd parent = {.fd = alive[0]};
    close(alive[1]);
    alive[1] = -1;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (poll(&parent, 1, 0)) _exit(STATUS_FAILURE); /* it died before that */
}

void jail_enter(const struct jail *jail) {
    if (!jail || jail_off) return;
    struct rlimit limit;
    int self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (self < 0) fail("cannot open /proc/self: %s", strerror(errno));
    if (!getrlimit(RLIMIT_NPROC, &limit)) { /* it counts what all sandboxes run as nobody */
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NPROC, &limit);
    }
    sethostname("gvj", 3);
    change_root(jail);
    if (jail->nobody) become_nobody();
    if (jail->nobody && !jail->capabilities) leave_user_namespace(self);
    if (jail->maps) idmaps_enter(self, jail->maps);
    keep_capabilities(jail->capabilities);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) fail("no_new_privs: %s", strerror(errno));
    jail_bind_to_parent(); /* changes of ids cleared it */
}
