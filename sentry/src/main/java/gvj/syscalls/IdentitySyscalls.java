package gvj.syscalls;

import gvj.abi.Bytes;
import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.SyscallNumbers;
import gvj.kernel.CredentialRules;
import gvj.kernel.Credentials;
import gvj.kernel.Jobs;
import gvj.kernel.Task;
import gvj.kernel.ThreadGroup;

/** getpid(2), getuid(2), setuid(2), setpgid(2), capget(2) and their families. */
final class IdentitySyscalls {
    private static final int MAX_GROUPS = 65536;
    private static final long ALL_CAPABILITIES = (1L << Capability.CAP_LAST_CAP + 1) - 1;

    private IdentitySyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_getpid, "getpid", IdentitySyscalls::getpid);
        t.add(SyscallNumbers.SYS_gettid, "gettid", IdentitySyscalls::gettid);
        t.add(SyscallNumbers.SYS_getppid, "getppid", IdentitySyscalls::getppid);
        t.add(SyscallNumbers.SYS_getpgid, "getpgid", IdentitySyscalls::getpgid);
        t.add(SyscallNumbers.SYS_getpgrp, "getpgrp", IdentitySyscalls::getpgrp);
        t.add(SyscallNumbers.SYS_setpgid, "setpgid", IdentitySyscalls::setpgid);
        t.add(SyscallNumbers.SYS_getsid, "getsid", IdentitySyscalls::getsid);
        t.add(SyscallNumbers.SYS_setsid, "setsid", IdentitySyscalls::setsid);
        t.add(SyscallNumbers.SYS_getuid, "getuid", IdentitySyscalls::getuid);
        t.add(SyscallNumbers.SYS_geteuid, "geteuid", IdentitySyscalls::geteuid);
        t.add(SyscallNumbers.SYS_getgid, "getgid", IdentitySyscalls::getgid);
        t.add(SyscallNumbers.SYS_getegid, "getegid", IdentitySyscalls::getegid);
        t.add(SyscallNumbers.SYS_getresuid, "getresuid", IdentitySyscalls::getresuid);
        t.add(SyscallNumbers.SYS_getresgid, "getresgid", IdentitySyscalls::getresgid);
        t.add(SyscallNumbers.SYS_setuid, "setuid", IdentitySyscalls::setuid);
        t.add(SyscallNumbers.SYS_setgid, "setgid", IdentitySyscalls::setgid);
        t.add(SyscallNumbers.SYS_setreuid, "setreuid", IdentitySyscalls::setreuid);
        t.add(SyscallNumbers.SYS_setregid, "setregid", IdentitySyscalls::setregid);
        t.add(SyscallNumbers.SYS_setresuid, "setresuid", IdentitySyscalls::setresuid);
        t.add(SyscallNumbers.SYS_setresgid, "setresgid", IdentitySyscalls::setresgid);
        t.add(SyscallNumbers.SYS_setfsuid, "setfsuid", IdentitySyscalls::setfsuid);
        t.add(SyscallNumbers.SYS_setfsgid, "setfsgid", IdentitySyscalls::setfsgid);
        t.add(SyscallNumbers.SYS_getgroups, "getgroups", IdentitySyscalls::getgroups);
        t.add(SyscallNumbers.SYS_setgroups, "setgroups", IdentitySyscalls::setgroups);
        t.add(SyscallNumbers.SYS_capget, "capget", IdentitySyscalls::capget);
        t.add(SyscallNumbers.SYS_capset, "capset", IdentitySyscalls::capset);
    }

    private static long id(int id) {
        return id & 0xffffffffL;
    }

    static long getpid(Task task) {
        return task.pidNamespace().idOf(task.threadGroup());
    }

    static long gettid(Task task) {
        return task.pidNamespace().idOf(task);
    }

    static long getppid(Task task) {
        ThreadGroup parent = task.threadGroup().parent();
        return parent == null ? 0 : task.pidNamespace().idOf(parent);
    }

    private static ThreadGroup process(Task task, int pid) {
        if (pid == 0) {
            return task.threadGroup();
        }
        Task found = task.pidNamespace().task(pid);
        return found == null ? null : found.threadGroup();
    }

    static long getpgid(Task task, long pid) {
        ThreadGroup process = process(task, (int) pid);
        return process == null ? -Errno.ESRCH : task.pidNamespace().idOf(process.processGroup());
    }

    static long getpgrp(Task task) {
        return task.pidNamespace().idOf(task.threadGroup().processGroup());
    }

    static long setpgid(Task task, long pid, long pgid) {
        return Jobs.setpgid(task, (int) pid, (int) pgid);
    }

    static long getsid(Task task, long pid) {
        ThreadGroup process = process(task, (int) pid);
        return process == null ? -Errno.ESRCH : task.pidNamespace().idOf(process.processGroup().session);
    }

    static long setsid(Task task) {
        return Jobs.setsid(task);
    }

    static long getuid(Task task) {
        return id(task.credentials().uid());
    }

    static long geteuid(Task task) {
        return id(task.credentials().euid());
    }

    static long getgid(Task task) {
        return id(task.credentials().gid());
    }

    static long getegid(Task task) {
        return id(task.credentials().egid());
    }

    static long getresuid(Task task, long ruid, long euid, long suid) {
        Credentials c = task.credentials();
        task.mm().writeInt(ruid, c.uid());
        task.mm().writeInt(euid, c.euid());
        task.mm().writeInt(suid, c.suid());
        return 0;
    }

    static long getresgid(Task task, long rgid, long egid, long sgid) {
        Credentials c = task.credentials();
        task.mm().writeInt(rgid, c.gid());
        task.mm().writeInt(egid, c.egid());
        task.mm().writeInt(sgid, c.sgid());
        return 0;
    }

    static long setuid(Task task, long uid) {
        return CredentialRules.setuid(task, (int) uid);
    }

    static long setgid(Task task, long gid) {
        return CredentialRules.setgid(task, (int) gid);
    }

    static long setreuid(Task task, long uid, long euid) {
        return CredentialRules.setreuid(task, (int) uid, (int) euid);
    }

    static long setregid(Task task, long gid, long egid) {
        return CredentialRules.setregid(task, (int) gid, (int) egid);
    }

    static long setresuid(Task task, long uid, long euid, long suid) {
        return CredentialRules.setresuid(task, (int) uid, (int) euid, (int) suid);
    }

    static long setresgid(Task task, long gid, long egid, long sgid) {
        return CredentialRules.setresgid(task, (int) gid, (int) egid, (int) sgid);
    }

    static long setfsuid(Task task, long uid) {
        return id(CredentialRules.setfsuid(task, (int) uid));
    }

    static long setfsgid(Task task, long gid) {
        return id(CredentialRules.setfsgid(task, (int) gid));
    }

    static long getgroups(Task task, long size, long list) {
        int[] groups = task.credentials().groups();
        int room = (int) size;
        if (room < 0 || (room != 0 && room < groups.length)) {
            return -Errno.EINVAL;
        }
        if (room != 0 && groups.length > 0) {
            byte[] bytes = task.scratch(4 * groups.length);
            for (int i = 0; i < groups.length; i++) {
                Bytes.putInt(bytes, 4 * i, groups[i]);
            }
            task.mm().copyOut(list, bytes, 0, 4 * groups.length);
        }
        return groups.length;
    }

    static long setgroups(Task task, long size, long list) {
        if (!task.credentials().has(Capability.CAP_SETGID)) {
            return -Errno.EPERM;
        }
        int count = (int) size;
        if (count < 0 || count > MAX_GROUPS) {
            return -Errno.EINVAL;
        }
        byte[] bytes = task.scratch(4 * count);
        task.mm().copyIn(list, bytes, 0, 4 * count);
        int[] groups = new int[count];
        for (int i = 0; i < count; i++) {
            groups[i] = Bytes.getInt(bytes, 4 * i);
            if (!task.credentials().userNamespace().gids().has(groups[i])) {
                return -Errno.EINVAL;
            }
        }
        return CredentialRules.setgroups(task, groups);
    }

    /** How many 32-bit words a capability header asks for; -1 for an unknown version, which is answered with ours. */
    private static int words(Task task, long header) {
        return switch (task.mm().readInt(header)) {
            case Capability._LINUX_CAPABILITY_VERSION_1 -> 1;
            case Capability._LINUX_CAPABILITY_VERSION_2, Capability._LINUX_CAPABILITY_VERSION_3 -> 2;
            default -> {
                task.mm().writeInt(header, Capability._LINUX_CAPABILITY_VERSION_3);
                yield -1;
            }
        };
    }

    /** Data: for each word effective, permitted, inheritable. */
    static long capget(Task task, long header, long data) {
        int words = words(task, header);
        if (words < 0) {
            return data == 0 ? 0 : -Errno.EINVAL;
        }
        int pid = task.mm().readInt(header + 4);
        if (pid < 0) {
            return -Errno.EINVAL;
        }
        Task target = pid == 0 ? task : task.pidNamespace().task(pid);
        if (target == null) {
            return -Errno.ESRCH;
        }
        if (data == 0) {
            return 0;
        }
        Credentials c = target.credentials();
        byte[] bytes = task.scratch(24);
        for (int i = 0; i < words; i++) {
            Bytes.putInt(bytes, 12 * i, (int) (c.effective() >>> 32 * i));
            Bytes.putInt(bytes, 12 * i + 4, (int) (c.permitted() >>> 32 * i));
            Bytes.putInt(bytes, 12 * i + 8, (int) (c.inheritable() >>> 32 * i));
        }
        task.mm().copyOut(data, bytes, 0, 12 * words);
        return 0;
    }

    static long capset(Task task, long header, long data) {
        int words = words(task, header);
        if (words < 0) {
            return -Errno.EINVAL;
        }
        int pid = task.mm().readInt(header + 4);
        if (pid != 0 && pid != task.pidNamespace().idOf(task)) {
            return -Errno.EPERM;
        }
        byte[] bytes = task.scratch(24);
        task.mm().copyIn(data, bytes, 0, 12 * words);
        long[] sets = new long[3];
        for (int i = 0; i < words; i++) {
            for (int set = 0; set < 3; set++) {
                sets[set] |= (Bytes.getInt(bytes, 12 * i + 4 * set) & 0xffffffffL) << 32 * i;
            }
        }
        return CredentialRules.capset(
                task, sets[0] & ALL_CAPABILITIES, sets[1] & ALL_CAPABILITIES, sets[2] & ALL_CAPABILITIES);
    }
}
