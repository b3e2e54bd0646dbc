/* A sandbox from start to end, as the process sees it that waits for it: gvj itself for `do`, a monitor for containers. */
#ifndef GVJ_SANDBOX_H
#define GVJ_SANDBOX_H
#include "json.h"
#include "launcher.h"

enum { GO_ON = -1, SILENCE = -2 };

struct sandbox {
    struct cmdline *cmdline;
    struct boot boot;       /* filled in by the caller but for control and channels */
    struct child sentry, gofer;
    int input, output;      /* the Sentry's own descriptors 0 and 1 */
    int errors;             /* the JVMs' descriptor 2 */
    int gofer_channels[CHANNELS];
    int control;            /* socket to the Sentry */
    int signals;            /* signalfd */
    int tree_socket;        /* to the gofer */
    int gofer_listen;       /* where it takes trees of further containers, -1 if there can be none */
    struct buffer trees;    /* "ro|rw|up SP path NUL" each */
    int trees_known;        /* the last START_GOFER has come */
    int trees_withheld;     /* hooks have not run yet: the gofer must wait */
    int client;             /* socket to the command that made the container, -1 without one */
    int error_pipe;         /* the read end of `errors`, -1 without one */
    /* What only a monitor does; NULL for `do`. What answers a number answers GO_ON or the status to end with. */
    int (*on_message)(struct sandbox *sandbox, uint32_t type, uint32_t a, const char *line);
    void (*on_trees)(struct sandbox *sandbox); /* they are known */
    int (*on_client)(struct sandbox *sandbox);
    int (*on_errors)(struct sandbox *sandbox);
    int (*on_death)(struct sandbox *sandbox, const struct child *child);
};

void sandbox_init(struct sandbox *sandbox, struct cmdline *cmdline); /* blocks signals, makes channels */
void sandbox_start(struct sandbox *sandbox);                         /* the Sentry and the gofer */
void sandbox_serve(struct sandbox *sandbox);                         /* sends the gofer its trees, once */
void sandbox_send(struct sandbox *sandbox, uint32_t type, uint32_t a, uint32_t b);
int sandbox_wait(struct sandbox *sandbox);                           /* the status to end with */
void sandbox_end(struct sandbox *sandbox);                           /* nothing of it runs any more */

/* gvj do */
int sandbox_run(struct cmdline *cmdline);

#endif
