package gvj.shim.mount;

import gvj.host.HostMount;
import java.util.List;

/** Options of a mount: words that are flags of mount(2), and the rest, which is the file system's. */
final class MountWords {
    private long flags;
    private boolean loop;
    private final StringBuilder data = new StringBuilder();

    MountWords(List<String> words) {
        for (String word : words) {
            take(word);
        }
    }

    /** Flags of mount(2). */
    long flags() {
        return flags;
    }

    /** Whether the source is a file that is to be a block device. */
    boolean loop() {
        return loop;
    }

    /** What the file system is told, words separated by commas. */
    String data() {
        return data.toString();
    }

    private void take(String word) {
        int flag = flag(word);
        if (flag != 0) {
            flags |= flag;
        } else if (cleared(word) != 0) {
            flags &= ~cleared(word);
        } else if (word.equals("loop")) {
            loop = true;
        } else if (!word.equals("defaults") && !word.isEmpty()) {
            data.append(data.length() == 0 ? "" : ",").append(word);
        }
    }

    private static int flag(String word) {
        return switch (word) {
            case "ro" -> HostMount.MS_RDONLY;
            case "bind" -> HostMount.MS_BIND;
            case "rbind" -> HostMount.MS_BIND | HostMount.MS_REC;
            case "nosuid" -> HostMount.MS_NOSUID;
            case "nodev" -> HostMount.MS_NODEV;
            case "noexec" -> HostMount.MS_NOEXEC;
            case "sync" -> HostMount.MS_SYNCHRONOUS;
            case "dirsync" -> HostMount.MS_DIRSYNC;
            case "remount" -> HostMount.MS_REMOUNT;
            case "mand" -> HostMount.MS_MANDLOCK;
            case "noatime" -> HostMount.MS_NOATIME;
            case "nodiratime" -> HostMount.MS_NODIRATIME;
            case "relatime" -> HostMount.MS_RELATIME;
            case "strictatime" -> HostMount.MS_STRICTATIME;
            default -> 0;
        };
    }

    private static int cleared(String word) {
        return switch (word) {
            case "rw" -> HostMount.MS_RDONLY;
            case "suid" -> HostMount.MS_NOSUID;
            case "dev" -> HostMount.MS_NODEV;
            case "exec" -> HostMount.MS_NOEXEC;
            case "async" -> HostMount.MS_SYNCHRONOUS;
            case "nomand" -> HostMount.MS_MANDLOCK;
            case "atime" -> HostMount.MS_NOATIME;
            case "diratime" -> HostMount.MS_NODIRATIME;
            case "norelatime" -> HostMount.MS_RELATIME;
            case "nostrictatime" -> HostMount.MS_STRICTATIME;
            default -> 0;
        };
    }
}
