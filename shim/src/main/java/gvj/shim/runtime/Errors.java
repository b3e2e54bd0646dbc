package gvj.shim.runtime;

import gvj.host.HostErrno;

/** Error numbers in words. dockerd looks for some of these in a failed start's message. */
public final class Errors {
    private Errors() {}

    /** What strerror(3) says of the usual ones, and the number of others. */
    public static String text(int errno) {
        return switch (errno) {
            case HostErrno.EPERM -> "operation not permitted";
            case HostErrno.ENOENT -> "no such file or directory";
            case HostErrno.EIO -> "input/output error";
            case HostErrno.ENXIO -> "no such device or address";
            case HostErrno.E2BIG -> "argument list too long";
            case HostErrno.ENOMEM -> "cannot allocate memory";
            case HostErrno.EACCES -> "permission denied";
            case HostErrno.ENOTDIR -> "not a directory";
            case HostErrno.EISDIR -> "is a directory";
            case HostErrno.EINVAL -> "invalid argument";
            case HostErrno.EMFILE, HostErrno.ENFILE -> "too many open files";
            case HostErrno.EROFS -> "read-only file system";
            case HostErrno.ENAMETOOLONG -> "file name too long";
            default -> "errno " + errno;
        };
    }
}
