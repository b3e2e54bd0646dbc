package gvj.runtime;

import gvj.boot.BootException;
import gvj.vfs.Mount;
import java.util.List;

/**
 * The options of one mount, as mount(8) and runc know them: flags, hints that mean nothing in a sandbox, and what is the
 * file system's own.
 */
final class MountOptions {
    /** Every option of mounts as such; the others are the file system's. */
    static final List<String> KNOWN =
            List.of(("async atime bind defaults dev diratime dirsync exec iversion lazytime loud mand noatime nodev"
                            + " nodiratime noexec noiversion nolazytime nomand norelatime nostrictatime nosuid nosymfollow"
                            + " private ratime rbind rdev rdiratime relatime remount rexec rnoatime rnodev rnodiratime"
                            + " rnoexec rnorelatime rnostrictatime rnosuid rnosymfollow ro rprivate rrelatime rro rrw"
                            + " rshared rslave rstrictatime rsuid rsymfollow runbindable rw shared silent slave"
                            + " strictatime suid symfollow sync unbindable")
                    .split(" "));

    private int flags = Mount.RELATIME;
    private boolean bind;
    private final StringBuilder data = new StringBuilder();

    /** Reads {@code options}; what is refused is named by its path. */
    static MountOptions of(Json options, Notes notes) throws BootException {
        MountOptions result = new MountOptions();
        for (Json option : options.elements()) {
            result.add(option, option.bytes(""), notes);
        }
        return result;
    }

    /** Whether the mount shows a part of the host. */
    boolean bind() {
        return bind;
    }

    /** Flags of {@link Mount}. */
    int flags() {
        return flags;
    }

    boolean readOnly() {
        return (flags & Mount.RDONLY) != 0;
    }

    /** What is left: the file system's own options, separated by commas. */
    String data() {
        return data.toString();
    }

    private void add(Json option, String name, Notes notes) throws BootException {
        switch (name) {
            case "bind", "rbind" -> bind = true;
            case "ro", "rro" -> flags |= Mount.RDONLY;
            case "rw", "rrw" -> flags &= ~Mount.RDONLY;
            case "nosuid", "rnosuid" -> flags |= Mount.NOSUID;
            case "suid", "rsuid" -> flags &= ~Mount.NOSUID;
            case "nodev", "rnodev" -> flags |= Mount.NODEV;
            case "dev", "rdev" -> flags &= ~Mount.NODEV;
            case "noexec", "rnoexec" -> flags |= Mount.NOEXEC;
            case "exec", "rexec" -> flags &= ~Mount.NOEXEC;
            case "nosymfollow", "rnosymfollow" -> flags |= Mount.NOSYMFOLLOW;
            case "symfollow", "rsymfollow" -> flags &= ~Mount.NOSYMFOLLOW;
            case "nodiratime", "rnodiratime" -> flags |= Mount.NODIRATIME;
            case "diratime", "rdiratime" -> flags &= ~Mount.NODIRATIME;
            case "noatime", "rnoatime" -> accessTimes(Mount.NOATIME);
            case "strictatime", "rstrictatime", "norelatime", "rnorelatime" -> accessTimes(0);
            case "relatime", "rrelatime", "atime", "ratime", "nostrictatime", "rnostrictatime" ->
                accessTimes(Mount.RELATIME);
            case "defaults",
                    "async",
                    "sync",
                    "dirsync",
                    "loud",
                    "silent",
                    "mand",
                    "nomand",
                    "iversion",
                    "noiversion" -> {
                // of the host's caches and logs
            }
            case "lazytime", "nolazytime", "remount" -> {
                // nothing that can be observed
            }
            case "private", "rprivate", "slave", "rslave", "shared", "rshared", "unbindable", "runbindable" -> {
                // mounts of the host do not appear in a sandbox, nor the other way round
            }
            case "tmpcopyup" -> notes.ignored(option, "a tmpfs begins empty");
            case "idmap", "ridmap" ->
                throw option.wrong("is \"" + name + "\": mounts with mapped ids are not supported");
            default -> data.append(data.isEmpty() ? "" : ",").append(name);
        }
    }

    private void accessTimes(int mode) {
        flags = flags & ~(Mount.NOATIME | Mount.RELATIME) | mode;
    }
}
