package gvj.syscalls;

/**
 * Adds system calls from outside: implement it, name the class in
 * {@code META-INF/services/gvj.syscalls.SyscallProvider}, put the jar on {@code --plugin-path}.
 */
public interface SyscallProvider {
    /** Called once, before the first application instruction. A provider may replace rows of the Sentry's own. */
    void register(SyscallTable table);
}
