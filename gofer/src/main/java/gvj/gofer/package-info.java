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
 * <p>{@link gvj.gofer.Main} starts a process; {@link gvj.gofer.GoferServer} can run in any process (tests do so).
 */
package gvj.gofer;
