package gvj.fs.proc;

import gvj.fs.pseudo.PseudoDirectory;
import gvj.fs.pseudo.PseudoFile;
import gvj.kernel.Cgroup;
import gvj.kernel.Clock;
import gvj.kernel.Kernel;
import gvj.kernel.Task;
import gvj.kernel.TaskTotals;
import gvj.kernel.ipc.IpcIds;
import gvj.kernel.ipc.IpcObject;
import gvj.kernel.ipc.SysvIpc;
import gvj.mm.MemoryFile;
import gvj.mm.MemoryGroup;
import gvj.mm.MemoryKind;

/** The files of /proc about the system, which is what the container of the reader has of it. */
final class SystemFiles {
    private final ProcFs fs;
    private final Kernel kernel;

    SystemFiles(ProcFs fs) {
        this.fs = fs;
        this.kernel = fs.kernel();
    }

    void addTo(PseudoDirectory root) {
        add(root, "cmdline", reader -> "gvisor-java\n");
        add(root, "cpuinfo", reader -> cpuInfo(reader.cgroup));
        add(root, "devices", reader -> "Character devices:\n  1 mem\n  5 /dev/tty\n136 pts\n\nBlock devices:\n");
        add(root, "diskstats", reader -> "");
        add(root, "filesystems", reader -> FILE_SYSTEMS);
        add(root, "interrupts", reader -> "");
        add(root, "loadavg", reader -> loadAverage(reader));
        add(root, "meminfo", reader -> memInfo(reader.cgroup));
        add(root, "modules", reader -> "");
        add(root, "partitions", reader -> "major minor  #blocks  name\n\n");
        add(root, "stat", reader -> stat(reader.cgroup));
        add(root, "swaps", reader -> "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
        add(root, "uptime", reader -> uptime(reader.cgroup));
        add(root, "version", reader -> kernel.version() + "\n");
        add(root, "vmstat", reader -> vmStat(reader.cgroup));
        PseudoDirectory ipc = root.directory("sysvipc");
        add(ipc, "shm", reader -> ipcTable(SHM_HEADER, SysvIpc.of(reader).shm, reader));
        add(ipc, "sem", reader -> ipcTable(SEM_HEADER, SysvIpc.of(reader).sem, reader));
        add(ipc, "msg", reader -> ipcTable(MSG_HEADER, SysvIpc.of(reader).msg, reader));
    }

    private static String ipcTable(String header, IpcIds<? extends IpcObject> objects, Task reader) {
        StringBuilder text = new StringBuilder(header);
        for (IpcObject object : objects.all()) {
            text.append(object.procLine(reader.pidNamespace()));
        }
        return text.toString();
    }

    /** What makes the content of one file. */
    @FunctionalInterface
    interface Content {
        String of(Task reader);
    }

    private void add(PseudoDirectory directory, String name, Content content) {
        directory.add(name, new ContentFile(fs, 0444, content));
    }

    /** A file whose content one function makes. */
    static final class ContentFile extends PseudoFile {
        private final Content content;

        ContentFile(ProcFs fs, int permissions, Content content) {
            super(fs, permissions);
            this.content = content;
        }

        @Override
        protected String content(Task reader) {
            return content.of(reader);
        }

        @Override
        protected boolean mayChangeAttributes() {
            return false;
        }
    }

    private static final String FILE_SYSTEMS = """
            nodev\tsysfs
            nodev\ttmpfs
            nodev\tproc
            nodev\tcgroup2
            nodev\tdevtmpfs
            nodev\tdevpts
            nodev\tmqueue
            nodev\toverlay
            nodev\tpipefs
            nodev\tsockfs
            """;
    private static final String SHM_HEADER =
            "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime"
                    + "      dtime      ctime                   rss                  swap\n";
    private static final String SEM_HEADER =
            "       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n";
    private static final String MSG_HEADER =
            "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime"
                    + "      rtime      ctime\n";

    /** The host's, cut to the processors of the sandbox: the application sees the host's CPUID anyway. */
    private String cpuInfo(Cgroup cgroup) {
        String host = fs.hostCpuInfo();
        int at = 0;
        for (int cpu = 0; cpu < cgroup.cpus() && at < host.length(); cpu++) {
            int end = host.indexOf("\n\n", at);
            at = end < 0 ? host.length() : end + 2;
        }
        return host.substring(0, at);
    }

    private String loadAverage(Task reader) {
        int running = 0;
        int all = 0;
        for (Task task : kernel.tasks.values()) {
            if (task.cgroup.isWithin(reader.cgroup)) {
                all++;
                running += task.stateChar() == 'R' ? 1 : 0;
            }
        }
        return "0.00 0.00 0.00 " + Math.max(running, 1) + "/" + all + " "
                + reader.pidNamespace().lastPid() + "\n";
    }

    private static long kib(MemoryGroup memory, MemoryKind kind) {
        return memory.used(kind) * (MemoryFile.PAGE / 1024);
    }

    private static String memInfo(Cgroup cgroup) {
        MemoryGroup memory = cgroup.memory;
        long total = cgroup.memoryTotal() / 1024;
        long used = cgroup.memoryUsed() / 1024;
        long free = Math.max(total - used, 0);
        long file = kib(memory, MemoryKind.FILE);
        long shared = kib(memory, MemoryKind.SHARED);
        long anonymous = kib(memory, MemoryKind.ANONYMOUS);
        StringBuilder text = new StringBuilder();
        line(text, "MemTotal", total);
        line(text, "MemFree", free);
        line(text, "MemAvailable", Math.min(free + file, total));
        line(text, "Buffers", 0);
        line(text, "Cached", file + shared);
        line(text, "SwapCached", 0);
        line(text, "Active", anonymous + shared);
        line(text, "Inactive", file);
        line(text, "SwapTotal", 0);
        line(text, "SwapFree", 0);
        line(text, "Dirty", 0);
        line(text, "Writeback", 0);
        line(text, "AnonPages", anonymous);
        line(text, "Mapped", file);
        line(text, "Shmem", shared);
        line(text, "Slab", 0);
        line(text, "CommitLimit", total);
        line(text, "Committed_AS", used);
        line(text, "VmallocTotal", 34359738367L);
        line(text, "VmallocUsed", 0);
        text.append(
                "HugePages_Total:       0\nHugePages_Free:        0\nHugePages_Rsvd:        0\nHugePages_Surp:        0\n");
        line(text, "Hugepagesize", 2048);
        return text.toString();
    }

    private static void line(StringBuilder text, String name, long kib) {
        String number = Long.toString(Math.max(kib, 0));
        text.append(name).append(':');
        for (int pad = 23 - name.length() - number.length(); pad > 0; pad--) {
            text.append(' ');
        }
        text.append(' ').append(number).append(" kB\n");
    }

    private String stat(Cgroup cgroup) {
        long up = (Clock.monotonic() - kernel.bootMonotonic) / 10_000_000L;
        TaskTotals.Sums sums = cgroup.sums();
        int cpus = cgroup.cpus();
        long user = sums.user() / 10_000_000L;
        long system = sums.system() / 10_000_000L;
        StringBuilder text = new StringBuilder();
        cpuLine(text, "cpu ", user, system, Math.max(up * cpus - user - system, 0));
        for (int cpu = 0; cpu < cpus; cpu++) {
            long u = user / cpus;
            long s = system / cpus;
            cpuLine(text, "cpu" + cpu, u, s, Math.max(up - u - s, 0));
        }
        text.append("intr 0\nctxt 0\nbtime ")
                .append((Clock.realtime() - (Clock.monotonic() - kernel.bootMonotonic)) / 1_000_000_000L)
                .append("\nprocesses ")
                .append(sums.born())
                .append("\nprocs_running 1\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n");
        return text.toString();
    }

    private static void cpuLine(StringBuilder text, String name, long user, long system, long idle) {
        text.append(name)
                .append(' ')
                .append(user)
                .append(" 0 ")
                .append(system)
                .append(' ')
                .append(idle)
                .append(" 0 0 0 0 0 0\n");
    }

    private String uptime(Cgroup cgroup) {
        long hundredths = (Clock.monotonic() - kernel.bootMonotonic) / 10_000_000L;
        return seconds(hundredths) + " " + seconds(hundredths * cgroup.cpus()) + "\n";
    }

    private static String seconds(long hundredths) {
        long rest = hundredths % 100;
        return hundredths / 100 + (rest < 10 ? ".0" : ".") + rest;
    }

    private static String vmStat(Cgroup cgroup) {
        long free = Math.max(cgroup.memoryTotal() - cgroup.memoryUsed(), 0) / MemoryFile.PAGE;
        TaskTotals.Sums sums = cgroup.sums();
        return "nr_free_pages " + free + "\nnr_anon_pages " + cgroup.memory.used(MemoryKind.ANONYMOUS)
                + "\nnr_file_pages "
                + (cgroup.memory.used(MemoryKind.FILE) + cgroup.memory.used(MemoryKind.SHARED)) + "\nnr_shmem "
                + cgroup.memory.used(MemoryKind.SHARED) + "\npgpgin 0\npgpgout 0\npswpin 0\npswpout 0\npgfault "
                + sums.faults() + "\npgmajfault " + sums.majorFaults() + "\n";
    }
}
