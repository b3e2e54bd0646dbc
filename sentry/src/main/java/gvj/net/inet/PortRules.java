package gvj.net.inet;

import gvj.kernel.NetNamespace;

/** Settings of a network namespace about ports: net.ipv4 of sysctl(8). */
public final class PortRules {
    /** net.ipv4.ip_unprivileged_port_start. */
    public volatile int firstUnprivileged = 1024;

    private PortRules() {}

    /** Those of {@code namespace}. */
    public static PortRules of(NetNamespace namespace) {
        return namespace.registry(PortRules.class, PortRules::new);
    }
}
