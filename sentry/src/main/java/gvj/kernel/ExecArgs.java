package gvj.kernel;

import java.util.List;

/**
 * What execve(2) or execveat(2) was asked for.
 *
 * @param dirfd where a relative path starts
 * @param path as given, for AT_EXECFN and scripts
 * @param flags AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW
 */
public record ExecArgs(int dirfd, String path, int flags, List<String> args, List<String> env) {}
