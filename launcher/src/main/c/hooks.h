/* Programs of the bundle's author that run at points of a container's life, on the host. */
#ifndef GVJ_HOOKS_H
#define GVJ_HOOKS_H
#include "json.h"

/*
 * Runs hooks[kind] in order, each with `state` on its standard input, until one fails; answers NULL or a sentence about
 * that. `network`: a network namespace to run them in, -1 for ours.
 */
const char *hooks_run(const struct json *hooks, const char *kind, const char *state, int network);

/* NULL, or what is wrong with them, before anything has been made. */
const char *hooks_wrong(const struct json *hooks);

#endif
