package gvj.vfs;

/** placeholder */
final class FileLocks {}
