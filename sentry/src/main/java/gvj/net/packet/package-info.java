/**
 * AF_PACKET, packet(7): frames as the interfaces of the sandbox's first network namespace have them. A socket of the host
 * carries each out, so the Sentry needs CAP_NET_RAW there, and the application needs it inside.
 */
package gvj.net.packet;
