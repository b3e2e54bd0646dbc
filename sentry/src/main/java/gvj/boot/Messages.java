package gvj.boot;

import gvj.abi.Errno;

/** What strerror(3) says of the errors that starting a program can have. */
final class Messages {
    private Messages() {}

    static String of(int errno) {
        return switch (errno) {
            case Errno.ENOENT -> "No such file or directory";
            case Errno.EACCES -> "Permission denied";
            case Errno.ENOEXEC -> "Exec format error";
            case Errno.ENOTDIR -> "Not a directory";
            case Errno.EISDIR -> "Is a directory";
            case Errno.ELOOP -> "Too many levels of symbolic links";
            case Errno.ELIBBAD -> "Accessing a corrupted shared library";
            case Errno.E2BIG -> "Argument list too long";
            case Errno.ENOMEM -> "Cannot allocate memory";
            case Errno.EIO -> "Input/output error";
            case Errno.EINVAL -> "Invalid argument";
            case Errno.ETXTBSY -> "Text file busy";
            case Errno.ENAMETOOLONG -> "File name too long";
            case Errno.ENODEV -> "No such device";
            default -> Errno.name(errno);
        };
    }
}
