package gvj.agent.metrics;

import gvj.abi.Errno;
import gvj.syscalls.Syscall;
import gvj.syscalls.SyscallTable;
import gvj.wire.Wire;
import java.util.HashSet;
import java.util.Set;

/** The names that become label values: a Sentry cannot make up others. */
final class KnownNames {
    /** Numbers of calls without a name that are told; Linux has fewer than 500. */
    static final int MAX_SYSCALL = 1023;

    private static final int MAX_ERRNO = 133;

    static final Set<String> SYSCALLS = syscalls();
    static final Set<String> ERRNOS = errnos();
    static final Set<String> OPERATIONS = operations();
    /** Parts of a sandbox's start. */
    static final Set<String> PHASES = Set.of("jvm", "kernel", "mounts", "program", "ready");

    private KnownNames() {}

    /** Whether it is the name of a call, or the number of one that has none. */
    static boolean isSyscall(String name) {
        return SYSCALLS.contains(name) || isNumber(name);
    }

    private static boolean isNumber(String name) {
        if (name.isEmpty() || name.length() > 4 || name.length() > 1 && name.charAt(0) == '0') {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) < '0' || name.charAt(i) > '9') {
                return false;
            }
        }
        return Integer.parseInt(name) <= MAX_SYSCALL;
    }

    private static Set<String> syscalls() {
        Set<String> names = new HashSet<>();
        for (Syscall row : SyscallTable.standard().rows()) {
            names.add(row.name());
        }
        return names;
    }

    private static Set<String> errnos() {
        Set<String> names = new HashSet<>();
        for (int errno = 1; errno <= MAX_ERRNO; errno++) {
            names.add(Errno.name(errno));
        }
        return names;
    }

    private static Set<String> operations() {
        Set<String> names = new HashSet<>();
        for (int operation = 0; operation < Wire.OPERATIONS; operation++) {
            if (Wire.name(operation) != null) {
                names.add(Wire.name(operation));
            }
        }
        return names;
    }
}
