/** netlink(7) sockets, and what the kernel answers on them: rtnetlink(7). */
package gvj.net.netlink;
