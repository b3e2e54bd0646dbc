package gvj.net.inet;

import gvj.kernel.NetNamespace;
import java.util.function.UnaryOperator;

/**
 * Settings of a network namespace below /proc/sys/net. Sockets are the host's, and so are their settings: what they were when
 * the sandbox started is what applications read. Two are the Sentry's own, to which the host is open: which ports are privileged,
 * and whose groups may have ping sockets.
 */
public final class InetSettings {
    /** Below /proc/sys/net: what programs read. */
    private static final String[] NAMES = {
        "core/default_qdisc",
        "core/netdev_max_backlog",
        "core/optmem_max",
        "core/rmem_default",
        "core/rmem_max",
        "core/somaxconn",
        "core/wmem_default",
        "core/wmem_max",
        "ipv4/ip_default_ttl",
        "ipv4/ip_forward",
        "ipv4/ip_local_port_range",
        "ipv4/ip_local_reserved_ports",
        "ipv4/ip_nonlocal_bind",
        "ipv4/tcp_allowed_congestion_control",
        "ipv4/tcp_available_congestion_control",
        "ipv4/tcp_congestion_control",
        "ipv4/tcp_fastopen",
        "ipv4/tcp_fin_timeout",
        "ipv4/tcp_keepalive_intvl",
        "ipv4/tcp_keepalive_probes",
        "ipv4/tcp_keepalive_time",
        "ipv4/tcp_max_syn_backlog",
        "ipv4/tcp_mem",
        "ipv4/tcp_rmem",
        "ipv4/tcp_sack",
        "ipv4/tcp_syn_retries",
        "ipv4/tcp_synack_retries",
        "ipv4/tcp_syncookies",
        "ipv4/tcp_timestamps",
        "ipv4/tcp_tw_reuse",
        "ipv4/tcp_window_scaling",
        "ipv4/tcp_wmem",
        "ipv6/bindv6only",
        "ipv6/conf/all/disable_ipv6",
        "ipv6/conf/default/disable_ipv6",
    };

    private static final String PING_GROUPS = "ipv4/ping_group_range";
    /** How they read in a user namespace that does not have those groups: what holds is said by socket(2). */
    private static final String GROUPS_NOT_MAPPED = "65534\t65534";

    private static final String UNPRIVILEGED = "ipv4/ip_unprivileged_port_start";
    /** Ports from here on are for everybody, unless somebody says otherwise. */
    public static final int DEFAULT_UNPRIVILEGED = 1024;

    /** The host's, in the order of {@link #NAMES}; empty where the host has none. */
    private static volatile String[] values = new String[0];

    private static volatile int hostUnprivileged = DEFAULT_UNPRIVILEGED;

    private static volatile GroupRange hostPingGroups = GroupRange.ALL;

    /** net.ipv4.ip_unprivileged_port_start. */
    public volatile int firstUnprivileged = hostUnprivileged;

    /** net.ipv4.ping_group_range. */
    public volatile GroupRange pingGroups = hostPingGroups;

    private InetSettings() {}

    /** Those of {@code namespace}. */
    public static InetSettings of(NetNamespace namespace) {
        return namespace.registry(InetSettings.class, InetSettings::new);
    }

    /** Reads the host's settings, before the Sentry is confined; {@code files} answers the text of a file or nothing. */
    public static void read(UnaryOperator<String> files) {
        String[] found = new String[NAMES.length];
        for (int i = 0; i < found.length; i++) {
            found[i] = files.apply("/proc/sys/net/" + NAMES[i]).strip();
        }
        values = found;
        String groups = files.apply("/proc/sys/net/" + PING_GROUPS).strip();
        if (!groups.isEmpty() && !groups.equals(GROUPS_NOT_MAPPED)) {
            hostPingGroups = GroupRange.parse(groups);
        }
        String first = files.apply("/proc/sys/net/" + UNPRIVILEGED).strip();
        if (!first.isEmpty()) {
            hostUnprivileged = Integer.parseInt(first);
        }
    }

    /** Takes a setting's path below /proc/sys/net and its value. */
    public interface Visitor {
        void setting(String path, String value);
    }

    /** Tells of all that the host has. */
    public static void forEach(Visitor visitor) {
        String[] found = values;
        for (int i = 0; i < found.length; i++) {
            visitor.setting(NAMES[i], found[i]);
        }
    }

    private static String value(String name) {
        String[] found = values;
        for (int i = 0; i < found.length; i++) {
            if (NAMES[i].equals(name)) {
                return found[i];
            }
        }
        return "";
    }

    /** Whether the host knows a congestion control without loading a module. */
    static boolean isCongestionControl(String name) {
        return holds(value("ipv4/tcp_available_congestion_control"), name);
    }

    /** Whether everybody may use it. */
    static boolean isAllowedCongestionControl(String name) {
        return holds(value("ipv4/tcp_allowed_congestion_control"), name);
    }

    private static boolean holds(String words, String word) {
        return !word.isEmpty() && (" " + words + " ").contains(" " + word + " ");
    }
}
