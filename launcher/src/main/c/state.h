/*
 * A container's directory, <root>/<id>:
 *
 *   creating.json   from when its monitor runs, until it is created; then renamed to
 *   state.json      what others must know of it; written once
 *   gofer.sock      where its gofer takes the trees of further containers (gvj.gofer.TreeListener)
 *   control.sock    where the Sentry listens (gvj.boot.Control); for one inside another's sandbox, a link to that one's
 *   exit.json       how its first process ended
 *   uppers          directories that were made for upper layers of overlays, each path ending in NUL
 *
 * Who makes or removes it holds a lock (flock) on the directory.
 */
#ifndef GVJ_STATE_H
#define GVJ_STATE_H
#include <stdint.h>

#include "cgroup.h"
#include "json.h"
#include "launcher.h"

enum status { CREATING, CREATED, RUNNING, PAUSED, STOPPED };

struct container {
    const char *id, *directory;
    const char *sandbox;       /* id of the container whose Sentry this one's is, or NULL: it has its own */
    int lock;                  /* the directory, -1 if it is not locked */
    const struct json *state;  /* NULL in a directory that is half made */
    int created;               /* state.json is there */
    pid_t pid;                 /* of its monitor; 0 without a state */
    uint64_t start;            /* when that started: a pid may be used again */
    struct cgroups cgroups;
};

void state_check_id(const char *id);                                  /* fails with a sentence */
void state_make(struct container *container, const struct cmdline *cmdline); /* an empty directory, locked */
int state_find(struct container *container, const char *root, const char *id); /* 0: there is no such container */
void state_must_open(struct container *container, const struct cmdline *cmdline); /* fails with a sentence */
int state_open(struct container *container, const struct cmdline *cmdline);  /* 0: there is no such container */
/* Calls `visit` with every container below `root`, in no order, until it answers other than 0. */
void state_each(const char *root, int (*visit)(struct container *container, void *what), void *what);
int state_lock(struct container *container);                          /* 0: it has been removed meanwhile */
void state_remove(struct container *container);                       /* the directory and all in it, and upper layers */

/* Everything but the status, for state.json and (with the status) for hooks and `gvj state`. */
struct description {
    const char *bundle, *rootfs;
    const char *overlay;                        /* --overlay2 as it was given, or NULL */
    const struct json *annotations, *hooks; /* or NULL */
};
/* creating.json, then state.json. */
void state_write(struct container *container, const struct description *description);
void state_finish(struct container *container);
void state_write_exit(const struct container *container, int status);
void state_write_uppers(const struct container *container, const char *paths, size_t length);
int state_read_exit(const struct container *container); /* -1: it is not known */

const char *state_json(const struct container *container, enum status status, int pretty);
enum status state_status(const struct container *container); /* asks the Sentry if need be */
extern const char *const status_names[];

uint64_t process_start(pid_t pid); /* 0: there is none, or it is a zombie */
int state_alive(const struct container *container);
int state_kill(const struct container *container, int signal); /* to its monitor; -1 if that is gone */
/* Waits for the monitor's end; 0 if that did not come in time. */
int state_wait_end(const struct container *container, int milliseconds);

#endif
