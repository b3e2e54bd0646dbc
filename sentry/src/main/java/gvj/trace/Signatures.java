package gvj.trace;

import java.util.HashMap;
import java.util.Map;

/** The arguments of every call of the table, by name. */
final class Signatures {
    private static final Map<String, Signature> ALL = new HashMap<>();

    private static final String OPEN = "flags:Fcntl.O_";
    private static final String AT = "flags:Fcntl.AT_-AT_REMOVEDIR-AT_EACCESS-AT_HANDLE";

    private Signatures() {}

    /** The signature of the call {@code name}; numbers only if it is not described. */
    static synchronized Signature of(String name) {
        if (ALL.isEmpty()) {
            for (String family :
                    new String[] {FILES, EVENTS, SOCKETS, MEMORY, PROCESSES, SIGNALS, IDENTITY, TIME, IPC}) {
                family.lines().forEach(Signatures::add);
            }
        }
        return ALL.getOrDefault(name, Signature.UNKNOWN);
    }

    private static void add(String line) {
        int colon = line.indexOf('(');
        if (colon > 0) {
            ALL.put(line.substring(0, colon), Signature.parse(line.substring(colon + 1)));
        }
    }

    private static final String FILES =
            """
            read(fd buf!:2 size
            write(fd buf:2 size
            open(path openflags mode
            close(fd
            stat(path stat!
            fstat(fd stat!
            lstat(path stat!
            lseek(fd dec enum:Fcntl.SEEK_
            ioctl(fd enum:Ioctl.TC+Ioctl.TIO+Ioctl.FIO+Ioctl.SIO+Ioctl.FS_IOC ptr
            pread64(fd buf!:2 size dec
            pwrite64(fd buf:2 size dec
            readv(fd iovec!:2 dec
            writev(fd iovec:2 dec
            access(path access
            dup(fd -> int
            dup2(fd fd
            sendfile(fd fd long! size
            fcntl(fd enum:Fcntl.F_-F_SEAL-F_LOCK-F_ULOCK-F_TLOCK-F_TEST-F_RDLCK-F_WRLCK-F_UNLCK-F_EXLCK-F_SHLCK-F_OK-F_OWNER hex
            flock(fd flags:Fcntl.LOCK_
            fsync(fd
            fdatasync(fd
            truncate(path dec
            ftruncate(fd dec
            getdents(fd ptr size
            getcwd(str! size
            chdir(path
            fchdir(fd
            rename(path path
            mkdir(path mode
            rmdir(path
            creat(path mode
            link(path path
            unlink(path
            symlink(path path
            readlink(path buf!:2 size
            chmod(path mode
            fchmod(fd mode
            chown(path dec dec
            fchown(fd dec dec
            lchown(path dec dec
            umask(mode -> oct
            mknod(path mode hex
            statfs(path ptr
            fstatfs(fd ptr
            pivot_root(path path
            chroot(path
            sync(
            mount(path path str flags:Mount.MS_ str
            umount2(path flags:Mount.MNT_+Mount.UMOUNT_
            readahead(fd dec size
            setxattr(path str buf:3 size flags:Stat.XATTR_
            lsetxattr(path str buf:3 size flags:Stat.XATTR_
            fsetxattr(fd str buf:3 size flags:Stat.XATTR_
            getxattr(path str buf!:3 size
            lgetxattr(path str buf!:3 size
            fgetxattr(fd str buf!:3 size
            listxattr(path buf!:2 size
            llistxattr(path buf!:2 size
            flistxattr(fd buf!:2 size
            removexattr(path str
            lremovexattr(path str
            fremovexattr(fd str
            getdents64(fd ptr size
            fadvise64(fd dec size enum:Fcntl.POSIX_FADV_
            utime(path ptr
            utimes(path ptr
            openat(dirfd path openflags mode
            openat2(dirfd path openhow size
            mkdirat(dirfd path mode
            mknodat(dirfd path mode hex
            fchownat(dirfd path dec dec AT
            futimesat(dirfd path ptr
            newfstatat(dirfd path stat! AT
            unlinkat(dirfd path flags:Fcntl.AT_REMOVEDIR
            renameat(dirfd path dirfd path
            linkat(dirfd path dirfd path AT
            symlinkat(path dirfd path
            readlinkat(dirfd path buf!:3 size
            fchmodat(dirfd path mode
            fchmodat2(dirfd path mode AT
            faccessat(dirfd path access
            faccessat2(dirfd path access flags:Fcntl.AT_EACCESS+Fcntl.AT_SYMLINK_NOFOLLOW+Fcntl.AT_EMPTY_PATH
            splice(fd long fd long size flags:Fcntl.SPLICE_F_
            tee(fd fd size flags:Fcntl.SPLICE_F_
            vmsplice(fd iovec:2 dec flags:Fcntl.SPLICE_F_
            sync_file_range(fd dec dec flags:Fcntl.SYNC_FILE_RANGE_
            utimensat(dirfd path timespec2 AT
            fallocate(fd flags:Fcntl.FALLOC_ dec dec
            dup3(fd fd OPEN
            pipe(fdpair!
            pipe2(fdpair! OPEN
            preadv(fd iovec!:2 dec dec
            pwritev(fd iovec:2 dec dec
            preadv2(fd iovec!:2 dec dec dec flags:MiscFlags.RWF_
            pwritev2(fd iovec:2 dec dec dec flags:MiscFlags.RWF_
            syncfs(fd
            mount_setattr(dirfd path hex ptr size
            ustat(hex ptr
            renameat2(dirfd path dirfd path flags:MiscFlags.RENAME_
            memfd_create(str flags:Mman.MFD_
            copy_file_range(fd long fd long size hex
            statx(dirfd path AT flags:Stat.STATX_ ptr
            close_range(dec dec flags:MiscFlags.CLOSE_RANGE_
            name_to_handle_at(dirfd path ptr ptr AT
            open_by_handle_at(fd ptr openflags
            open_tree(dirfd path flags:Mount.OPEN_TREE_+Fcntl.AT_
            move_mount(dirfd path dirfd path flags:Mount.MOVE_MOUNT_
            fsopen(str flags:Mount.FSOPEN_
            fsconfig(fd enum:Mount.FSCONFIG_ str ptr dec
            fsmount(fd flags:Mount.FSMOUNT_ flags:Mount.MOUNT_ATTR_
            fspick(dirfd path hex
            """.replace(" OPEN", " " + OPEN).replace(" AT\n", " " + AT + "\n").replace(" AT ", " " + AT + " ");

    private static final String EVENTS = """
            poll(pollfds:1 dec dec
            ppoll(pollfds:1 dec timespec sigset size
            select(dec ptr ptr ptr timeval
            pselect6(dec ptr ptr ptr timespec ptr
            epoll_create(dec
            epoll_create1(flags:Poll.EPOLL_CLOEXEC
            epoll_ctl(fd enum:Poll.EPOLL_CTL_ fd epollevent
            epoll_wait(fd ptr dec dec
            epoll_pwait(fd ptr dec dec sigset size
            epoll_pwait2(fd ptr dec timespec sigset size
            eventfd(dec
            eventfd2(dec flags:Poll.EFD_
            timerfd_create(enum:Time.CLOCK_ flags:Poll.TFD_
            timerfd_settime(fd flags:Poll.TFD_TIMER_ itimerspec itimerspec!
            timerfd_gettime(fd itimerspec!
            signalfd(fd sigset size
            signalfd4(fd sigset size flags:Poll.SFD_
            inotify_init(
            inotify_init1(flags:Poll.IN_NONBLOCK+Poll.IN_CLOEXEC
            inotify_add_watch(fd path flags:Poll.IN_
            inotify_rm_watch(fd dec
            """;

    private static final String SOCKETS = """
            socket(enum:Socket.AF_ socktype dec
            connect(fd sockaddr:2 size
            accept(fd ptr ptr
            accept4(fd ptr ptr flags:Socket.SOCK_CLOEXEC+Socket.SOCK_NONBLOCK
            sendto(fd buf:2 size flags:Socket.MSG_ sockaddr:5 size
            recvfrom(fd buf!:2 size flags:Socket.MSG_ ptr ptr
            sendmsg(fd msghdr flags:Socket.MSG_
            recvmsg(fd msghdr! flags:Socket.MSG_
            sendmmsg(fd ptr dec flags:Socket.MSG_
            recvmmsg(fd ptr dec flags:Socket.MSG_ timespec
            shutdown(fd enum:Socket.SHUT_
            bind(fd sockaddr:2 size
            listen(fd dec
            getsockname(fd ptr ptr
            getpeername(fd ptr ptr
            socketpair(enum:Socket.AF_ socktype dec fdpair!
            setsockopt(fd enum:Socket.SOL_ enum:Socket.SO_ int* size
            getsockopt(fd enum:Socket.SOL_ enum:Socket.SO_ int*! ptr
            """;

    private static final String MEMORY = """
            mmap(ptr size flags:Mman.PROT_ flags:Mman.MAP_ fd hex -> ptr
            mprotect(ptr size flags:Mman.PROT_
            munmap(ptr size
            brk(ptr -> ptr
            mremap(ptr size size flags:Mman.MREMAP_ ptr -> ptr
            msync(ptr size flags:Mman.MS_
            mincore(ptr size ptr
            madvise(ptr size enum:Mman.MADV_
            mlock(ptr size
            mlock2(ptr size flags:Mman.MLOCK_
            munlock(ptr size
            mlockall(flags:Mman.MCL_
            pkey_mprotect(ptr size flags:Mman.PROT_ dec
            process_madvise(fd iovec:2 dec enum:Mman.MADV_ hex
            munlockall(
            mbind(ptr size enum:Mman.MPOL_ ptr dec hex
            set_mempolicy(enum:Mman.MPOL_ ptr dec
            get_mempolicy(ptr ptr dec ptr hex
            process_vm_readv(dec iovec:2 dec iovec:4 dec hex
            process_vm_writev(dec iovec:2 dec iovec:4 dec hex
            membarrier(enum:Sched.MEMBARRIER_CMD_ hex dec
            remap_file_pages(ptr size hex size hex
            """;

    private static final String PROCESSES = """
            clone(cloneflags ptr int*! int*! ptr
            clone3(cloneargs size
            fork(
            vfork(
            execve(path argv envp
            execveat(dirfd path argv envp flags:Fcntl.AT_
            exit(dec
            exit_group(dec
            wait4(dec wstatus! flags:Sched.W-W_ rusage!
            waitid(enum:Sched.P_ dec siginfo! flags:Sched.W-W_ rusage!
            kill(dec sig
            tkill(dec sig
            tgkill(dec dec sig
            uname(utsname!
            getpid(
            getppid(
            gettid(
            getpgrp(
            getpgid(dec
            setpgid(dec dec
            setsid(
            getsid(dec
            ptrace(enum:Seccomp.PTRACE_ dec ptr ptr
            prctl(enum:Sched.PR_ hex hex hex hex
            arch_prctl(enum:Sched.ARCH_ ptr
            personality(hex
            getrlimit(enum:Sched.RLIMIT_ rlimit!
            setrlimit(enum:Sched.RLIMIT_ rlimit
            prlimit64(dec enum:Sched.RLIMIT_ rlimit rlimit!
            getrusage(enum:Sched.RUSAGE_ rusage!
            sysinfo(ptr
            times(ptr
            getpriority(enum:Sched.PRIO_ dec
            setpriority(enum:Sched.PRIO_ dec dec
            sched_yield(
            sched_setattr(dec ptr hex
            sched_getattr(dec ptr size hex
            ioprio_set(dec dec hex
            ioprio_get(dec dec
            syslog(dec ptr size
            futex_waitv(ptr dec hex timespec enum:Time.CLOCK_
            sched_setaffinity(dec size ptr
            sched_getaffinity(dec size ptr
            sched_setscheduler(dec enum:Sched.SCHED_ int*
            sched_getscheduler(dec -> enum:Sched.SCHED_
            sched_setparam(dec int*
            sched_getparam(dec int*!
            sched_get_priority_max(enum:Sched.SCHED_
            sched_get_priority_min(enum:Sched.SCHED_
            sched_rr_get_interval(dec timespec!
            getcpu(int*! int*! ptr
            set_tid_address(ptr
            set_robust_list(ptr size
            get_robust_list(dec long! long!
            futex(ptr futexop dec timespec ptr hex
            unshare(cloneflags
            setns(fd cloneflags
            pidfd_open(dec hex
            kcmp(dec dec enum:MiscFlags.KCMP_ hex hex
            pidfd_send_signal(fd sig siginfo hex
            pidfd_getfd(fd dec hex
            seccomp(enum:Seccomp.SECCOMP_SET_MODE_ hex ptr
            rseq(ptr size hex hex
            sethostname(str size
            setdomainname(str size
            restart_syscall(
            getrandom(buf!:1 size flags:MiscFlags.GRND_
            """;

    private static final String SIGNALS = """
            rt_sigaction(sig sigaction sigaction! size
            rt_sigprocmask(enum:Signals.SIG_ sigset sigset! size
            rt_sigreturn(
            rt_sigpending(sigset! size
            rt_sigtimedwait(sigset siginfo! timespec size
            rt_sigqueueinfo(dec sig siginfo
            rt_tgsigqueueinfo(dec dec sig siginfo
            rt_sigsuspend(sigset size
            sigaltstack(ptr ptr
            pause(
            """;

    private static final String IDENTITY = """
            getuid(
            getgid(
            geteuid(
            getegid(
            setuid(dec
            setgid(dec
            setreuid(dec dec
            setregid(dec dec
            setresuid(dec dec dec
            setresgid(dec dec dec
            getresuid(int*! int*! int*!
            getresgid(int*! int*! int*!
            setfsuid(dec
            setfsgid(dec
            getgroups(dec ptr
            setgroups(dec ptr
            capget(ptr ptr
            capset(ptr ptr
            """;

    private static final String TIME = """
            nanosleep(timespec timespec!
            clock_nanosleep(enum:Time.CLOCK_ flags:Time.TIMER_ timespec timespec!
            clock_gettime(enum:Time.CLOCK_ timespec!
            clock_settime(enum:Time.CLOCK_ timespec
            clock_getres(enum:Time.CLOCK_ timespec!
            gettimeofday(timeval! ptr
            settimeofday(timeval ptr
            time(long!
            alarm(dec
            getitimer(enum:Time.ITIMER_ itimerval!
            setitimer(enum:Time.ITIMER_ itimerval itimerval!
            timer_create(enum:Time.CLOCK_ ptr int*!
            timer_settime(dec flags:Time.TIMER_ itimerspec itimerspec!
            timer_gettime(dec itimerspec!
            timer_getoverrun(dec
            timer_delete(dec
            adjtimex(ptr
            clock_adjtime(enum:Time.CLOCK_ ptr
            """;

    private static final String IPC = """
            shmget(hex size hex
            shmat(dec ptr hex -> ptr
            shmdt(ptr
            shmctl(dec enum:Ipc.IPC_ ptr
            semget(hex dec hex
            semop(dec ptr dec
            semtimedop(dec ptr dec timespec
            semctl(dec dec enum:Ipc.IPC_ ptr
            msgget(hex hex
            msgsnd(dec ptr size flags:Ipc.IPC_NOWAIT
            msgrcv(dec ptr size dec flags:Ipc.IPC_NOWAIT
            msgctl(dec enum:Ipc.IPC_ ptr
            mq_open(str flags:Fcntl.O_ mode ptr
            mq_unlink(str
            mq_timedsend(fd buf:2 size dec timespec
            mq_timedreceive(fd buf!:2 size int*! timespec
            mq_notify(fd ptr
            mq_getsetattr(fd ptr ptr
            io_setup(dec long!
            io_destroy(hex
            io_submit(hex dec ptr
            io_getevents(hex dec dec ptr timespec
            io_cancel(hex ptr ptr
            io_pgetevents(hex dec dec ptr timespec ptr
            """;
}
