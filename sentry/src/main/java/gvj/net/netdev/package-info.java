/**
 * What there is of interfaces, addresses, routes and neighbours, asked from the host or known: what rtnetlink sockets, ioctls,
 * /proc/net and /sys/class/net tell.
 */
package gvj.net.netdev;
