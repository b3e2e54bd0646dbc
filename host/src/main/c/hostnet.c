/* gvj.host.HostNet: sockets of the Internet families and of packet(7). Each function refuses what its Javadoc does not name. */
#include "host.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#define NET(type, name) JNIEXPORT type JNICALL Java_gvj_host_HostNet_##name

#define MAX_ADDRESS ((jint)sizeof(struct sockaddr_in6))
#define MAX_VECTORS 1024     /* HostNet.MAX_VECTORS */
#define MAX_CONTROL 2048     /* HostNet.MAX_CONTROL */
#define MAX_OPTION 4096      /* HostNet.MAX_OPTION */

/* The flags an application's send and receive may carry to the host; waiting is the Sentry's business. */
#define SEND_FLAGS (MSG_OOB | MSG_DONTROUTE | MSG_EOR | MSG_CONFIRM | MSG_MORE | MSG_FASTOPEN)
#define RECEIVE_FLAGS (MSG_OOB | MSG_PEEK | MSG_TRUNC | MSG_ERRQUEUE)

/* What recvmsg fills besides the data: HostNet.Message*. */
struct message {
    int32_t name_length;
    int32_t control_length;
    int32_t flags;
    int32_t unused;
    struct sockaddr_storage name;
    char control[MAX_CONTROL] __attribute__((aligned(8)));
};

_Static_assert(offsetof(struct message, name) == 16, "HostNet.MESSAGE_NAME");
_Static_assert(offsetof(struct message, control) == 144, "HostNet.MESSAGE_CONTROL");

/* The protocol is a big-endian number of 16 bits, 0 for none yet. */
static jint packet_socket(jint type, jint protocol) {
    if (type != SOCK_DGRAM && type != SOCK_RAW) return -ESOCKTNOSUPPORT;
    if (protocol < 0 || protocol > 0xffff) return -EINVAL;
    return answer(socket(AF_PACKET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
}

NET(jint, socket)(JNI_ARGS, jint domain, jint type, jint protocol) {
    if (domain == AF_PACKET) return packet_socket(type, protocol);
    if (domain != AF_INET && domain != AF_INET6) return -EAFNOSUPPORT;
    if (type != SOCK_STREAM && type != SOCK_DGRAM && type != SOCK_RAW) return -ESOCKTNOSUPPORT;
    if (protocol < 0 || protocol > IPPROTO_MPTCP) return -EINVAL;
    return answer(socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
}

NET(jint, bind)(JNI_ARGS, jint fd, jlong address, jint length) {
    if (length < 0 || length > MAX_ADDRESS) return -EINVAL;
    return answer(bind(fd, PTR(address), length));
}

NET(jint, connect)(JNI_ARGS, jint fd, jlong address, jint length) {
    if (length < 0 || length > MAX_ADDRESS) return -EINVAL;
    return answer(connect(fd, PTR(address), length));
}

NET(jint, listen)(JNI_ARGS, jint fd, jint backlog) { return answer(listen(fd, backlog)); }

NET(jint, accept)(JNI_ARGS, jint fd) { return answer(accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)); }

NET(jint, shutdown)(JNI_ARGS, jint fd, jint how) {
    if (how < SHUT_RD || how > SHUT_RDWR) return -EINVAL;
    return answer(shutdown(fd, how));
}

NET(jint, getsockname)(JNI_ARGS, jint fd, jlong address) {
    socklen_t length = MAX_ADDRESS;
    return getsockname(fd, PTR(address), &length) ? -errno : (jint)length;
}

NET(jint, getpeername)(JNI_ARGS, jint fd, jlong address) {
    socklen_t length = MAX_ADDRESS;
    return getpeername(fd, PTR(address), &length) ? -errno : (jint)length;
}

static int is_known(int level) {
    return level == SOL_SOCKET || level == IPPROTO_IP || level == IPPROTO_IPV6 || level == IPPROTO_TCP
        || level == IPPROTO_UDP || level == IPPROTO_UDPLITE || level == IPPROTO_RAW || level == IPPROTO_ICMPV6
        || level == SOL_PACKET;
}

NET(jint, getsockopt)(JNI_ARGS, jint fd, jint level, jint name, jlong value, jint length) {
    socklen_t room = length;
    if (!is_known(level)) return -ENOPROTOOPT;
    if (length < 0 || length > MAX_OPTION) return -EINVAL;
    return getsockopt(fd, level, name, PTR(value), &room) ? -errno : (jint)room;
}

NET(jint, setsockopt)(JNI_ARGS, jint fd, jint level, jint name, jlong value, jint length) {
    if (!is_known(level)) return -ENOPROTOOPT;
    if (length < 0 || length > MAX_OPTION) return -EINVAL;
    return answer(setsockopt(fd, level, name, PTR(value), length));
}

NET(jlong, send)(JNI_ARGS, jint fd, jlong vectors, jint count, jint flags) {
    struct msghdr m = {.msg_iov = PTR(vectors), .msg_iovlen = count};
    if (count < 0 || count > MAX_VECTORS) return -EMSGSIZE;
    return answer(sendmsg(fd, &m, (flags & SEND_FLAGS) | MSG_DONTWAIT | MSG_NOSIGNAL));
}

NET(jlong, receive)(JNI_ARGS, jint fd, jlong vectors, jint count, jint flags) {
    struct msghdr m = {.msg_iov = PTR(vectors), .msg_iovlen = count};
    if (count < 0 || count > MAX_VECTORS) return -EMSGSIZE;
    return answer(recvmsg(fd, &m, (flags & RECEIVE_FLAGS) | MSG_DONTWAIT));
}

NET(jlong, sendmsg)(JNI_ARGS, jint fd, jlong vectors, jint count, jlong message, jint flags) {
    struct message *with = PTR(message);
    struct msghdr m = {.msg_iov = PTR(vectors), .msg_iovlen = count};
    if (count < 0 || count > MAX_VECTORS) return -EMSGSIZE;
    if (with->name_length < 0 || with->name_length > MAX_ADDRESS) return -EINVAL;
    if (with->control_length < 0 || with->control_length > MAX_CONTROL) return -ENOBUFS;
    if (with->name_length) {
        m.msg_name = &with->name;
        m.msg_namelen = with->name_length;
    }
    if (with->control_length) {
        m.msg_control = with->control;
        m.msg_controllen = with->control_length;
    }
    return answer(sendmsg(fd, &m, (flags & SEND_FLAGS) | MSG_DONTWAIT | MSG_NOSIGNAL));
}

NET(jlong, recvmsg)(JNI_ARGS, jint fd, jlong vectors, jint count, jlong message, jint flags) {
    struct message *with = PTR(message);
    struct msghdr m = {
        .msg_iov = PTR(vectors), .msg_iovlen = count,
        .msg_name = &with->name, .msg_namelen = sizeof with->name,
        .msg_control = with->control, .msg_controllen = sizeof with->control,
    };
    if (count < 0 || count > MAX_VECTORS) return -EMSGSIZE;
    ssize_t n = recvmsg(fd, &m, (flags & RECEIVE_FLAGS) | MSG_DONTWAIT);
    if (n < 0) return -errno;
    with->name_length = m.msg_namelen;
    with->control_length = m.msg_controllen;
    with->flags = m.msg_flags;
    return n;
}

static jlong number(int fd, unsigned long request) {
    int n = 0;
    return ioctl(fd, request, &n) < 0 ? -errno : n;
}

NET(jlong, unread)(JNI_ARGS, jint fd) { return number(fd, SIOCINQ); }

NET(jlong, unsent)(JNI_ARGS, jint fd) { return number(fd, SIOCOUTQ); }

NET(jlong, notSent)(JNI_ARGS, jint fd) { return number(fd, SIOCOUTQNSD); }

NET(jlong, atMark)(JNI_ARGS, jint fd) { return number(fd, SIOCATMARK); }

NET(jint, poll)(JNI_ARGS, jint fd, jint events) {
    struct pollfd p = {.fd = fd, .events = (short)events};
    int n = poll(&p, 1, 0);
    return n < 0 ? -errno : n == 0 ? 0 : (unsigned short)p.revents;
}

NET(jint, await)(JNI_ARGS, jint fd, jint events, jint kick, jlong timeout) {
    struct pollfd both[] = {{.fd = fd, .events = (short)events}, {.fd = kick, .events = POLLIN}};
    struct timespec t = {timeout / 1000000000, timeout % 1000000000};
    int n = ppoll(both, 2, timeout < 0 ? NULL : &t, NULL);
    return n < 0 ? -errno : (both[0].revents ? 1 : 0) | (both[1].revents ? 2 : 0);
}
