package gvj.fs.proc;

import gvj.abi.Errno;
import gvj.fs.pseudo.DirectoryEntry;
import gvj.fs.pseudo.PseudoDirectory;
import gvj.fs.pseudo.PseudoFileSystem;
import gvj.fs.pseudo.PseudoSymlink;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.Kernel;
import gvj.kernel.PidNamespace;
import gvj.kernel.Task;
import gvj.kernel.ThreadGroup;
import gvj.vfs.Inode;
import java.util.List;

/** A mount of proc(5): what the members of one pid namespace may see. */
public final class ProcFs extends PseudoFileSystem {
    private final Kernel kernel;
    private final PidNamespace pids;
    private final String hostCpuInfo;

    /**
     * One mount.
     *
     * @param pids the namespace whose processes it shows
     * @param hostCpuInfo the host's /proc/cpuinfo, read before the sandbox was closed
     */
    public ProcFs(Kernel kernel, PidNamespace pids, String hostCpuInfo) {
        super("proc", 0x9fa0);
        this.kernel = kernel;
        this.pids = pids;
        this.hostCpuInfo = hostCpuInfo;
        Root root = new Root();
        setRoot(root);
        new SystemFiles(this).addTo(root);
        new Sysctl(this).addTo(root.directory("sys"));
        root.add("self", new SelfLink(false));
        root.add("thread-self", new SelfLink(true));
        root.add("mounts", new PseudoSymlink(this, "self/mounts"));
        root.add("net", new PseudoSymlink(this, "self/net"));
    }

    Kernel kernel() {
        return kernel;
    }

    PidNamespace pids() {
        return pids;
    }

    String hostCpuInfo() {
        return hostCpuInfo;
    }

    /** A number as a directory name: -1 if it is none. */
    static int parseId(String name) {
        if (name.isEmpty() || name.length() > 9 || name.charAt(0) == '0') {
            return -1;
        }
        int id = 0;
        for (int i = 0; i < name.length(); i++) {
            int digit = name.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            id = id * 10 + digit;
        }
        return id;
    }

    /** Fixed entries and a directory for every process; a thread's id works too but is not listed. */
    private final class Root extends PseudoDirectory {
        Root() {
            super(ProcFs.this, 0555);
        }

        @Override
        public Inode lookup(String name) {
            Inode fixed = super.lookup(name);
            if (fixed != null) {
                return fixed;
            }
            int id = parseId(name);
            Task task = id < 0 ? null : pids.task(id);
            return task == null ? null : new ProcessDirectory(ProcFs.this, task, false);
        }

        /** Linux says of every new name here that its directory does not exist. */
        @Override
        public Inode mkdir(String name, int mode, Credentials creds) {
            throw ErrnoException.of(Errno.ENOENT);
        }

        @Override
        public Inode create(String name, int mode, int rdevMajor, int rdevMinor, Credentials creds) {
            throw ErrnoException.of(Errno.ENOENT);
        }

        @Override
        public Inode symlink(String name, String target, Credentials creds) {
            throw ErrnoException.of(Errno.ENOENT);
        }

        @Override
        public boolean cacheable() {
            return false;
        }

        @Override
        public List<DirectoryEntry> entries(Task reader) {
            List<DirectoryEntry> list = super.entries(reader);
            for (ThreadGroup process : pids.processes()) {
                int pid = pids.idOf(process);
                list.add(new DirectoryEntry(Integer.toString(pid), TaskInode.ino(process.pid, 0), gvj.abi.Stat.DT_DIR));
            }
            return list;
        }
    }

    /** self and thread-self. */
    private final class SelfLink extends PseudoSymlink {
        private final boolean thread;

        SelfLink(boolean thread) {
            super(ProcFs.this, "");
            this.thread = thread;
        }

        @Override
        public String readlink(Task reader) {
            int pid = pids.idOf(reader.threadGroup());
            if (pid == 0) {
                throw gvj.kernel.ErrnoException.of(gvj.abi.Errno.ENOENT);
            }
            return thread ? pid + "/task/" + pids.idOf(reader) : Integer.toString(pid);
        }
    }
}
