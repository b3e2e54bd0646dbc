package gvj.boot;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.kernel.Cgroup;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.Kernel;
import gvj.kernel.Namespaces;
import gvj.kernel.NetNamespace;
import gvj.kernel.NewProcess;
import gvj.loader.BadProgramException;
import gvj.net.inet.HostStack;
import gvj.net.inet.InetSettings;
import gvj.net.inet.InetStack;
import gvj.vfs.Caller;
import gvj.vfs.FdTable;
import gvj.vfs.MountNamespace;
import gvj.vfs.Names;
import gvj.vfs.Path;
import gvj.vfs.PathWalker;
import java.util.List;

/** Makes processes as {@link ProcessSpec}s want them: the first one of a container, and those that join it (exec). */
final class ProcessStarter {
    private static final int OOM_SCORE_MAX = 1000;

    private final Kernel kernel;
    private final ContainerSpec spec;
    private final StdioFiles files;
    private final MountNamespace mounts;
    private volatile NewProcess first;

    ProcessStarter(Kernel kernel, ContainerSpec spec, StdioFiles files, MountNamespace mounts) {
        this.kernel = kernel;
        this.spec = spec;
        this.files = files;
        this.mounts = mounts;
    }

    /**
     * The first process, loaded. It runs when it is told to start.
     *
     * @param hostFds its descriptors from 0 on; they are {@code stdio}'s, or closed, in any case
     */
    NewProcess first(Cgroup cgroup, Namespaces namespaces, List<Integer> hostFds, Stdio stdio) throws BootException {
        ProcessSpec process = spec.process();
        FdTable fds = new FdTable();
        NewProcess made;
        try {
            stdio.open(fds, hostFds, process.terminal());
            Credentials creds = new Users(kernel, mounts).credentials(process);
            made = NewProcess.first(cgroup, creds, namespaces, fds);
        } catch (ErrnoException e) {
            fds.decUsers(null);
            throw noRoom(e);
        } catch (BootException e) {
            fds.decUsers(null);
            throw e;
        }
        first = made;
        if (spec.init()) {
            makeDirectory(process.cwd());
        } else {
            made.makeKillable();
        }
        prepareOrAbandon(made, process, stdio);
        return made;
    }

    /** Gives the sandbox its network, as the host's namespace that it is in has it. */
    void provideNetwork(boolean init) {
        NetNamespace net = kernel.rootNetNamespace;
        net.registry(InetStack.class, () -> new HostStack(files.poller()));
        if (init) {
            // the launcher opened the host's low ports to us: whom they are open to is said here
            InetSettings.of(net).firstUnprivileged = InetSettings.DEFAULT_UNPRIVILEGED;
        }
    }

    private void prepareOrAbandon(NewProcess made, ProcessSpec process, Stdio stdio) throws BootException {
        try {
            prepare(made, process, stdio);
        } catch (BootException e) {
            made.abandon();
            throw e;
        }
    }

    /**
     * A process that joins the container, loaded.
     *
     * @param hostFds its descriptors from 0 on; they are {@code stdio}'s, or closed, in any case
     */
    NewProcess joining(ProcessSpec process, List<Integer> hostFds, Stdio stdio) throws BootException {
        FdTable fds = new FdTable();
        NewProcess made;
        try {
            stdio.open(fds, hostFds, process.terminal());
            Credentials creds = new Users(kernel, mounts).credentials(process);
            made = NewProcess.joining(first.process(), creds, fds);
        } catch (ErrnoException e) {
            fds.decUsers(null);
            throw e.errno() == Errno.ESRCH ? new BootException("the container is not running") : noRoom(e);
        } catch (BootException e) {
            fds.decUsers(null);
            throw e;
        }
        prepareOrAbandon(made, process, stdio);
        return made;
    }

    private static BootException noRoom(ErrnoException cause) {
        return new BootException("there is no room for a process: " + Messages.of(cause.errno()));
    }

    /** Everything but who it is and which files it has. */
    private void prepare(NewProcess made, ProcessSpec process, Stdio stdio) throws BootException {
        stdio.makeControlling(made.task());
        for (ProcessSpec.Limit limit : process.rlimits()) {
            made.setLimit(limit.resource(), limit.soft(), limit.hard());
        }
        made.task().fs().setUmask(process.user().umask());
        made.process().oomScoreAdjustment = Math.max(-OOM_SCORE_MAX, Math.min(process.oomScoreAdj(), OOM_SCORE_MAX));
        changeDirectory(made, process.cwd());
        try {
            new ProgramSearch(kernel, made, complete(made, process)).load();
        } catch (BadProgramException e) {
            throw new BootException(126, "exec " + process.args().get(0) + ": exec format error");
        }
        installFilter(made);
    }

    /** A container's program has a HOME; that of {@code gvj do} has what its caller has. */
    private ProcessSpec complete(NewProcess made, ProcessSpec process) {
        if (!spec.init()) {
            return process;
        }
        int uid = made.task().credentials().uid();
        return process.withEnv(new Users(kernel, mounts).withHome(process.env(), uid));
    }

    /** After the program is loaded, because the filter is to see the program's calls and no others. */
    private void installFilter(NewProcess made) throws BootException {
        long[] program = spec.seccomp().program();
        if (program.length == 0) {
            return;
        }
        byte[] bytes = new byte[8 * program.length];
        for (int i = 0; i < program.length; i++) {
            Bytes.putLong(bytes, 8 * i, program[i]);
        }
        try {
            made.filter(bytes);
        } catch (ErrnoException e) {
            throw new BootException("the seccomp filter is no valid program");
        }
    }

    private void changeDirectory(NewProcess made, String cwd) throws BootException {
        try {
            Path directory = kernel.vfs.bootCaller(mounts).lookup(Fcntl.AT_FDCWD, cwd, PathWalker.FOLLOW);
            if (!directory.inode().isDirectory()) {
                throw ErrnoException.of(Errno.ENOTDIR);
            }
            made.task().fs().setWorkingDirectory(directory);
        } catch (ErrnoException e) {
            throw new BootException(
                    "chdir to cwd (\"" + cwd + "\") set in config.json failed: " + Messages.of(e.errno()));
        }
    }

    /** A container's working directory comes into being with it; where that cannot be, chdir says why. */
    private void makeDirectory(String path) {
        Caller caller = kernel.vfs.bootCaller(mounts);
        for (int slash = path.indexOf('/', 1); ; slash = path.indexOf('/', slash + 1)) {
            try {
                Names.mkdir(caller, Fcntl.AT_FDCWD, slash < 0 ? path : path.substring(0, slash), 0755);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EEXIST) {
                    return;
                }
            }
            if (slash < 0) {
                return;
            }
        }
    }
}
