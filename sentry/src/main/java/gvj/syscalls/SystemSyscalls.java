package gvj.syscalls;

import gvj.abi.Bytes;
import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.SyscallNumbers;
import gvj.kernel.Clock;
import gvj.kernel.ErrnoException;
import gvj.kernel.Kernel;
import gvj.kernel.Task;
import gvj.kernel.UtsNamespace;
import java.nio.charset.StandardCharsets;

/** uname(2), sethostname(2), sysinfo(2), personality(2), getcpu(2). */
final class SystemSyscalls {
    /** struct utsname: six fields. */
    private static final int UTS_FIELD = 65;

    private static final int SYSINFO_BYTES = 112;
    private static final int UNAME26 = 0x0020000;
    private static final int SECOND = 1_000_000_000;

    private SystemSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_uname, "uname", SystemSyscalls::uname);
        t.add(SyscallNumbers.SYS_sethostname, "sethostname", SystemSyscalls::sethostname);
        t.add(SyscallNumbers.SYS_setdomainname, "setdomainname", SystemSyscalls::setdomainname);
        t.add(SyscallNumbers.SYS_sysinfo, "sysinfo", SystemSyscalls::sysinfo);
        t.add(SyscallNumbers.SYS_personality, "personality", SystemSyscalls::personality);
        t.add(SyscallNumbers.SYS_getcpu, "getcpu", SystemSyscalls::getcpu);
    }

    static long uname(Task task, long address) {
        UtsNamespace uts = task.utsNamespace();
        String release = (task.personality() & UNAME26) != 0 ? "2.6.72" : Kernel.RELEASE;
        String[] fields = {"Linux", uts.nodeName(), release, Kernel.VERSION, "x86_64", uts.domainName()};
        byte[] bytes = task.scratch(fields.length * UTS_FIELD);
        java.util.Arrays.fill(bytes, 0, fields.length * UTS_FIELD, (byte) 0);
        for (int i = 0; i < fields.length; i++) {
            byte[] text = fields[i].getBytes(StandardCharsets.ISO_8859_1);
            System.arraycopy(text, 0, bytes, i * UTS_FIELD, Math.min(text.length, UTS_FIELD - 1));
        }
        task.mm().copyOut(address, bytes, 0, fields.length * UTS_FIELD);
        return 0;
    }

    static long sethostname(Task task, long address, long length) {
        task.utsNamespace().setNodeName(name(task, address, (int) length));
        return 0;
    }

    static long setdomainname(Task task, long address, long length) {
        task.utsNamespace().setDomainName(name(task, address, (int) length));
        return 0;
    }

    private static String name(Task task, long address, int length) {
        if (!task.credentials().has(Capability.CAP_SYS_ADMIN)) {
            throw ErrnoException.of(Errno.EPERM);
        }
        if (length < 0 || length > UtsNamespace.MAX) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        byte[] bytes = task.scratch(UtsNamespace.MAX);
        task.mm().copyIn(address, bytes, 0, length);
        int end = 0;
        while (end < length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, 0, end, StandardCharsets.ISO_8859_1);
    }

    /**
     * struct sysinfo: 0 uptime, 8 loads[3], 32 totalram, 40 freeram, 48 sharedram, 56 bufferram, 64 totalswap, 72 freeswap,
     * 80 procs (16 bit), 88 totalhigh, 96 freehigh, 104 mem_unit.
     */
    static long sysinfo(Task task, long address) {
        byte[] bytes = task.scratch(SYSINFO_BYTES);
        java.util.Arrays.fill(bytes, 0, SYSINFO_BYTES, (byte) 0);
        Bytes.putLong(bytes, 0, (Clock.monotonic() - task.kernel.bootMonotonic + SECOND - 1) / SECOND);
        Bytes.putLong(bytes, 32, task.cgroup.memoryTotal());
        Bytes.putLong(bytes, 40, Math.max(task.cgroup.memoryTotal() - task.cgroup.memoryUsed(), 0));
        Bytes.putShort(bytes, 80, Math.min(task.cgroup.taskCount(), 0xffff));
        Bytes.putInt(bytes, 104, 1);
        task.mm().copyOut(address, bytes, 0, SYSINFO_BYTES);
        return 0;
    }

    static long personality(Task task, long persona) {
        int old = task.personality();
        if ((int) persona != -1) {
            task.setPersonality((int) persona);
        }
        return old & 0xffffffffL;
    }

    static long getcpu(Task task, long cpu, long node) {
        if (cpu != 0) {
            task.mm().writeInt(cpu, task.currentCpu());
        }
        if (node != 0) {
            task.mm().writeInt(node, 0);
        }
        return 0;
    }
}
