package gvj.boot;

import gvj.abi.Fcntl;
import gvj.kernel.IdMap;
import gvj.kernel.Kernel;
import gvj.mm.ArrayIoBuffer;
import gvj.mm.MemoryFile;
import gvj.platform.Platform;
import gvj.platform.PlatformProvider;
import gvj.syscalls.SyscallTable;
import gvj.trace.LogFile;
import gvj.trace.Strace;
import gvj.trace.TraceViewer;
import gvj.vfs.Caller;
import gvj.vfs.FileDescription;
import gvj.vfs.MountNamespace;
import gvj.vfs.Names;
import gvj.vfs.Opener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * For developers: runs a program of the host in a sandbox without launcher and gofer. The root is a tmpfs with copies of
 * what {@code --copy} names (directories with all that is in them; {@code --copy HOST=GUEST} elsewhere).
 *
 * <pre>java -cp build/classes -Dgvj.native=DIR gvj.boot.DevMain [--strace] [--copy PATH]... PROGRAM [ARG...]</pre>
 */
public final class DevMain {
    private static final long MEMORY = 6L << 30;

    private DevMain() {}

    public static void main(String[] arguments) throws Exception {
        List<String> copies = new ArrayList<>();
        boolean strace = false;
        boolean stats = false;
        int next = 0;
        for (; next < arguments.length && arguments[next].startsWith("--"); next++) {
            switch (arguments[next]) {
                case "--strace" -> strace = true;
                case "--stats" -> stats = true;
                case "--copy" -> copies.add(arguments[++next]);
                default -> throw new IllegalArgumentException(arguments[next]);
            }
        }
        List<String> args = List.of(arguments).subList(next, arguments.length);
        if (copies.isEmpty()) {
            copies.add(args.get(0));
        }
        try {
            System.exit(run(args, copies, strace, stats));
        } catch (BootException e) {
            System.err.println("gvj: " + e.getMessage());
            System.exit(125);
        }
    }

    private static int run(List<String> args, List<String> copies, boolean strace, boolean stats) throws Exception {
        ContainerSpec container = new ContainerSpec(
                "dev",
                ProcessSpec.plain(
                        args,
                        List.of(
                                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                "HOME=/",
                                "TERM=dumb"),
                        "/",
                        ProcessSpec.User.ROOT,
                        ProcessSpec.Terminal.NONE),
                false,
                BootSpec.SeccompProfile.NONE,
                ContainerSpec.Namespaces.own("sandbox", "(none)"),
                BootSpec.Limits.memory(MEMORY),
                List.of(
                        MountSpec.internal("/", "tmpfs", "mode=755"),
                        MountSpec.internal("/proc", "proc", ""),
                        MountSpec.internal("/sys", "sysfs", ""),
                        MountSpec.internal("/dev", "devtmpfs", ""),
                        MountSpec.internal("/dev/pts", "devpts", "mode=620,ptmxmode=666"),
                        MountSpec.internal("/dev/shm", "tmpfs", "mode=1777"),
                        MountSpec.internal("/tmp", "tmpfs", "mode=1777")),
                List.of(),
                List.of(),
                List.of(),
                Map.of());
        BootSpec spec = new BootSpec(
                container,
                false,
                IdMap.ALL,
                IdMap.ALL,
                System.getProperty("gvj.platform", "auto"),
                Boolean.getBoolean("gvj.keepCode"),
                false,
                new BootSpec.Tracing(strace, strace, List.of()),
                stats,
                new BootSpec.Descriptors(2, -1, -1, PlatformProvider.OWN_DEVICE, List.of(), List.of(0, 1, 2)),
                List.of());
        LogFile log = new LogFile(2);
        MemoryFile memory = new MemoryFile(4 * MEMORY, MEMORY / MemoryFile.PAGE);
        Platform platform = new Platforms(memory, -1, spec.keepCode(), log::line).create(spec.platform());
        Kernel kernel = new Kernel(memory, platform, SyscallTable.standard(), new BootLog(log, true, strace));
        if (strace) {
            new Strace(kernel).add(new TraceViewer(null, Set.of(), log));
        }
        GoferTrees none = new GoferTrees(memory, List.of());
        ContainerMaker maker = new ContainerMaker(kernel, FileSystems.register(kernel), none);
        MountNamespace mounts = maker.mountFirst(container);
        for (String copy : copies) {
            copy(kernel.vfs.bootCaller(mounts), copy);
        }
        int status = run(kernel, maker, spec);
        if (stats) {
            new Stats(kernel, new long[0]).print(log);
        }
        return (status & 0x7f) != 0 ? 128 + (status & 0x7f) : status >> 8 & 0xff;
    }

    private static int run(Kernel kernel, ContainerMaker maker, BootSpec spec) throws Exception {
        Container first =
                maker.loadFirst(spec.first(), spec.pod(), spec.descriptors().stdio());
        first.first().start();
        int status = kernel.awaitExit();
        kernel.awaitQuiet(2_000_000_000L);
        first.stdio().drain();
        return status;
    }

    private static void copy(Caller caller, String what) throws IOException {
        int equals = what.indexOf('=');
        Path named = Paths.get(equals < 0 ? what : what.substring(0, equals)).toAbsolutePath();
        Path from = named.toRealPath();
        String to = equals < 0 ? named.toString() : what.substring(equals + 1);
        makeParents(caller, to);
        try (Stream<Path> tree = Files.walk(from)) {
            tree.forEach(path -> copyOne(
                    caller, path, to + path.toString().substring(from.toString().length())));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void makeParents(Caller caller, String path) {
        for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
            String prefix = path.substring(0, slash);
            try {
                Names.mkdir(caller, Fcntl.AT_FDCWD, prefix, 0755);
            } catch (gvj.kernel.ErrnoException e) {
                // it is there already
            }
        }
    }

    private static void copyOne(Caller caller, Path from, String to) {
        try {
            if (Files.isSymbolicLink(from)) {
                Names.symlink(caller, Files.readSymbolicLink(from).toString(), Fcntl.AT_FDCWD, to);
            } else if (Files.isDirectory(from)) {
                makeParents(caller, to + "/");
            } else if (Files.isRegularFile(from, LinkOption.NOFOLLOW_LINKS)) {
                copyFile(caller, from, to);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (gvj.kernel.ErrnoException e) {
            // copied before
        }
    }

    private static void copyFile(Caller caller, Path from, String to) throws IOException {
        byte[] bytes = Files.readAllBytes(from);
        int mode = Files.isExecutable(from) ? 0755 : 0644;
        FileDescription file = Opener.open(caller, Fcntl.AT_FDCWD, to, Fcntl.O_WRONLY | Fcntl.O_CREAT, mode, 0);
        try {
            ArrayIoBuffer buffer = new ArrayIoBuffer(bytes, 0, bytes.length);
            while (buffer.remaining() > 0 && file.write(null, buffer) > 0) {
                // on to the end
            }
        } finally {
            file.decRef();
        }
    }
}
