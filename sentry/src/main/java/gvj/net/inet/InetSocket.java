package gvj.net.inet;

import gvj.abi.Bytes;
import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Inet;
import gvj.abi.Socket;
import gvj.kernel.ErrnoException;
import gvj.kernel.NetNamespace;
import gvj.kernel.Task;
import gvj.net.Message;
import gvj.net.Sock;
import gvj.vfs.Permissions;
import java.nio.charset.StandardCharsets;

/**
 * A socket of AF_INET or AF_INET6: what is decided in the Sentry whoever carries it out. Addresses are made canonical,
 * privileges are those inside the sandbox, and options that concern waiting are kept here, because the Sentry does the
 * waiting.
 */
abstract class InetSocket extends Sock implements InetSocketInfo {
    private final NetNamespace namespace;
    private final int uid;

    InetSocket(Task task, int family, int type, int protocol, int flags) {
        super(task, family, type, protocol, flags);
        this.namespace = task.namespaces().net();
        this.uid = task.credentials().fsuid();
    }

    /** Lists it in /proc/net; the last thing a constructor does. */
    final void publish() {
        InetSockets.of(namespace).add(this);
    }

    @Override
    protected void release() {
        InetSockets.of(namespace).remove(this);
    }

    /** Whether the caller has a capability in the user namespace that this socket's network belongs to. */
    private boolean isCapable(Task task, int capability) {
        return Permissions.capableIn(task.credentials(), namespace.owner(), capability);
    }

    /** bind(2) to a canonical address. */
    abstract long bindTo(Task task, byte[] address);

    /** getsockopt(2) of an option that {@link InetOptions} knows. */
    abstract byte[] stackOption(Task task, int level, int name, int length);

    /** setsockopt(2) of the first {@code bytes} of a checked value. */
    abstract long changeStackOption(Task task, int level, int name, byte[] value, int bytes);

    @Override
    public final long bind(Task task, byte[] address) {
        byte[] canonical = InetAddresses.toBind(family, address);
        int port = InetAddresses.port(canonical);
        boolean privileged = port != 0 && port < InetSettings.of(namespace).firstUnprivileged;
        if (privileged && type != Socket.SOCK_RAW && !isCapable(task, Capability.CAP_NET_BIND_SERVICE)) {
            return -Errno.EACCES;
        }
        return bindTo(task, canonical);
    }

    @Override
    public final boolean isStream() {
        return type == Socket.SOCK_STREAM;
    }

    @Override
    public final boolean passesFiles() {
        return false;
    }

    @Override
    public final void addControl(Message message, int level, int type, byte[] control, int at, int length) {
        // tcp(7) looks at what is for all sockets, and passes over everything else
        if (!isStream() || level == Socket.SOL_SOCKET) {
            InetControl.add(message, family, level, type, control, at, length);
        }
    }

    // ---- options ----

    /** Options of SOL_SOCKET that the Sentry keeps. */
    private static boolean isOwn(int name) {
        return switch (name) {
            case Socket.SO_TYPE,
                    Socket.SO_DOMAIN,
                    Socket.SO_PROTOCOL,
                    Socket.SO_DEBUG,
                    Socket.SO_RCVTIMEO,
                    Socket.SO_RCVTIMEO_NEW,
                    Socket.SO_SNDTIMEO,
                    Socket.SO_SNDTIMEO_NEW,
                    Socket.SO_COOKIE,
                    Socket.SO_PEERNAME,
                    Socket.SO_PEERCRED,
                    Socket.SO_PASSCRED,
                    Socket.SO_BPF_EXTENSIONS -> true;
            default -> false;
        };
    }

    /** Whether options of {@code level} are this socket's at all. */
    private boolean hasLevel(int level) {
        return switch (level) {
            case Socket.SOL_SOCKET -> true;
            case Socket.IPPROTO_IP -> family == Socket.AF_INET || type != Socket.SOCK_RAW;
            case Socket.IPPROTO_IPV6 -> family == Socket.AF_INET6;
            case Socket.SOL_RAW -> type == Socket.SOCK_RAW;
            default -> level == protocol;
        };
    }

    @Override
    public final int optionRoom(int level, int length) {
        if (!hasLevel(level)) {
            throw ErrnoException.of(Errno.EOPNOTSUPP);
        }
        // ipv6(7) alone takes a length as unsigned
        return length < 0 && level == Socket.IPPROTO_IPV6 ? Integer.MAX_VALUE : super.optionRoom(level, length);
    }

    @Override
    public final void checkOption(int level, int name, int length) {
        boolean settable = (InetOptions.rule(level, name) & InetOptions.SET) != 0;
        if (!hasLevel(level) || level == Socket.IPPROTO_IP && !settable) {
            throw ErrnoException.of(Errno.ENOPROTOOPT);
        }
        boolean short4 = level == Socket.IPPROTO_TCP || level == Socket.IPPROTO_UDP;
        if (short4 && !settable && length < 4) {
            throw ErrnoException.of(Errno.EINVAL);
        }
    }

    @Override
    public final byte[] option(Task task, int level, int name, int length) {
        if (level == Socket.SOL_SOCKET && isOwn(name)) {
            return options.get(task, this, name, length);
        }
        if (level == Socket.SOL_SOCKET && name == Socket.SO_ERROR && hasError()) {
            byte[] value = new byte[4];
            Bytes.putInt(value, 0, super.takeError());
            return value;
        }
        if (level == Socket.SOL_SOCKET && name == Socket.SO_ZEROCOPY) {
            return new byte[4];
        }
        if ((InetOptions.rule(level, name) & InetOptions.GET) == 0) {
            throw ErrnoException.of(Errno.ENOPROTOOPT);
        }
        return stackOption(task, level, name, length);
    }

    @Override
    public final long changeOption(Task task, int level, int name, byte[] value) {
        if (level == Socket.SOL_SOCKET) {
            if (isOwn(name)) {
                return options.set(task, this, name, value);
            }
            if (name == Socket.SO_ZEROCOPY) {
                return value.length < 4 ? -Errno.EINVAL : -Errno.EOPNOTSUPP;
            }
        }
        int rule = InetOptions.rule(level, name);
        if ((rule & InetOptions.SET) == 0) {
            return level == Socket.SOL_SOCKET && value.length < 4 ? -Errno.EINVAL : -Errno.ENOPROTOOPT;
        }
        int bytes = InetOptions.accepted(rule, value);
        if (bytes < 0) {
            return -Errno.EINVAL;
        }
        if (!mayChange(task, level, name, rule, value)) {
            return -Errno.EPERM;
        }
        if (level == Socket.IPPROTO_TCP && name == Inet.TCP_CONGESTION) {
            long error = checkCongestionControl(task, value, bytes);
            if (error != 0) {
                return error;
            }
        }
        long result = changeStackOption(task, level, name, value, bytes);
        if (result == 0 && level == Socket.SOL_SOCKET && name == Socket.SO_RCVLOWAT) {
            int lowWater = Bytes.getInt(value, 0);
            options.receiveLowWater = lowWater < 0 ? Integer.MAX_VALUE : Math.max(lowWater, 1);
        }
        return result;
    }

    /** The host would load a module of that name. */
    private long checkCongestionControl(Task task, byte[] value, int bytes) {
        int end = 0;
        while (end < bytes && value[end] != 0) {
            end++;
        }
        String name = new String(value, 0, end, StandardCharsets.ISO_8859_1);
        if (bytes == 0) {
            return -Errno.EINVAL;
        }
        if (!InetSettings.isCongestionControl(name)) {
            return -Errno.ENOENT;
        }
        boolean may = InetSettings.isAllowedCongestionControl(name) || isCapable(task, Capability.CAP_NET_ADMIN);
        return may ? 0 : -Errno.EPERM;
    }

    /** Whether the sandbox's own rules allow it; what the Sentry itself may do is another question. */
    private boolean mayChange(Task task, int level, int name, int rule, byte[] value) {
        int[] needed = InetOptions.capabilities(rule);
        if (needed == null && level == Socket.SOL_SOCKET && name == Socket.SO_PRIORITY && value.length >= 4) {
            int priority = Bytes.getInt(value, 0);
            needed = priority >= 0 && priority <= 6 ? null : InetOptions.capabilities(InetOptions.ADMIN_OR_RAW);
        }
        if (level == Socket.SOL_SOCKET && name == Socket.SO_BINDTODEVICE) {
            // whoever may not send as he likes may bind once
            boolean bound = stackOption(task, level, name, 16).length > 0;
            needed = bound ? new int[] {Capability.CAP_NET_RAW} : null;
        }
        if (needed == null) {
            return true;
        }
        for (int capability : needed) {
            if (isCapable(task, capability)) {
                return true;
            }
        }
        return false;
    }

    // ---- what /proc/net shows ----

    @Override
    public final int family() {
        return family;
    }

    @Override
    public final int protocol() {
        return protocol;
    }

    @Override
    public final int type() {
        return type;
    }

    @Override
    public final int uid() {
        return uid;
    }
}
