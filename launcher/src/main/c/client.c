/* A client of control.sock. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "control.h"

enum { PATIENCE_MILLIS = 10000, TEXT_MAX = 4096 };

int client_connect(const struct container *container) {
    return unix_connect(text("%s/control.sock", container->directory), SOCK_SEQPACKET);
}

int client_send(int socket, uint32_t type, uint32_t a, uint32_t b) {
    struct control_message message = {type, a, b};
    return send_with_descriptors(socket, &message, sizeof message, NULL, 0);
}

int client_send_text(int socket, struct control_message message, const char *words, size_t length, const int *fds, int count) {
    char packet[CONTROL_MAX];
    if (length > sizeof packet - sizeof message) return errno = EMSGSIZE, -1;
    memcpy(packet, &message, sizeof message);
    memcpy(packet + sizeof message, words, length);
    return send_with_descriptors(socket, packet, sizeof message + length, fds, count);
}

int client_request(int socket, const struct container *container, struct control_message message, const int *fds, int count) {
    const char *which = container->sandbox ? container->id : ""; /* the first one needs no name */
    return client_send_text(socket, message, which, strlen(which), fds, count);
}

int client_receive(int socket, struct reply *reply, int milliseconds) {
    char packet[sizeof(struct control_message) + TEXT_MAX + 1];
    struct control_message message;
    struct pollfd polled = {.fd = socket, .events = POLLIN};
    int ready;
    while ((ready = poll(&polled, 1, milliseconds)) < 0 && errno == EINTR) {
    }
    ssize_t length = ready > 0 ? recv(socket, packet, sizeof packet - 1, 0) : -1;
    if (length < (ssize_t)sizeof message) return 0;
    memcpy(&message, packet, sizeof message);
    packet[length] = 0;
    char *said = packet + sizeof message;
    for (char *c = said; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f) *c = ' '; /* no escape sequences for our caller's terminal */
    *reply = (struct reply){message.type, message.a, message.b, text("%s", said)};
    return 1;
}

int client_ask(const struct container *container, uint32_t type, uint32_t a, uint32_t b, struct reply *reply) {
    return client_ask_within(PATIENCE_MILLIS, container, (struct control_message){type, a, b}, reply);
}

int client_ask_within(int milliseconds, const struct container *container, struct control_message message, struct reply *reply) {
    int socket = client_connect(container);
    if (socket < 0) return 0;
    int heard = !client_request(socket, container, message, NULL, 0) && client_receive(socket, reply, milliseconds);
    close(socket);
    return heard;
}

int client_stdio(int *fds, int terminal, int preserved) {
    int count = 0;
    for (int fd = 0; fd < 3; fd++) {
        if (terminal < 0) own_pipe(fd); /* inside the jail nobody could */
        fds[count++] = terminal > 2 ? terminal : fd;
    }
    for (int fd = 3; fd < 3 + preserved; fd++) fds[count++] = fd;
    return count;
}
