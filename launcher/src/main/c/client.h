/* What is asked of a container's Sentry, at control.sock. Its answers are checked: it may be hostile. */
#ifndef GVJ_CLIENT_H
#define GVJ_CLIENT_H
#include <stdint.h>

#include "control.h"
#include "state.h"

struct reply {
    uint32_t type, a, b;
    const char *text; /* allocated; printable */
};

int client_connect(const struct container *container); /* -1: nobody listens */
/* What is said first: which container is meant stands in its text. -1 and errno. */
int client_request(int socket, const struct container *container, struct control_message message, const int *fds, int count);
int client_send_text(int socket, struct control_message message, const char *words, size_t length, const int *fds, int count);
int client_send(int socket, uint32_t type, uint32_t a, uint32_t b); /* later, on the same connection */
/* What a process gets as 0, 1, 2 and on: a terminal of its own (> 2), or ours and `preserved` more. Answers how many. */
int client_stdio(int *fds, int terminal, int preserved);
/* The next message, waiting at most so many milliseconds (-1: forever); 0 if none comes or it is malformed. */
int client_receive(int socket, struct reply *reply, int milliseconds);
/* One request, one answer; 0 if there is none. An answer CONTROL_ERROR is one, too. */
int client_ask(const struct container *container, uint32_t type, uint32_t a, uint32_t b, struct reply *reply);
/* As above, with another patience. */
int client_ask_within(int milliseconds, const struct container *container, struct control_message message, struct reply *reply);

#endif
