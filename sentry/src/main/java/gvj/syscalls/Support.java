package gvj.syscalls;

/** How much of Linux's behaviour a system call has here. */
public enum Support {
    /** Everything a program can see, as far as we know. */
    FULL,
    /** The note in the table says what is missing. */
    PARTIAL,
    /** Answers ENOSYS, or the errno Linux gives where the feature is not configured. */
    NONE
}
