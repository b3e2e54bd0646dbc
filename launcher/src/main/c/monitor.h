/*
 * The process that waits for a container's end. Its pid is the container's pid, its exit status the container's. It talks to
 * the command that makes the container by a socket, in messages like those of control.h.
 */
#ifndef GVJ_MONITOR_H
#define GVJ_MONITOR_H
#include "control.h"
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
    const struct container *sandbox; /* that it is made in, or NULL: it gets its own */
    const char *pid_namespace;       /* there: id of the container whose one it shares, or "" */
    const char *overlay;             /* there: the --overlay2 that counts, or NULL */
    const char *bundle;
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

/* The two kinds of monitors: of a container with a sandbox of its own, first.c, and of one in another's, member.c. */
struct keeper {
    void (*enter)(struct making *making); /* the namespaces it is to be in; fails with a sentence */
    int (*keep)(void);                    /* makes the container, and waits for its end: the status to end with */
    void (*let_go)(void);                 /* nothing of it runs any more */
};
extern const struct keeper sandbox_keeper, member_keeper;

/* For both, monitor.c. What answers a number answers GO_ON or the status to end with. */
int monitor_created(void);                            /* the container is made: its maker hears of it, once */
int monitor_has_created(void);
void monitor_report(const char *line);                /* the maker says it while it is there, else the log */
int monitor_hear(struct control_message *message);    /* the maker's next message; type 0: there is nothing to do */
void monitor_release_caller(void);                    /* descriptors 0 to 2 are /dev/null from now on */

#endif
