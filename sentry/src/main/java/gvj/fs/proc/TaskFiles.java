package gvj.fs.proc;

import gvj.abi.Errno;
import gvj.abi.Sched;
import gvj.kernel.CommandLine;
import gvj.kernel.ControllingTerminal;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.PidNamespace;
import gvj.kernel.ProcessTimes;
import gvj.kernel.ResourceLimits;
import gvj.kernel.Task;
import gvj.kernel.ThreadGroup;
import gvj.mm.MemoryLayout;
import gvj.mm.MemoryManager;
import gvj.vfs.Inode;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** The text files of {@code /proc/PID}, proc(5). */
final class TaskFiles {
    private static final int TICK = 10_000_000;

    /** One kind of file. */
    private record Kind(int index, int permissions, TaskFile.Content content, TaskFile.Sink sink) {}

    private static final String IO =
            "rchar: 0\nwchar: 0\nsyscr: 0\nsyscw: 0\nread_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n";

    private static final Map<String, Kind> KINDS = new LinkedHashMap<>();

    static {
        read("auxv", 0400, (task, reader) -> latin1(mm(task) == null ? new byte[0] : mm(task).layout().auxv));
        read("cgroup", 0444, (task, reader) -> "0::/\n");
        read("cmdline", 0444, (task, reader) -> CommandLine.of(mm(task)));
        write("comm", 0644, (task, reader) -> task.name + "\n", TaskFiles::setComm);
        read("cpuset", 0444, (task, reader) -> "/\n");
        read("environ", 0400, (task, reader) -> CommandLine.environmentOf(mm(task)));
        read(
                "gid_map",
                0644,
                (task, reader) -> task.credentials().userNamespace().gids().lines());
        read("io", 0400, (task, reader) -> IO);
        read("limits", 0444, (task, reader) -> limits(task));
        write("loginuid", 0644, (task, reader) -> "4294967295", (task, writer, text) -> {});
        read("maps", 0444, (task, reader) -> MapsFormat.maps(mm(task)));
        read("mountinfo", 0444, (task, reader) -> MountsFormat.mountInfo(task, reader));
        read("mounts", 0444, (task, reader) -> MountsFormat.mounts(task, reader));
        read("oom_score", 0444, (task, reader) -> task.cgroup.oom.score(task.threadGroup()) + "\n");
        write("oom_score_adj", 0644, TaskFiles::oomScore, TaskFiles::setOomScore);
        read("personality", 0400, (task, reader) -> hex(task.personality(), 8) + "\n");
        read("schedstat", 0444, (task, reader) -> task.times().cpu() + " 0 0\n");
        read("sessionid", 0444, (task, reader) -> "4294967295");
        read("setgroups", 0644, (task, reader) -> "allow\n");
        read("smaps", 0444, (task, reader) -> MapsFormat.smaps(mm(task)));
        read("stat", 0444, TaskFiles::stat);
        read("statm", 0444, (task, reader) -> statm(mm(task)));
        read("status", 0444, TaskFiles::status);
        read("syscall", 0400, (task, reader) -> "running\n");
        read(
                "uid_map",
                0644,
                (task, reader) -> task.credentials().userNamespace().uids().lines());
        read("wchan", 0444, (task, reader) -> "0");
    }

    private TaskFiles() {}

    private static void read(String name, int permissions, TaskFile.Content content) {
        write(name, permissions, content, null);
    }

    private static void write(String name, int permissions, TaskFile.Content content, TaskFile.Sink sink) {
        KINDS.put(name, new Kind(10 + KINDS.size(), permissions, content, sink));
    }

    /** The names of all of them. */
    static Iterable<String> names() {
        return KINDS.keySet();
    }

    /** The file {@code name} about {@code task}, or null. */
    static Inode lookup(ProcFs fs, Task task, String name, boolean thread) {
        Kind kind = KINDS.get(name);
        if (kind == null) {
            return null;
        }
        int index = kind.index + (thread ? 500 : 0);
        TaskFile.Content content = name.equals("stat") && thread ? TaskFiles::threadStat : kind.content;
        return new TaskFile(fs, task, index, kind.permissions, content, kind.sink);
    }

    private static MemoryManager mm(Task task) {
        return task.mm();
    }

    private static String latin1(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static String hex(long value, int digits) {
        String text = Long.toHexString(value);
        return "0".repeat(Math.max(digits - text.length(), 0)) + text;
    }

    // ---- memory of the program

    private static String statm(MemoryManager mm) {
        if (mm == null) {
            return "0 0 0 0 0 0 0\n";
        }
        MapsFormat.Totals totals = MapsFormat.totals(mm);
        return mm.virtualBytes() / 4096 + " " + mm.residentBytes() / 4096 + " "
                + (mm.residentFileBytes() + mm.residentSharedBytes()) / 4096 + " " + totals.text() / 4096 + " 0 "
                + (totals.data() + totals.stack()) / 4096 + " 0\n";
    }

    // ---- writes

    private static void setComm(Task task, Task writer, String text) {
        if (task.threadGroup() != writer.threadGroup()) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        int end = text.indexOf('\n');
        String name = end < 0 ? text : text.substring(0, end);
        task.name = name.substring(0, Math.min(name.length(), 15));
    }

    private static String oomScore(Task task, Task reader) {
        return task.threadGroup().oomScoreAdjustment + "\n";
    }

    private static void setOomScore(Task task, Task writer, String text) {
        try {
            int value = Integer.parseInt(text.strip());
            if (value < -1000 || value > 1000) {
                throw ErrnoException.of(Errno.EINVAL);
            }
            boolean privileged = writer.credentials().has(gvj.abi.Capability.CAP_SYS_RESOURCE);
            if (value < task.threadGroup().oomScoreAdjustment && !privileged) {
                throw ErrnoException.of(Errno.EACCES);
            }
            task.threadGroup().oomScoreAdjustment = value;
        } catch (NumberFormatException e) {
            throw ErrnoException.of(Errno.EINVAL);
        }
    }

    // ---- limits

    private static final Object[][] LIMITS = {
        {"Max cpu time", Sched.RLIMIT_CPU, "seconds"},
        {"Max file size", Sched.RLIMIT_FSIZE, "bytes"},
        {"Max data size", Sched.RLIMIT_DATA, "bytes"},
        {"Max stack size", Sched.RLIMIT_STACK, "bytes"},
        {"Max core file size", Sched.RLIMIT_CORE, "bytes"},
        {"Max resident set", Sched.RLIMIT_RSS, "bytes"},
        {"Max processes", Sched.RLIMIT_NPROC, "processes"},
        {"Max open files", Sched.RLIMIT_NOFILE, "files"},
        {"Max locked memory", Sched.RLIMIT_MEMLOCK, "bytes"},
        {"Max address space", Sched.RLIMIT_AS, "bytes"},
        {"Max file locks", Sched.RLIMIT_LOCKS, "locks"},
        {"Max pending signals", Sched.RLIMIT_SIGPENDING, "signals"},
        {"Max msgqueue size", Sched.RLIMIT_MSGQUEUE, "bytes"},
        {"Max nice priority", Sched.RLIMIT_NICE, ""},
        {"Max realtime priority", Sched.RLIMIT_RTPRIO, ""},
        {"Max realtime timeout", Sched.RLIMIT_RTTIME, "us"},
    };

    private static String limits(Task task) {
        ResourceLimits limits = task.threadGroup().limits();
        StringBuilder text = new StringBuilder();
        columns(text, "Limit", "Soft Limit", "Hard Limit", "Units");
        for (Object[] row : LIMITS) {
            int resource = (Integer) row[1];
            columns(text, (String) row[0], limit(limits.soft(resource)), limit(limits.hard(resource)), (String) row[2]);
        }
        return text.toString();
    }

    private static String limit(long value) {
        return value == ResourceLimits.INFINITY ? "unlimited" : Long.toUnsignedString(value);
    }

    private static void columns(StringBuilder text, String name, String soft, String hard, String unit) {
        pad(text, name, 26);
        pad(text, soft, 21);
        pad(text, hard, 21);
        pad(text, unit, 10);
        text.append('\n');
    }

    private static void pad(StringBuilder text, String column, int width) {
        text.append(column).append(" ".repeat(Math.max(width - column.length(), 0)));
    }

    // ---- stat and status

    private static String stat(Task task, Task reader) {
        return statLine(task, task.threadGroup().times(), reader);
    }

    private static String threadStat(Task task, Task reader) {
        return statLine(task, null, reader);
    }

    /** The fields of proc_pid_stat(5), in order. {@code process} is null for one thread's own times. */
    private static String statLine(Task task, ProcessTimes process, Task reader) {
        PidNamespace pids = reader.pidNamespace();
        ThreadGroup group = task.threadGroup();
        MemoryManager mm = mm(task);
        MemoryLayout layout = mm == null ? new MemoryLayout() : mm.layout();
        ControllingTerminal terminal = group.processGroup().session.terminal;
        long[] fields = new long[52];
        fields[0] = parentId(pids, group);
        fields[1] = pids.idOf(group.processGroup());
        fields[2] = pids.idOf(group.processGroup().session);
        fields[3] = terminal == null ? 0 : terminal.deviceNumber();
        fields[4] = terminal == null || group.processGroup().session.foreground == null
                ? -1
                : pids.idOf(group.processGroup().session.foreground);
        fields[5] = 0x400000;
        fields[6] = task.times().minorFaults();
        fields[8] = task.times().majorFaults();
        fields[10] = (process == null ? task.userNanos() : process.user()) / TICK;
        fields[11] = (process == null ? task.systemNanos() : process.system()) / TICK;
        fields[12] = process == null ? 0 : process.childrenUser() / TICK;
        fields[13] = process == null ? 0 : process.childrenSystem() / TICK;
        fields[14] = 20L + task.scheduling().nice();
        fields[15] = task.scheduling().nice();
        fields[16] = group.threads().size();
        fields[18] = (task.startMonotonic - task.kernel.bootMonotonic) / TICK;
        fields[19] = mm == null ? 0 : mm.virtualBytes();
        fields[20] = mm == null ? 0 : mm.residentBytes() / 4096;
        fields[21] = group.limits().soft(Sched.RLIMIT_RSS);
        fields[22] = layout.startCode;
        fields[23] = layout.endCode;
        fields[24] = layout.startStack;
        fields[27] = task.pendingSignals() & 0x7fffffff;
        fields[28] = task.signalMask() & 0x7fffffff;
        fields[34] = gvj.abi.Signals.SIGCHLD;
        fields[35] = 0;
        fields[36] = task.scheduling().realtimePriority();
        fields[37] = task.scheduling().policy();
        fields[41] = layout.startData;
        fields[42] = layout.endData;
        fields[43] = layout.startBrk;
        fields[44] = layout.argStart;
        fields[45] = layout.argEnd;
        fields[46] = layout.envStart;
        fields[47] = layout.envEnd;
        StringBuilder text = new StringBuilder();
        text.append(pids.idOf(task))
                .append(" (")
                .append(task.name)
                .append(") ")
                .append(group.isZombie() ? 'Z' : task.stateChar());
        for (int i = 0; i < 49; i++) {
            text.append(' ').append(i == 21 ? Long.toUnsignedString(fields[i]) : Long.toString(fields[i]));
        }
        return text.append('\n').toString();
    }

    private static String status(Task task, Task reader) {
        PidNamespace pids = reader.pidNamespace();
        ThreadGroup group = task.threadGroup();
        Credentials creds = task.credentials();
        StringBuilder text = new StringBuilder();
        line(text, "Name", task.name.replace("\\", "\\\\").replace("\n", "\\n"));
        line(text, "Umask", "00" + hexOctal(task.fs() == null ? 022 : task.fs().umask()));
        line(text, "State", stateName(group.isZombie() ? 'Z' : task.stateChar()));
        line(text, "Tgid", pids.idOf(group));
        line(text, "Ngid", 0);
        line(text, "Pid", pids.idOf(task));
        line(text, "PPid", parentId(pids, group));
        line(text, "TracerPid", task.tracer() == null ? 0 : pids.idOf(task.tracer()));
        line(text, "Uid", creds.uid() + "\t" + creds.euid() + "\t" + creds.suid() + "\t" + creds.fsuid());
        line(text, "Gid", creds.gid() + "\t" + creds.egid() + "\t" + creds.sgid() + "\t" + creds.fsgid());
        line(text, "FDSize", 64);
        StringBuilder groups = new StringBuilder();
        for (int one : creds.groups()) {
            groups.append(Integer.toUnsignedString(one)).append(' ');
        }
        line(text, "Groups", groups.toString());
        line(text, "NStgid", pids.idOf(group));
        line(text, "NSpid", pids.idOf(task));
        line(text, "NSpgid", pids.idOf(group.processGroup()));
        line(text, "NSsid", pids.idOf(group.processGroup().session));
        if (mm(task) != null && !group.isZombie()) {
            memory(text, mm(task));
        }
        line(text, "Threads", group.threads().size());
        signals(text, task);
        line(text, "CapInh", hex(creds.inheritable(), 16));
        line(text, "CapPrm", hex(creds.permitted(), 16));
        line(text, "CapEff", hex(creds.effective(), 16));
        line(text, "CapBnd", hex(creds.bounding(), 16));
        line(text, "CapAmb", hex(creds.ambient(), 16));
        line(text, "NoNewPrivs", creds.noNewPrivs() ? 1 : 0);
        line(text, "Seccomp", task.seccompMode());
        line(text, "Speculation_Store_Bypass", "not vulnerable");
        processors(text, task);
        line(text, "voluntary_ctxt_switches", task.times().voluntarySwitches());
        line(text, "nonvoluntary_ctxt_switches", task.times().involuntarySwitches());
        return text.toString();
    }

    /** 0 for the first process. */
    private static int parentId(PidNamespace pids, ThreadGroup group) {
        ThreadGroup parent = group.parent();
        return parent == null ? 0 : pids.idOf(parent);
    }

    private static String hexOctal(int umask) {
        String digits = Integer.toOctalString(umask);
        return digits.length() < 2 ? "0" + digits : digits;
    }

    private static String stateName(char state) {
        return switch (state) {
            case 'R' -> "R (running)";
            case 'S' -> "S (sleeping)";
            case 'D' -> "D (disk sleep)";
            case 'T' -> "T (stopped)";
            case 't' -> "t (tracing stop)";
            case 'Z' -> "Z (zombie)";
            default -> "X (dead)";
        };
    }

    private static void memory(StringBuilder text, MemoryManager mm) {
        MapsFormat.Totals totals = MapsFormat.totals(mm);
        kib(text, "VmPeak", mm.peakVirtualBytes());
        kib(text, "VmSize", mm.virtualBytes());
        kib(text, "VmLck", mm.lockedBytes());
        kib(text, "VmPin", 0);
        kib(text, "VmHWM", mm.peakResidentBytes());
        kib(text, "VmRSS", mm.residentBytes());
        kib(text, "RssAnon", mm.residentBytes() - mm.residentFileBytes() - mm.residentSharedBytes());
        kib(text, "RssFile", mm.residentFileBytes());
        kib(text, "RssShmem", mm.residentSharedBytes());
        kib(text, "VmData", totals.data());
        kib(text, "VmStk", totals.stack());
        kib(text, "VmExe", totals.text());
        kib(text, "VmLib", totals.library());
        kib(text, "VmPTE", 0);
        kib(text, "VmSwap", 0);
    }

    private static void signals(StringBuilder text, Task task) {
        ThreadGroup group = task.threadGroup();
        line(text, "SigQ", "0/" + limit(group.limits().soft(Sched.RLIMIT_SIGPENDING)));
        line(text, "SigPnd", hex(task.pendingSignals(), 16));
        line(text, "ShdPnd", hex(group.pendingSignals(), 16));
        line(text, "SigBlk", hex(task.signalMask(), 16));
        long ignored = 0;
        long caught = 0;
        for (int signo = 1; signo <= 64; signo++) {
            long handler = group.signalAction(signo).handler();
            ignored |= handler == 1 ? 1L << signo - 1 : 0;
            caught |= handler != 0 && handler != 1 ? 1L << signo - 1 : 0;
        }
        line(text, "SigIgn", hex(ignored, 16));
        line(text, "SigCgt", hex(caught, 16));
    }

    private static void processors(StringBuilder text, Task task) {
        int cpus = task.cgroup.cpus();
        long mask = task.scheduling().affinity()[0];
        line(text, "Cpus_allowed", hex(mask, (cpus + 3) / 4));
        line(text, "Cpus_allowed_list", cpus == 1 ? "0" : listOf(mask));
        line(text, "Mems_allowed", "1");
        line(text, "Mems_allowed_list", "0");
    }

    /** A CPU mask as ranges: {@code 0-3,6}. */
    private static String listOf(long mask) {
        StringBuilder list = new StringBuilder();
        for (int cpu = 0; cpu < 64; cpu++) {
            if ((mask & 1L << cpu) == 0) {
                continue;
            }
            int end = cpu;
            while (end < 63 && (mask & 1L << end + 1) != 0) {
                end++;
            }
            list.append(list.length() > 0 ? "," : "").append(cpu);
            if (end > cpu) {
                list.append('-').append(end);
            }
            cpu = end;
        }
        return list.toString();
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(name).append(":\t").append(value).append('\n');
    }

    private static void line(StringBuilder text, String name, long value) {
        line(text, name, Long.toString(value));
    }

    private static void kib(StringBuilder text, String name, long bytes) {
        String number = Long.toString(bytes / 1024);
        line(text, name, " ".repeat(Math.max(8 - number.length(), 0)) + number + " kB");
    }
}
