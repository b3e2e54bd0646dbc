package gvj.fs.proc;

import gvj.kernel.Task;
import gvj.vfs.FileSystem;
import gvj.vfs.Mount;
import gvj.vfs.MountNamespace;
import gvj.vfs.Path;
import gvj.vfs.PathNames;

/** /proc/PID/mounts and mountinfo, proc(5). */
final class MountsFormat {
    private MountsFormat() {}

    /** One mount on its way to a line. */
    private interface Line {
        void write(StringBuilder text, Mount mount, String mountPoint);
    }

    static String mounts(Task task, Task reader) {
        return lines(
                task,
                reader,
                (text, mount, mountPoint) -> text.append(escape(mount.source()))
                        .append(' ')
                        .append(escape(mountPoint))
                        .append(' ')
                        .append(mount.fileSystem().type())
                        .append(' ')
                        .append(flags(mount))
                        .append(mount.fileSystem().options())
                        .append(" 0 0\n"));
    }

    static String mountInfo(Task task, Task reader) {
        return lines(task, reader, MountsFormat::infoLine);
    }

    private static String lines(Task task, Task reader, Line line) {
        MountNamespace namespace = task.namespaces().mount();
        StringBuilder text = new StringBuilder();
        if (namespace == null || reader.fs() == null) {
            return "";
        }
        Path root = reader.fs().root();
        for (Mount mount : namespace.mounts()) {
            line.write(text, mount, PathNames.of(new Path(mount, mount.root()), root));
        }
        return text.toString();
    }

    private static void infoLine(StringBuilder text, Mount mount, String mountPoint) {
        FileSystem fs = mount.fileSystem();
        Mount parent = mount.parent() == null ? mount : mount.parent();
        text.append(mount.id())
                .append(' ')
                .append(parent.id())
                .append(' ')
                .append(fs.deviceMajor())
                .append(':')
                .append(fs.deviceMinor())
                .append(' ')
                .append(escape(PathNames.inFileSystem(mount.root())))
                .append(' ')
                .append(escape(mountPoint))
                .append(' ')
                .append(flags(mount));
        if (mount.sharedId() != 0) {
            text.append(" shared:").append(mount.sharedId());
        }
        if (mount.masterId() != 0) {
            text.append(" master:").append(mount.masterId());
        }
        if (mount.isUnbindable()) {
            text.append(" unbindable");
        }
        text.append(" - ")
                .append(fs.type())
                .append(' ')
                .append(escape(mount.source()))
                .append(mount.isReadOnly() ? " ro" : " rw")
                .append(fs.options())
                .append('\n');
    }

    private static String flags(Mount mount) {
        return (mount.isReadOnly() ? "ro" : "rw")
                + (mount.has(Mount.NOSUID) ? ",nosuid" : "")
                + (mount.has(Mount.NODEV) ? ",nodev" : "")
                + (mount.has(Mount.NOEXEC) ? ",noexec" : "")
                + (mount.has(Mount.NOATIME) ? ",noatime" : "")
                + (mount.has(Mount.NODIRATIME) ? ",nodiratime" : "")
                + (mount.has(Mount.RELATIME) ? ",relatime" : "");
    }

    /** Blank, tab, newline and backslash as octal. */
    private static String escape(String text) {
        return text.isEmpty()
                ? "none"
                : text.replace("\\", "\\134")
                        .replace(" ", "\\040")
                        .replace("\t", "\\011")
                        .replace("\n", "\\012");
    }
}
