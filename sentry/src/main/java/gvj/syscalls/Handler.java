package gvj.syscalls;

import gvj.kernel.Task;

/**
 * A system call: decodes its arguments, calls one subsystem, encodes the answer.
 *
 * <p>Answers {@code >= 0} or {@code -errno}, as Linux's own do; deep code may throw {@link gvj.kernel.ErrnoException}.
 * Arguments are the raw registers: a C {@code int} must be cast by the handler.
 */
@FunctionalInterface
public interface Handler {
    long call(Task task, long a0, long a1, long a2, long a3, long a4, long a5);

    /** A handler without arguments. */
    @FunctionalInterface
    interface Args0 {
        long call(Task task);
    }

    /** A handler of one argument. */
    @FunctionalInterface
    interface Args1 {
        long call(Task task, long a0);
    }

    /** A handler of two arguments. */
    @FunctionalInterface
    interface Args2 {
        long call(Task task, long a0, long a1);
    }

    /** A handler of three arguments. */
    @FunctionalInterface
    interface Args3 {
        long call(Task task, long a0, long a1, long a2);
    }

    /** A handler of four arguments. */
    @FunctionalInterface
    interface Args4 {
        long call(Task task, long a0, long a1, long a2, long a3);
    }

    /** A handler of five arguments. */
    @FunctionalInterface
    interface Args5 {
        long call(Task task, long a0, long a1, long a2, long a3, long a4);
    }
}
