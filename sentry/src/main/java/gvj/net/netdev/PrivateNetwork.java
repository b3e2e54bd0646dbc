package gvj.net.netdev;

import gvj.abi.Errno;
import gvj.abi.NetDevice;
import gvj.abi.Rtnetlink;
import gvj.abi.Socket;
import gvj.kernel.ErrnoException;
import java.util.ArrayList;
import java.util.List;

/** What a network namespace made inside has: a loopback interface that is down, and nothing behind it. */
final class PrivateNetwork extends Network {
    private static final int LOCAL_TABLE_PRIORITY = 0;
    private static final int MAIN_TABLE_PRIORITY = 32766;
    private static final int DEFAULT_TABLE_PRIORITY = 32767;
    private static final int TABLE_DEFAULT = 253;

    @Override
    public List<Link> links() {
        Link lo = new Link();
        lo.index = 1;
        lo.name = "lo";
        lo.type = NetDevice.ARPHRD_LOOPBACK;
        lo.flags = NetDevice.IFF_LOOPBACK;
        lo.mtu = 65536;
        lo.txQueueLength = 1000;
        lo.operState = NetDevice.IF_OPER_DOWN;
        lo.address = new byte[6];
        lo.broadcast = new byte[6];
        lo.qdisc = "noop";
        lo.carrier = true;
        lo.gsoMaxSegments = 65535;
        lo.gsoMaxSize = 65536;
        lo.groMaxSize = 65536;
        lo.tsoMaxSegments = 65535;
        lo.tsoMaxSize = 524280;
        return new ArrayList<>(List.of(lo));
    }

    @Override
    public List<Address> addresses(int family) {
        return new ArrayList<>();
    }

    @Override
    public List<Route> routes(int family) {
        return new ArrayList<>();
    }

    @Override
    public List<Neighbour> neighbours(int family) {
        return new ArrayList<>();
    }

    @Override
    public List<Rule> rules(int family) {
        List<Rule> rules = new ArrayList<>();
        if (family != Socket.AF_INET6) {
            rules.add(rule(Socket.AF_INET, LOCAL_TABLE_PRIORITY, Rtnetlink.RT_TABLE_LOCAL));
            rules.add(rule(Socket.AF_INET, MAIN_TABLE_PRIORITY, Rtnetlink.RT_TABLE_MAIN));
            rules.add(rule(Socket.AF_INET, DEFAULT_TABLE_PRIORITY, TABLE_DEFAULT));
        }
        if (family != Socket.AF_INET) {
            rules.add(rule(Socket.AF_INET6, LOCAL_TABLE_PRIORITY, Rtnetlink.RT_TABLE_LOCAL));
            rules.add(rule(Socket.AF_INET6, MAIN_TABLE_PRIORITY, Rtnetlink.RT_TABLE_MAIN));
        }
        return rules;
    }

    private static Rule rule(int family, int priority, int table) {
        Rule rule = new Rule();
        rule.family = family;
        rule.priority = priority;
        rule.table = table;
        rule.action = Rtnetlink.FR_ACT_TO_TBL;
        rule.protocol = Rtnetlink.RTPROT_KERNEL;
        return rule;
    }

    @Override
    public List<Qdisc> qdiscs() {
        return new ArrayList<>();
    }

    @Override
    public Route route(RouteQuery query) {
        throw ErrnoException.of(Errno.ENETUNREACH);
    }

    @Override
    public void listen(Listener listener) {
        // nothing ever changes
    }
}
