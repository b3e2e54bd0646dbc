package gvj.platform;

/** Finds out whether a platform works on this machine and makes it. One per implementation, found by ServiceLoader. */
public interface PlatformProvider {
    /** In the flags of {@link #create}: application code stays as it is, even where every system call is slower so. */
    int KEEP_CODE = 1;

    /** For {@link #device}: the platform opens its device by itself. */
    int OWN_DEVICE = Integer.MIN_VALUE;

    /** The name that {@code --platform=} takes, for instance {@code kvm}. */
    String name();

    /** Why it is hardly worth trying on this machine, found out at no cost; empty if nothing speaks against it. */
    default String objection() {
        return "";
    }

    /**
     * Hands over the device file that this platform would open otherwise, if it has one: a process that is confined cannot.
     *
     * @param fd an open descriptor, which stays the caller's; {@code -errno} if there was no opening it; {@link #OWN_DEVICE}
     */
    default void device(int fd) {
        // most have none
    }

    /**
     * Creates the platform.
     *
     * @param memoryFd the sandbox's memory file; offsets into it are what {@link AddressSpace#map} takes
     * @param memoryBytes the size of the memory file, which never shrinks or grows
     * @param flags {@link #KEEP_CODE} or 0
     * @throws PlatformException with one sentence that says what is missing and what to do
     */
    Platform create(int memoryFd, long memoryBytes, int flags) throws PlatformException;
}
