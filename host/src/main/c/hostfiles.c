/* gvj.host.HostFiles: the calls on files and directories, relative to a directory descriptor. */
#include "host.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/xattr.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

/* Statx.java and Dirents.java know these layouts. */
#define AT(type, field, offset) _Static_assert(offsetof(type, field) == offset, #type "." #field)
AT(struct statx, stx_mask, 0);
AT(struct statx, stx_blksize, 4);
AT(struct statx, stx_attributes, 8);
AT(struct statx, stx_nlink, 16);
AT(struct statx, stx_uid, 20);
AT(struct statx, stx_gid, 24);
AT(struct statx, stx_mode, 28);
AT(struct statx, stx_ino, 32);
AT(struct statx, stx_size, 40);
AT(struct statx, stx_blocks, 48);
AT(struct statx, stx_atime, 64);
AT(struct statx, stx_btime, 80);
AT(struct statx, stx_ctime, 96);
AT(struct statx, stx_mtime, 112);
AT(struct statx, stx_rdev_major, 128);
AT(struct statx, stx_rdev_minor, 132);
AT(struct statx, stx_dev_major, 136);
AT(struct statx, stx_dev_minor, 140);
_Static_assert(sizeof(struct statx) == 256, "Statx.BYTES");
AT(struct dirent64, d_ino, 0);
AT(struct dirent64, d_off, 8);
AT(struct dirent64, d_reclen, 16);
AT(struct dirent64, d_type, 18);
AT(struct dirent64, d_name, 19);
AT(struct statfs, f_type, 0);
AT(struct statfs, f_bsize, 8);
AT(struct statfs, f_blocks, 16);
AT(struct statfs, f_bfree, 24);
AT(struct statfs, f_bavail, 32);
AT(struct statfs, f_files, 40);
AT(struct statfs, f_ffree, 48);
AT(struct statfs, f_fsid, 56);
AT(struct statfs, f_namelen, 64);
AT(struct statfs, f_frsize, 72);
AT(struct statfs, f_flags, 80);
_Static_assert(sizeof(struct statfs) == 120, "HostFiles.STATFS_BYTES");

/* The constants of HostFiles.java. */
_Static_assert(O_CREAT == 0100 && O_EXCL == 0200 && O_NOCTTY == 0400 && O_TRUNC == 01000 && O_APPEND == 02000 &&
                   O_NONBLOCK == 04000 && O_DIRECT == 040000 && O_DIRECTORY == 0200000 && O_NOFOLLOW == 0400000 &&
                   O_NOATIME == 01000000 && O_CLOEXEC == 02000000 && O_PATH == 010000000,
               "open flags");
_Static_assert(RESOLVE_NO_XDEV == 1 && RESOLVE_NO_MAGICLINKS == 2 && RESOLVE_NO_SYMLINKS == 4 &&
                   RESOLVE_BENEATH == 8 && RESOLVE_IN_ROOT == 16,
               "resolve flags");
_Static_assert(AT_SYMLINK_NOFOLLOW == 0x100 && AT_REMOVEDIR == 0x200 && AT_NO_AUTOMOUNT == 0x800 &&
                   AT_EMPTY_PATH == 0x1000,
               "at flags");
_Static_assert(STATX_BASIC_STATS == 0x7ff && STATX_BTIME == 0x800, "statx mask");
_Static_assert(RENAME_NOREPLACE == 1 && RENAME_EXCHANGE == 2 && RENAME_WHITEOUT == 4, "rename flags");
_Static_assert(UTIME_NOW == (1 << 30) - 1 && UTIME_OMIT == (1 << 30) - 2, "utimensat");

FILES(jint, openat2)(JNI_ARGS, jint dirfd, jlong path, jlong flags, jint mode, jlong resolve) {
    struct open_how how = {.flags = flags | O_CLOEXEC, .mode = mode, .resolve = resolve};
    return answer(syscall(SYS_openat2, dirfd, PTR(path), &how, sizeof how));
}

FILES(jint, statx)(JNI_ARGS, jint dirfd, jlong path, jint flags, jint mask, jlong to) {
    return answer(statx(dirfd, PTR(path), flags, mask, PTR(to)));
}

FILES(jint, fstatx)(JNI_ARGS, jint fd, jint mask, jlong to) {
    return answer(statx(fd, "", AT_EMPTY_PATH, mask, PTR(to)));
}

FILES(jint, syncfs)(JNI_ARGS, jint fd) { return answer(syncfs(fd)); }

FILES(jint, fstatfs)(JNI_ARGS, jint fd, jlong to) { return answer(fstatfs(fd, PTR(to))); }

FILES(jint, mkdirat)(JNI_ARGS, jint dirfd, jlong name, jint mode) { return answer(mkdirat(dirfd, PTR(name), mode)); }

FILES(jint, mknodat)(JNI_ARGS, jint dirfd, jlong name, jint mode, jlong dev) {
    return answer(mknodat(dirfd, PTR(name), mode, dev));
}

FILES(jint, symlinkat)(JNI_ARGS, jlong target, jint dirfd, jlong name) {
    return answer(symlinkat(PTR(target), dirfd, PTR(name)));
}

FILES(jint, linkat)(JNI_ARGS, jint fromDirfd, jlong from, jint toDirfd, jlong to, jint flags) {
    return answer(linkat(fromDirfd, PTR(from), toDirfd, PTR(to), flags));
}

FILES(jint, flinkat)(JNI_ARGS, jint fd, jint toDirfd, jlong to) {
    return answer(linkat(fd, "", toDirfd, PTR(to), AT_EMPTY_PATH));
}

FILES(jint, unlinkat)(JNI_ARGS, jint dirfd, jlong name, jint flags) { return answer(unlinkat(dirfd, PTR(name), flags)); }

FILES(jint, renameat2)(JNI_ARGS, jint fromDirfd, jlong from, jint toDirfd, jlong to, jint flags) {
    return answer(syscall(SYS_renameat2, fromDirfd, PTR(from), toDirfd, PTR(to), flags));
}

FILES(jint, readlinkat)(JNI_ARGS, jint dirfd, jlong name, jlong to, jint length) {
    return answer(readlinkat(dirfd, PTR(name), PTR(to), length));
}

FILES(jint, freadlink)(JNI_ARGS, jint fd, jlong to, jint length) { return answer(readlinkat(fd, "", PTR(to), length)); }

FILES(jint, fchmod)(JNI_ARGS, jint fd, jint mode) { return answer(fchmod(fd, mode)); }

FILES(jint, fchmodPath)(JNI_ARGS, jint fd, jint mode) {
    return answer(syscall(SYS_fchmodat2, fd, "", mode, AT_EMPTY_PATH));
}

FILES(jint, fchown)(JNI_ARGS, jint fd, jint uid, jint gid) { return answer(fchownat(fd, "", uid, gid, AT_EMPTY_PATH)); }

FILES(jint, futimens)(JNI_ARGS, jint fd, jlong atime, jint atimeNanos, jlong mtime, jint mtimeNanos) {
    struct timespec times[2] = {{atime, atimeNanos}, {mtime, mtimeNanos}};
    /* The raw call: an O_PATH descriptor is served through AT_EMPTY_PATH, which futimens(3) does not set. */
    return answer(syscall(SYS_utimensat, fd, "", times, AT_EMPTY_PATH));
}

FILES(jint, getdents64)(JNI_ARGS, jint fd, jlong to, jint length) {
    return answer(syscall(SYS_getdents64, fd, PTR(to), length));
}

FILES(jlong, fgetxattr)(JNI_ARGS, jint fd, jlong name, jlong value, jlong length) {
    return answer(fgetxattr(fd, PTR(name), PTR(value), length));
}

FILES(jint, fsetxattr)(JNI_ARGS, jint fd, jlong name, jlong value, jlong length, jint flags) {
    return answer(fsetxattr(fd, PTR(name), PTR(value), length, flags));
}

FILES(jlong, flistxattr)(JNI_ARGS, jint fd, jlong list, jlong length) {
    return answer(flistxattr(fd, PTR(list), length));
}

FILES(jint, fremovexattr)(JNI_ARGS, jint fd, jlong name) { return answer(fremovexattr(fd, PTR(name))); }

FILES(jint, flock)(JNI_ARGS, jint fd, jint operation) { return answer(flock(fd, operation)); }

FILES(jint, ofdLock)(JNI_ARGS, jint fd, jint type, jlong start, jlong length, jboolean wait) {
    struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
    return answer(fcntl(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &l));
}
