package gvj.kernel;

import gvj.abi.Stat;
import gvj.vfs.FileDescription;
import gvj.vfs.Inode;
import gvj.vfs.Mount;

/**
 * How execve changes credentials: set-user-ID and set-group-ID bits, and the capability transformation of
 * capabilities(7). File capabilities are not honoured.
 *
 * @param credentials what the process has afterwards
 * @param secure AT_SECURE: it gained something its caller did not have
 */
record ExecCredentials(Credentials credentials, boolean secure, boolean gained) {
    private static final int SECBIT_NOROOT = 1, SECBIT_KEEP_CAPS = 1 << 4;
    private static final long NO_CAPABILITIES = 0;

    static ExecCredentials of(Task task, FileDescription file) {
        Credentials old = task.credentials;
        Inode inode = file.inode();
        int mode = inode.mode();
        boolean honoured = !old.noNewPrivs()
                && !isTracedByOthers(task)
                && (file.path().mount().flags() & Mount.NOSUID) == 0;
        int euid = honoured && (mode & Stat.S_ISUID) != 0 ? inode.uid() : old.euid();
        boolean setgid = honoured && (mode & (Stat.S_ISGID | Stat.S_IXGRP)) == (Stat.S_ISGID | Stat.S_IXGRP);
        int egid = setgid ? inode.gid() : old.egid();
        boolean idsChange = euid != old.euid() || egid != old.egid();

        boolean rootRules = (old.securebits() & SECBIT_NOROOT) == 0;
        long filePermitted = NO_CAPABILITIES;
        boolean fileEffective = false;
        if (rootRules && (euid == 0 || old.uid() == 0)) {
            filePermitted = ~0L;
            fileEffective = euid == 0;
        }
        long ambient = idsChange ? 0 : old.ambient();
        long permitted = old.bounding() & filePermitted | old.inheritable() & filePermitted | ambient;
        long effective = fileEffective ? permitted : ambient;
        boolean gainedCaps = (permitted & ~old.permitted()) != 0;
        Credentials changed = new Credentials(
                old.uid(),
                euid,
                euid,
                euid,
                old.gid(),
                egid,
                egid,
                egid,
                old.groups(),
                old.inheritable(),
                permitted,
                effective,
                old.bounding(),
                ambient,
                old.securebits() & ~SECBIT_KEEP_CAPS,
                old.noNewPrivs(),
                old.userNamespace());
        boolean secure = idsChange
                || (old.uid() != 0 && fileEffective && permitted != ambient)
                || euid != old.uid()
                || egid != old.gid();
        return new ExecCredentials(changed, secure, idsChange || gainedCaps);
    }

    /** A tracer that could not attach to a privileged program does not get one this way. */
    private static boolean isTracedByOthers(Task task) {
        Task tracer = task.tracer();
        return tracer != null && !tracer.credentials.has(gvj.abi.Capability.CAP_SYS_PTRACE);
    }

    /** Takes effect: who gained something loses its death signal and is not to be dumped. */
    void apply(Task task) {
        if (gained) {
            task.parentDeathSignal = 0;
        }
        boolean plain = credentials.euid() == credentials.uid() && credentials.egid() == credentials.gid() && !gained;
        task.threadGroup.setDumpable(plain ? 1 : 0);
        task.setCredentials(credentials);
    }
}
