package gvj.vfs;

import gvj.abi.Errno;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import java.util.concurrent.ConcurrentHashMap;

/** Which character device stands behind a major and minor number: what opening a device special file leads to. */
public final class DeviceRegistry {
    /** Opens one device. */
    @FunctionalInterface
    public interface Opener {
        /** A description of the device opened at {@code path}; throws what open(2) answers. */
        FileDescription open(Task task, Path path, int flags);
    }

    private final ConcurrentHashMap<Long, Opener> openers = new ConcurrentHashMap<>();

    /** Makes {@code opener} stand behind character device {@code major}:{@code minor}. */
    public void register(int major, int minor, Opener opener) {
        openers.put(key(major, minor), opener);
    }

    /** Whether something stands behind a character device. */
    public boolean has(int major, int minor) {
        return openers.containsKey(key(major, minor));
    }

    /** Opens the character device; ENXIO if nobody registered it. */
    public FileDescription open(Task task, Path path, int flags, int major, int minor) {
        Opener opener = openers.get(key(major, minor));
        if (opener == null) {
            throw ErrnoException.of(Errno.ENXIO);
        }
        return opener.open(task, path, flags);
    }

    private static long key(int major, int minor) {
        return (long) major << 32 | minor & 0xffffffffL;
    }
}
