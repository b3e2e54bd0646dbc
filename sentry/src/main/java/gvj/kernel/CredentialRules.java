package gvj.kernel;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Sched;

/** Who may become whom: setuid(2) and its relatives, credentials(7), and what capabilities(7) makes of it. */
public final class CredentialRules {
    /** "Leave it as it is", and no valid id. */
    private static final int KEEP = -1;

    static final int SECBIT_NOROOT = 1, SECBIT_NO_SETUID_FIXUP = 1 << 2, SECBIT_KEEP_CAPS = 1 << 4;
    static final int SECBIT_NO_CAP_AMBIENT_RAISE = 1 << 6;

    /** Capabilities that come and go with fsuid 0. */
    private static final long FILE_CAPABILITIES = bit(Capability.CAP_CHOWN)
            | bit(Capability.CAP_MKNOD)
            | bit(Capability.CAP_DAC_OVERRIDE)
            | bit(Capability.CAP_DAC_READ_SEARCH)
            | bit(Capability.CAP_FOWNER)
            | bit(Capability.CAP_FSETID)
            | bit(Capability.CAP_LINUX_IMMUTABLE)
            | bit(Capability.CAP_MAC_OVERRIDE);

    private CredentialRules() {}

    private static long bit(int capability) {
        return 1L << capability;
    }

    /** setuid(2). */
    public static int setuid(Task task, int uid) {
        Credentials c = task.credentials;
        if (!c.userNamespace().uids().has(uid)) {
            return -Errno.EINVAL;
        }
        if (c.has(Capability.CAP_SETUID)) {
            return commitUids(task, uid, uid, uid, uid);
        }
        if (uid != c.uid() && uid != c.suid()) {
            return -Errno.EPERM;
        }
        return commitUids(task, c.uid(), uid, c.suid(), uid);
    }

    /** setreuid(2). */
    public static int setreuid(Task task, int uid, int euid) {
        Credentials c = task.credentials;
        IdMap ids = c.userNamespace().uids();
        if (!ids.hasOrKeeps(uid) || !ids.hasOrKeeps(euid)) {
            return -Errno.EINVAL;
        }
        boolean free = c.has(Capability.CAP_SETUID);
        if (uid != KEEP && uid != c.uid() && uid != c.euid() && !free) {
            return -Errno.EPERM;
        }
        if (euid != KEEP && euid != c.uid() && euid != c.euid() && euid != c.suid() && !free) {
            return -Errno.EPERM;
        }
        int newUid = uid == KEEP ? c.uid() : uid;
        int newEuid = euid == KEEP ? c.euid() : euid;
        boolean saves = uid != KEEP || (euid != KEEP && euid != c.uid());
        return commitUids(task, newUid, newEuid, saves ? newEuid : c.suid(), newEuid);
    }

    /** setresuid(2). */
    public static int setresuid(Task task, int uid, int euid, int suid) {
        Credentials c = task.credentials;
        IdMap ids = c.userNamespace().uids();
        if (!ids.hasOrKeeps(uid) || !ids.hasOrKeeps(euid) || !ids.hasOrKeeps(suid)) {
            return -Errno.EINVAL;
        }
        if (!c.has(Capability.CAP_SETUID) && !(isUid(c, uid) && isUid(c, euid) && isUid(c, suid))) {
            return -Errno.EPERM;
        }
        int newEuid = euid == KEEP ? c.euid() : euid;
        return commitUids(task, uid == KEEP ? c.uid() : uid, newEuid, suid == KEEP ? c.suid() : suid, newEuid);
    }

    private static boolean isUid(Credentials c, int id) {
        return id == KEEP || id == c.uid() || id == c.euid() || id == c.suid();
    }

    /** setfsuid(2): the old one, whether it worked or not. */
    public static int setfsuid(Task task, int fsuid) {
        Credentials c = task.credentials;
        int old = c.fsuid();
        boolean allowed = isUid(c, fsuid) || fsuid == c.fsuid() || c.has(Capability.CAP_SETUID);
        if (c.userNamespace().uids().has(fsuid) && allowed && fsuid != old) {
            Credentials changed = c.withUids(c.uid(), c.euid(), c.suid(), fsuid);
            if ((c.securebits() & SECBIT_NO_SETUID_FIXUP) == 0) {
                long effective = c.effective();
                if (old == 0) {
                    effective &= ~FILE_CAPABILITIES;
                } else if (fsuid == 0) {
                    effective |= FILE_CAPABILITIES & c.permitted();
                }
                changed =
                        changed.withCapabilities(c.inheritable(), c.permitted(), effective, c.bounding(), c.ambient());
            }
            commit(task, changed);
        }
        return old;
    }

    private static int commitUids(Task task, int uid, int euid, int suid, int fsuid) {
        Credentials c = task.credentials;
        Credentials changed = c.withUids(uid, euid, suid, fsuid);
        if ((c.securebits() & SECBIT_NO_SETUID_FIXUP) == 0) {
            changed = fixCapabilities(c, changed);
        }
        commit(task, changed);
        return 0;
    }

    /** Leaving root takes capabilities away, returning as effective root brings the effective ones back. */
    private static Credentials fixCapabilities(Credentials old, Credentials changed) {
        long permitted = changed.permitted();
        long effective = changed.effective();
        long ambient = changed.ambient();
        boolean wasRoot = old.uid() == 0 || old.euid() == 0 || old.suid() == 0;
        boolean isRoot = changed.uid() == 0 || changed.euid() == 0 || changed.suid() == 0;
        if (wasRoot && !isRoot) {
            if ((old.securebits() & SECBIT_KEEP_CAPS) == 0) {
                permitted = 0;
                effective = 0;
            }
            ambient = 0;
        }
        if (old.euid() == 0 && changed.euid() != 0) {
            effective = 0;
        } else if (old.euid() != 0 && changed.euid() == 0) {
            effective = permitted;
        }
        return changed.withCapabilities(changed.inheritable(), permitted, effective, changed.bounding(), ambient);
    }

    /** setgid(2). */
    public static int setgid(Task task, int gid) {
        Credentials c = task.credentials;
        if (!c.userNamespace().gids().has(gid)) {
            return -Errno.EINVAL;
        }
        if (c.has(Capability.CAP_SETGID)) {
            commit(task, c.withGids(gid, gid, gid, gid));
            return 0;
        }
        if (gid != c.gid() && gid != c.sgid()) {
            return -Errno.EPERM;
        }
        commit(task, c.withGids(c.gid(), gid, c.sgid(), gid));
        return 0;
    }

    /** setregid(2). */
    public static int setregid(Task task, int gid, int egid) {
        Credentials c = task.credentials;
        IdMap ids = c.userNamespace().gids();
        if (!ids.hasOrKeeps(gid) || !ids.hasOrKeeps(egid)) {
            return -Errno.EINVAL;
        }
        boolean free = c.has(Capability.CAP_SETGID);
        if (gid != KEEP && gid != c.gid() && gid != c.egid() && !free) {
            return -Errno.EPERM;
        }
        if (egid != KEEP && egid != c.gid() && egid != c.egid() && egid != c.sgid() && !free) {
            return -Errno.EPERM;
        }
        int newGid = gid == KEEP ? c.gid() : gid;
        int newEgid = egid == KEEP ? c.egid() : egid;
        boolean saves = gid != KEEP || (egid != KEEP && egid != c.gid());
        commit(task, c.withGids(newGid, newEgid, saves ? newEgid : c.sgid(), newEgid));
        return 0;
    }

    /** setresgid(2). */
    public static int setresgid(Task task, int gid, int egid, int sgid) {
        Credentials c = task.credentials;
        IdMap ids = c.userNamespace().gids();
        if (!ids.hasOrKeeps(gid) || !ids.hasOrKeeps(egid) || !ids.hasOrKeeps(sgid)) {
            return -Errno.EINVAL;
        }
        if (!c.has(Capability.CAP_SETGID) && !(isGid(c, gid) && isGid(c, egid) && isGid(c, sgid))) {
            return -Errno.EPERM;
        }
        int newEgid = egid == KEEP ? c.egid() : egid;
        commit(task, c.withGids(gid == KEEP ? c.gid() : gid, newEgid, sgid == KEEP ? c.sgid() : sgid, newEgid));
        return 0;
    }

    private static boolean isGid(Credentials c, int id) {
        return id == KEEP || id == c.gid() || id == c.egid() || id == c.sgid();
    }

    /** setfsgid(2): the old one, whether it worked or not. */
    public static int setfsgid(Task task, int fsgid) {
        Credentials c = task.credentials;
        int old = c.fsgid();
        boolean allowed = isGid(c, fsgid) || fsgid == c.fsgid() || c.has(Capability.CAP_SETGID);
        if (c.userNamespace().gids().has(fsgid) && allowed && fsgid != old) {
            commit(task, c.withGids(c.gid(), c.egid(), c.sgid(), fsgid));
        }
        return old;
    }

    /** setgroups(2); {@code groups} is sorted here. */
    public static int setgroups(Task task, int[] groups) {
        java.util.Arrays.sort(groups);
        commit(task, task.credentials.withGroups(groups));
        return 0;
    }

    /** capset(2). */
    public static int capset(Task task, long effective, long permitted, long inheritable) {
        Credentials c = task.credentials;
        if ((inheritable & ~(c.inheritable() | c.permitted())) != 0 && !c.has(Capability.CAP_SETPCAP)) {
            return -Errno.EPERM;
        }
        if ((inheritable & ~(c.inheritable() | c.bounding())) != 0
                || (permitted & ~c.permitted()) != 0
                || (effective & ~permitted) != 0) {
            return -Errno.EPERM;
        }
        long ambient = c.ambient() & permitted & inheritable;
        commit(task, c.withCapabilities(inheritable, permitted, effective, c.bounding(), ambient));
        return 0;
    }

    /** PR_CAPBSET_DROP. */
    public static int dropBounding(Task task, int capability) {
        Credentials c = task.credentials;
        if (!c.has(Capability.CAP_SETPCAP)) {
            return -Errno.EPERM;
        }
        if (capability < 0 || capability > Capability.CAP_LAST_CAP) {
            return -Errno.EINVAL;
        }
        commit(
                task,
                c.withCapabilities(
                        c.inheritable(), c.permitted(), c.effective(), c.bounding() & ~bit(capability), c.ambient()));
        return 0;
    }

    /** PR_CAP_AMBIENT. */
    public static int ambient(Task task, int operation, long argument) {
        Credentials c = task.credentials;
        if (operation == Sched.PR_CAP_AMBIENT_CLEAR_ALL) {
            if (argument != 0) {
                return -Errno.EINVAL;
            }
            commitAmbient(task, 0);
            return 0;
        }
        if (argument < 0 || argument > Capability.CAP_LAST_CAP) {
            return -Errno.EINVAL;
        }
        long mask = bit((int) argument);
        switch (operation) {
            case Sched.PR_CAP_AMBIENT_IS_SET -> {
                return (c.ambient() & mask) != 0 ? 1 : 0;
            }
            case Sched.PR_CAP_AMBIENT_RAISE -> {
                boolean refused = (c.securebits() & SECBIT_NO_CAP_AMBIENT_RAISE) != 0;
                if (refused || (c.permitted() & c.inheritable() & mask) == 0) {
                    return -Errno.EPERM;
                }
                commitAmbient(task, c.ambient() | mask);
                return 0;
            }
            case Sched.PR_CAP_AMBIENT_LOWER -> {
                commitAmbient(task, c.ambient() & ~mask);
                return 0;
            }
            default -> {
                return -Errno.EINVAL;
            }
        }
    }

    private static void commitAmbient(Task task, long ambient) {
        Credentials c = task.credentials;
        commit(task, c.withCapabilities(c.inheritable(), c.permitted(), c.effective(), c.bounding(), ambient));
    }

    /** PR_SET_SECUREBITS: each flag has a lock bit above it. */
    public static int setSecurebits(Task task, long wanted) {
        Credentials c = task.credentials;
        int known = 0xff;
        int locks = 0xaa;
        int old = c.securebits();
        int bits = (int) wanted;
        boolean locked = ((old & locks) >> 1 & (old ^ bits)) != 0 || (old & locks & ~bits) != 0;
        if (wanted != (wanted & known) || locked || !c.has(Capability.CAP_SETPCAP)) {
            return -Errno.EPERM;
        }
        commit(task, c.withSecurebits(bits));
        return 0;
    }

    /** PR_SET_KEEPCAPS. */
    public static int setKeepCaps(Task task, long value) {
        if (value != 0 && value != 1) {
            return -Errno.EINVAL;
        }
        Credentials c = task.credentials;
        int lock = SECBIT_KEEP_CAPS << 1;
        if ((c.securebits() & lock) != 0) {
            return -Errno.EPERM;
        }
        int bits = value == 0 ? c.securebits() & ~SECBIT_KEEP_CAPS : c.securebits() | SECBIT_KEEP_CAPS;
        commit(task, c.withSecurebits(bits));
        return 0;
    }

    /** PR_SET_NO_NEW_PRIVS. */
    public static void setNoNewPrivs(Task task) {
        task.setCredentials(task.credentials.withNoNewPrivs());
    }

    /** Takes effect; who changed identity or gained capabilities is not to be dumped, and forgets its death signal. */
    private static void commit(Task task, Credentials changed) {
        Credentials old = task.credentials;
        boolean other = old.euid() != changed.euid()
                || old.egid() != changed.egid()
                || old.fsuid() != changed.fsuid()
                || old.fsgid() != changed.fsgid()
                || (changed.permitted() & ~old.permitted()) != 0;
        if (other) {
            task.threadGroup.setDumpable(0);
            task.parentDeathSignal = 0;
        }
        task.setCredentials(changed);
        if (old.uid() != changed.uid()) {
            long limit = task.rlimit(Sched.RLIMIT_NPROC);
            int count = task.kernel.account(changed.uid()).tasks.get();
            task.exceededProcessLimit = changed.uid() != 0 && Long.compareUnsigned(count, limit) > 0;
        }
    }
}
