/* Calls that no process of ours may make, for tests: each tries one of them. */
#define _GNU_SOURCE
#include "seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct attempt {
    const char *name;
    long call;
    long arguments[6];
} attempts[] = {
    {"open", SYS_open, {(long)"/etc/passwd", O_RDONLY}},
    {"openat", SYS_openat, {AT_FDCWD, (long)"/x", O_WRONLY | O_CREAT, 0600}},
    {"openat-path", SYS_openat, {AT_FDCWD, (long)"/", O_PATH}},
    {"open_by_handle_at", SYS_open_by_handle_at, {AT_FDCWD, 0, O_RDONLY}},
    {"execve", SYS_execve, {(long)"/bin/sh"}},
    {"execveat", SYS_execveat, {0, (long)"", 0, 0, AT_EMPTY_PATH}},
    {"fork", SYS_fork, {0}},
    {"vfork", SYS_vfork, {0}},
    {"clone", SYS_clone, {SIGCHLD}},
    {"clone-ns", SYS_clone, {CLONE_NEWUSER | SIGCHLD}},
    {"unshare", SYS_unshare, {CLONE_NEWUSER}},
    {"setns", SYS_setns, {0, 0}},
    {"mount", SYS_mount, {(long)"none", (long)"/", (long)"tmpfs"}},
    {"umount2", SYS_umount2, {(long)"/", 2}},
    {"pivot_root", SYS_pivot_root, {(long)"/", (long)"/"}},
    {"chroot", SYS_chroot, {(long)"/"}},
    {"open_tree", SYS_open_tree, {AT_FDCWD, (long)"/", 1}},
    {"fsopen", SYS_fsopen, {(long)"tmpfs"}},
    {"mmap", SYS_mmap, {0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1}},
    {"mprotect", SYS_mprotect, {0, 4096, PROT_EXEC}},
    {"pkey_mprotect", SYS_pkey_mprotect, {0, 4096, PROT_EXEC, -1}},
    {"memfd_create", SYS_memfd_create, {(long)"x", 0}},
    {"socket", SYS_socket, {AF_PACKET, SOCK_PACKET}},
    {"socket-unix", SYS_socket, {AF_UNIX, SOCK_DGRAM}},
    {"socket-vsock", SYS_socket, {AF_VSOCK, SOCK_STREAM}},
    {"socket-alg", SYS_socket, {AF_ALG, SOCK_SEQPACKET}},
    {"socket-audit", SYS_socket, {AF_NETLINK, SOCK_RAW, 9}},
    {"socketpair", SYS_socketpair, {AF_UNIX, SOCK_DGRAM, 0, 0}},
    {"ptrace", SYS_ptrace, {PTRACE_ATTACH, 1}},
    {"process_vm_readv", SYS_process_vm_readv, {1}},
    {"process_vm_writev", SYS_process_vm_writev, {1}},
    {"kill", SYS_kill, {-1, SIGTERM}},
    {"tgkill", SYS_tgkill, {2, 2, SIGTERM}},
    {"tkill", SYS_tkill, {2, SIGTERM}},
    {"rt_sigqueueinfo", SYS_rt_sigqueueinfo, {2, SIGTERM}},
    {"pidfd_open", SYS_pidfd_open, {1}},
    {"pidfd_send_signal", SYS_pidfd_send_signal, {0, SIGTERM}},
    {"pidfd_getfd", SYS_pidfd_getfd, {0, 0}},
    {"rt_sigaction", SYS_rt_sigaction, {SIGSYS, 0, 0, 8}},
    {"prctl", SYS_prctl, {PR_SET_DUMPABLE, 1}},
    {"seccomp", SYS_seccomp, {0, 0, 0}},
    {"setuid", SYS_setuid, {0}},
    {"capset", SYS_capset, {0}},
    {"ioctl", SYS_ioctl, {0, 0x5412 /* TIOCSTI */}},
    {"fcntl", SYS_fcntl, {0, F_SETOWN, 1}},
    {"mknodat", SYS_mknodat, {AT_FDCWD, (long)"/x", S_IFCHR | 0666, 0x101}},
    {"bpf", SYS_bpf, {0}},
    {"perf_event_open", SYS_perf_event_open, {0}},
    {"io_uring_setup", SYS_io_uring_setup, {0}},
    {"userfaultfd", SYS_userfaultfd, {0}},
    {"keyctl", SYS_keyctl, {0}},
    {"add_key", SYS_add_key, {0}},
    {"init_module", SYS_init_module, {0}},
    {"kexec_load", SYS_kexec_load, {0}},
    {"reboot", SYS_reboot, {0}},
    {"iopl", SYS_iopl, {3}},
    {"arch_prctl", SYS_arch_prctl, {0x1002, 0}},
    {"modify_ldt", SYS_modify_ldt, {0, 0, 0}},
    {"personality", SYS_personality, {0xffffffff}},
    {"setrlimit", SYS_prlimit64, {0, 7, 1}},
    {"x32", 0x40000000 + SYS_getpid, {0}},
    {"unknown", 1000, {0}},
};

long probe(const char *name) {
    if (!strcmp(name, "int80")) { /* the entry of the 32-bit architecture: getpid */
        long result = 20;
        __asm__ volatile("int $0x80" : "+a"(result) : : "memory");
        return result;
    }
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        const struct attempt *a = &attempts[i];
        if (strcmp(a->name, name)) continue;
        long result = syscall(a->call, a->arguments[0], a->arguments[1], a->arguments[2], a->arguments[3], a->arguments[4], a->arguments[5]);
        return result < 0 ? -errno : result;
    }
    return -ENOENT;
}
