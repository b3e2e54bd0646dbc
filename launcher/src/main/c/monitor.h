/*
 * The process that waits for a container's end. Its pid is the container's pid, its exit status the container's. It talks to
 * the command that makes the container by a socket, in messages like those of control.h.
 */
#ifndef GVJ_MONITOR_H
#define GVJ_MONITOR_H
#include "idmaps.h"
#include "json.h"
#include "launcher.h"
#include "state.h"

enum {
    /* from the monitor; and CONTROL_FAILED, CONTROL_CREATED */
    MONITOR_READY = 128, /* namespaces are as they will be: hooks may run */
    /* to the monitor; and CONTROL_SIGNAL, CONTROL_WINDOW */
    MONITOR_SERVE = 129, /* hooks have run: open the trees */
    MONITOR_KEEP = 130   /* it is made: hanging up does not end it any more */
};

struct making {
    struct cmdline *cmdline;
    struct container container;
    const struct json *config;
    const char *config_bytes;
    size_t config_length;
    const struct id_maps *id_maps; /* or NULL */
    int listen;     /* at control.sock */
    int terminal;   /* -1 without one */
    int own_terminal; /* it is a pseudoterminal for this container alone, not the caller's */
    int client;     /* the monitor's end of the socket */
};

noreturn void monitor_run(struct making *making);

#endif
