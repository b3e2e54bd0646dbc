package gvj.syscalls;

/**
 * One row of the system call table.
 *
 * @param number the amd64 number
 * @param name Linux's name
 * @param support how much of it there is
 * @param note what is missing, or why it answers what it answers; empty for full ones
 * @param origin "sentry", or the plug-in jar it came from
 * @param handler what answers it
 */
public record Syscall(int number, String name, Support support, String note, String origin, Handler handler) {}
