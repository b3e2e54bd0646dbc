/* The commands of an OCI runtime that this program carries out itself. Each answers gvj's exit status, or fails. */
#ifndef GVJ_COMMANDS_H
#define GVJ_COMMANDS_H
#include "launcher.h"
#include "state.h"

/* create.c */
int command_create(struct cmdline *cmdline);
int command_run(struct cmdline *cmdline);

/* lifecycle.c */
int command_start(struct cmdline *cmdline);
int command_kill(struct cmdline *cmdline);
int command_delete(struct cmdline *cmdline);
int command_state(struct cmdline *cmdline);
int command_wait(struct cmdline *cmdline);
int command_pause(struct cmdline *cmdline);
int command_resume(struct cmdline *cmdline);
void container_start(const struct container *container);   /* lets the created process run; hooks */
/* What is left of a container whose processes are gone: cgroups, hooks of its end, its directory. */
void container_remove(struct container *container);

/* exec.c */
int command_exec(struct cmdline *cmdline);
/* Runs a startContainer hook inside, with `state` on its standard input; answers NULL or a sentence about its failure. */
const char *exec_hook(const struct container *container, const struct json *hook, const char *state);

/* update.c */
int command_update(struct cmdline *cmdline);

#endif
