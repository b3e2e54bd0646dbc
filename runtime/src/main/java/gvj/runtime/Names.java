package gvj.runtime;

import gvj.abi.Capability;
import gvj.abi.Sched;

/** Numbers of what config.json calls by name. */
final class Names {
    /** By number, without {@code CAP_}. */
    private static final String[] CAPABILITIES = {
        "CHOWN",
        "DAC_OVERRIDE",
        "DAC_READ_SEARCH",
        "FOWNER",
        "FSETID",
        "KILL",
        "SETGID",
        "SETUID",
        "SETPCAP",
        "LINUX_IMMUTABLE",
        "NET_BIND_SERVICE",
        "NET_BROADCAST",
        "NET_ADMIN",
        "NET_RAW",
        "IPC_LOCK",
        "IPC_OWNER",
        "SYS_MODULE",
        "SYS_RAWIO",
        "SYS_CHROOT",
        "SYS_PTRACE",
        "SYS_PACCT",
        "SYS_ADMIN",
        "SYS_BOOT",
        "SYS_NICE",
        "SYS_RESOURCE",
        "SYS_TIME",
        "SYS_TTY_CONFIG",
        "MKNOD",
        "LEASE",
        "AUDIT_WRITE",
        "AUDIT_CONTROL",
        "SETFCAP",
        "MAC_OVERRIDE",
        "MAC_ADMIN",
        "SYSLOG",
        "WAKE_ALARM",
        "BLOCK_SUSPEND",
        "AUDIT_READ",
        "PERFMON",
        "BPF",
        "CHECKPOINT_RESTORE"
    };
    /** By number, without {@code RLIMIT_}. */
    private static final String[] RLIMITS = {
        "CPU",
        "FSIZE",
        "DATA",
        "STACK",
        "CORE",
        "RSS",
        "NPROC",
        "NOFILE",
        "MEMLOCK",
        "AS",
        "LOCKS",
        "SIGPENDING",
        "MSGQUEUE",
        "NICE",
        "RTPRIO",
        "RTTIME"
    };

    static {
        if (CAPABILITIES.length != Capability.CAP_LAST_CAP + 1 || RLIMITS.length != Sched.RLIMIT_NLIMITS) {
            throw new AssertionError("a name is missing");
        }
    }

    private Names() {}

    /** The number of {@code CAP_NAME}, or -1. */
    static int capability(String name) {
        return number("CAP_", CAPABILITIES, name);
    }

    /** The number of {@code RLIMIT_NAME}, or -1. */
    static int rlimit(String name) {
        return number("RLIMIT_", RLIMITS, name);
    }

    /** Every capability's full name, by number. */
    static String[] capabilities() {
        String[] names = new String[CAPABILITIES.length];
        for (int i = 0; i < names.length; i++) {
            names[i] = "CAP_" + CAPABILITIES[i];
        }
        return names;
    }

    private static int number(String prefix, String[] names, String name) {
        if (name.startsWith(prefix)) {
            for (int i = 0; i < names.length; i++) {
                if (name.length() == prefix.length() + names[i].length() && name.endsWith(names[i])) {
                    return i;
                }
            }
        }
        return -1;
    }
}
