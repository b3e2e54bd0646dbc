/**
 * The gofer: the process that opens files for the Sentry, which it treats as hostile.
 *
 * <p>It never handles a path of the host: a file is a node, known by its place (parent node and name) and its identity
 * (device, inode, type). Every host call is made relative to a directory descriptor, with a single checked name or with
 * openat2(2) and RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS. It needs neither {@code /proc} nor any
 * other file once it runs, so its root can be a directory that holds nothing but the mounts.
 *
 * <p>Descriptors are few: only directories on the way need one (O_PATH), and the table closes those used least and
 * opens them again by place, believing them only if the identity is the same. So a million nodes need no million
 * descriptors.
 *
 * <p>Once it runs it makes these system calls, besides the JVM's own: accept4, recvmsg, sendmsg, socketpair, close, fcntl
 * (F_DUPFD_CLOEXEC), statx, openat2, getdents64, lseek, readlinkat, fstatfs, syncfs, mkdirat, mknodat, symlinkat, linkat,
 * unlinkat, renameat2, fchmodat2 (before Linux 6.6 fchmod), fchownat, utimensat, ftruncate, fsync, fdatasync, fgetxattr,
 * fsetxattr, flistxattr and fremovexattr. Of capabilities it needs CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH,
 * CAP_FOWNER and CAP_FSETID; without them what the host refuses is refused. A gofer
 * that is not root makes files that belong to its own user.
 *
 * <p>{@link gvj.gofer.Main} starts a process; {@link gvj.gofer.GoferServer} can run in any process (tests do so).
 */
package gvj.gofer;
