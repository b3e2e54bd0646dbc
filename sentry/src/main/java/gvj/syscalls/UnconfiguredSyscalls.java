package gvj.syscalls;

import static gvj.abi.SyscallNumbers.*;

import gvj.abi.Errno;

/**
 * Calls that reach for hardware, for the host, or for features a kernel may be built without: they answer what Linux
 * answers where the feature is not configured or the caller may not use it.
 */
final class UnconfiguredSyscalls {
    private static final String NOT_CONFIGURED = "answers as a kernel built without it";
    private static final String NO_PRIVILEGE = "nobody in a sandbox has the privilege";
    private static final String OBSOLETE = "obsolete: Linux answers ENOSYS too";

    private UnconfiguredSyscalls() {}

    static void register(SyscallTable t) {
        obsolete(t);
        privileged(t);
        notConfigured(t);
    }

    private static void obsolete(SyscallTable t) {
        t.none(SYS_uselib, "uselib", Errno.ENOSYS, OBSOLETE);
        t.none(SYS__sysctl, "_sysctl", Errno.ENOSYS, OBSOLETE);
        t.none(SYS_create_module, "create_module", Errno.ENOSYS, OBSOLETE);
        t.none(SYS_get_kernel_syms, "get_kernel_syms", Errno.ENOSYS, OBSOLETE);
        t.none(SYS_query_module, "query_module", Errno.ENOSYS, OBSOLETE);
        t.none(SYS_nfsservctl, "nfsservctl", Errno.ENOSYS, OBSOLETE);
        t.none(SYS_getpmsg, "getpmsg", Errno.ENOSYS, OBSOLETE);
        t.none(SYS_putpmsg, "putpmsg", Errno.ENOSYS, OBSOLETE);
        t.none(SYS_afs_syscall, "afs_syscall", Errno.ENOSYS, OBSOLETE);
        t.none(SYS_tuxcall, "tuxcall", Errno.ENOSYS, OBSOLETE);
        t.none(SYS_security, "security", Errno.ENOSYS, OBSOLETE);
        t.none(SYS_set_thread_area, "set_thread_area", Errno.ENOSYS, "32-bit only");
        t.none(SYS_get_thread_area, "get_thread_area", Errno.ENOSYS, "32-bit only");
        t.none(SYS_lookup_dcookie, "lookup_dcookie", Errno.ENOSYS, OBSOLETE);
        t.none(SYS_epoll_ctl_old, "epoll_ctl_old", Errno.ENOSYS, OBSOLETE);
        t.none(SYS_epoll_wait_old, "epoll_wait_old", Errno.ENOSYS, OBSOLETE);
        t.none(SYS_vserver, "vserver", Errno.ENOSYS, OBSOLETE);
    }

    private static void privileged(SyscallTable t) {
        t.none(SYS_acct, "acct", Errno.EPERM, NO_PRIVILEGE);
        t.none(SYS_swapon, "swapon", Errno.EPERM, NO_PRIVILEGE);
        t.none(SYS_swapoff, "swapoff", Errno.EPERM, NO_PRIVILEGE);
        t.none(SYS_reboot, "reboot", Errno.EPERM, NO_PRIVILEGE);
        t.none(SYS_iopl, "iopl", Errno.EPERM, NO_PRIVILEGE);
        t.none(SYS_ioperm, "ioperm", Errno.EPERM, NO_PRIVILEGE);
        t.none(SYS_init_module, "init_module", Errno.EPERM, NO_PRIVILEGE);
        t.none(SYS_finit_module, "finit_module", Errno.EPERM, NO_PRIVILEGE);
        t.none(SYS_delete_module, "delete_module", Errno.EPERM, NO_PRIVILEGE);
        t.none(SYS_kexec_load, "kexec_load", Errno.EPERM, NO_PRIVILEGE);
        t.none(SYS_kexec_file_load, "kexec_file_load", Errno.EPERM, NO_PRIVILEGE);
        t.none(SYS_vhangup, "vhangup", Errno.EPERM, NO_PRIVILEGE);
        t.none(SYS_open_by_handle_at, "open_by_handle_at", Errno.EPERM, NO_PRIVILEGE);
    }

    private static void notConfigured(SyscallTable t) {
        t.none(SYS_modify_ldt, "modify_ldt", Errno.ENOSYS, NOT_CONFIGURED);
        t.none(SYS_quotactl, "quotactl", Errno.ENOSYS, NOT_CONFIGURED);
        t.none(SYS_add_key, "add_key", Errno.ENOSYS, NOT_CONFIGURED);
        t.none(SYS_request_key, "request_key", Errno.ENOSYS, NOT_CONFIGURED);
        t.none(SYS_keyctl, "keyctl", Errno.ENOSYS, NOT_CONFIGURED);
        t.none(SYS_perf_event_open, "perf_event_open", Errno.ENOSYS, NOT_CONFIGURED);
        t.none(SYS_fanotify_init, "fanotify_init", Errno.ENOSYS, NOT_CONFIGURED);
        t.none(SYS_fanotify_mark, "fanotify_mark", Errno.ENOSYS, NOT_CONFIGURED);
        t.none(SYS_bpf, "bpf", Errno.ENOSYS, NOT_CONFIGURED);
        t.none(SYS_userfaultfd, "userfaultfd", Errno.ENOSYS, NOT_CONFIGURED);
        t.none(SYS_io_uring_setup, "io_uring_setup", Errno.ENOSYS, NOT_CONFIGURED);
        t.none(SYS_io_uring_enter, "io_uring_enter", Errno.ENOSYS, NOT_CONFIGURED);
        t.none(SYS_io_uring_register, "io_uring_register", Errno.ENOSYS, NOT_CONFIGURED);
        t.none(SYS_move_pages, "move_pages", Errno.ENOSYS, "one memory node");
        t.none(SYS_migrate_pages, "migrate_pages", Errno.ENOSYS, "one memory node");
        t.none(444, "landlock_create_ruleset", Errno.ENOSYS, NOT_CONFIGURED);
        t.none(445, "landlock_add_rule", Errno.ENOSYS, NOT_CONFIGURED);
        t.none(446, "landlock_restrict_self", Errno.ENOSYS, NOT_CONFIGURED);
        t.none(447, "memfd_secret", Errno.ENOSYS, NOT_CONFIGURED);
    }
}
