package gvj.boot;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.kernel.ErrnoException;
import gvj.kernel.Kernel;
import gvj.kernel.Task;
import gvj.mm.ArrayIoBuffer;
import gvj.vfs.Caller;
import gvj.vfs.FileDescription;
import gvj.vfs.Mount;
import gvj.vfs.Path;
import gvj.vfs.Vfs;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Writes the sysctl(8) settings that a sandbox is to begin with, whether or not it has a /proc. */
final class KernelSettings {
    private final Kernel kernel;
    private final Task task;

    /** {@code first} is the task in whose namespaces they are to hold. */
    KernelSettings(Kernel kernel, Task first) {
        this.kernel = kernel;
        this.task = first;
    }

    /** Sets them all, by names as sysctl(8) has them: with dots, or with slashes. */
    void apply(Map<String, String> settings) throws BootException {
        if (settings.isEmpty()) {
            return;
        }
        Mount proc = Mount.of(kernel.vfs.make("proc", null, "proc", ""), "proc", 0);
        Path root = new Path(proc, proc.root());
        Caller caller = new Caller(task, Vfs.rootCredentials(kernel.rootUserNamespace), root, root, 0);
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            String name = setting.getKey();
            String path = "/sys/" + (name.indexOf('/') >= 0 ? name : name.replace('.', '/'));
            try {
                write(caller, path, setting.getValue());
            } catch (ErrnoException e) {
                failed(name, setting.getValue(), e.errno());
            }
        }
    }

    /** Settings of the network that are not here are those of the host's namespace that the sandbox is in. */
    private void failed(String name, String value, int errno) throws BootException {
        if (name.startsWith("net.") || name.startsWith("net/")) {
            kernel.noticeOnce("sysctl " + name, "sysctl " + name + " is the host's: it stays as it is there");
            return;
        }
        throw new BootException(
                errno == Errno.ENOENT
                        ? "sysctl \"" + name + "\": the sandbox has no such setting"
                        : "sysctl \"" + name + "\" = \"" + value + "\": " + Messages.of(errno));
    }

    private void write(Caller caller, String path, String value) {
        Path place = caller.lookup(Fcntl.AT_FDCWD, path, 0);
        FileDescription file = place.inode().open(task, place, Fcntl.O_WRONLY);
        try {
            byte[] bytes = value.getBytes(StandardCharsets.ISO_8859_1);
            ErrnoException.check(file.write(task, new ArrayIoBuffer(bytes, 0, bytes.length)));
        } finally {
            file.decRef();
        }
    }
}
