package gvj.fs.tty;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Stat;
import gvj.fs.pseudo.DirectoryEntry;
import gvj.fs.pseudo.PseudoDirectory;
import gvj.fs.pseudo.PseudoFileSystem;
import gvj.fs.pseudo.PseudoInode;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.FileText;
import gvj.kernel.Kernel;
import gvj.kernel.Task;
import gvj.vfs.Dentry;
import gvj.vfs.FileDescription;
import gvj.vfs.Inode;
import gvj.vfs.Kstat;
import gvj.vfs.Mount;
import gvj.vfs.MountNamespace;
import gvj.vfs.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The devpts file system: {@code /dev/pts/N} for every open master, and its own {@code ptmx}. Each mount is an instance of
 * its own. The monitor guards the terminals.
 */
public final class DevPts extends PseudoFileSystem {
    /** Device major of slaves. */
    static final int SLAVE_MAJOR = 136;

    private static final int MAX_TERMINALS = 4096;

    private final Kernel kernel;
    private final TreeMap<Integer, SlaveInode> slaves = new TreeMap<>();
    private final int ptmxMode;
    private final int slaveMode;
    private final int slaveGid;

    /**
     * One instance.
     *
     * @param ptmxMode permissions of its ptmx
     * @param slaveMode permissions of new slaves
     * @param slaveGid group of new slaves, -1 for the opener's
     */
    public DevPts(Kernel kernel, int ptmxMode, int slaveMode, int slaveGid) {
        super("devpts", 0x1cd1);
        this.kernel = kernel;
        this.ptmxMode = ptmxMode;
        this.slaveMode = slaveMode;
        this.slaveGid = slaveGid;
        setRoot(new Root());
    }

    /** The one that was mounted first of those in {@code mounts}, or null. */
    public static DevPts in(MountNamespace mounts) {
        for (Mount mount : mounts.mounts()) {
            if (mount.fileSystem() instanceof DevPts found) {
                return found;
            }
        }
        return null;
    }

    @Override
    public String options() {
        return (slaveGid >= 0 ? ",gid=" + slaveGid : "") + ",mode=" + Integer.toOctalString(slaveMode) + ",ptmxmode="
                + FileText.format("%03o", ptmxMode);
    }

    /** Opens a new pair; answers the master. {@code path} is the ptmx that was opened. */
    public FileDescription openMaster(Credentials creds, Path path, int flags) {
        return new PtyMaster(path, flags, newTerminal(creds.fsuid(), creds.fsgid()));
    }

    /** A new, locked terminal with no file open on either side; for the sandbox's console. */
    public synchronized Tty newTerminal(int uid, int gid) {
        int index = 0;
        while (slaves.containsKey(index)) {
            index++;
        }
        if (index >= MAX_TERMINALS) {
            throw ErrnoException.of(Errno.ENOSPC);
        }
        Tty tty = new Tty(this, index, kernel.timers);
        SlaveInode inode = new SlaveInode(tty);
        inode.owner(uid, slaveGid >= 0 ? slaveGid : gid);
        slaves.put(index, inode);
        return tty;
    }

    synchronized void remove(Tty tty) {
        slaves.remove(tty.index);
    }

    /** The place of a terminal's slave below the mount that {@code near} (its ptmx) was opened on. */
    Path slavePath(Path near, Tty tty) {
        SlaveInode inode;
        synchronized (this) {
            inode = slaves.get(tty.index);
        }
        if (inode == null) {
            throw ErrnoException.of(Errno.EIO);
        }
        Dentry root =
                near.dentry().inode().fileSystem() == this ? near.dentry().parent() : new Dentry(null, "/", root());
        return new Path(near.mount(), new Dentry(root, Integer.toString(tty.index), inode));
    }

    /** Opens a terminal's slave for the kernel itself: the console of the first process. */
    public FileDescription openConsole(Path path, int flags, Tty tty) {
        tty.setLocked(false);
        ErrnoException.check(tty.openSlave(true));
        return new PtySlave(path, flags, tty);
    }

    /** The inode of a terminal's slave. */
    public synchronized Inode slaveInode(Tty tty) {
        return slaves.get(tty.index);
    }

    /** The root directory: ptmx and the slaves. */
    private final class Root extends PseudoDirectory {
        Root() {
            super(DevPts.this, 0755);
            add("ptmx", new PtmxInode());
        }

        @Override
        public Inode lookup(String name) {
            Inode fixed = super.lookup(name);
            if (fixed != null) {
                return fixed;
            }
            int index = parse(name);
            synchronized (DevPts.this) {
                return index < 0 ? null : slaves.get(index);
            }
        }

        @Override
        public boolean cacheable() {
            return false;
        }

        @Override
        public List<DirectoryEntry> entries(Task reader) {
            List<DirectoryEntry> list = new ArrayList<>(super.entries(reader));
            synchronized (DevPts.this) {
                for (Map.Entry<Integer, SlaveInode> slave : slaves.entrySet()) {
                    list.add(DirectoryEntry.of(Integer.toString(slave.getKey()), slave.getValue()));
                }
            }
            return list;
        }

        private static int parse(String name) {
            if (name.isEmpty() || name.length() > 5 || name.length() > 1 && name.charAt(0) == '0') {
                return -1;
            }
            int value = 0;
            for (int i = 0; i < name.length(); i++) {
                char c = name.charAt(i);
                if (c < '0' || c > '9') {
                    return -1;
                }
                value = value * 10 + c - '0';
            }
            return value;
        }
    }

    /** The instance's own ptmx. */
    private final class PtmxInode extends PseudoInode {
        PtmxInode() {
            super(DevPts.this, Stat.S_IFCHR | ptmxMode);
        }

        @Override
        public void stat(Kstat out) {
            super.stat(out);
            out.rdevMajor = 5;
            out.rdevMinor = 2;
        }

        @Override
        public FileDescription open(Task task, Path path, int flags) {
            return openMaster(task.credentials(), path, flags);
        }
    }

    /** A slave. */
    private static final class SlaveInode extends PseudoInode {
        private final Tty tty;

        SlaveInode(Tty tty) {
            super(tty.devPts, 3L + tty.index, Stat.S_IFCHR | tty.devPts.slaveMode);
            this.tty = tty;
        }

        @Override
        public void stat(Kstat out) {
            super.stat(out);
            out.blockSize = 1024;
            out.rdevMajor = SLAVE_MAJOR;
            out.rdevMinor = tty.index;
        }

        @Override
        public boolean cacheable() {
            return false;
        }

        @Override
        public FileDescription open(Task task, Path path, int flags) {
            // no task: the Sentry itself opens its console
            boolean privileged = task == null || task.credentials().has(gvj.abi.Capability.CAP_SYS_ADMIN);
            ErrnoException.check(tty.openSlave(privileged));
            if (task != null && (flags & Fcntl.O_NOCTTY) == 0) {
                tty.jobs.acquireOnOpen(task);
            }
            return new PtySlave(path, flags, tty);
        }
    }
}
