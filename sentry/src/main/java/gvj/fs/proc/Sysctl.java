package gvj.fs.proc;

import gvj.abi.Errno;
import gvj.fs.mqueue.PosixQueues;
import gvj.fs.pseudo.PseudoDirectory;
import gvj.fs.pseudo.PseudoFile;
import gvj.kernel.ErrnoException;
import gvj.kernel.RandomSource;
import gvj.kernel.Task;
import gvj.kernel.UtsNamespace;
import gvj.kernel.ipc.SysvIpc;
import gvj.net.inet.GroupRange;
import gvj.net.inet.InetSettings;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.ObjIntConsumer;
import java.util.function.ToIntFunction;

/** /proc/sys: what programs read of sysctl(8). Settings that mean nothing here may be written by root and keep the value. */
final class Sysctl {
    /** Path below /proc/sys and the value to begin with. */
    private static final String[][] VALUES = {
        {"fs/aio-max-nr", "65536"},
        {"fs/aio-nr", "0"},
        {"fs/epoll/max_user_watches", "1048576"},
        {"fs/file-max", "9223372036854775807"},
        {"fs/file-nr", "0\t0\t9223372036854775807"},
        {"fs/inotify/max_queued_events", "16384"},
        {"fs/inotify/max_user_instances", "128"},
        {"fs/inotify/max_user_watches", "65536"},
        {"fs/lease-break-time", "45"},
        {"fs/mount-max", "100000"},
        {"fs/nr_open", "1048576"},
        {"fs/overflowgid", "65534"},
        {"fs/overflowuid", "65534"},
        {"fs/pipe-max-size", "1048576"},
        {"fs/pipe-user-pages-hard", "0"},
        {"fs/pipe-user-pages-soft", "16384"},
        {"fs/protected_fifos", "0"},
        {"fs/protected_hardlinks", "0"},
        {"fs/protected_regular", "0"},
        {"fs/protected_symlinks", "0"},
        {"fs/suid_dumpable", "0"},
        {"kernel/cap_last_cap", "40"},
        {"kernel/core_pattern", "core"},
        {"kernel/core_uses_pid", "0"},
        {"kernel/dmesg_restrict", "1"},
        {"kernel/io_uring_disabled", "2"},
        {"kernel/keys/maxkeys", "200"},
        {"kernel/kptr_restrict", "2"},
        {"kernel/ngroups_max", "65536"},
        {"kernel/overflowgid", "65534"},
        {"kernel/overflowuid", "65534"},
        {"kernel/panic", "0"},
        {"kernel/perf_event_paranoid", "4"},
        {"kernel/pid_max", "4194304"},
        {"kernel/printk", "4\t4\t1\t7"},
        {"kernel/pty/max", "4096"},
        {"kernel/pty/nr", "0"},
        {"kernel/random/entropy_avail", "256"},
        {"kernel/random/poolsize", "256"},
        {"kernel/randomize_va_space", "2"},
        {"kernel/seccomp/actions_avail", "kill_process kill_thread trap errno user_notif trace log allow"},
        {"kernel/shm_rmid_forced", "0"},
        {"kernel/sem", "32000\t1024000000\t500\t32000"},
        {"kernel/shmall", "18446744073692774399"},
        {"kernel/shmmax", "18446744073692774399"},
        {"kernel/tainted", "0"},
        {"kernel/threads-max", "32768"},
        {"kernel/unprivileged_bpf_disabled", "2"},
        {"kernel/yama/ptrace_scope", "1"},
        {"net/unix/max_dgram_qlen", "10"},
        {"vm/max_map_count", "65530"},
        {"vm/min_free_kbytes", "8192"},
        {"vm/mmap_min_addr", "65536"},
        {"vm/nr_hugepages", "0"},
        {"vm/overcommit_memory", "0"},
        {"vm/overcommit_ratio", "50"},
        {"vm/swappiness", "60"},
        {"user/max_user_namespaces", "0"},
    };

    private final ProcFs fs;

    Sysctl(ProcFs fs) {
        this.fs = fs;
    }

    void addTo(PseudoDirectory sys) {
        for (String[] value : VALUES) {
            file(sys, value[0], new Setting(fs, value[0], value[1]));
        }
        number(
                sys,
                "fs/mqueue/msg_default",
                task -> PosixQueues.of(task).messagesDefault,
                (task, n) -> PosixQueues.of(task).messagesDefault = n);
        number(
                sys,
                "fs/mqueue/msg_max",
                task -> PosixQueues.of(task).messagesMax,
                (task, n) -> PosixQueues.of(task).messagesMax = n);
        number(
                sys,
                "fs/mqueue/msgsize_default",
                task -> PosixQueues.of(task).messageSizeDefault,
                (task, n) -> PosixQueues.of(task).messageSizeDefault = n);
        number(
                sys,
                "fs/mqueue/msgsize_max",
                task -> PosixQueues.of(task).messageSizeMax,
                (task, n) -> PosixQueues.of(task).messageSizeMax = n);
        number(
                sys,
                "fs/mqueue/queues_max",
                task -> PosixQueues.of(task).queuesMax,
                (task, n) -> PosixQueues.of(task).queuesMax = n);
        number(sys, "kernel/msgmax", task -> SysvIpc.of(task).msgmax, (task, n) -> SysvIpc.of(task).msgmax = n);
        number(sys, "kernel/msgmnb", task -> SysvIpc.of(task).msgmnb, (task, n) -> SysvIpc.of(task).msgmnb = n);
        number(
                sys,
                "kernel/msgmni",
                task -> SysvIpc.of(task).msg.limit(),
                (task, n) -> SysvIpc.of(task).msg.setLimit(Math.min(n, SysvIpc.MAX_IDS)));
        number(
                sys,
                "kernel/shmmni",
                task -> SysvIpc.of(task).shm.limit(),
                (task, n) -> SysvIpc.of(task).shm.setLimit(Math.min(n, SysvIpc.MAX_IDS)));
        number(
                sys,
                "net/ipv4/ip_unprivileged_port_start",
                task -> InetSettings.of(task.namespaces().net()).firstUnprivileged,
                (task, n) -> InetSettings.of(task.namespaces().net()).firstUnprivileged = port(n));
        file(sys, "net/ipv4/ping_group_range", new GroupsFile(fs));
        InetSettings.forEach((path, value) -> hostSetting(sys, "net/" + path, value));
        name(sys, "kernel/hostname", UtsNamespace::nodeName, UtsNamespace::setNodeName);
        name(sys, "kernel/domainname", UtsNamespace::domainName, UtsNamespace::setDomainName);
        content(sys, "kernel/ostype", task -> "Linux");
        content(sys, "kernel/osrelease", task -> gvj.kernel.Kernel.RELEASE);
        content(sys, "kernel/version", task -> gvj.kernel.Kernel.VERSION);
        String bootId = uuid();
        content(sys, "kernel/random/boot_id", task -> bootId);
        content(sys, "kernel/random/uuid", task -> uuid());
    }

    /** What is the host's cannot be changed from here. */
    private void hostSetting(PseudoDirectory sys, String path, String value) {
        if (!value.isEmpty() || path.endsWith("_ports")) {
            file(sys, path, PseudoFile.fixed(fs, value + "\n"));
        }
    }

    private void number(PseudoDirectory sys, String path, ToIntFunction<Task> get, ObjIntConsumer<Task> set) {
        file(sys, path, new NumberFile(fs, get, set));
    }

    private void name(
            PseudoDirectory sys,
            String path,
            Function<UtsNamespace, String> get,
            BiConsumer<UtsNamespace, String> set) {
        file(sys, path, new NameFile(fs, get, set));
    }

    private static int port(int number) {
        if (number > 0xffff) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        return number;
    }

    private void content(PseudoDirectory sys, String path, SystemFiles.Content content) {
        file(sys, path, new SystemFiles.ContentFile(fs, 0444, reader -> content.of(reader) + "\n"));
    }

    private void file(PseudoDirectory sys, String path, PseudoFile file) {
        PseudoDirectory directory = sys;
        int at = 0;
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', at)) {
            directory = directory.directory(path.substring(at, slash));
            at = slash + 1;
        }
        directory.add(path.substring(at), file);
    }

    /** A random UUID, version 4. */
    private static String uuid() {
        long high = RandomSource.nextLong() & ~0xf000L | 0x4000L;
        long low = RandomSource.nextLong() & ~(3L << 62) | 2L << 62;
        String h = hex16(high);
        String l = hex16(low);
        return h.substring(0, 8) + "-" + h.substring(8, 12) + "-" + h.substring(12) + "-" + l.substring(0, 4) + "-"
                + l.substring(4);
    }

    private static String hex16(long value) {
        String digits = Long.toHexString(value);
        return "0000000000000000".substring(digits.length()) + digits;
    }

    /** A number, not negative, that belongs to a namespace of whoever reads or writes it. */
    private static final class NumberFile extends PseudoFile {
        private final ToIntFunction<Task> get;
        private final ObjIntConsumer<Task> set;

        NumberFile(ProcFs fs, ToIntFunction<Task> get, ObjIntConsumer<Task> set) {
            super(fs, 0644);
            this.get = get;
            this.set = set;
        }

        private static int number(String text) {
            int value = Integer.parseInt(text);
            if (value < 0) {
                throw ErrnoException.of(Errno.EINVAL);
            }
            return value;
        }

        @Override
        protected String content(Task reader) {
            return get.applyAsInt(reader) + "\n";
        }

        @Override
        protected void write(Task writer, String text) {
            try {
                set.accept(writer, number(text.strip()));
            } catch (NumberFormatException e) {
                throw ErrnoException.of(Errno.EINVAL);
            }
        }

        @Override
        protected boolean mayChangeAttributes() {
            return false;
        }
    }

    /** Whose groups may have ping sockets in the network namespace of whoever reads or writes it. */
    private static final class GroupsFile extends PseudoFile {
        GroupsFile(ProcFs fs) {
            super(fs, 0644);
        }

        private static InetSettings settings(Task task) {
            return InetSettings.of(task.namespaces().net());
        }

        @Override
        protected String content(Task reader) {
            return settings(reader).pingGroups + "\n";
        }

        @Override
        protected void write(Task writer, String text) {
            settings(writer).pingGroups = GroupRange.parse(text);
        }

        @Override
        protected boolean mayChangeAttributes() {
            return false;
        }
    }

    /** A name of the UTS namespace of whoever reads or writes it. */
    private static final class NameFile extends PseudoFile {
        private final Function<UtsNamespace, String> get;
        private final BiConsumer<UtsNamespace, String> set;

        NameFile(ProcFs fs, Function<UtsNamespace, String> get, BiConsumer<UtsNamespace, String> set) {
            super(fs, 0644);
            this.get = get;
            this.set = set;
        }

        @Override
        protected String content(Task reader) {
            return get.apply(reader.utsNamespace()) + "\n";
        }

        /** Longer names are cut, as Linux cuts them here. */
        @Override
        protected void write(Task writer, String text) {
            int end = text.indexOf('\n');
            String name = end < 0 ? text : text.substring(0, end);
            set.accept(writer.utsNamespace(), name.substring(0, Math.min(name.length(), UtsNamespace.MAX)));
        }

        @Override
        protected boolean mayChangeAttributes() {
            return false;
        }
    }

    /** A value that root may change; every mount of proc has the same. */
    private static final class Setting extends PseudoFile {
        private final Map<String, String> settings;
        private final String path;
        private final String initial;

        Setting(ProcFs fs, String path, String initial) {
            super(fs, 0644);
            this.settings = fs.kernel().settings;
            this.path = path;
            this.initial = initial;
        }

        @Override
        protected String content(Task reader) {
            return settings.getOrDefault(path, initial) + "\n";
        }

        @Override
        protected void write(Task writer, String text) {
            String trimmed = text.strip();
            if (trimmed.isEmpty() || trimmed.length() > 4095) {
                throw ErrnoException.of(Errno.EINVAL);
            }
            settings.put(path, trimmed);
        }

        @Override
        protected boolean mayChangeAttributes() {
            return false;
        }
    }
}
