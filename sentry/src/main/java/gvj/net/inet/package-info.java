/**
 * AF_INET and AF_INET6: {@link gvj.net.inet.InetFamily} makes sockets of the {@link gvj.net.inet.InetStack} that the caller's
 * network namespace has.
 */
package gvj.net.inet;
